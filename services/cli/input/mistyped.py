"""What is wrong with something that was typed, as the contract it was built into says."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import ValidationError

from contracts.mistakes import sentence
from contracts.refusals import No, Refusal
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases

#: A name that no contract could have is not repeated: it may be somebody's.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


class Mistake(NamedTuple):
    """The first thing that is wrong: where, and a sentence without the field and without the value."""

    where: tuple[int | str, ...]
    sentence: str


def first_mistake(found: ValidationError, phrases: Phrases | None = None) -> Mistake:  # noqa: ARG001 - until mistakes have codes
    """The first of those that were found, in the language of the process if no other is wanted."""
    first = found.errors(include_input=False, include_url=False)[0]
    return Mistake(first["loc"], sentence(first))


def refusal_of(found: ValidationError) -> Refused:
    """The refusal that the node would have given for it."""
    where, said = first_mistake(found)
    named = [str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "(unknown field)" for part in where]
    field = ".".join(named) or "body"
    return Refused(Refusal(code=No.INVALID, message=f"{field}: {said}"[:500], field=field[:120]))
