"""What a scenario is made of, as its file writes it (docs/scenarios.md). Unknown and loose fields are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag

from contracts.border.v1 import State
from contracts.messages import message_type
from contracts.refusals import No
from contracts.values import Code, CommunityId, ExperienceId, Language, Money, Party, Slug
from deploy.demo.moments import Calendar, DayText, LengthText, MomentText, length

OFFER = "referral.offer_handoff"
Pool = Annotated[str, Field(pattern=r"^(visitors|guests|seats/.+)$", max_length=200)]
Sentence = Annotated[str, Field(min_length=1, max_length=200)]


def _crosses(name: str) -> str:
    if message_type(f"border.{name}.v1") is None:
        raise ValueError("is no message of the border list")
    return name


def _network(written: Any) -> Any:
    if written is not None and not isinstance(written, str | dict):
        raise ValueError("names a file, or is a network written out")
    return written


Crossing = Annotated[str, AfterValidator(_crosses)]
#: The path of a file, from the folder of the scenarios' own; or what such a file holds; None for the demo network.
NetworkText = Annotated[Any, AfterValidator(_network)]


class Written(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class Who(Written):
    """Between whom the party passes; `tourist` is what the story calls the lead traveller."""

    sender: CommunityId
    receiver: CommunityId
    party: Party
    language: Language
    tourist: Sentence | None = None


class Refusal(Written):
    """The no that an act must meet; `field` only where it matters."""

    code: No
    field: Annotated[str, Field(max_length=120)] | None = None


class Act(Written):
    """Somebody asks the node for something: `do` is the type of a command without its version, `with` its fields."""

    acting: CommunityId | None = Field(None, alias="as")
    do: Annotated[str, Field(pattern=r"^(community|booking|referral)\.[a-z_]+$")]
    fields: dict[str, Any] = Field(default_factory=dict, alias="with")
    refused: Refusal | None = None
    says: Sentence | None = None


class Pass(Written):
    """So much time passes, by the node's clock."""

    passes: LengthText = Field(alias="pass")


class PassTo(Written):
    """Time passes until this moment."""

    moment: MomentText = Field(alias="pass_to")


class Wait(Written):
    """Nothing is done until both records are in this state; `marked` is what holds the receiver's up."""

    state: State = Field(alias="wait")
    round: Annotated[int, Field(ge=0, le=3)] | None = None
    marked: Sentence | None = None
    seconds: Annotated[float, Field(gt=0, le=120)] = 20.0


KINDS = {"do": Act, "pass": Pass, "pass_to": PassTo, "wait": Wait}


def _kind(step: Any) -> str | None:
    """The tag of a step; in angle brackets, so that paths in errors can leave it out."""
    found = [name for name in KINDS if isinstance(step, dict) and name in step]
    return f"<{found[0]}>" if len(found) == 1 else None


Step = Annotated[
    Annotated[Act, Tag("<do>")]
    | Annotated[Pass, Tag("<pass>")]
    | Annotated[PassTo, Tag("<pass_to>")]
    | Annotated[Wait, Tag("<wait>")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message="a step has exactly one of do, pass, pass_to and wait",
    ),
]


class Given(Written):
    """What is so before the first step: a network of its own, and what was done in it at the pinned moment."""

    network: NetworkText = None
    acts: tuple[Act, ...] = ()


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


class Border(Written):
    """The types of the messages that crossed, in the order in which each side heard them."""

    to_receiver: tuple[Crossing, ...]
    to_sender: tuple[Crossing, ...]


class Expect(Written):
    """What must be so at the end. What is left out is not judged; null says that there must be none.

    `state` null: no handoff came to be, because the offer was refused.
    """

    state: State | None
    round: Annotated[int, Field(ge=0, le=3)] | None = None
    reason: Code | None = None
    marked: Sentence | None = None
    alternatives: tuple[AlternativeExpected, ...] | None = None
    border: Border
    money: MoneyExpected | None = None
    pools: tuple[PoolExpected, ...] = ()


class Scenario(Written):
    """One story: who, when, what was so before, what happens, and what must be so at the end."""

    id: Slug
    title: Sentence
    clock: AwareDatetime
    who: Who
    given: Given = Given()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=100)]
    expect: Expect

    @property
    def calendar(self) -> Calendar:
        """Counts from its pinned moment."""
        return Calendar(self.clock)

    def timeline(self) -> Iterator[tuple[int, datetime]]:
        """The place of every step at which time passes, and the moment after it, were the steps themselves instant."""
        now = self.clock
        for n, step in enumerate(self.steps):
            if isinstance(step, Pass):
                now += length(step.passes)
                yield n, now
            elif isinstance(step, PassTo):
                now = self.calendar.moment(step.moment)
                yield n, now


class File(Written):
    """A file of scenarios; `network` is for those that name none of their own."""

    format: Literal[1]
    network: NetworkText = None
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1, max_length=200)]
