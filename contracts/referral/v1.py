"""Referral, v1: the record of a handoff, one on each side, and what people do to it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.booking.v1 import DayAvailability, Violation
from contracts.border.v1 import Amounts, DeclineReason, EndReason, Need, PassToken, Round, ShortCode, State
from contracts.community.v1 import Offering
from contracts.crossing.v1 import Travel
from contracts.messages import Command, Query, Several
from contracts.personal.v1 import ConsentReceipt, Holding, ReferralRef
from contracts.principal import AccountId
from contracts.referral.codes import Attention
from contracts.referral.next_acts import NextAct
from contracts.referral.recorded import Recorded as Recorded
from contracts.sentences import Unfit
from contracts.values import (
    Alternatives,
    Code,
    CommunityId,
    CrossingId,
    Day,
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

Side = Literal["sender", "receiver"]


# what is answered


class PassJudged(Value):
    """What a pass or code is worth now; a handoff only when it is one of ours.

    good: they have arrived, or may be received when it was only looked at. used: they had before. early, late: outside
    of its days. unknown: of no open handoff of ours. forged: not signed by us. over: its handoff is cancelled or
    withdrawn. too_many_tries: wait.
    """

    verdict: Literal["good", "used", "early", "late", "unknown", "forged", "over", "too_many_tries"]
    referral_id: Uuid | None = None
    state: State | None = None
    party: Party | None = None
    used_at: Instant | None = None
    wait_seconds: Annotated[int, Field(ge=0)] = 0


class StoryLine(Value):
    """One thing that happened: by whose act (a code), what it made of the record; `crossed` when it changed nothing.

    `account` is the member who did it, of the own community; the partner never learns it.
    """

    at: Instant
    act: Annotated[str, Field(max_length=80)]
    by: CommunityId
    state: State
    round: int = 0
    crossed: bool = False
    message_id: Uuid | None = None
    took_ms: int | None = None
    account: AccountId | None = None


class HandoffSummary(Value):
    """One line of a list, by what is on offer now: the live counter-offer, else what was asked for or agreed on.

    `late`: on the way or still to come, and either a delay was told or the arrival window is over. `last_day` is by the
    receiver's schedule once it said yes; before, the last day or night of the items. Older services leave these out.
    """

    referral_id: Uuid
    side: Side
    partner: CommunityId
    state: State
    round: int
    party: Party
    arrival_day: Day
    answer_by: Instant
    #: The code of `attention`, for readers that know no other.
    marked: str | None = None
    attention: Attention | None = None
    next_acts: tuple[NextAct, ...] = ()
    #: For which side the handoff waits; None when for none, or for booking.
    whose_move: Side | None = None
    #: When the party is expected now, delays included.
    arrival: Window | None = None
    last_day: Day | None = None
    items: Items | None = None
    late: bool = False


class Awaited(Value):
    """An open handoff that waits for a community to decide; `until` is when it ends by itself if nobody does."""

    community: CommunityId
    referral_id: Uuid
    side: Side
    partner: CommunityId
    state: State
    round: int
    party: Party
    arrival_day: Day
    until: Instant
    attention: Attention | None = None


class Expected(Value):
    """A party that is to come, with what its receiver needs at the door; the code is what it says there."""

    referral_id: Uuid
    partner: CommunityId
    state: State
    party: Party
    arrival: Window
    late: bool = False
    needs: tuple[str, ...] = ()
    language: Language
    short_code: ShortCode | None = None
    total: Money | None = None
    personal: Holding = "none"


class HandoffView(Value):
    """A record as its own community sees it, without the personal part: that is read on its own, and audited."""

    referral_id: Uuid
    community: CommunityId
    side: Side
    partner: CommunityId
    state: State
    round: int
    wish: str
    marked: str | None
    party: Party
    items: Items
    needs: tuple[str, ...]
    language: Language
    arrival: Window
    crossing: CrossingId | None
    travel: Travel | None = None
    who_drives: str
    expected_total: Money | None
    answer_by: Instant
    held_until: Instant | None
    consent_by: Instant | None
    quote: Quote | None
    countered_items: Items | None
    alternatives: Alternatives
    reason: str | None
    note: str | None = None
    personal: Holding
    consent: ConsentReceipt | None
    consent_refused: bool
    erased_at: Instant | None
    partner_erased_at: Instant | None
    short_code: ShortCode | None
    pass_token: PassToken | None
    amounts: Amounts | None
    hold_id: Uuid | None
    sent: int
    seen: int
    partner_seen: int
    story: tuple[StoryLine, ...]
    attention: Attention | None = None
    #: What the asking side can do now, by the rules; `marked` is the code of `attention`.
    next_acts: tuple[NextAct, ...] = ()
    #: As in a line of a list.
    last_day: Day | None = None
    late: bool = False
    #: What the other side can do, as far as this one can tell.
    their_acts: tuple[Code, ...] = ()
    #: For which side the handoff waits; None when for none, or for booking.
    whose_move: Side | None = None


class PartnerCatalogue(Value):
    """One partner's shared offering, as of."""

    partner: CommunityId
    as_of: Instant
    offering: Offering


class PartnerAvailability(Value):
    """One partner's shared availability, as of; None when it has never shared any."""

    partner: CommunityId
    as_of: Instant | None
    days: tuple[DayAvailability, ...]


# commands


class OfferHandoff(Command[Recorded]):
    """The acting community offers a party to a partner. `answer_by` defaults to the partnership's response time.

    That default falls into the hours in which the receiver answers.
    """

    type: ClassVar[str] = "referral.offer_handoff.v1"
    to: CommunityId
    party: Party
    items: Items
    needs: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    language: Language
    arrival: Window | None = None
    crossing: CrossingId | None = None
    #: Kept on the sender's record; never crosses.
    travel: Travel | None = None
    who_drives: Literal["sender", "receiver", "party", "public", "unknown"] = "unknown"
    expected_total: Money | None = None
    answer_by: Instant | None = None
    replaces: Uuid | None = None


class AcceptHandoff(Command[Recorded]):
    """The receiver says yes to what is held."""

    type: ClassVar[str] = "referral.accept_handoff.v1"
    referral: ReferralRef


class DeclineHandoff(Command[Recorded]):
    """The receiver says no."""

    type: ClassVar[str] = "referral.decline_handoff.v1"
    referral: ReferralRef
    reason: DeclineReason = "other"


class CounterHandoff(Command[Recorded]):
    """The receiver offers another date, time or experience; at most three rounds."""

    type: ClassVar[str] = "referral.counter_handoff.v1"
    referral: ReferralRef
    items: Items


class TakeCounter(Command[Recorded]):
    """The sender takes the live counter-offer."""

    type: ClassVar[str] = "referral.take_counter.v1"
    referral: ReferralRef
    round: Round


class WithdrawHandoff(Command[Recorded]):
    """The sender takes the offer back."""

    type: ClassVar[str] = "referral.withdraw_handoff.v1"
    referral: ReferralRef
    reason: EndReason = "other"


class DepartParty(Command[Recorded]):
    """The party is on the way."""

    type: ClassVar[str] = "referral.depart_party.v1"
    referral: ReferralRef


class DelayParty(Command[Recorded]):
    """The party will be late."""

    type: ClassVar[str] = "referral.delay_party.v1"
    referral: ReferralRef
    arrival: Window


class TurnPartyBack(Command[Recorded]):
    """The border did not let the party through."""

    type: ClassVar[str] = "referral.turn_party_back.v1"
    referral: ReferralRef
    reason: Code | None = None


class ArriveParty(Command[Recorded]):
    """The party is here; `party` when it is not the whole of it."""

    type: ClassVar[str] = "referral.arrive_party.v1"
    referral: ReferralRef
    party: Party | None = None


class PresentPass(Command[PassJudged]):
    """The lead traveller shows the pass or says the short code; if it is good, the party has arrived.

    `seen_at` when it was read while the receiver was offline. A pass that was used before is flagged, not refused.
    `look` only looks: nobody arrives and nothing is flagged, but a wrong code counts.
    """

    type: ClassVar[str] = "referral.present_pass.v1"
    pass_token: PassToken | None = None
    short_code: ShortCode | None = None
    party: Party | None = None
    seen_at: Instant | None = None
    look: bool = False

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.pass_token is None) == (self.short_code is None):
            raise Unfit("pass_or_code")
        return self


class MarkNoShow(Command[Recorded]):
    """The party did not come."""

    type: ClassVar[str] = "referral.mark_no_show.v1"
    referral: ReferralRef


class CancelHandoff(Command[Recorded]):
    """The receiver cannot take the party after all."""

    type: ClassVar[str] = "referral.cancel_handoff.v1"
    referral: ReferralRef
    reason: EndReason = "other"


class CompleteVisit(Command[Recorded]):
    """The visit is over; otherwise it completes by itself 24 h after the last item."""

    type: ClassVar[str] = "referral.complete_visit.v1"
    referral: ReferralRef


# queries


class ShowHandoff(Query[HandoffView]):
    """The acting community's own record, with its story."""

    type: ClassVar[str] = "referral.show_handoff.v1"
    referral: ReferralRef


class ListHandoffs(Query[Several[HandoffSummary]]):
    """The acting community's records, newest first; `first` and `last` are the earliest and latest arrival day."""

    type: ClassVar[str] = "referral.list_handoffs.v1"
    open_only: bool = False
    side: Side | None = None
    first: Day | None = None
    last: Day | None = None
    before: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ListExpected(Query[Several[Expected]]):
    """Parties that are to come to the acting community on some days, by day and hour: what a phone keeps for them."""

    type: ClassVar[str] = "referral.list_expected.v1"
    first: Day
    last: Day


class ListAwaited(Query[Several[Awaited]]):
    """What waits for an answer, or for the lead traveller's word, of some communities of this node.

    In the order of the ids, behind `after`; where both sides of a handoff are here, its lines are never parted, so that
    there may be one more than `limit`. The next page is behind the last id. What is done on the day is not listed.
    """

    type: ClassVar[str] = "referral.list_awaited.v1"
    communities: Annotated[tuple[CommunityId, ...], Field(min_length=1, max_length=200)]
    after: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 500


class AskPartnerCatalogue(Query[Several[PartnerCatalogue]]):
    """What partners have shared with the acting community; all of them, or one."""

    type: ClassVar[str] = "referral.ask_partner_catalogue.v1"
    partner: CommunityId | None = None
    text: Annotated[str, Field(max_length=80)] = ""


class AskPartnerAvailability(Query[PartnerAvailability]):
    """The picture of a partner's availability that its border messages gave us."""

    type: ClassVar[str] = "referral.ask_partner_availability.v1"
    partner: CommunityId
    first: Day
    last: Day


class CheckRecords(Query[Several[Violation]]):
    """What the read-only checker finds wrong in the records of this node; empty when all holds."""

    type: ClassVar[str] = "referral.check_records.v1"
