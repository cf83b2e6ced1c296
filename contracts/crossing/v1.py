"""Crossing, v1: border crossings and their rules as dated rows, and what they come to for one party. Referral answers.

Nothing here promises an entry: officials decide. What no row says is unknown, never allowed. Sentences are codes with
their parameters; each edge says them in its reader's language.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.crossing.rows import (
    Confidence,
    Crossing,
    Direction,
    Document,
    Escort,
    Group,
    Margins,
    Rule,
    SourceDate,
    Vehicle,
)
from contracts.messages import Command, Message, Query, Several
from contracts.personal.v1 import ReferralRef
from contracts.values import Code, CommunityId, CrossingId, Day, Names, Party, Slug, StartTime, Uuid, Value

#: In words: looks fine, missing: …, not possible here, unknown - ask officials. Nothing is promised by any of them.
Result = Literal["looks_fine", "missing", "not_possible_here", "unknown"]
About = Literal[
    "admission",
    "hours",
    "document",
    "visa",
    "stay",
    "return",
    "area",
    "paper",
    "form",
    "vehicle",
    "children",
    "lodging",
    "travel",
    "conflict",
]
#: More than any limit of a row, so that a longer stay, told as this many nights, is too long for each of them.
MOST_NIGHTS = 1_000
LONGEST_PARAM = 300
#: Rows that a file may have, and that may hold at the same time.
MOST_ROWS = {"crossings": 200, "rules": 500, "margins": 50}
#: Versions of one row that are told at once.
HISTORY = 50
Nights = Annotated[int, Field(ge=0, le=MOST_NIGHTS)]
ReminderCode = Literal["form_window", "visa_before_arrival", "papers_and_hours", "lodging_report"]


class Travel(Value):
    """What the border asks of a party, without a person in it. It stays on the sender's record and never crosses."""

    nationality: Group
    document: Document
    border_resident: Literal["yes", "no", "unknown"] = "unknown"
    vehicle: Vehicle = "unknown"
    children_with: Escort = "unknown"
    visa: Literal["yes", "no", "not_needed", "unknown"] = "unknown"


class CrossingBook(Value):
    """All rows that hold, or the latest versions of one, newest first."""

    crossings: Annotated[tuple[Crossing, ...], Field(max_length=MOST_ROWS["crossings"])] = ()
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_ROWS["rules"])] = ()
    margins: Annotated[tuple[Margins, ...], Field(max_length=MOST_ROWS["margins"])] = ()


# what is answered


class CrossingsKept(Value):
    """How many rows were new, took the place of an older version, or stood there as they are."""

    added: Annotated[int, Field(ge=0)]
    superseded: Annotated[int, Field(ge=0)]
    unchanged: Annotated[int, Field(ge=0)]


class Basis(Value):
    """The row that a line stands on, with how far it can be trusted; `demo` is invented for demonstrations."""

    kind: Literal["rule", "crossing"]
    id: Slug
    source: str
    source_date: SourceDate | None
    checked_on: Day
    confidence: Confidence
    demo: bool = False


class Param(Value):
    """A value in a sentence: a code, an id, a number, a date or a time."""

    name: Code
    value: Annotated[str, Field(max_length=LONGEST_PARAM)]


class PlanLine(Value):
    """One thing that the border asks, and what the rows say of it; without a basis nothing is known."""

    about: About
    result: Result
    code: Code
    params: Annotated[tuple[Param, ...], Field(max_length=8)] = ()
    basis: Basis | None = None

    @property
    def named(self) -> dict[str, str]:
        """The parameters by name."""
        return {param.name: param.value for param in self.params}


class CrossingPlan(Value):
    """One way over the border; kilometres as far as they are known."""

    crossing: CrossingId
    names: Names
    km: int | None
    km_by: Literal["road", "straight_line"]
    lines: Annotated[tuple[PlanLine, ...], Field(max_length=100)]


class Plan(Value):
    """Ways over the border, eligible ones first, then nearer ones, and what is asked wherever they cross.

    Never confirmed by officials. `oldest_check` is the oldest of the checks that it stands on.
    """

    confirmed_by_officials: Literal[False] = False
    direction: Direction
    day: Day
    hour: StartTime | None
    nights: Nights | None
    chosen: CrossingId | None
    crossings: Annotated[tuple[CrossingPlan, ...], Field(max_length=200)]
    lines: Annotated[tuple[PlanLine, ...], Field(max_length=100)]
    oldest_check: Day | None


class ReminderView(Value):
    """One reminder; `said` when its day has come and it went out."""

    referral_id: Uuid
    partner: CommunityId
    due: Day
    code: ReminderCode
    what: Code | None
    arrival_day: Day
    crossing: CrossingId | None
    said: bool


class KeepCrossings(Command[CrossingsKept]):
    """A dated set of rows: new ones are added, a later `checked_on` supersedes; all of them, or none."""

    type: ClassVar[str] = "referral.keep_crossings.v1"
    book: CrossingBook


class AskCrossings(Query[CrossingBook]):
    """Crossings and rules as they are kept; one by its id, with its latest fifty versions when `history`.

    Older ones than those: `before` the day on which the last of these was checked.
    """

    type: ClassVar[str] = "referral.ask_crossings.v1"
    id: Slug | None = None
    history: bool = False
    before: Day | None = None


class PlanCrossing(Query[Plan]):
    """Which way a party could take from one community to another, and what it would be asked for."""

    type: ClassVar[str] = "referral.plan_crossing.v1"
    travel: Travel
    party: Party = Party(adult=1)
    origin: CommunityId
    destination: CommunityId
    day: Day
    hour: StartTime | None = None
    nights: Nights | None = None
    return_by: CrossingId | None = None


class PlanOfHandoff(Query[Plan]):
    """The same for a handoff: the sender's from its travel facts; the receiver's without them, with its own duties."""

    type: ClassVar[str] = "referral.plan_of_handoff.v1"
    referral: ReferralRef
    hour: StartTime | None = None


class ReminderDue(Message):
    """A day has come on which one side of a handoff is to be reminded. Subject: `<community>/<referral>/reminders`."""

    type: ClassVar[str] = "referral.reminder_due.v1"
    referral_id: Uuid
    community: CommunityId
    due: Day
    code: ReminderCode
    #: What it is about, such as a form's code; nothing personal.
    what: Code | None = None


class ListReminders(Query[Several[ReminderView]]):
    """The acting community's reminders by day: those that come, and those that were due within the last seven days."""

    type: ClassVar[str] = "referral.list_reminders.v1"
    limit: Annotated[int, Field(ge=1, le=500)] = 200
