"""Referral, v1: the record of a handoff, one on each side, and what people do to it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.agencies.v1 import AgencyId
from contracts.booking.v1 import DayAvailability, Violation
from contracts.border.v1 import Amounts, DeclineReason, EndReason, Need, PassToken, Round, ShortCode, State
from contracts.community.v1 import Offering
from contracts.crossing.v1 import Travel
from contracts.messages import Command, Query, Several
from contracts.personal.v1 import ConsentReceipt, Holding, ReferralRef
from contracts.principal import AccountId
from contracts.referral.codes import Attention
from contracts.referral.lists import Awaited as Awaited
from contracts.referral.lists import Expected as Expected
from contracts.referral.lists import HandoffSummary as HandoffSummary
from contracts.referral.lists import ListAwaited as ListAwaited
from contracts.referral.lists import ListExpected as ListExpected
from contracts.referral.lists import ListHandoffs as ListHandoffs
from contracts.referral.lists import Side as Side
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

    `account` is the member who did it, of the own community, `agency` the agency that did it for that community; the
    partner never learns of either.
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
    agency: AgencyId | None = None


class HandoffView(Value):
    """A record as its own community sees it, without the personal part: that is read on its own, and audited.

    An agency that handed over for it sees neither consent nor pass, amounts, hold, or who did what there.
    """

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
    #: The handoff that this one changes.
    replaces: Uuid | None = None
    #: The agency that handed over for the community, and the id under which it knows the handoff.
    agency: AgencyId | None = None
    agency_ref: Uuid | None = None


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

    That default falls into the hours in which the receiver answers. An agency gives `agency_ref`, an id of its own by
    which it knows the handoff: the same offer under it is one handoff, another is refused.
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
    agency_ref: Uuid | None = None


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
    """The party is here; `party` when it is not the whole of it.

    `seen_at` when it came while the receiver was offline.
    """

    type: ClassVar[str] = "referral.arrive_party.v1"
    referral: ReferralRef
    party: Party | None = None
    seen_at: Instant | None = None


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
    """The acting community's own record, with its story. An agency names it by its own id, also for the node."""

    type: ClassVar[str] = "referral.show_handoff.v1"
    referral: ReferralRef


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
