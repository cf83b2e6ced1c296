"""What an agency does for a community that authorised it, judged in the transaction, about its own handoffs alone."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.agencies.v1 import AgreementStated
from contracts.principal import Agency
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.referral.domain.handoff import handing_over
from services.referral.domain.handoff.record import Record
from services.referral.ports import EVERYONE, Records


async def keep_agreement(message: AgreementStated, work: Records) -> None:
    """Where an agreement of one of our communities stands."""
    await work.keep_agreement(message)


async def before(command: v1.OfferHandoff, agency: Agency, work: Records) -> Record | None:
    """The handoff that the agency has offered like this already. Raises Refused when it may not offer it.

    An agency's offers for a community are judged one after another, so that no two of them are the last one allowed.
    """
    if command.agency_ref is None:
        raise Refused(No.INVALID, "say_your_own_id", "agency_ref")
    authority = await work.authority(agency.agency, work.acting, alone=True)
    record = await work.handed_over(agency.agency, command.agency_ref)
    if record is not None and handing_over.is_repeated(record, command, work.acting):
        return record
    agreed = handing_over.may_act(authority, work.acting, command.to, work.now)
    handing_over.may_offer(agreed, work.acting, await work.open_handed_over(agency.agency))
    if authority is not None:
        most, since = handing_over.most_a_day(agreed), work.now - handing_over.A_DAY
        counts_from = await work.offered_since(agency.agency, most, since)
        handing_over.may_offer_again(agreed, work.acting, authority.zone, counts_from)
    return None


async def own(agency: Agency, ref: str, work: Records) -> Record | None:
    """The agency's own handoff for the acting community, locked, if it may still act on it. Raises Refused."""
    found = await work.handed_over(agency.agency, ref)
    if found is None or found.community != work.acting:
        return None
    authority = await work.authority(agency.agency, work.acting)
    handing_over.may_act(authority, work.acting, found.partner, work.now)
    return await work.record(found.referral_id, work.acting)


async def show(agency: Agency, ref: str, work: Records) -> v1.HandoffView | None:
    """One of its own, also when it may not act on it any more."""
    found = await work.handed_over(agency.agency, ref)
    if found is None or work.acting not in (EVERYONE, found.community):
        return None
    view = await work.view(found.referral_id, found.community)
    authority = await work.authority(agency.agency, found.community)
    authorised = handing_over.covers(authority, found.partner, work.now)
    return view and handing_over.shown(view, authorised=authorised)


async def list_handoffs(agency: Agency, query: v1.ListHandoffs, work: Records) -> Sequence[v1.HandoffSummary]:
    """Its own, newest first."""
    authorities = await work.authorities(agency.agency)
    return [
        handing_over.summarised(
            summary,
            record.community,
            authorised=handing_over.covers(authorities.get(record.community), record.partner, work.now),
        )
        for record, summary in await work.list_handed_over(agency.agency, query)
    ]


async def catalogues(agency: Agency, query: v1.AskPartnerCatalogue, work: Records) -> Sequence[v1.PartnerCatalogue]:
    """What partners have shared to whom it may hand over. Raises Refused when there are none such."""
    authority = await work.authority(agency.agency, work.acting)
    if query.partner is not None or authority is None or authority.today(work.now) is None:
        handing_over.may_act(authority, work.acting, query.partner or work.acting, work.now)
    found = await work.catalogues(query.partner, query.text)
    return [one for one in found if handing_over.covers(authority, one.partner, work.now)]


async def may_look(agency: Agency, partner: CommunityId, work: Records) -> None:
    """Raises Refused unless it may hand over to this partner."""
    handing_over.may_act(await work.authority(agency.agency, work.acting), work.acting, partner, work.now)
