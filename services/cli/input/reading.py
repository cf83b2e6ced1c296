"""Read entries of a file into contract values, and say what is wrong in the file's own words.

One table per kind of entry, contract path → file path, serves both ways: to build the value and to name the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.community.faults import Fault
from contracts.mistakes import mistake
from contracts.values import Value
from services.client import refusals
from services.client.phrases.spoken import _, spoken
from services.client.problems import Problem
from services.client.troubles import why

Entry = Mapping[str, Any]
V = TypeVar("V", bound=Value)
#: Contract path → file path, both dotted, list places as numbers; several file paths make a list of what is there.
Fields = Mapping[str, str | tuple[str, ...]]

#: A year from here on is counted in the Buddhist era, 543 ahead.
BUDDHIST_YEARS = 2400


class Problems:
    """What is wrong with a file: sentences, each after the path of its field."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, path: str, sentence: str) -> None:
        """Note one problem, once."""
        problem = f"{path}: {sentence}"
        if problem not in self.found:
            self.found.append(problem)


def said(error: ErrorDetails) -> str:
    """What a contract says is wrong, without the field and without the value."""
    wrong = mistake(error)
    return refusals.sentence(spoken(), wrong.reason, wrong.params, wrong.sentence)


def faulty(fault: Fault) -> str:
    """What is wrong with a field, as a rule says that no shape shows."""
    return refusals.sentence(spoken(), fault.reason, fault.params, fault.sentence)


def unread(path: Path, error: OSError) -> Problem:
    """What to say of a file that the machine does not give."""
    if not error.strerror:
        return Problem(_("{path} cannot be read: it is not there", path=path))
    return Problem(_("{path} cannot be read: {reason}", path=path, reason=why(spoken(), error).lower()))


def dig(entry: Any, path: str) -> Any:
    """What lies at a dotted path, or None where the path ends early."""
    for step in path.split("."):
        if isinstance(entry, list) and step.isdigit():
            entry = entry[int(step)] if int(step) < len(entry) else None
        else:
            entry = entry.get(step) if isinstance(entry, dict) else None
    return entry


def read(value: type[V], path: str, given: Entry, fields: Fields, problems: Problems) -> V | None:
    """The value that `given` (in contract paths) makes; None with each problem under its name in the file."""
    try:
        return value.model_validate_json(json.dumps(given, default=str), strict=True)
    except ValidationError as problem:
        for error in problem.errors(include_input=False, include_url=False):
            place = in_file(path, ".".join(map(str, error["loc"])), fields)
            problems.add(place, said(error))
    return None


def gather(path: str, entry: Entry, fields: Fields, problems: Problems) -> dict[str, Any]:
    """What the table takes from an entry, nested in contract paths; what is missing is noted and left out."""
    given: dict[str, Any] = {}
    for wanted, origin in fields.items():
        if isinstance(origin, tuple):
            found: Any = [there for there in (dig(entry, source) for source in origin) if there is not None]
        else:
            found = dig(entry, origin)
            if found is None:
                problems.add(_brackets(path, origin), _("is missing"))
                continue
        place = given
        *folders, name = wanted.split(".")
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = found
    return given


def in_file(path: str, wanted: str, fields: Fields) -> str:
    """The file's path for a contract path: the longest beginning in the table is translated, the rest kept."""
    steps = wanted.split(".") if wanted else []
    for length in range(len(steps), 0, -1):
        origin = fields.get(".".join(steps[:length]))
        if origin:
            known = origin if isinstance(origin, str) else origin[0]
            return _brackets(path, ".".join([known, *steps[length:]]))
    return _brackets(path, wanted)


def _brackets(path: str, dotted: str) -> str:
    """`a` and `b.0.c` as `a.b[0].c`; the file keeps a price's amount and currency beside its unit."""
    dotted = dotted.replace(".price.", ".").removesuffix(".price")
    for step in dotted.split("."):
        path += f"[{step}]" if step.isdigit() else f".{step}" if step else ""
    return path


def buddhist_dates(document: Any) -> Iterator[tuple[str, int]]:
    """The path and year of every date in the document that is written in Buddhist years, read or not."""
    for path, text in _texts(document, ""):
        try:
            year = date.fromisoformat(text[:10]).year if text[4:5] == "-" else 0
        except ValueError:
            continue
        if year >= BUDDHIST_YEARS:
            yield path, year


def _texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
    below: Sequence[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        below = list(node.items())
    elif isinstance(node, list):
        below = list(enumerate(node))
    for step, value in below:
        yield from _texts(value, f"{path}[{step}]" if isinstance(node, list) else f"{path}.{step}".lstrip("."))
