"""Messages of partners, over the border."""

from __future__ import annotations

from contracts.border import v1 as border
from contracts.messages import BorderMessage
from contracts.values import CommunityId
from services.referral.domain.handoff import acts, offers, transitions
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ACTS
from services.referral.handlers.transition import addressed, keep, moment, spoken_of
from services.referral.ports import Records

_CEILING_OF_OPEN = 10_000


async def handoff_offered(message: border.HandoffOffered, work: Records) -> None:
    """An offer arrives: our record of it begins, and is judged once, now."""
    ours, partner, subject = addressed(work)
    host = await work.offering(ours)
    if host is None:
        raise ValueError("this node keeps no records for the community that is addressed")
    if await work.record(subject, ours) is not None:
        raise ValueError("the community that is addressed has a record of this handoff already")
    terms = await work.terms(ours, partner, alone=True)
    record = offers.received(message, host=host, partner=partner, referral_id=subject, terms=terms)
    transition = offers.judged(
        record,
        partners=offers.in_force(terms, work.now, host.community.zone),
        open_offers=await work.open_offers(ours, partner),
        max_open=terms.max_open_handoffs if terms else _CEILING_OF_OPEN,
        share_percent=terms.pool_share_percent if terms else 100,
        moment=moment(work),
        changes=await _changes(message, ours, work),
    )
    await keep(work, transition)


async def _changes(message: border.HandoffOffered, ours: CommunityId, work: Records) -> offers.Changes | None:
    """What we know of the handoff that this offer changes; locked, so that of two changes one comes second."""
    if message.replaces is None:
        return None
    old = await work.record(message.replaces, ours)
    return offers.Changes(old=old, rival=await work.change_of(message.replaces, ours))


async def from_counterpart(message: BorderMessage, work: Records) -> None:
    """The counterpart's message about a handoff that we have a record of."""
    record = await spoken_of(work)
    if record is None:
        raise ValueError("there is no record of this handoff")
    if await _comes_after_all(record, message, work):
        await keep(work, acts.cancel(record, "replaced"))
        return
    gone = await _gone_before(record, message, work)
    transition = transitions.apply_message(record, message, moment(work), gone=gone)
    if transition.erases and gone and transition.record.consent:
        await work.keep_receipt(record, transition.record.consent)
    await keep(work, transition)
    if transition.supersedes:
        await _supersede(transition.supersedes, transition.record, work)


async def _gone_before(record: Record, message: BorderMessage, work: Records) -> bool:
    """Whether a part arrives that was here and was erased: after a restored backup, messages come again."""
    if not isinstance(message, border.PartyReleased) or message.consent is None:
        return False
    return await work.gone_before(record, message.consent)


async def _comes_after_all(record: Record, message: BorderMessage, work: Records) -> bool:
    """Whether a change would now be confirmed although its party already travels by the handoff that it changes."""
    if not isinstance(message, border.PartyReleased) or record.replaces is None or record.state != "accepted":
        return False
    old = await work.record(record.replaces, record.community)  # locked, so that no arrival happens meanwhile
    return old is not None and old.state in offers.UNDER_WAY - {"turned_back"}


async def _supersede(referral_id: str, by: Record, work: Records) -> None:
    """Withdraw the handoff that was changed; or the change, when its party already travels by the other one."""
    old = await work.record(referral_id, by.community)
    if old is None:
        return
    if old.state in ACTS["withdraw"].when:
        await keep(work, acts.withdraw(old, "replaced"))
    elif old.state in offers.UNDER_WAY and by.state in ACTS["withdraw"].when:
        await keep(work, acts.withdraw(by, "replaced"))


async def catalogue_shared(message: border.CatalogueShared, work: Records) -> None:
    """A partner shares what it offers."""
    ours, partner, _ = addressed(work)
    if message.offering.community.id != partner:
        raise ValueError("a community shares its own catalogue only")
    await _known(ours, partner, work)
    await work.keep_catalogue(ours, partner, message)


async def availability_shared(message: border.AvailabilityShared, work: Records) -> None:
    """A partner shares its availability."""
    ours, partner, _ = addressed(work)
    if any(day.experience_id.partition(".")[0] != partner for day in message.days):
        raise ValueError("a community shares its own availability only")
    await _known(ours, partner, work)
    await work.keep_availability(ours, partner, message)


async def _known(ours: CommunityId, partner: CommunityId, work: Records) -> None:
    """Raises ValueError, which parks it, when the sender is not a known partner."""
    if not await work.knows(ours, partner):
        raise ValueError("no partnership with the speaker is known here")
