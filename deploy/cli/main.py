"""`./handoff VERB`: find the verb's module, run it, and say a problem in one sentence."""

import argparse
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, NoReturn, cast

from deploy.cli import (
    answering,
    audit,
    bench,
    booking,
    check,
    consenting,
    crossing,
    demo,
    doctor,
    erasing,
    handing,
    holding,
    importing,
    keys,
    looking,
    offering,
    operating,
    partnering,
    passes,
    reconciling,
    test,
    up,
)
from deploy.cli.door import No
from deploy.local.problems import Problem

#: What people come for → the modules whose verbs serve it, in the order of a day's work.
VERBS: Mapping[str, Sequence[ModuleType]] = {
    "Look": (looking, demo),
    "Your partners": (partnering,),
    "Hand a party over": (offering, handing, passes),
    "Over the border": (crossing,),
    "What is known of a party": (consenting, holding, erasing),
    "Your own places": (booking,),
    "Run a node": (up, importing, doctor, reconciling, operating, keys, audit),
    "Work on the system": (test, check, bench),
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; --help shows the rest."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter} | options)

    def error(self, message: str) -> NoReturn:
        """Leave with 2, as argparse does."""
        sentence = message.removeprefix("argument ")
        self.exit(2, f"handoff: {sentence}\n  See: ./{self.prog} --help\n")


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 is success, 1 a failed verb or a refusal, 2 a problem of this machine or of the arguments."""
    try:
        code = _main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `./handoff list | head`
        sys.stderr.close()
        return 0
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        what = f"{error.filename}: {reason}" if error.filename else f"the answer cannot be written: {reason}"
        print(f"handoff: {what}", file=sys.stderr)
        with suppress(OSError):  # or Python tries again at its end, and says so at length
            sys.stdout.close()
        return 2
    return code


def _main(arguments: Sequence[str] | None) -> int:
    parser, verbs, overview = _parser()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(overview)
        return 0
    if given[0] not in verbs:
        print(f"handoff: there is no verb {given[0]}{_meant(given[0], verbs)}\n  See: ./handoff", file=sys.stderr)
        return 2
    chosen, rest = parser.parse_known_args(given)
    chosen.rest = rest
    if rest and not getattr(chosen, "takes_rest", False):
        print(f"handoff: {given[0]} knows no {' '.join(rest)}\n  See: ./handoff {given[0]} --help", file=sys.stderr)
        return 2
    return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    try:
        return int(chosen.run(chosen))
    except No as no:
        if getattr(chosen, "json", False):
            refusal = {"code": no.code, "message": no.message, "field": no.field}
            print(json.dumps({"refusal": refusal}, ensure_ascii=False))
        print(f"handoff: {answering.unknown(no, chosen) or answering.refused(no, chosen)}", file=sys.stderr)
        return 1
    except (Problem, argparse.ArgumentTypeError) as problem:
        print(f"handoff: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> tuple[argparse.ArgumentParser, Sequence[str], str]:
    """The parser of all verbs, their names, and the page that lists them by what they are for."""
    kind: type[argparse.ArgumentParser] = Parser
    parser = kind(prog="handoff", add_help=False)
    verbs = parser.add_subparsers(metavar="VERB", parser_class=kind)
    page = ["Communities hand tourists over to one another.", ""]
    for title, modules in VERBS.items():
        listed = Listed(verbs)
        for module in modules:
            module.register(cast("Any", listed))
        page += [title, *(f"  {name:16} {line}" for name, line in listed.lines.items()), ""]
    page.append("./handoff VERB --help shows its options and an example.")
    return parser, list(verbs.choices), "\n".join(page)


def _meant(name: str, verbs: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, verbs, 1)
    return f"; did you mean {close[0]}?" if close else ""
