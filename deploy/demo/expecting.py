"""What must be so at the end of a scenario, as its file writes it (docs/scenarios.md)."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.border.v1 import State
from contracts.crossing.v1 import About, ReminderCode, Result
from contracts.messages import message_type
from contracts.personal.v1 import Holding
from contracts.values import Code, CommunityId, ExperienceId, Money, Party
from deploy.demo.moments import DayText

T = TypeVar("T")
Pool = Annotated[str, Field(pattern=r"^(visitors|guests|seats/.+)$", max_length=200)]
Sentence = Annotated[str, Field(min_length=1, max_length=200)]
#: What proves something on a record: a consent, a refusal, this side's erasure, the partner's.
Receipt = Literal["consent", "refusal", "erased", "partner_erased"]


def _crosses(name: str) -> str:
    if message_type(f"border.{name}.v1") is None:
        raise ValueError("is no message of the border list")
    return name


Crossing = Annotated[str, AfterValidator(_crosses)]


class Written(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class PoolExpected(Written):
    """Places of one pool on one day at the end; `peak`: never more than so many were taken on the way."""

    community: CommunityId
    day: DayText
    pool: Pool
    capacity: int | None = None
    taken: int | None = None
    held: int | None = None
    booked: int | None = None
    peak: int | None = None


class MoneyExpected(Written):
    """To the last minor unit; `total` and `fee` are on the records once the visit is completed."""

    quote: Money | None = None
    total: Money | None = None
    fee: Money | None = None


class AlternativeExpected(Written):
    """Another day that the receiver names, in this order."""

    experience_id: ExperienceId
    day: DayText
    start: Annotated[str, Field(pattern=r"^[0-2]\d:[0-5]\d$")] | None = None


class Sides(Written, Generic[T]):
    """The same of each side; a side that is left out is not judged."""

    sender: T | None = None
    receiver: T | None = None


class AskedExpected(Written):
    """A line of a crossing plan: what the border asks, and what its rows say of it."""

    about: About
    result: Result
    code: Code | None = None


class Border(Written):
    """The types of the messages that crossed, in the order in which each side heard them."""

    to_receiver: tuple[Crossing, ...]
    to_sender: tuple[Crossing, ...]


class Expect(Written):
    """What must be so at the end. What is left out is not judged, only `state` is always written; null: none.

    `state` null: no handoff came to be, because the offer was refused. `audit` and `plan` name what must be among the
    lines, in this order; `receipts` and `reminders` name all there are.
    """

    state: State | None
    round: Annotated[int, Field(ge=0, le=3)] | None = None
    reason: Code | None = None
    marked: Sentence | None = None
    alternatives: tuple[AlternativeExpected, ...] | None = None
    border: Border | None = None
    money: MoneyExpected | None = None
    pools: tuple[PoolExpected, ...] = ()
    party: Party | None = None
    personal: Sides[Holding] = Sides()
    receipts: Sides[tuple[Receipt, ...]] = Sides()
    audit: Sides[tuple[Code, ...]] = Sides()
    plan: Sides[tuple[AskedExpected, ...]] = Sides()
    reminders: Sides[tuple[ReminderCode, ...]] = Sides()
