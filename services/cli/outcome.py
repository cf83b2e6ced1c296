"""How a verb ends: one exit code per kind of outcome, one sentence for people, and JSON for whoever asked for JSON."""

from __future__ import annotations

import json
import sys
import unicodedata

from services.client.answers import OpenEnd, Refused

#: Line breaks, and the joiners and breaks that Thai and Lao are written with.
_MEANT = "\n\u200b\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
DONE, REFUSED, NOT_RUN, UNAVAILABLE, INTERRUPTED = 0, 1, 2, 3, 130
#: What a problem that is no refusal of the node is called in JSON.
KINDS = {NOT_RUN: "not_run", UNAVAILABLE: "unavailable", INTERRUPTED: "interrupted"}
CODES = """exit codes
  0    done
  1    refused, said no, or something was found that is not well
  2    the arguments, or this machine: nothing was asked
  3    no node answers, or not yet: ask again
  130  ended by Ctrl-C
With --json each of them answers JSON: the result, {"refusal": …}
or {"problem": …}."""


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


def printable(text: str) -> str:
    """Text as it reads: what would move the cursor, clear the screen or turn the direction round is shown as a sign."""
    shown = (" " if sign == "\t" else sign for sign in text)
    return "".join("\ufffd" if unicodedata.category(sign) in _UNSEEN and sign not in _MEANT else sign for sign in shown)
