"""Booking, v1: capacity pools, holds and bookings, availability, dated exceptions.

Holds for a handoff are asked for by messages (the referral moves only on booking's facts); the standing words for
states are OCTO's. Facts about a hold have the hold as subject; referral's requests `<community>/<referral>`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.booking.standing import AgencyShare as AgencyShare
from contracts.booking.standing import BookingReference as BookingReference
from contracts.booking.standing import BookingSummary as BookingSummary
from contracts.booking.standing import BookingView as BookingView
from contracts.booking.standing import Cancelled as Cancelled
from contracts.booking.standing import CancelledBy as CancelledBy
from contracts.booking.standing import DayAvailability as DayAvailability
from contracts.booking.standing import Departure as Departure
from contracts.booking.standing import ExceptionEffect as ExceptionEffect
from contracts.booking.standing import ExceptionView as ExceptionView
from contracts.booking.standing import HoldState as HoldState
from contracts.booking.standing import HoldTimes as HoldTimes
from contracts.booking.standing import PoolLevel as PoolLevel
from contracts.booking.standing import PoolView as PoolView
from contracts.booking.standing import Reason as Reason
from contracts.booking.standing import RuleLine as RuleLine
from contracts.booking.standing import Violation as Violation
from contracts.booking.standing import VoucherJudged as VoucherJudged
from contracts.messages import Command, Message, Nothing, Query, Several
from contracts.sentences import Unfit
from contracts.values import (
    Alternatives,
    CommunityId,
    Day,
    ExperienceId,
    Instant,
    Items,
    Note,
    Party,
    PassToken,
    Quote,
    Slug,
    StartTime,
    Uuid,
)

# commands by message, from referral


class PlaceHold(Message):
    """Hold capacity for every item or for none, until `expires_at`; cut-off is judged at `asked_at`.

    `partner` is the sending community: its unanswered holds may take at most `share_percent` of a pool. `replaces` is
    the hold of a booking that this one is to take the place of: what both want is taken once while both live.
    """

    type: ClassVar[str] = "booking.place_hold.v1"
    hold_id: Uuid
    referral_id: Uuid
    community: CommunityId
    partner: CommunityId | None = None
    party: Party
    items: Items
    asked_at: Instant
    expires_at: Instant
    share_percent: Annotated[int, Field(ge=1, le=100)] = 100
    replaces: Uuid | None = None


class ReplaceHold(Message):
    """Take the new and return the old in one transaction, or change nothing."""

    type: ClassVar[str] = "booking.replace_hold.v1"
    old_hold_id: Uuid
    place: PlaceHold


class ExtendHold(Message):
    """Hold on until `expires_at`; never shortens."""

    type: ClassVar[str] = "booking.extend_hold.v1"
    hold_id: Uuid
    expires_at: Instant


class ConfirmHold(Message):
    """Make the hold a booking."""

    type: ClassVar[str] = "booking.confirm_hold.v1"
    hold_id: Uuid


class ReleaseHold(Message):
    """Give the capacity back, whatever the hold's state; an unknown hold leaves a released row behind."""

    type: ClassVar[str] = "booking.release_hold.v1"
    hold_id: Uuid


class RedeemHold(Message):
    """The party is here: the booking is used."""

    type: ClassVar[str] = "booking.redeem_hold.v1"
    hold_id: Uuid


# facts


class HoldFact(Message):
    """What every fact about a hold says."""

    hold_id: Uuid
    referral_id: Uuid | None = None
    community: CommunityId


class HoldPlaced(HoldFact):
    """Capacity is held until `expires_at`, at this binding price."""

    type: ClassVar[str] = "booking.hold_placed.v1"
    expires_at: Instant
    quote: Quote


class HoldRefused(HoldFact):
    """Nothing was taken; `experience_id` and `day` say where it failed, alternatives what would go."""

    type: ClassVar[str] = "booking.hold_refused.v1"
    reason: Reason
    experience_id: ExperienceId | None = None
    day: Day | None = None
    alternatives: Alternatives = ()


class HoldExtended(HoldFact):
    """The hold lives until `expires_at`."""

    type: ClassVar[str] = "booking.hold_extended.v1"
    expires_at: Instant


class HoldConfirmed(HoldFact):
    """The hold is a booking."""

    type: ClassVar[str] = "booking.hold_confirmed.v1"


class HoldExpired(HoldFact):
    """The hold ran out, or was asked for something after it had; its capacity is back."""

    type: ClassVar[str] = "booking.hold_expired.v1"


class HoldReleased(HoldFact):
    """The hold's capacity is back because somebody gave it back."""

    type: ClassVar[str] = "booking.hold_released.v1"


class HoldRedeemed(HoldFact):
    """The booking was used."""

    type: ClassVar[str] = "booking.hold_redeemed.v1"


class BookingChanged(Message):
    """How an agency's hold or booking stands, whoever changed it. Subject: the hold; only holds of agencies are stated.

    `replaced_by` is the hold that has taken its place, `pass_token` what its guests show once it is confirmed.
    """

    type: ClassVar[str] = "booking.booking_changed.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    hold_id: Uuid
    community: CommunityId
    agency: Slug
    state: HoldState
    expires_at: Instant | None = None
    times: HoldTimes
    cancelled: Cancelled | None = None
    replaced_by: Uuid | None = None
    pass_token: PassToken | None = None


class CapacityChanged(Message):
    """What was taken or given back, and what rules came to be. Subject: the community.

    Of two levels of one pool the one with the higher `version` is the newer, in whatever order they come.
    """

    type: ClassVar[str] = "booking.capacity_changed.v1"
    community: CommunityId
    levels: Annotated[tuple[PoolLevel, ...], Field(max_length=1_000)] = ()
    lines: Annotated[tuple[RuleLine, ...], Field(max_length=500)] = ()


# commands by call: operators and agencies


class Reserve(Command[BookingView]):
    """An operator books for walk-in or phone guests; `confirm` at once, or hold until `expires_at`.

    An agency always holds first, for a day at most and not beyond the start, under an agreement that is in force; the
    cut-off counts for it. So many of its holds run at one community at a time, and no more.
    """

    type: ClassVar[str] = "booking.reserve.v1"
    hold_id: Uuid
    party: Party
    items: Items
    confirm: bool = True
    needs_approval: bool = False
    expires_at: Instant | None = None


class ChangeBooking(Command[BookingView]):
    """Act on one's own booking: confirm a hold, approve or reject a PENDING one, cancel, redeem, extend.

    An agency acts on those that it made itself; it confirms, extends and cancels. What it confirms is PENDING until the
    community approves, where the agreement or the experience says so. Of an agency's the community does the others.
    It extends up to the cut-off, and for a day at most from the first hold on. Of what was replaced all is refused.
    """

    type: ClassVar[str] = "booking.change_booking.v1"
    hold_id: Uuid
    act: Literal["confirm", "approve", "reject", "cancel", "redeem", "extend"]
    expires_at: Instant | None = None


class ReplaceBooking(Command[BookingView]):
    """Change party or items of one's own booking: take the new as `new_hold_id` and return the old, or change nothing.

    The new one stands as the old one did: confirmed, to be approved, or held for as long. Only the cut-off is waived,
    but not for agencies; where the community confirms each booking itself, an agency's is only for fewer people once it
    has. Where cancelling it would cost by now, an agency's becomes no cheaper.
    """

    type: ClassVar[str] = "booking.replace_booking.v1"
    hold_id: Uuid
    new_hold_id: Uuid
    party: Party
    items: Items


class PresentVoucher(Command[VoucherJudged]):
    """An agency's guests show a pass or say its reference, or are known (`hold_id`); if it is good, they are received.

    `seen_at` when it was while the community was offline. A pass that was used before is told, not refused. `look` only
    looks: nobody is received, but a wrong reference counts.
    """

    type: ClassVar[str] = "booking.present_voucher.v1"
    pass_token: PassToken | None = None
    reference: BookingReference | None = None
    hold_id: Uuid | None = None
    seen_at: Instant | None = None
    look: bool = False

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(one is not None for one in (self.pass_token, self.reference, self.hold_id)) != 1:
            raise Unfit("pass_or_reference")
        return self


class SetException(Command[ExceptionView]):
    """A dated exception of the acting community, with its reason: close, stop selling, another capacity, or lift it.

    `experience_id` None speaks of the community's own pools (visitors, guest places) and, for a closure, of all.
    """

    type: ClassVar[str] = "booking.set_exception.v1"
    day: Day
    until: Day | None = None
    experience_id: ExperienceId | None = None
    start: StartTime | None = None
    kind: Literal["closed", "stop_sell", "capacity", "lifted"]
    pool: Literal["seats", "visitors", "guests"] | None = None
    capacity: Annotated[int, Field(ge=0, le=10_000)] | None = None
    reason: Note


# queries


class AskAvailability(Query[Several[Departure]]):
    """By day and by departure, for a party; with the reason when there is none. At most 62 days."""

    type: ClassVar[str] = "booking.ask_availability.v1"
    community: CommunityId
    experience_id: ExperienceId | None = None
    first: Day
    last: Day
    party: Party | None = None


class AskPools(Query[Several[PoolView]]):
    """The acting community's touched pools of some days; `untouched` adds the others that it offers: 62 days then."""

    type: ClassVar[str] = "booking.ask_pools.v1"
    first: Day
    last: Day
    untouched: bool = False


class AskBooking(Query[BookingView]):
    """One hold or booking of the acting community, by its id or its referral's."""

    type: ClassVar[str] = "booking.ask_booking.v1"
    hold_id: Uuid | None = None
    referral_id: Uuid | None = None


class ListBookings(Query[Several[BookingSummary]]):
    """Holds and bookings of the acting community on some days, newest first; `live`: those that take places.

    With `states` only those that stand so.
    """

    type: ClassVar[str] = "booking.list_bookings.v1"
    first: Day
    last: Day
    live: bool = False
    states: Annotated[tuple[HoldState, ...], Field(max_length=7)] = ()
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class TryException(Query[ExceptionEffect]):
    """What `SetException` of the same would hit, so that people can phone first; changes nothing."""

    type: ClassVar[str] = "booking.try_exception.v1"
    day: Day
    until: Day | None = None
    experience_id: ExperienceId | None = None
    start: StartTime | None = None
    kind: Literal["closed", "stop_sell", "capacity", "lifted"]
    pool: Literal["seats", "visitors", "guests"] | None = None
    capacity: Annotated[int, Field(ge=0, le=10_000)] | None = None


class AskExceptions(Query[Several[ExceptionView]]):
    """The history of the acting community's dated exceptions."""

    type: ClassVar[str] = "booking.ask_exceptions.v1"
    first: Day
    last: Day


class CheckInvariants(Query[Several[Violation]]):
    """What the read-only checker finds wrong, over the whole node; empty when all holds."""

    type: ClassVar[str] = "booking.check_invariants.v1"


class RestateCapacity(Command[Nothing]):
    """State all touched pools and dated exceptions from today on again, for readers without data."""

    type: ClassVar[str] = "booking.restate_capacity.v1"


class RestateAvailability(Command[Nothing]):
    """Share the availability of every community of this node with its partners again."""

    type: ClassVar[str] = "booking.restate_availability.v1"
