"""The commands of people. The rules are in `domain`; here is the order of loading, deciding and keeping."""

from __future__ import annotations

from dataclasses import replace

from contracts import starting
from contracts.passes import showing
from contracts.principal import Agency
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.referral.domain.handoff import acts, handing_over, offers
from services.referral.domain.handoff.record import Transition
from services.referral.handlers.handoff import agencies
from services.referral.handlers.transition import act, keep, moment, own, recorded
from services.referral.ports import Records


async def offer(command: v1.OfferHandoff, work: Records) -> v1.Recorded:
    """The acting community offers a party to a partner; the offer is sent even if their shared availability says no.

    For it an agency may, as far as they agreed: once under each id of its own.
    """
    agency = work.principal if isinstance(work.principal, Agency) else None
    if agency is None and command.agency_ref is not None:
        raise Refused(No.INVALID, "ref_is_an_agencys", "agency_ref")
    if agency is not None and (before := await agencies.before(command, agency, work)) is not None:
        return recorded(before, "offer")
    terms = await work.terms(work.acting, command.to)
    catalogue = await work.catalogue(command.to)
    record, message = offers.make(
        command, community=work.acting, terms=terms, catalogue=catalogue, referral_id=work.new_id(), now=work.now
    )
    record = handing_over.by(record, agency, command)
    if command.replaces:
        old = await work.record(command.replaces, work.acting)  # locked: two changes of it run one after the other
        offers.may_replace(
            old if old is None or agency is None or old.agency == agency.agency else None,
            command.to,
            await work.change_of(command.replaces, work.acting),
        )
    return await keep(work, Transition(record=record, act="offer", by=work.acting, border=(message,)))


async def accept(command: v1.AcceptHandoff, work: Records) -> v1.Recorded:
    """The receiver says yes."""
    return await act(work, command.referral, acts.accept)


async def decline(command: v1.DeclineHandoff, work: Records) -> v1.Recorded:
    """The receiver says no."""
    return await act(work, command.referral, lambda record, _: acts.decline(record, command.reason))


async def counter(command: v1.CounterHandoff, work: Records) -> v1.Recorded:
    """The receiver offers something else."""
    host = await work.offering(work.acting)
    items = starting.with_starts(command.items, host.experiences if host else ())
    return await act(work, command.referral, lambda record, moment: acts.counter(record, items, moment))


async def take_counter(command: v1.TakeCounter, work: Records) -> v1.Recorded:
    """The sender takes the live counter-offer."""
    return await act(work, command.referral, lambda record, _: acts.take_counter(record, command.round))


async def withdraw(command: v1.WithdrawHandoff, work: Records) -> v1.Recorded:
    """The sender takes the offer back."""
    return await act(work, command.referral, lambda record, _: acts.withdraw(record, command.reason))


async def depart(command: v1.DepartParty, work: Records) -> v1.Recorded:
    """The party is on the way."""
    return await act(work, command.referral, acts.depart)


async def delay(command: v1.DelayParty, work: Records) -> v1.Recorded:
    """The party will be late."""
    return await act(work, command.referral, lambda record, _: acts.delay(record, command.arrival))


async def turn_back(command: v1.TurnPartyBack, work: Records) -> v1.Recorded:
    """The border did not let them through."""
    return await act(work, command.referral, lambda record, moment: acts.turn_back(record, command.reason, moment))


async def arrive(command: v1.ArriveParty, work: Records) -> v1.Recorded:
    """The party is here. Of a handoff that was changed it arrives by the change."""
    record = await own(work, command.referral)
    change = await work.change_of(record.referral_id, work.acting)
    if change is not None and acts.is_taken_over(change):
        raise Refused(No.WRONG_STATE, "was_changed", "referral", referral_id=change.referral_id)
    at = showing.seen(command.seen_at, work.now)
    return await keep(work, acts.arrive(record, command.party, replace(moment(work), now=at)))


async def mark_no_show(command: v1.MarkNoShow, work: Records) -> v1.Recorded:
    """The party did not come."""
    return await act(work, command.referral, acts.no_show)


async def cancel(command: v1.CancelHandoff, work: Records) -> v1.Recorded:
    """The receiver cannot take them after all."""
    return await act(work, command.referral, lambda record, _: acts.cancel(record, command.reason))


async def complete(command: v1.CompleteVisit, work: Records) -> v1.Recorded:
    """The visit is over."""
    return await act(work, command.referral, acts.complete)
