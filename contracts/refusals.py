"""The one "no" that crosses a wire: a value with a code, never an exception class."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.sentences import Param, said
from contracts.values import Value


class No(StrEnum):
    """Why something was refused. The word is part of the contract; the sentence beside it is for people."""

    INVALID = "invalid"  # a field is malformed or missing: correct it and ask again
    UNKNOWN = "unknown"  # no such thing, or not yours to see
    NOT_ALLOWED = "not_allowed"  # you may not do this
    WRONG_STATE = "wrong_state"  # not in the state it is in now
    NOT_PARTNERS = "not_partners"  # no agreed partnership, or suspended, or outside its dates
    TOO_MANY_OPEN = "too_many_open"  # the partner's limit of unanswered offers is reached
    TOO_LATE = "too_late"  # a deadline has passed
    TOO_EARLY = "too_early"  # its day has not come yet
    CONFLICT = "conflict"  # the same command id with another content
    NO_ROOM = "no_room"  # capacity is taken
    UNAVAILABLE = "unavailable"  # a part of the node does not answer: nothing was done, ask again
    NOT_KNOWN_YET = "not_known_yet"  # the deadline passed while waiting: ask by id what became of it


class Refusal(Value):
    """A "no" with the field it is about and a sentence that says what to do.

    `reason` and `params` say the same as the sentence, for whoever says it in another language: the code stands in
    `contracts/sentences.py`, and the params are codes, numbers, days and ids, never anything personal.
    """

    code: No
    message: Annotated[str, Field(max_length=500)]
    field: Annotated[str, Field(max_length=120)] | None = None
    reason: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=60)] | None = None
    params: Annotated[dict[str, int | str | tuple[str, ...]], Field(max_length=12)] | None = None


def refusal(code: No, reason: str, field: str | None = None, *, quote: str | None = None, **params: Param) -> Refusal:
    """A refusal in the sentence of its reason; `quote` when another program's sentence says more, and is passed on."""
    return Refusal(
        code=code,
        message=(said(reason, params) if quote is None else quote)[:500],
        field=field,
        reason=reason,
        params={name: _crossing(value) for name, value in params.items()} or None,
    )


class Refused(Exception):
    """Raised by a use case to leave its transaction with nothing done; becomes the answer, never crosses a wire."""

    def __init__(
        self, code: No, reason: str, field: str | None = None, *, quote: str | None = None, **params: Param
    ) -> None:
        super().__init__(code.value)
        self.refusal = refusal(code, reason, field, quote=quote, **params)

    @classmethod
    def by(cls, refusal: Refusal) -> Refused:
        """To raise what a rule has answered as a value."""
        refused = cls.__new__(cls, refusal.code.value)
        refused.refusal = refusal
        return refused


def _crossing(value: Param) -> int | str | tuple[str, ...]:
    """As it is written in a message: days and times are text."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value
