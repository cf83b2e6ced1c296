"""What a scenario is made of, as its file writes it (docs/scenarios.md). Unknown and loose fields are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Discriminator, Field, Tag

from contracts.border.v1 import State
from contracts.crossing.v1 import ReminderCode
from contracts.personal.v1 import PersonalPart
from contracts.refusals import No
from contracts.values import CommunityId, Language, Party, Slug
from deploy.demo.expecting import Expect, Sentence, Written
from deploy.demo.moments import Calendar, LengthText, MomentText, length

OFFER = "referral.offer_handoff"
#: What an edge does before the node sees it: what is said is sealed, what is read is opened.
CONSENT, READ = "referral.give_consent", "referral.read_personal_part"


def _network(written: Any) -> Any:
    if written is not None and not isinstance(written, str | dict):
        raise ValueError("names a file, or is a network written out")
    return written


#: The path of a file, from the folder of the scenarios' own; or what such a file holds; None for the demo network.
NetworkText = Annotated[Any, AfterValidator(_network)]


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
    """Somebody asks the node for something: `do` is the type of a command without its version, `with` its fields.

    `reads`: what a reading of the personal part must find; null that nothing is held.
    """

    acting: CommunityId | None = Field(None, alias="as")
    do: Annotated[str, Field(pattern=r"^(community|booking|referral)\.[a-z_]+$")]
    fields: dict[str, Any] = Field(default_factory=dict, alias="with")
    refused: Refusal | None = None
    reads: PersonalPart | None = None
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


class Reminded(Written):
    """Nothing is done until the community has been reminded of all of these."""

    community: CommunityId = Field(alias="as")
    codes: Annotated[tuple[ReminderCode, ...], Field(min_length=1)] = Field(alias="reminded")
    seconds: Annotated[float, Field(gt=0, le=120)] = 40.0


KINDS = {"do": Act, "pass": Pass, "pass_to": PassTo, "wait": Wait, "reminded": Reminded}


def _kind(step: Any) -> str | None:
    """The tag of a step; in angle brackets, so that paths in errors can leave it out."""
    found = [name for name in KINDS if isinstance(step, dict) and name in step]
    return f"<{found[0]}>" if len(found) == 1 else None


Step = Annotated[
    Annotated[Act, Tag("<do>")]
    | Annotated[Pass, Tag("<pass>")]
    | Annotated[PassTo, Tag("<pass_to>")]
    | Annotated[Wait, Tag("<wait>")]
    | Annotated[Reminded, Tag("<reminded>")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message="a step has exactly one of do, pass, pass_to, wait and reminded",
    ),
]


class Given(Written):
    """What is so before the first step: a network of its own, and what was done in it at the pinned moment."""

    network: NetworkText = None
    acts: tuple[Act, ...] = ()


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
