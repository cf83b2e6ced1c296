"""What was found when a scenario was played: the story, both records, pools, money, checks; and what deviates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A part of the report; frozen, and JSON as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Deed(Fact):
    """Somebody asked the node for something; `took_ms` is until the node had recorded it."""

    kind: Literal["deed"] = "deed"
    at: datetime
    acting: str | None
    command: str
    says: str
    took_ms: int
    refused: str | None = None


class TimePassed(Fact):
    """The node's clock was moved."""

    kind: Literal["time"] = "time"
    at: datetime
    passed: timedelta


class ReminderSaid(Fact):
    """A community has been reminded of these by then."""

    kind: Literal["reminder"] = "reminder"
    at: datetime
    community: str
    codes: tuple[str, ...]


class Line(Fact):
    """A line of one record's story. `took_ms`: from the message that caused it to the record; None without one."""

    kind: Literal["line"] = "line"
    at: datetime
    community: str
    by: str
    act: str
    state: str
    round: int
    crossed: bool
    over_border: bool
    took_ms: int | None


class Asked(Fact):
    """A line of the crossing plan."""

    about: str
    result: str
    code: str
    said: str


class Record(Fact):
    """One side's record at the end, with what the side holds, proves, has noted and was told of the border.

    `audit`, `plan` and `reminders` are looked up only where a scenario speaks of them.
    """

    community: str
    side: str
    state: str
    round: int
    reason: str | None
    marked: str | None
    alternatives: tuple[dict[str, Any], ...]
    heard: tuple[str, ...]
    quote: dict[str, Any] | None
    total: dict[str, Any] | None
    fee: dict[str, Any] | None
    party: dict[str, int] = {}
    personal: str = "none"
    receipts: tuple[str, ...] = ()
    audit: tuple[str, ...] = ()
    plan: tuple[Asked, ...] = ()
    confirmed_by_officials: bool | None = None
    reminders: tuple[str, ...] = ()


class Pool(Fact):
    """One pool on one day at the end; `peak` is the most that was seen taken on the way."""

    community: str
    day: date
    pool: str
    capacity: int | None = None
    taken: int = 0
    held: int = 0
    booked: int = 0
    peak: int = 0


class Checks(Fact):
    """What the node's own checkers say; all empty when all is well."""

    parked: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


class Deviation(Fact):
    """Where a scenario did not go as it was written."""

    what: str
    expected: str
    found: str


class Outcome(Fact):
    """One scenario, played and judged."""

    id: str
    title: str
    began: datetime
    ended: datetime
    seconds: float
    story: tuple[Deed | TimePassed | Line | ReminderSaid, ...]
    sender: Record | None
    receiver: Record | None
    pools: tuple[Pool, ...]
    checks: Checks
    deviations: tuple[Deviation, ...]

    @property
    def ok(self) -> bool:
        """Whether everything was as written."""
        return not self.deviations
