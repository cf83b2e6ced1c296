"""Where a handoff stands, and what a command recorded; apart from v1, because other contracts answer with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.referral.codes import Request
from contracts.values import Uuid, Value

#: From lowest to highest: both records do `state = the higher` of their own act and what they hear.
State = Literal[
    "offered",
    "held",
    "countered",
    "accepted",
    "confirmed",
    "departed",
    "expired",
    "declined",
    "withdrawn",
    "cancelled",
    "no_show",
    "turned_back",
    "arrived",
    "completed",
]


class Recorded(Value):
    """What a command recorded: the intent as the code of an act, and which answer of booking the outcome waits for."""

    referral_id: Uuid
    state: State
    round: int = 0
    intent: Annotated[str, Field(max_length=80)]
    waits_for: Request | None = None
