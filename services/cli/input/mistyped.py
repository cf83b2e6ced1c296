"""What is wrong with something that was typed, as the contract it was built into says."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import ValidationError

from contracts.mistakes import Mistake, mistake
from contracts.refusals import No, refusal
from services.client import refusals
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases
from services.client.phrases.spoken import spoken

#: A name that no contract could have is not repeated: it may be somebody's.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


class Found(NamedTuple):
    """The first thing that is wrong, and where."""

    where: tuple[int | str, ...]
    mistake: Mistake

    def told(self, phrases: Phrases | None = None) -> str:
        """In a sentence without the field and without the value; in the language of the process, or another."""
        reason, params = self.mistake.reason, self.mistake.params
        return refusals.sentence(phrases or spoken(), reason, params, self.mistake.sentence)


def first_mistake(found: ValidationError) -> Found:
    """The first of those that were found."""
    first = found.errors(include_input=False, include_url=False)[0]
    return Found(first["loc"], mistake(first))


def refusal_of(found: ValidationError) -> Refused:
    """The refusal that the node would have given for it."""
    where, wrong = first_mistake(found)
    named = [str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "(unknown field)" for part in where]
    field = ".".join(named) or "body"
    quote = f"{field}: {wrong.sentence}"
    return Refused(refusal(No.INVALID, wrong.reason, field[:120], quote=quote, **wrong.params))
