"""`./handoff VERB`: find the verb's module, run it, and say a problem in one sentence."""

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, cast

from pydantic import ValidationError

from services.cli import context, outcome, parsing
from services.cli.input import mistyped
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrase, UnknownLanguage
from services.client.phrases.spoken import _, say, spoken
from services.client.problems import Problem, Unanswered
from services.client.troubles import why

#: What people come for → the modules whose verbs serve it, in the order of a day's work.
Verbs = Mapping[Phrase, Sequence[ModuleType]]


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
        reason = why(spoken(), error).lower()
        print(f"handoff: {_('the answer cannot be written: {reason}', reason=reason)}", file=sys.stderr)
        with suppress(OSError):  # or Python tries again at its end, and says so at length
            sys.stdout.close()
        return outcome.NOT_RUN
    return code


def _main(offered: Verbs, given: list[str], *, as_json: bool) -> int:
    try:
        spoken()
    except UnknownLanguage as unknown:
        return outcome.failed(outcome.NOT_RUN, str(unknown), as_json=as_json)
    parsing.translated()
    return _verb(offered, given, as_json=as_json)


def _verb(offered: Verbs, given: list[str], *, as_json: bool) -> int:
    parser, verbs, overview = _parser(offered)
    if not given or given[0] in ("-h", "--help", "help"):
        print(overview)
        return 0
    if given[0] not in verbs:
        return outcome.failed(
            outcome.NOT_RUN, outcome.look_there(_no_verb(given[0], verbs), "./handoff"), as_json=as_json
        )
    try:
        chosen, rest = parser.parse_known_args(given)
    except parsing.Wrong as wrong:
        outcome.failed(outcome.NOT_RUN, wrong.sentence, as_json=as_json)
        raise
    chosen.rest = rest
    if rest and not getattr(chosen, "takes_rest", False):
        unknown = _("{verb} knows no {words}", verb=given[0], words=" ".join(rest))
        shown = outcome.look_there(unknown, f"./handoff {given[0]} --help")
        return outcome.failed(outcome.NOT_RUN, shown, as_json=as_json)
    return _run(chosen, as_json=as_json or getattr(chosen, "json", False))  # also when shortened, `--js`


def _run(chosen: argparse.Namespace, *, as_json: bool) -> int:
    try:
        return _asked(chosen)
    except Refused as no:
        sentence = context.unknown(no, chosen) or context.refused(no, chosen)
        return outcome.refused(no, sentence, as_json=as_json)
    except (Problem, argparse.ArgumentTypeError) as problem:
        code = outcome.UNAVAILABLE if isinstance(problem, Unanswered) else outcome.NOT_RUN
        told = problem.told(spoken()) if isinstance(problem, Problem) else str(problem)
        return outcome.failed(code, told, as_json=as_json)
    except OSError as error:
        if not error.filename or isinstance(error, BrokenPipeError):
            raise
        sentence = f"{error.filename}: {why(spoken(), error).lower()}"
        return outcome.failed(outcome.NOT_RUN, sentence, as_json=as_json)
    except KeyboardInterrupt:
        ended = _("ended; if something was asked of the node, look whether it was done before you repeat it")
        return outcome.failed(outcome.INTERRUPTED, ended, as_json=as_json)


def _asked(chosen: argparse.Namespace) -> int:
    """Run the verb. Raises Refused too for what was typed and no contract takes: nothing was asked then."""
    try:
        return int(chosen.run(chosen))
    except ValidationError as found:
        raise mistyped.refusal_of(found) from None


def _parser(offered: Verbs) -> tuple[argparse.ArgumentParser, Sequence[str], str]:
    """The parser of all verbs, their names, and the page that lists them by what they are for."""
    kind: type[argparse.ArgumentParser] = parsing.Parser
    parser = kind(prog="handoff", add_help=False)
    verbs = parser.add_subparsers(metavar="VERB", parser_class=kind)
    page = [_("Communities hand tourists over to one another."), ""]
    for title, modules in offered.items():
        listed = parsing.Listed(verbs)
        for module in modules:
            module.register(cast("Any", listed))
        page += [say(title), *(f"  {name:16} {line}" for name, line in listed.lines.items()), ""]
    page += [_("./handoff VERB --help shows its options and an example."), "", outcome.codes()]
    return parser, list(verbs.choices), "\n".join(page)


def _no_verb(name: str, verbs: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, verbs, 1)
    if close:
        return _("there is no verb {verb}; did you mean {meant}?", verb=name, meant=close[0])
    return _("there is no verb {verb}", verb=name)
