"""An agency hands parties over for a community that authorised it: whether it may, and what it is shown of it.

The community is the sender, whoever types. Consent, personal part and pass stay between traveller and community.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.agencies.v1 import AgreementTerms, HandingOver
from contracts.principal import Agency
from contracts.referral import v1
from contracts.referral.codes import StoryAct
from contracts.referral.next_acts import NextAct
from contracts.refusals import No, Refused
from contracts.values import ZONES, CommunityId, Zone
from services.referral.domain.handoff.record import Record

#: What an agency does itself, and how the audit says it; whatever else a sender does is for its community.
AUDITED: Mapping[StoryAct, str] = {
    "offer": "agency_offered",
    "take_counter": "agency_took_counter",
    "withdraw": "agency_withdrew",
    "delay": "agency_delayed",
}
AGENCY_ACTS = AUDITED.keys() - {"offer"}
#: What tells of the lead traveller's word and of what is held of them.
_OF_THE_TRAVELLER: frozenset[StoryAct] = frozenset(
    (
        "consent", "refuse_consent", "withdraw_consent", "party_released", "consent_withdrawn", "erase",
        "erase_by_retention", "erase_again", "personal_data_erased", "pass_used_twice",
    )
)  # fmt: skip
_REASONS_OF_THE_TRAVELLER = frozenset({"consent_withdrawn", "illness"})
#: What it offers counts so long, also when it has ended: each writes records, holds and messages of two communities.
A_DAY = timedelta(hours=24)
_OFFERS_A_DAY, _TIMES_OPEN = 50, 5
#: Fields of a handoff that are between traveller and communities, or between the communities.
_NOT_SHOWN = (
    "travel", "note", "consent", "erased_at", "partner_erased_at", "short_code", "pass_token", "amounts", "hold_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """The terms in force between an agency and one community, whose days count."""

    terms: AgreementTerms
    zone: Zone

    def today(self, now: datetime) -> HandingOver | None:
        """What it may hand over on this day."""
        counts = self.terms.counts_on(now.astimezone(ZONES[self.zone]).date())
        return self.terms.hand_over if counts else None


def may_act(authority: Authority | None, community: CommunityId, partner: CommunityId, now: datetime) -> HandingOver:
    """What is agreed, when it covers this partner today. Raises Refused."""
    agreed = authority.today(now) if authority else None
    if agreed is None:
        raise Refused(No.NOT_ALLOWED, "not_authorised", "community", community=community)
    if not _names(agreed, partner):
        raise Refused(No.NOT_ALLOWED, "partner_not_authorised", "to", community=community, partner=partner)
    return agreed


def may_offer(agreed: HandingOver, community: CommunityId, open_now: int) -> None:
    """Raises Refused when so many are open as was agreed."""
    if open_now >= agreed.most_open:
        raise Refused(No.TOO_MANY_OPEN, "too_many_handed_over", most=agreed.most_open, community=community)


def most_a_day(agreed: HandingOver) -> int:
    """How many may be offered within a day, whatever becomes of them."""
    return max(_OFFERS_A_DAY, _TIMES_OPEN * agreed.most_open)


def may_offer_again(agreed: HandingOver, community: CommunityId, zone: Zone, counts_from: datetime | None) -> None:
    """Raises Refused when as many were offered within a day as may be; the first of them at `counts_from`."""
    if counts_from is None:
        return
    again = (counts_from + A_DAY + timedelta(minutes=1)).astimezone(ZONES[zone])
    day, time, most = again.date(), again.time(), most_a_day(agreed)
    raise Refused(No.TOO_MANY_OPEN, "too_many_offered", most=most, community=community, day=day, time=time)


def covers(authority: Authority | None, partner: CommunityId, now: datetime) -> bool:
    """Whether it may act with this partner today."""
    agreed = authority.today(now) if authority else None
    return agreed is not None and _names(agreed, partner)


def _names(agreed: HandingOver, partner: CommunityId) -> bool:
    return not agreed.partners or partner in agreed.partners


def asked(command: v1.OfferHandoff) -> str:
    """A digest of what an agency asks, the same for the same."""
    return hashlib.sha256(json.dumps(command.wire(), sort_keys=True).encode()).hexdigest()


def by(record: Record, agency: Agency | None, command: v1.OfferHandoff) -> Record:
    """The record, with the agency that handed over, if one did."""
    if agency is None:
        return record
    return record.replace(agency=agency.agency, agency_ref=command.agency_ref, agency_asked=asked(command))


def is_repeated(before: Record, command: v1.OfferHandoff, community: CommunityId) -> bool:
    """Whether the handoff that it knows under this id is what it asks. Raises Refused when it is another."""
    if (before.community, before.agency_asked) != (community, asked(command)):
        raise Refused(No.CONFLICT, "own_id_used_for_other", "agency_ref")
    return True


def shown(view: v1.HandoffView, *, authorised: bool) -> v1.HandoffView:
    """A handoff as the agency sees that handed it over: nothing of the traveller, nothing of who works there."""
    more = {
        "personal": "none",
        "consent_refused": False,
        "reason": "other" if view.reason in _REASONS_OF_THE_TRAVELLER else view.reason,
        "story": tuple(_told(view.story)),
        "next_acts": next_acts(view.next_acts, authorised=authorised),
    }
    return view.model_copy(update=dict.fromkeys(_NOT_SHOWN) | more)


def _told(story: Iterable[v1.StoryLine]) -> Iterator[v1.StoryLine]:
    """Without lines that tell of the traveller; one by which it ended reads as if its community had withdrawn it.

    A gap would tell as much as the line.
    """
    before = ""
    for line in story:
        is_end = line.state == "withdrawn" != before
        before = line.state
        told = {"account": None, "message_id": None}
        if line.act not in _OF_THE_TRAVELLER:
            yield line.model_copy(update=told)
        elif is_end:
            yield line.model_copy(update=told | {"act": "withdraw"})


def summarised(summary: v1.HandoffSummary, community: CommunityId, *, authorised: bool) -> v1.HandoffSummary:
    """The same in one line of a list."""
    acts = next_acts(summary.next_acts, authorised=authorised)
    return summary.model_copy(update={"community": community, "next_acts": acts})


def next_acts(acts: Iterable[NextAct], *, authorised: bool) -> tuple[NextAct, ...]:
    """What the agency can do, and what its community is waited for to do, such as to ask the traveller for consent."""
    marked = (act.model_copy(update={"by_agency": authorised and act.act in AGENCY_ACTS}) for act in acts)
    return tuple(act for act in marked if act.by_agency or act.is_move)
