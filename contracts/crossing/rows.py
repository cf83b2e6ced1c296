"""Border crossings and their rules as rows: what somebody has read somewhere, on a day."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from contracts.community.v1 import Weekdays
from contracts.sentences import Unfit
from contracts.values import (
    LAST_YEAR,
    ClosingTime,
    Code,
    CommunityId,
    CrossingId,
    Day,
    Money,
    Names,
    Slug,
    StartTime,
    Value,
    as_written,
    closing_text,
)

Confidence = Literal["high", "medium", "low", "unknown"]
Answered = Literal["yes", "no", "unknown"]
Country = Literal["TH", "LA"]
Group = Literal["thai", "lao", "third_country"]
Document = Literal["passport", "border_pass", "temporary_border_pass", "none", "unknown"]
Vehicle = Literal["none", "car", "motorbike", "public", "unknown"]
Escort = Literal["none", "parent", "guardian", "other", "unknown"]
Direction = Literal["TH->LA", "LA->TH", "stay TH", "stay LA"]
Sentence = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(as_written)]


def _in_the_calendar(text: str, info: ValidationInfo) -> str:
    """A whole day is one that there was; of rows that are kept an older version let more pass."""
    if len(text) == len("2026-02-28") and not (info.context and info.context.get("received")):
        try:
            date.fromisoformat(text)
        except ValueError:
            raise Unfit("no_such_day") from None
    return text


DAY_MINUTES = 24 * 60
#: A year, a month or a day: as exactly as the source is dated.
SourceDate = Annotated[
    str,
    Field(pattern=r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?$"),
    AfterValidator(_in_the_calendar),
]


def _gregorian(day: date) -> date:
    """Rules are older than anybody's travels, but no Buddhist year is a rule's."""
    if not 1900 <= day.year <= LAST_YEAR:
        raise Unfit("not_gregorian", last=LAST_YEAR)
    return day


RuleDay = Annotated[date, AfterValidator(_gregorian)]


class Sourced(Value):
    """Who says so, since when, and who has looked when; no person's name. A later `checked_on` supersedes a row."""

    id: Slug
    source: Sentence
    source_date: SourceDate | None = None
    checked_on: Day
    checked_by: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(as_written)]
    confidence: Confidence
    note: Sentence | None = None
    demo: bool = False


class Point(Value):
    """Where a side of a crossing lies; only good enough to compare distances."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[int, Field(ge=0, le=100_000)]


class CrossingSide(Value):
    """One bank; a point where one is known."""

    village: Sentence
    point: Point | None = None
    confidence: Confidence


class OpeningHours(Value):
    """Local time on these weekdays (ISO); not live. A `close` before `open` is on the next day."""

    days: Weekdays
    open: StartTime
    close: ClosingTime
    confidence: Confidence
    source_date: SourceDate | None = None
    note: Sentence | None = None
    demo: bool = False

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.close == self.open != time():
            raise Unfit("opens_as_it_closes")
        return self

    @property
    def minutes(self) -> tuple[int, int]:
        """Opening and closing in minutes from the midnight before it opens."""
        opens, closes = (at.hour * 60 + at.minute for at in (self.open, self.close))
        return opens, closes if closes > opens else closes + DAY_MINUTES

    @property
    def shown(self) -> str:
        """As people say it."""
        return f"{self.open:%H:%M}-{closing_text(self.close)}"


class Reported(Value):
    """Something reported of a crossing, since a day that may not be known."""

    value: Answered
    since: Day | None = None
    confidence: Confidence = "unknown"
    note: Sentence | None = None


class Road(Value):
    """Kilometres by road from a community to the crossing."""

    community: CommunityId
    km: Annotated[int, Field(ge=0, le=2_000)]
    demo: bool = False


class Crossing(Sourced):
    """A border checkpoint as both sides class it; an empty `hours` says that they are not known."""

    names: Names
    th: CrossingSide
    la: CrossingSide
    mode: Literal["road", "road_bridge", "river_boat", "foot_bamboo_bridge"]
    class_th: Literal["permanent", "temporary", "trade_relaxation", "closed", "unknown"]
    class_la: Literal["international", "local", "traditional", "closed", "unknown"]
    open_to: Annotated[tuple[Group | Literal["local_thai", "local_lao"], ...], Field(max_length=5)] = ()
    hours: Annotated[tuple[OpeningHours, ...], Field(max_length=14)] = ()
    status: Literal["open", "closed", "unknown"]
    status_as_of: Day | None = None
    visa_on_arrival_la: Reported | None = None
    evisa_la: Reported | None = None
    ldif_la: Reported | None = None
    tourist_handoff_allowed: bool = True
    season_note: Sentence | None = None
    roads: Annotated[tuple[Road, ...], Field(max_length=50)] = ()


class Limits(Value):
    """How long, where, and by which way back."""

    max_days: Annotated[int, Field(ge=1, le=365)] | None = None
    max_nights: Annotated[int, Field(ge=0, le=365)] | None = None
    return_same_point: bool = False
    single_use: bool = False
    area: (
        Literal["whole_country", "entry_province", "border_area_of_entry_province", "entry_province_and_two_adjacent"]
        | None
    ) = None


class Timing(Value):
    """A window that opens so many days before, a time after arrival, or the same day."""

    kind: Literal["days_before", "hours_after", "same_day"]
    amount: Annotated[int, Field(ge=0, le=720)] = 0


class Exemption(Value):
    """Who need not; `said` as the source has it. Without groups and documents it can only be read by people."""

    said: Sentence
    nationalities: Annotated[tuple[Group, ...], Field(max_length=3)] = ()
    documents: Annotated[tuple[Document, ...], Field(max_length=5)] = ()
    only_where_enforced: bool = False


class Rule(Sourced):
    """One rule row. `allowed` None only asks for something; `valid_to` may be unknown, None is without an end.

    An empty set of documents, vehicles or escorts is all of them; `crossing` None is every crossing. A `traveller` on a
    list of nationalities, or in need of a visa, is more than we know of a party. `authority` is whose form it is.
    """

    directions: Annotated[tuple[Direction, ...], Field(min_length=1, max_length=4)]
    about: Literal["document", "visa_on_arrival", "form", "lodging", "vehicle", "children"]
    crossing: CrossingId | None = None
    authority: Country | None = None
    traveller: Literal["any", "border_resident", "not_border_resident", "listed_nationality", "needs_visa"] = "any"
    nationalities: Annotated[tuple[Group, ...], Field(min_length=1, max_length=3)]
    documents: Annotated[tuple[Document, ...], Field(max_length=5)] = ()
    vehicles: Annotated[tuple[Vehicle, ...], Field(max_length=5)] = ()
    children_with: Annotated[tuple[Escort, ...], Field(max_length=5)] = ()
    allowed: Answered | None = None
    limits: Limits = Limits()
    requires: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    timing: Timing | None = None
    duty_of: Literal["party", "host"] = "party"
    exempt: Annotated[tuple[Exemption, ...], Field(max_length=10)] = ()
    enforced_at: Annotated[tuple[CrossingId, ...], Field(max_length=50)] = ()
    elsewhere: Sentence | None = None
    document_validity: Annotated[str, Field(pattern=r"^P[0-9]{1,3}[YMD]$")] | None = None
    fee: Money | None = None
    fee_note: Sentence | None = None
    valid_from: RuleDay | None = None
    valid_to: RuleDay | Literal["unknown"] | None = None


class Margins(Sourced):
    """How long before it closes a group should be at a crossing, and after how many days a row is no longer trusted."""

    before_close_minutes: Annotated[int, Field(ge=0, le=600)]
    stale_after_days: Annotated[int, Field(ge=1, le=3_650)]
