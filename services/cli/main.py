"""`./handoff VERB`: find the verb's module, run it, and say a problem in one sentence."""

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, NoReturn, cast

from services.cli import context, outcome
from services.client.answers import Refused
from services.client.phrases.catalogue import UnknownLanguage
from services.client.phrases.spoken import spoken
from services.client.problems import Problem, Unanswered

#: What people come for → the modules whose verbs serve it, in the order of a day's work.
Verbs = Mapping[str, Sequence[ModuleType]]
ENDED = "ended; if something was asked of the node, look whether it was done before you repeat it"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; --help shows the rest."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter} | options)

    def error(self, message: str) -> NoReturn:
        """Leave with 2, as argparse does."""
        raise Wrong(f"{message.removeprefix('argument ')}\n  See: ./{self.prog} --help")


class Wrong(SystemExit):
    """Arguments that cannot be read; leaves with 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(outcome.NOT_RUN)
        self.sentence = sentence


class Listed:
    """Passes verbs on to argparse and keeps the line that describes each."""

    def __init__(self, verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        self._verbs = verbs
        self.lines: dict[str, str] = {}

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """As argparse; what a verb is for also stands in its own help."""
        self.lines[name] = options.get("help", "")
        options.setdefault("description", self.lines[name])
        return self._verbs.add_parser(name, **options)


def main(verbs: Verbs, arguments: Sequence[str] | None = None) -> int:
    """Run one of the verbs; returns an exit code of `outcome`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _main(verbs, given, as_json="--json" in given)
        sys.stdout.flush()
    except BrokenPipeError:  # `./handoff list | head`
        sys.stderr.close()
        return 0
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        print(f"handoff: the answer cannot be written: {reason}", file=sys.stderr)
        with suppress(OSError):  # or Python tries again at its end, and says so at length
            sys.stdout.close()
        return outcome.NOT_RUN
    return code


def _main(offered: Verbs, given: list[str], *, as_json: bool) -> int:
    try:
        spoken()
    except UnknownLanguage as unknown:
        return outcome.failed(outcome.NOT_RUN, str(unknown), as_json=as_json)
    return _verb(offered, given, as_json=as_json)


def _verb(offered: Verbs, given: list[str], *, as_json: bool) -> int:
    parser, verbs, overview = _parser(offered)
    if not given or given[0] in ("-h", "--help", "help"):
        print(overview)
        return 0
    if given[0] not in verbs:
        unknown = f"there is no verb {given[0]}{_meant(given[0], verbs)}\n  See: ./handoff"
        return outcome.failed(outcome.NOT_RUN, unknown, as_json=as_json)
    try:
        chosen, rest = parser.parse_known_args(given)
    except Wrong as wrong:
        outcome.failed(outcome.NOT_RUN, wrong.sentence, as_json=as_json)
        raise
    chosen.rest = rest
    if rest and not getattr(chosen, "takes_rest", False):
        unknown = f"{given[0]} knows no {' '.join(rest)}\n  See: ./handoff {given[0]} --help"
        return outcome.failed(outcome.NOT_RUN, unknown, as_json=as_json)
    return _run(chosen, as_json=as_json or getattr(chosen, "json", False))  # also when shortened, `--js`


def _run(chosen: argparse.Namespace, *, as_json: bool) -> int:
    try:
        return int(chosen.run(chosen))
    except Refused as no:
        sentence = context.unknown(no, chosen) or context.refused(no, chosen)
        return outcome.refused(no, sentence, as_json=as_json)
    except (Problem, argparse.ArgumentTypeError) as problem:
        code = outcome.UNAVAILABLE if isinstance(problem, Unanswered) else outcome.NOT_RUN
        return outcome.failed(code, str(problem), as_json=as_json)
    except OSError as error:
        if not error.filename or isinstance(error, BrokenPipeError):
            raise
        sentence = f"{error.filename}: {(error.strerror or str(error)).lower()}"
        return outcome.failed(outcome.NOT_RUN, sentence, as_json=as_json)
    except KeyboardInterrupt:
        return outcome.failed(outcome.INTERRUPTED, ENDED, as_json=as_json)


def _parser(offered: Verbs) -> tuple[argparse.ArgumentParser, Sequence[str], str]:
    """The parser of all verbs, their names, and the page that lists them by what they are for."""
    kind: type[argparse.ArgumentParser] = Parser
    parser = kind(prog="handoff", add_help=False)
    verbs = parser.add_subparsers(metavar="VERB", parser_class=kind)
    page = ["Communities hand tourists over to one another.", ""]
    for title, modules in offered.items():
        listed = Listed(verbs)
        for module in modules:
            module.register(cast("Any", listed))
        page += [title, *(f"  {name:16} {line}" for name, line in listed.lines.items()), ""]
    page += ["./handoff VERB --help shows its options and an example.", "", outcome.CODES]
    return parser, list(verbs.choices), "\n".join(page)


def _meant(name: str, verbs: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, verbs, 1)
    return f"; did you mean {close[0]}?" if close else ""
