"""Booking, v1: where holds stand, how much room there is, and what was closed: what facts and answers are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.community.v1 import CancellationRule
from contracts.principal import AccountId
from contracts.values import (
    CommunityId,
    Day,
    ExperienceId,
    Instant,
    Item,
    Items,
    Party,
    PassToken,
    Quote,
    Slug,
    StartTime,
    Uuid,
    Value,
)

HoldState = Literal["ON_HOLD", "PENDING", "CONFIRMED", "REDEEMED", "EXPIRED", "CANCELLED", "REJECTED"]

#: Why there is no availability, or why a hold was refused. `no_room` may change by itself; the others are rules.
Reason = Literal[
    "no_room",
    "closed",
    "stop_sell",
    "closed_weekday",
    "out_of_season",
    "cut_off",
    "past",
    "party_too_small",
    "party_too_large",
    "not_offered",
    "no_such_start",
    "released",
]


#: The end of the id of an agency's first hold, by which people name its booking; what replaces it goes by it too.
BookingReference = Annotated[str, Field(pattern=r"^[0-9a-f]{6}$")]


class HoldTimes(Value):
    """When a hold was placed and last changed, and when it became what it is, as far as it has."""

    placed_at: Instant
    changed_at: Instant
    confirmed_at: Instant | None = None
    redeemed_at: Instant | None = None


#: Who cancelled a booking of an agency.
CancelledBy = Literal["agency", "community"]


class Cancelled(Value):
    """A cancellation: when, by which side, and how much of the price is given back by the rule, in percent."""

    at: Instant
    by: CancelledBy
    refund_percent: Annotated[int, Field(ge=0, le=100)]


class AgencyShare(Value):
    """What of a pool an agency has taken."""

    agency: Slug
    places: Annotated[int, Field(ge=1)]


class PoolLevel(Value):
    """A touched pool as it stands; `version` grows with every change of it. `shares`: what agencies have of it."""

    pool: Annotated[str, Field(max_length=200)]
    day: Day
    capacity: Annotated[int, Field(ge=0)]
    taken: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1)]
    shares: Annotated[tuple[AgencyShare, ...], Field(max_length=1_000)] = ()


class RuleLine(Value):
    """A dated exception without its reason; `number` orders a community's lines."""

    number: Annotated[int, Field(ge=1)]
    day: Day
    until: Day
    kind: Literal["closed", "stop_sell", "capacity", "lifted", "offering"]
    experience_id: ExperienceId | None = None
    start: StartTime | None = None
    pool: Literal["seats", "visitors", "guests"] | None = None
    capacity: int | None = None


class Departure(Value):
    """One start of one experience; `left` is None when nothing limits it. `reason` is set when not available."""

    experience_id: ExperienceId
    day: Day
    start: StartTime
    available: bool
    left: int | None = None
    capacity: int | None = None
    reason: Reason | None = None
    cutoff_at: Instant | None = None


class DayAvailability(Value):
    """One day of one experience: available when any departure is; the reason of the nearest miss otherwise."""

    experience_id: ExperienceId
    day: Day
    available: bool
    left: int | None = None
    reason: Reason | None = None


class PoolView(Value):
    """A pool. `held` and `booked` are the sums of its live takings; `taken` must equal them.

    `kept`: what is kept for agencies, and not taken by them yet.
    """

    pool: Annotated[str, Field(max_length=200)]
    day: Day
    capacity: int
    taken: int
    oversold: int
    held: int
    booked: int
    kept: int = 0


class BookingView(Value):
    """A hold or booking as its community sees it.

    An agency's guests show its `pass_token` or say its `reference`, once it is confirmed.
    """

    hold_id: Uuid
    referral_id: Uuid | None
    state: HoldState
    party: Party
    items: Items
    quote: Quote | None
    expires_at: Instant | None
    agency: Slug | None = None
    times: HoldTimes | None = None
    cancelled: Cancelled | None = None
    cancellation: CancellationRule | None = None
    pass_token: PassToken | None = None
    reference: BookingReference | None = None


class BookingSummary(Value):
    """One line of a list of holds and bookings: when which experiences for how many; no price, nobody's name.

    `partner` is the sending community of a handoff's, `agency` the agency that booked, and `reference` the code by
    which its guests are received.
    """

    hold_id: Uuid
    referral_id: Uuid | None
    partner: CommunityId | None = None
    agency: Slug | None = None
    state: HoldState
    party: Party
    items: Items
    placed_at: Instant
    expires_at: Instant | None
    reference: BookingReference | None = None


class VoucherJudged(Value):
    """What the pass or reference of an agency's booking is worth now; a hold only when it is one of ours.

    good: the guests are received, or may be when it was only looked at. used: they were before, at `used_at`. early,
    late: outside of its days. replaced: the booking was changed and has another pass. over: it is cancelled. unknown:
    no confirmed booking of ours has it. forged: not signed by us. several: more than one booking goes by this
    reference. too_many_tries: wait.
    """

    verdict: Literal[
        "good", "used", "early", "late", "unknown", "forged", "over", "replaced", "several", "too_many_tries"
    ]
    hold_id: Uuid | None = None
    state: HoldState | None = None
    party: Party | None = None
    agency: Slug | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=12)] = ()
    used_at: Instant | None = None
    wait_seconds: Annotated[int, Field(ge=0)] = 0


class ExceptionView(Value):
    """One line of the history: who closed, opened or changed what, when and why; conflicts are bookings it hit.

    `lifted`: nothing of it is in force any more on the days asked for. `account`: the member who did it.
    """

    day: Day
    until: Day
    experience_id: ExperienceId | None
    start: StartTime | None
    kind: str
    pool: str | None
    capacity: int | None
    reason: str
    at: Instant
    lifted: bool
    conflicts: tuple[Uuid, ...] = ()
    account: AccountId | None = None


class ExceptionEffect(Value):
    """What an exception would hit: holds and bookings, soonest first, and pools left with less than is taken.

    At most 200 `hits` of `count`, and at most 400 pools `below`, with the capacity that they would have.
    """

    count: int
    hits: tuple[BookingSummary, ...]
    below: tuple[PoolView, ...]


class Violation(Value):
    """One broken invariant: which rule, on what, in numbers."""

    rule: str
    subject: str
    found: str
