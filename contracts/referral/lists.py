"""Lists of handoffs: a community's own, those who are to come, and what waits for a decision."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.agencies.v1 import AgencyId
from contracts.border.v1 import ShortCode, State
from contracts.messages import Query, Several
from contracts.personal.v1 import Holding
from contracts.referral.codes import Attention
from contracts.referral.next_acts import NextAct
from contracts.values import CommunityId, Day, Instant, Items, Language, Money, Party, Uuid, Value, Window

Side = Literal["sender", "receiver"]


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
    #: The agency that handed over for the community, and the id under which it knows the handoff.
    agency: AgencyId | None = None
    agency_ref: Uuid | None = None
    #: Told to that agency: whose handoff it is.
    community: CommunityId | None = None


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


class ListHandoffs(Query[Several[HandoffSummary]]):
    """The acting community's records, newest first; `first` and `last` are the earliest and latest arrival day.

    To an agency those that it handed over itself, for the acting community or, for the node, for all.
    """

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
