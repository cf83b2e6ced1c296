"""The facts that restate a hold, for a record that may have missed them."""

from __future__ import annotations

from contracts.booking import v1
from contracts.messages import Message
from services.booking.domain.hold import Hold


def restated(hold: Hold) -> tuple[Message, ...]:
    """The facts that say where it stands. For one that is over, both that it expired and that it was released, the true
    one first: a record uses one or the other, by its state."""
    who = {"hold_id": hold.hold_id, "referral_id": hold.referral_id, "community": hold.community}
    match hold.state:
        case "ON_HOLD" if hold.quote is not None and hold.expires_at is not None:
            placed = v1.HoldPlaced(**who, expires_at=hold.expires_at, quote=hold.quote)
            return (placed, v1.HoldExtended(**who, expires_at=hold.expires_at)) if hold.answered else (placed,)
        case "CONFIRMED":
            return (v1.HoldConfirmed(**who),)
        case "REDEEMED":
            return (v1.HoldRedeemed(**who),)
        case "EXPIRED":
            return v1.HoldExpired(**who), v1.HoldReleased(**who)
        case "CANCELLED" | "REJECTED":
            return v1.HoldReleased(**who), v1.HoldExpired(**who)
    return ()
