"""The border list, v1: an allow-list, anonymous until consent.

Every message is addressed to one community; its subject is the referral, or the partnership
(`<lower id>--<higher id>`), or the community whose catalogue it is. Reader, auditor and test look here: a field that is
not here cannot cross. Signing and sealing are not there yet; "(not yet)" marks fields and messages that nobody fills
or sends.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.booking.v1 import DayAvailability
from contracts.community.v1 import Offering, Terms
from contracts.messages import BorderMessage
from contracts.values import (
    Alternatives,
    Code,
    Contact,
    CrossingId,
    Instant,
    Items,
    Language,
    Money,
    Note,
    Party,
    Quote,
    Uuid,
    Value,
    Window,
)

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
#: What a party needs, from a list; never free text about a person.
Need = Literal[
    "step_free", "vehicle_to_door", "vegetarian", "halal", "no_pork", "no_seafood", "child_seat", "quiet", "interpreter"
]
DeclineReason = Literal[
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
    "too_many_open",
    "not_partners",
    "other",
]
EndReason = Literal[
    "no_answer", "party_changed_mind", "replaced", "illness", "weather", "road", "closed", "consent_withdrawn", "other"
]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Round = Annotated[int, Field(ge=1, le=3)]


# partnerships


class PartnershipProposed(BorderMessage):
    """We propose to hand parties over to one another on these terms.

    `public_key` (not yet): what we sign with.
    """

    type: ClassVar[str] = "border.partnership_proposed.v1"
    terms: Terms
    public_key: PublicKey | None = None


class PartnershipAgreed(BorderMessage):
    """We agree to the terms you proposed.

    `public_key` (not yet): what we sign with.
    """

    type: ClassVar[str] = "border.partnership_agreed.v1"
    terms: Terms
    public_key: PublicKey | None = None


class PartnershipSuspended(BorderMessage):
    """No new offers until we take it up again (`resumed`)."""

    type: ClassVar[str] = "border.partnership_suspended.v1"
    resumed: bool = False


class PartnershipEnded(BorderMessage):
    """It is over; what is under way goes on to its end."""

    type: ClassVar[str] = "border.partnership_ended.v1"


# what we offer, as of now


class CatalogueShared(BorderMessage):
    """Our profile and everything we offer, as of `as_of`; replaces what we shared before."""

    type: ClassVar[str] = "border.catalogue_shared.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    as_of: Instant
    offering: Offering


class AvailabilityShared(BorderMessage):
    """Our availability by day, as of `as_of`; replaces what we shared before. A picture, never a promise."""

    type: ClassVar[str] = "border.availability_shared.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    as_of: Instant
    days: Annotated[tuple[DayAvailability, ...], Field(max_length=2_000)]


# sender to receiver


class HandoffOffered(BorderMessage):
    """Will you take this party? Anonymous. `replaces` names the handoff that this one changes."""

    type: ClassVar[str] = "border.handoff_offered.v1"
    party: Party
    items: Items
    needs: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    language: Language
    arrival: Window
    crossing: CrossingId | None = None
    who_drives: Literal["sender", "receiver", "party", "public", "unknown"] = "unknown"
    expected_total: Money | None = None
    answer_by: Instant
    replaces: Uuid | None = None


class CounterTaken(BorderMessage):
    """A request: we take your counter-offer of this round. Ignored when it is no longer the live one."""

    type: ClassVar[str] = "border.counter_taken.v1"
    round: Round


class HandoffWithdrawn(BorderMessage):
    """We take the offer back. `seen` is the state we knew of: below accepted it is free of charge."""

    type: ClassVar[str] = "border.handoff_withdrawn.v1"
    reason: EndReason
    seen: State


class SealedParty(Value):
    """The personal part (not yet), sealed to the one-time key of HandoffAccepted."""

    ephemeral_key: PublicKey
    nonce: Annotated[str, Field(max_length=32)]
    ciphertext: Annotated[str, Field(max_length=8_192)]


class PartyReleased(BorderMessage):
    """A request: the lead traveller consented, here is whom to call; confirm the booking.

    `sealed` (not yet): the contact, sealed, instead of `contact`. `consent_receipt` (not yet): what was consented to.
    """

    type: ClassVar[str] = "border.party_released.v1"
    contact: Contact | None = None
    sealed: SealedParty | None = None
    consent_receipt: Annotated[str, Field(max_length=80)] | None = None


class PartyDeparted(BorderMessage):
    """They are on the way."""

    type: ClassVar[str] = "border.party_departed.v1"
    at: Instant


class PartyDelayed(BorderMessage):
    """They will be late; changes no state."""

    type: ClassVar[str] = "border.party_delayed.v1"
    arrival: Window


class PartyTurnedBack(BorderMessage):
    """The border did not let them through: nobody's fault."""

    type: ClassVar[str] = "border.party_turned_back.v1"
    at: Instant
    reason: Code | None = None


class ConsentWithdrawn(BorderMessage):
    """Erase what you hold of this party (not yet); before arrival the handoff ends as withdrawn."""

    type: ClassVar[str] = "border.consent_withdrawn.v1"
    at: Instant


# receiver to sender


class HandoffHeld(BorderMessage):
    """Capacity is held until `expires_at` while people decide, at this binding price."""

    type: ClassVar[str] = "border.handoff_held.v1"
    expires_at: Instant
    quote: Quote


class HandoffDeclined(BorderMessage):
    """No, with the reason and what would go instead."""

    type: ClassVar[str] = "border.handoff_declined.v1"
    reason: DeclineReason
    alternatives: Alternatives = ()
    note: Note | None = None


class HandoffCountered(BorderMessage):
    """Another date, time or experience, held until `expires_at` and binding for us."""

    type: ClassVar[str] = "border.handoff_countered.v1"
    round: Round
    items: Items
    expires_at: Instant
    quote: Quote


class HandoffAccepted(BorderMessage):
    """Yes; we hold the place until `consent_by` for the lead traveller's consent.

    `one_time_key` (not yet): what the contact is sealed to.
    """

    type: ClassVar[str] = "border.handoff_accepted.v1"
    consent_by: Instant
    items: Items
    quote: Quote
    one_time_key: PublicKey | None = None


class HandoffConfirmed(BorderMessage):
    """The booking stands.

    `short_code` and `pass_token` (not yet): what the party shows on arrival.
    """

    type: ClassVar[str] = "border.handoff_confirmed.v1"
    at: Instant
    short_code: Annotated[str, Field(pattern=r"^[A-HJ-NP-Z2-9]{6}$")] | None = None
    pass_token: Annotated[str, Field(max_length=1_024)] | None = None


class HandoffExpired(BorderMessage):
    """The hold ran out before an answer or a consent came."""

    type: ClassVar[str] = "border.handoff_expired.v1"
    at: Instant


class HandoffCancelled(BorderMessage):
    """We cannot take them after all."""

    type: ClassVar[str] = "border.handoff_cancelled.v1"
    reason: EndReason
    alternatives: Alternatives = ()
    note: Note | None = None


class PartyArrived(BorderMessage):
    """They are here, and this many of them."""

    type: ClassVar[str] = "border.party_arrived.v1"
    at: Instant
    party: Party


class PartyNoShow(BorderMessage):
    """They did not come."""

    type: ClassVar[str] = "border.party_no_show.v1"
    at: Instant


class Amounts(Value):
    """What the visit came to and the referral fee that the terms give, in the receiving community's currency."""

    quote: Quote
    total: Money
    referral_fee: Money
    fee_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{2}$")]


class VisitCompleted(BorderMessage):
    """The visit is over; this is what it came to."""

    type: ClassVar[str] = "border.visit_completed.v1"
    at: Instant
    amounts: Amounts


class PersonalDataErased(BorderMessage):
    """A receipt (not yet): what we held of this party is destroyed."""

    type: ClassVar[str] = "border.personal_data_erased.v1"
    at: Instant
    receipt: Annotated[str, Field(max_length=80)]


# both ways


class RecordStated(BorderMessage):
    """Where our record stands: state, the last seq we sent, the last we have seen of yours. `asks` wants yours back."""

    type: ClassVar[str] = "border.record_stated.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    state: State
    round: Annotated[int, Field(ge=0, le=3)] = 0
    sent: Annotated[int, Field(ge=0)]
    seen: Annotated[int, Field(ge=0)]
    asks: bool = False
