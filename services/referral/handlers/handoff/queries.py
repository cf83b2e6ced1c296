"""Referral's queries; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from contracts.booking import v1 as booking
from contracts.principal import Agency
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.referral.handlers.handoff import agencies
from services.referral.ports import Records


async def show(query: v1.ShowHandoff, work: Records) -> v1.HandoffView:
    """The acting community's record, as a story."""
    if isinstance(work.principal, Agency):
        view = await agencies.show(work.principal, query.referral, work)
    else:
        referral_id = await work.find(query.referral)
        view = await work.view(referral_id, work.acting) if referral_id else None
    if view is None:
        raise Refused(No.UNKNOWN, "no_such_handoff", "referral")
    return view


async def list_handoffs(query: v1.ListHandoffs, work: Records) -> Sequence[v1.HandoffSummary]:
    """The acting community's records."""
    if isinstance(work.principal, Agency):
        return await agencies.list_handoffs(work.principal, query, work)
    return await work.list(query)


async def list_expected(query: v1.ListExpected, work: Records) -> Sequence[v1.Expected]:
    """Parties that are to come."""
    if query.last < query.first or query.last - query.first >= timedelta(days=62):
        raise Refused(No.INVALID, "most_days_asked", "last")
    return await work.expected(query.first, query.last)


async def list_awaited(query: v1.ListAwaited, work: Records) -> Sequence[v1.Awaited]:
    """What waits for some communities of this node to decide."""
    return await work.awaited(query)


async def ask_partner_catalogue(query: v1.AskPartnerCatalogue, work: Records) -> Sequence[v1.PartnerCatalogue]:
    """What partners have shared."""
    if isinstance(work.principal, Agency):
        return await agencies.catalogues(work.principal, query, work)
    return await work.catalogues(query.partner, query.text)


async def ask_partner_availability(query: v1.AskPartnerAvailability, work: Records) -> v1.PartnerAvailability:
    """The picture of a partner's availability."""
    if query.last < query.first or query.last - query.first >= timedelta(days=62):
        raise Refused(No.INVALID, "most_days_asked", "last")
    if isinstance(work.principal, Agency):
        await agencies.may_look(work.principal, query.partner, work)
    return await work.availability(query.partner, query.first, query.last)


async def check_records(_: v1.CheckRecords, work: Records) -> Sequence[booking.Violation]:
    """Pairs of records that have applied all messages and still differ."""
    found = await work.disagreements()
    return [booking.Violation(rule="both records end equal", subject=s, found="differ") for s in found]
