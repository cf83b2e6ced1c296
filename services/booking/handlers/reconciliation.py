"""For operators of the system: holds to compare with records, and restating those whose facts a record missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.reconcile import v1
from services.booking.domain.hold import tombstone
from services.booking.domain.restating import restated
from services.booking.ports import Bookings


async def state_holds(query: v1.StateHolds, work: Bookings) -> Sequence[v1.HoldStanding]:
    """Holds of handoffs, those named or a page of all that run or are booked."""
    if query.hold_ids is not None:
        return await work.holds_named(query.hold_ids)
    return await work.holds_running(query.after, query.limit)


async def restate_hold(command: v1.RestateHold, work: Bookings) -> v1.Reconciled:
    """Restate a hold. One that does not exist is over: a tombstone prevents that it is placed later."""
    hold = await work.lock_hold(command.hold_id)
    if hold is None:
        await work.add_tombstone(command.hold_id)
    if hold is None or hold.is_tombstone:
        hold = tombstone(command.hold_id)
        hold = replace(hold, community=command.community, referral_id=command.referral_id)
    facts = restated(hold)
    for fact in facts:
        work.announce(fact, subject=hold.hold_id)
    work.audit(hold.community, "hold_restated", hold.hold_id, result=hold.state.lower())
    return v1.Reconciled(said=tuple(fact.type for fact in facts))
