"""The border list, v1: an allow-list, anonymous until consent.

Every message is addressed to one community; its subject is the referral, or the partnership
(`<lower id>--<higher id>`), or a month of it (with `/<month>`), or the community whose catalogue it is. Reader, auditor
and test look here: a field that is not here cannot cross. Each is signed with the key of the community that speaks;
nothing personal is in clear in any.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.booking.v1 import DayAvailability
from contracts.community.v1 import Offering, Terms
from contracts.messages import BorderMessage
from contracts.personal.v1 import ConsentReceipt, Digest, ErasedFor, PublicKey, Sealed
from contracts.referral.recorded import State as State
from contracts.sentences import Unfit
from contracts.statements.v1 import Month, Totals
from contracts.values import (
    Alternatives,
    Code,
    CrossingId,
    Instant,
    Items,
    Language,
    Money,
    Party,
    Quote,
    Uuid,
    Value,
    Window,
)
from contracts.values import PassToken as PassToken

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
#: What can be spoken by phone: 6 of 32 signs, none of which is mistaken for another (no 0, O, 1, I).
ShortCode = Annotated[str, Field(pattern=r"^[A-HJ-NP-Z2-9]{6}$")]
Round = Annotated[int, Field(ge=1, le=3)]


# partnerships


class PartnershipProposed(BorderMessage):
    """We propose to hand parties over to one another on these terms; `public_key` is what we sign with."""

    type: ClassVar[str] = "border.partnership_proposed.v1"
    terms: Terms
    public_key: PublicKey


class PartnershipAgreed(BorderMessage):
    """We agree to the terms you proposed; `public_key` is what we sign with."""

    type: ClassVar[str] = "border.partnership_agreed.v1"
    terms: Terms
    public_key: PublicKey


class PartnershipSuspended(BorderMessage):
    """No new offers until we take it up again (`resumed`)."""

    type: ClassVar[str] = "border.partnership_suspended.v1"
    resumed: bool = False


class PartnershipEnded(BorderMessage):
    """It is over; what is under way goes on to its end."""

    type: ClassVar[str] = "border.partnership_ended.v1"


class KeyRotated(BorderMessage):
    """We sign with this key from `used_from` on, and no longer with the one that signs this from `old_until` on."""

    type: ClassVar[str] = "border.key_rotated.v1"
    public_key: PublicKey
    used_from: Instant
    old_until: Instant


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


class PartyReleased(BorderMessage):
    """A request: the lead traveller has decided what may be known; confirm the booking.

    `sealed` is the personal part, sealed to the one-time key of HandoffAccepted, and `consent` what allows it; both
    are absent when the lead traveller allowed nothing.
    """

    type: ClassVar[str] = "border.party_released.v1"
    sealed: Sealed | None = None
    consent: ConsentReceipt | None = None

    @model_validator(mode="after")
    def _nothing_without_consent(self) -> Self:
        if (self.sealed is None) != (self.consent is None):
            raise Unfit("part_without_consent")
        return self


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
    """Erase what you hold of this party; before arrival the handoff ends as withdrawn."""

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


class HandoffCountered(BorderMessage):
    """Another date, time or experience, held until `expires_at` and binding for us."""

    type: ClassVar[str] = "border.handoff_countered.v1"
    round: Round
    items: Items
    expires_at: Instant
    quote: Quote


class HandoffAccepted(BorderMessage):
    """Yes; we hold the place until `consent_by` for the lead traveller's consent.

    `one_time_key` is what the personal part is to be sealed to; it opens this handoff's and no other.
    """

    type: ClassVar[str] = "border.handoff_accepted.v1"
    consent_by: Instant
    items: Items
    quote: Quote
    one_time_key: PublicKey


class HandoffConfirmed(BorderMessage):
    """The booking stands; `pass_token` is what the party shows on arrival, `short_code` what it can say instead."""

    type: ClassVar[str] = "border.handoff_confirmed.v1"
    at: Instant
    short_code: ShortCode
    pass_token: PassToken


class HandoffExpired(BorderMessage):
    """The hold ran out before an answer or a consent came."""

    type: ClassVar[str] = "border.handoff_expired.v1"
    at: Instant


class HandoffCancelled(BorderMessage):
    """We cannot take them after all."""

    type: ClassVar[str] = "border.handoff_cancelled.v1"
    reason: EndReason
    alternatives: Alternatives = ()


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
    """A receipt: what we held of this party is destroyed. Where `why` is `asked`, who hears it destroys its own too."""

    type: ClassVar[str] = "border.personal_data_erased.v1"
    at: Instant
    why: ErasedFor
    receipt: Uuid


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


class StatementConfirmed(BorderMessage):
    """We confirm what the visits of a month come to between us; `digest` stands for our lines, `totals` for people."""

    type: ClassVar[str] = "border.statement_confirmed.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    at: Instant
    month: Month
    digest: Digest
    totals: Totals
