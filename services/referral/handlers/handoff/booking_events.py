"""Booking's facts about the holds that records wait for."""

from __future__ import annotations

from collections.abc import Callable

from contracts.booking import v1 as booking
from services.referral.domain.handoff import transitions
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.handlers.transition import keep, moment
from services.referral.ports import Records


async def hold_placed(fact: booking.HoldPlaced, work: Records) -> None:
    """Capacity is held."""
    await _booking_said(fact, work, lambda record, moment: transitions.hold_placed(record, fact, moment))


async def hold_refused(fact: booking.HoldRefused, work: Records) -> None:
    """Nothing was taken."""
    await _booking_said(fact, work, lambda record, _: transitions.hold_refused(record, fact))


async def hold_extended(fact: booking.HoldExtended, work: Records) -> None:
    """The hold is extended."""
    record = await _waiting_for("extended", fact, work)
    if record is not None:
        host = await work.offering(fact.community)
        key = await work.one_time_key(record.referral_id, record.community)
        await _booking_said(fact, work, lambda record, _: transitions.hold_extended(record, fact, key, host))


async def hold_confirmed(fact: booking.HoldConfirmed, work: Records) -> None:
    """The hold is a booking."""
    record = await _waiting_for("confirmed", fact, work)
    if record is not None:
        issued = await work.issue_pass(record)
        await _booking_said(fact, work, lambda record, moment: transitions.hold_confirmed(record, fact, moment, issued))


async def hold_over(fact: booking.HoldExpired | booking.HoldReleased, work: Records) -> None:
    """The hold is gone."""
    await _booking_said(fact, work, lambda record, moment: transitions.hold_over(record, fact, moment))


async def hold_redeemed(fact: booking.HoldRedeemed, work: Records) -> None:
    """Does nothing; handled so that the hold's stream has no gap. The record knows since the party arrived."""


async def _waiting_for(what: str, fact: booking.HoldFact, work: Records) -> Record | None:
    """The record that waits for this fact, if one does."""
    record = await work.record(fact.referral_id, fact.community) if fact.referral_id else None
    return record if record is not None and transitions.awaits(what, record, fact) else None


async def _booking_said(
    fact: booking.HoldFact, work: Records, decide: Callable[[Record, Moment], Transition | None]
) -> None:
    """A fact about a hold that is not a handoff's, or not the one we wait for, changes nothing."""
    record = await work.record(fact.referral_id, fact.community) if fact.referral_id else None
    transition = decide(record, moment(work)) if record is not None else None
    if transition is not None:
        await keep(work, transition)
