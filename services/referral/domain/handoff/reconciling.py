"""What a receiver's record asks of booking again when its hold differs from what the record says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.booking import v1 as booking
from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.messages import Message
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ENDED

#: These take places.
RUNNING: frozenset[HoldState] = frozenset(("ON_HOLD", "PENDING", "CONFIRMED"))
Ask = Callable[..., Message]
#: (record, hold) → what is asked again, in order. What ended or is not there lets go of whatever takes places.
ASKED: Mapping[tuple[State, HoldState], tuple[Ask, ...]] = {
    ("offered", "CONFIRMED"): (booking.ReleaseHold,),
    ("held", "CONFIRMED"): (booking.ReleaseHold,),
    ("countered", "CONFIRMED"): (booking.ReleaseHold,),
    ("accepted", "CONFIRMED"): (booking.ConfirmHold,),
    ("confirmed", "ON_HOLD"): (booking.ConfirmHold,),
    ("departed", "ON_HOLD"): (booking.ConfirmHold,),
    ("no_show", "ON_HOLD"): (booking.ConfirmHold,),
    ("arrived", "ON_HOLD"): (booking.ConfirmHold, booking.RedeemHold),
    ("completed", "ON_HOLD"): (booking.ConfirmHold, booking.RedeemHold),
    ("arrived", "CONFIRMED"): (booking.RedeemHold,),
    ("completed", "CONFIRMED"): (booking.RedeemHold,),
}


def asked_again(record: Record | None, hold_id: str, hold: HoldState) -> tuple[Message, ...]:
    """What to ask of booking; nothing when no message puts it right, or nothing is wrong."""
    known = record is not None and hold_id in (record.hold_id, record.pending_hold_id)
    over = record is not None and record.state in ENDED - {"no_show", "completed"}
    if record is None or not known or over or hold == "PENDING":  # no handoff waits for approval
        return (booking.ReleaseHold(hold_id=hold_id),) if hold in RUNNING else ()
    return tuple(ask(hold_id=hold_id) for ask in ASKED.get((record.state, hold), ()))
