"""How a verb ends: one exit code per kind of outcome, one sentence for people, and JSON for whoever asked for JSON."""

from __future__ import annotations

import json
import sys

from services.client.answers import OpenEnd, Refused
from services.client.formatting import printable
from services.client.phrases.spoken import _

DONE, REFUSED, NOT_RUN, UNAVAILABLE, INTERRUPTED = 0, 1, 2, 3, 130
#: What a problem that is no refusal of the node is called in JSON.
KINDS = {NOT_RUN: "not_run", UNAVAILABLE: "unavailable", INTERRUPTED: "interrupted"}


def codes() -> str:
    """The page that explains the exit codes."""
    meant = {
        DONE: _("done"),
        REFUSED: _("refused, said no, or something was found that is not well"),
        NOT_RUN: _("the arguments, or this machine: nothing was asked"),
        UNAVAILABLE: _("no node answers, or not yet: ask again"),
        INTERRUPTED: _("ended by Ctrl-C"),
    }
    lines = [_("exit codes"), *(f"  {code:<4} {said}" for code, said in meant.items())]
    answers = _("With --json each of them answers JSON: the result, {refusal}\nor {problem}.",
                refusal='{"refusal": …}', problem='{"problem": …}')  # fmt: skip
    return "\n".join([*lines, answers])


def look_there(sentence: str, command: str) -> str:
    """A sentence, and below it the command that says more."""
    return f"{sentence}\n  {_('See: {command}', command=command)}"


def refused(no: Refused, sentence: str, *, as_json: bool) -> int:
    """Tell a refusal; returns its exit code."""
    _tell({"refusal": {"code": no.code, "message": no.message, "field": no.field}}, sentence, as_json=as_json)
    return UNAVAILABLE if isinstance(no, OpenEnd) else REFUSED


def failed(code: int, sentence: str, *, as_json: bool) -> int:
    """Tell what ended a verb that the node did not answer; returns the code."""
    _tell({"problem": {"code": KINDS[code], "message": sentence}}, sentence, as_json=as_json)
    return code


def _tell(answer: dict[str, object], sentence: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    print(f"handoff: {printable(sentence)}", file=sys.stderr, flush=True)
