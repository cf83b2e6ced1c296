"""The one "no" that crosses a wire: a value with a code, never an exception class."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

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
    """A "no" with the field it is about and a sentence that says what to do."""

    code: No
    message: Annotated[str, Field(max_length=500)]
    field: Annotated[str, Field(max_length=120)] | None = None


class Refused(Exception):
    """Raised by a use case to leave its transaction with nothing done; becomes the answer, never crosses a wire."""

    def __init__(self, code: No, message: str, field: str | None = None) -> None:
        super().__init__(code.value)
        self.refusal = Refusal(code=code, message=message, field=field)
