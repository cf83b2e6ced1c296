"""The one reader of JSON from outside: a message, a request, a file. Strict, and says where the mistake is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

#: Nothing that we read is nested deeper.
DEEPEST = 60
#: No number that we read has more digits.
LONGEST_NUMBER = 40
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")


class BadJson(ValueError):
    """It cannot be read. The sentence quotes at most the name of a field, never a value."""


class _Twice(dict[str, Any]):
    """An object in which a key was given twice; `key` says which."""

    key = ""


def read_json(body: bytes, *, may_have_mark: bool = False) -> Any:
    """Parse JSON as RFC 8259 has it, in UTF-8. Raises BadJson.

    Refused is what Python takes and others do not: a key given twice, NaN and infinities, numbers too large to be
    told apart from infinity, deep nesting. A byte order mark is passed over where a person's editor may have set one.
    """
    text = _text(body, may_have_mark)
    try:
        document = json.loads(
            text, parse_constant=_no_number, parse_float=_finite, parse_int=_whole, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise BadJson(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg.lower()}") from None
    except RecursionError:
        raise BadJson(f"is nested more than {DEEPEST} deep") from None
    for place, node, depth in _objects(document):
        if depth > DEEPEST:
            raise BadJson(f"is nested more than {DEEPEST} deep")
        if isinstance(node, _Twice):
            raise BadJson(f"gives {'.'.join(map(_named, (*place, node.key)))} twice: give it once")
    return document


def _text(body: bytes, may_have_mark: bool) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadJson("is not UTF-8 text: save it as UTF-8") from None
    if text.startswith("\ufeff"):
        if not may_have_mark:
            raise BadJson("begins with a byte order mark: send it without")
        text = text[1:]
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice, seen = _Twice(found), set[str]()
    for key, _ in pairs:
        if key in seen:
            twice.key = key
            break
        seen.add(key)
    return twice


def _objects(document: Any) -> Iterator[tuple[tuple[str, ...], Any, int]]:
    """Every object and list with its place, the outer ones first; without recursion."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        place, node = waiting.pop()
        yield place, node, len(place)
        below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*place, str(step)), each) for step, each in below if isinstance(each, (dict, list))]


def _named(step: str) -> str:
    """A name that no contract could have is not repeated: it may be somebody's."""
    return step if _NAME.fullmatch(step) or step.isdigit() else "(a field)"


def _no_number(name: str) -> NoReturn:
    raise BadJson(f"holds {name}, which is no number in JSON")


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise BadJson("holds a number that is too large")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadJson("holds a number that is too large")
    return number
