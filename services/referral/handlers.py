"""Use cases of a handoff: one transaction each. The rules are in `domain`; here is the order in which to ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.community.v1 import OfferingPublished, PartnershipStated
from contracts.messages import BorderMessage
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import Value
from services.referral.domain import acts, deadlines, ears, offers
from services.referral.domain.record import Moment, Record, Step
from services.referral.domain.states import ACTS
from services.referral.ports import Records

SWEEP = 200
_CEILING_OF_OPEN = 10_000

# commands


async def offer(command: v1.OfferHandoff, work: Records) -> v1.Recorded:
    """The acting community offers a party to a partner; the offer crosses even if the picture says no."""
    terms = await work.terms(work.acting, command.to)
    catalogue = await work.catalogue(command.to)
    record, told = offers.make(
        command, community=work.acting, terms=terms, catalogue=catalogue, referral_id=work.new_id(), now=work.now
    )
    if command.replaces:
        offers.may_replace(await work.record(command.replaces, work.acting), command.to)
    return await _keep(work, Step(record=record, act="offer", by=work.acting, border=(told,)))


async def accept(command: v1.AcceptHandoff, work: Records) -> v1.Recorded:
    """The receiver says yes."""
    return await _act(work, command.referral, acts.accept)


async def decline(command: v1.DeclineHandoff, work: Records) -> v1.Recorded:
    """The receiver says no."""
    return await _act(work, command.referral, lambda record, _: acts.decline(record, command.reason, command.note))


async def counter(command: v1.CounterHandoff, work: Records) -> v1.Recorded:
    """The receiver offers something else."""
    return await _act(work, command.referral, lambda record, moment: acts.counter(record, command.items, moment))


async def take_counter(command: v1.TakeCounter, work: Records) -> v1.Recorded:
    """The sender takes the live counter-offer."""
    return await _act(work, command.referral, lambda record, _: acts.take_counter(record, command.round))


async def give_consent(command: v1.GiveConsent, work: Records) -> v1.Recorded:
    """The lead traveller consents to be handed over."""
    return await _act(work, command.referral, lambda record, _: acts.consent(record, command.contact))


async def withdraw(command: v1.WithdrawHandoff, work: Records) -> v1.Recorded:
    """The sender takes the offer back."""
    return await _act(work, command.referral, lambda record, _: acts.withdraw(record, command.reason))


async def depart(command: v1.DepartParty, work: Records) -> v1.Recorded:
    """The party is on the way."""
    return await _act(work, command.referral, acts.depart)


async def delay(command: v1.DelayParty, work: Records) -> v1.Recorded:
    """The party will be late."""
    return await _act(work, command.referral, lambda record, _: acts.delay(record, command.arrival))


async def turn_back(command: v1.TurnPartyBack, work: Records) -> v1.Recorded:
    """The border did not let them through."""
    return await _act(work, command.referral, lambda record, moment: acts.turn_back(record, command.reason, moment))


async def arrive(command: v1.ArriveParty, work: Records) -> v1.Recorded:
    """The party is here."""
    return await _act(work, command.referral, lambda record, moment: acts.arrive(record, command.party, moment))


async def mark_no_show(command: v1.MarkNoShow, work: Records) -> v1.Recorded:
    """The party did not come."""
    return await _act(work, command.referral, acts.no_show)


async def cancel(command: v1.CancelHandoff, work: Records) -> v1.Recorded:
    """The receiver cannot take them after all."""
    return await _act(work, command.referral, lambda record, _: acts.cancel(record, command.reason, command.note))


async def complete(command: v1.CompleteVisit, work: Records) -> v1.Recorded:
    """The visit is over."""
    return await _act(work, command.referral, acts.complete)


async def _act(work: Records, ref: str, decide: Callable[[Record, Moment], Step]) -> v1.Recorded:
    referral_id = await work.find(ref)
    record = await work.record(referral_id, work.acting) if referral_id else None
    if record is None:
        raise Refused(No.UNKNOWN, "you have no handoff with this id: `list` shows yours", "referral")
    return await _keep(work, decide(record, _moment(work)))


async def _keep(work: Records, step: Step) -> v1.Recorded:
    await work.keep(step, deadlines.due_at(step.record))
    record = step.record
    intent = f"{step.act}; waiting for booking ({record.wish})" if record.wish else step.act
    return v1.Recorded(referral_id=record.referral_id, state=record.state, round=record.round, intent=intent)


def _moment(work: Records) -> Moment:
    return Moment(now=work.now, ids=(work.new_id(),))


# border messages


async def handoff_offered(message: border.HandoffOffered, work: Records) -> None:
    """An offer arrives: our record of it begins, and is judged once, now."""
    cause = work.cause
    assert cause is not None
    ours, partner = cause.to or "", cause.source
    host = await work.offering(ours)
    if host is None:
        raise ValueError("this node keeps no records for the community that is addressed")
    if await work.record(cause.subject, ours) is not None:
        raise ValueError("the community that is addressed has a record of this handoff already")
    terms = await work.terms(ours, partner, alone=True)
    record = offers.received(message, host=host, partner=partner, referral_id=cause.subject, terms=terms)
    step = ears.offered(
        record,
        partners=offers.in_force(terms, work.now, host.community.zone),
        open_offers=await work.open_offers(ours, partner),
        max_open=terms.max_open_handoffs if terms else _CEILING_OF_OPEN,
        share_percent=terms.pool_share_percent if terms else 100,
        moment=_moment(work),
    )
    await _keep(work, step)


async def heard(message: BorderMessage, work: Records) -> None:
    """The counterpart says something about a handoff that we have a record of."""
    record = await _spoken_of(work)
    if record is None:
        raise ValueError("there is no record of this handoff")
    contact = await work.contact(record.referral_id, record.community) if record.consented else None
    step = ears.hear(record, message, _moment(work), contact)
    await _keep(work, step)
    if step.supersedes:
        await _supersede(step.supersedes, record, work)


async def _spoken_of(work: Records) -> Record | None:
    """Our record that a border message speaks of. Raises ValueError, which parks it, when another speaks of it."""
    cause = work.cause
    assert cause is not None
    record = await work.record(cause.subject, cause.to or "")
    if record is not None and record.partner != cause.source:
        raise ValueError("the speaker is not the counterpart of this handoff")
    return record


async def _supersede(referral_id: str, by: Record, work: Records) -> None:
    old = await work.record(referral_id, by.community)
    if old is not None and old.state in ACTS["withdraw"].when:
        await _keep(work, acts.withdraw(old, "replaced"))


async def record_stated(message: border.RecordStated, work: Records) -> None:
    """The partner says where its record stands: send again what it has not seen, and answer if it asks."""
    record = await _spoken_of(work)
    if record is None:
        await _miss_the_offer(message, work)
        return
    sent, seen = await work.standing(record.referral_id, record.community, record.partner)
    await work.note_seen(record.referral_id, record.community, min(message.seen, sent))
    if message.seen < sent:
        await work.send_again(record.referral_id, record.community, record.partner, message.seen)
    if (step := ears.differs(record, message, sent, seen)) is not None:
        await _keep(work, step)
    if message.asks:
        _state(work, record, sent, seen, asks=False)


async def _miss_the_offer(message: border.RecordStated, work: Records) -> None:
    """A handoff we have never heard of: say so, and its offer is sent again."""
    cause = work.cause
    assert cause is not None
    ours, partner = cause.to or "", cause.source
    if message.asks and await work.offering(ours) is not None:
        sent, seen = await work.standing(cause.subject, ours, partner)
        told = border.RecordStated(state="offered", sent=sent, seen=seen)
        work.send(told, sender=ours, to=partner, subject=cause.subject)


def _state(work: Records, record: Record, sent: int, seen: int, *, asks: bool) -> None:
    told = border.RecordStated(state=record.state, round=record.round, sent=sent, seen=seen, asks=asks)
    work.send(told, sender=record.community, to=record.partner, subject=record.referral_id)


async def catalogue_shared(message: border.CatalogueShared, work: Records) -> None:
    """A partner shares what it offers."""
    cause = work.cause
    assert cause is not None
    if message.offering.community.id != cause.source:
        raise ValueError("a community shares its own catalogue only")
    await work.keep_catalogue(cause.to or "", cause.source, message)


async def availability_shared(message: border.AvailabilityShared, work: Records) -> None:
    """A partner shares its availability."""
    cause = work.cause
    assert cause is not None
    shared = [*(day.experience_id for day in message.days), *(start.experience_id for start in message.departures)]
    if any(experience_id.partition(".")[0] != cause.source for experience_id in shared):
        raise ValueError("a community shares its own availability only")
    await work.keep_availability(cause.to or "", cause.source, message)


# facts of this node's services


async def offering_published(message: OfferingPublished, work: Records) -> None:
    """One of our communities states what it offers."""
    await work.keep_offering(message.offering)


async def partnership_stated(message: PartnershipStated, work: Records) -> None:
    """Where a partnership of one of our communities stands."""
    await work.keep_partnership(message)


async def hold_placed(fact: booking.HoldPlaced, work: Records) -> None:
    """Capacity is held."""
    await _booking_said(fact, work, lambda record, moment: ears.hold_placed(record, fact, moment))


async def hold_refused(fact: booking.HoldRefused, work: Records) -> None:
    """Nothing was taken."""
    await _booking_said(fact, work, lambda record, _: ears.hold_refused(record, fact))


async def hold_extended(fact: booking.HoldExtended, work: Records) -> None:
    """The hold lives on."""
    host = await work.offering(fact.community)
    await _booking_said(fact, work, lambda record, _: ears.hold_extended(record, fact, host))


async def hold_confirmed(fact: booking.HoldConfirmed, work: Records) -> None:
    """The hold is a booking."""
    await _booking_said(fact, work, lambda record, moment: ears.hold_confirmed(record, fact, moment))


async def hold_over(fact: booking.HoldExpired | booking.HoldReleased, work: Records) -> None:
    """The hold is gone."""
    await _booking_said(fact, work, lambda record, moment: ears.hold_over(record, fact, moment))


async def hold_redeemed(fact: booking.HoldRedeemed, work: Records) -> None:
    """The booking was used; the record knows since the party arrived."""


async def _booking_said(fact: booking.HoldFact, work: Records, decide: Callable[[Record, Moment], Step | None]) -> None:
    """A fact about a hold that is not a handoff's, or not the one we wait for, changes nothing."""
    record = await work.record(fact.referral_id, fact.community) if fact.referral_id else None
    step = decide(record, _moment(work)) if record is not None else None
    if step is not None:
        await _keep(work, step)


# by itself


async def deadlines_passed(work: Records) -> int:
    """What happens by itself now. A record whose act is refused is marked for a person and holds up no other."""
    due = await work.due(SWEEP)
    for record in due:
        try:
            await _keep(work, acts.by_itself(record, _moment(work)))
        except Refused as no:
            stuck = record.but(marked=f"deadline refused: {no.refusal.code}")
            await work.keep(Step(record=stuck, act="deadline", by=record.community), None)
    return len(due)


async def state_unseen(work: Records) -> int:
    """Tell partners where our records stand when they have long not seen what we sent."""
    unseen = await work.unseen(SWEEP)
    for record, sent, seen in unseen:
        _state(work, record, sent, seen, asks=True)
    return len(unseen)


# queries


async def show(query: v1.ShowHandoff, work: Records) -> v1.HandoffView:
    """The acting community's record, as a story."""
    referral_id = await work.find(query.referral)
    view = await work.view(referral_id) if referral_id else None
    if view is None:
        raise Refused(No.UNKNOWN, "you have no handoff with this id: `list` shows yours", "referral")
    return view


async def list_handoffs(query: v1.ListHandoffs, work: Records) -> Sequence[Value]:
    """The acting community's records."""
    return await work.list(query)


async def ask_partner_catalogue(query: v1.AskPartnerCatalogue, work: Records) -> Sequence[Value]:
    """What partners have shared."""
    return await work.catalogues(query.partner, query.text)


async def ask_partner_availability(query: v1.AskPartnerAvailability, work: Records) -> Value:
    """The picture of a partner's availability."""
    if query.last < query.first or query.last - query.first > timedelta(days=62):
        raise Refused(No.INVALID, "ask for at most 62 days, first before last", "last")
    return await work.availability(query.partner, query.first, query.last)


async def check_records(_: v1.CheckRecords, work: Records) -> Sequence[Value]:
    """Records that have heard everything of one another and yet differ."""
    found = await work.disagreements()
    return [booking.Violation(rule="both records end equal", subject=s, found="differ") for s in found]
