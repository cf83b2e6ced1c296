"""A file of crossings and rules: recognised, read whole or refused by row and field, and sent to a node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.crossing.v1 import CrossingBook
from services.cli.input.reading import said
from services.client.phrases.spoken import _
from services.client.problems import Problem

FORMAT = 1
KINDS = ("crossings", "rules", "margins")


def is_book(document: Any) -> bool:
    """Whether it is such a file, and not one of communities that also lists crossings."""
    return isinstance(document, dict) and "communities" not in document and bool(document.keys() & set(KINDS))


def book(path: Path, document: dict[str, Any]) -> CrossingBook:
    """The rows of a file. Raises Problem with every mistake by row and field."""
    unknown = document.keys() - {"format", *KINDS}
    problems = [_("{section}: is no section of such a file", section=name) for name in unknown]
    if document.get("format") != FORMAT:
        problems.append(_("format: must be {number}", number=FORMAT))
    if not problems:
        try:
            rows = {kind: document.get(kind, ()) for kind in KINDS}
            return CrossingBook.model_validate_json(json.dumps(rows), strict=True)
        except ValidationError as bad:
            problems = [_problem(document, error) for error in bad.errors(include_input=False, include_url=False)]
    mistakes = "\n".join(sorted(set(problems)))
    raise Problem(_("{path} was not imported, nothing was sent:\n{mistakes}", path=path, mistakes=mistakes))


def _problem(document: dict[str, Any], error: ErrorDetails) -> str:
    """`rules[3] (pp-th-la).checked_on: …`, so that an editor finds the row."""
    kind, *place = error["loc"]
    number = place.pop(0) if place else None
    try:
        named = f" ({document[str(kind)][number]['id']})"
    except (KeyError, IndexError, TypeError):
        named = ""
    field = "".join(f".{step}" for step in place)
    where = f"{kind}[{number}]{named}{field}" if number is not None else str(kind)
    return f"{where}: {said(error)}"
