"""Bookings that are made for trying out: held, confirmed and cancelled by the same rules, and nothing is taken.

Everything is at once, for no community is asked: they are never PENDING, REJECTED or REDEEMED.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.booking.v1 import Cancelled
from contracts.values import Quote
from services.agency_api.domain.bookings import Request, Standing


def placed(request: Request, quote: Quote, now: datetime) -> Standing:
    """A hold, as if booking had placed it."""
    return Standing(
        hold_id=request.hold_id,
        agency=request.agency,
        community=request.wish.community,
        state="ON_HOLD",
        expires_at=request.expires_at,
        placed_at=now,
        changed_at=now,
        quote=quote,
    )


def replaced(request: Request, quote: Quote, old: Standing, now: datetime) -> Standing:
    """The hold that takes the place of an older one, and stands as that did."""
    token = pass_of(request.hold_id) if old.state == "CONFIRMED" else None
    return replace(old, hold_id=request.hold_id, quote=quote, changed_at=now, pass_token=token)


def extended(standing: Standing, until: datetime, now: datetime) -> Standing:
    """Held on, never shorter."""
    return replace(standing, expires_at=max(until, standing.expires_at or until), changed_at=now)


def confirmed(standing: Standing, now: datetime) -> Standing:
    """A booking; nobody has to be asked."""
    token = pass_of(standing.hold_id)
    return replace(standing, state="CONFIRMED", expires_at=None, confirmed_at=now, changed_at=now, pass_token=token)


def pass_of(hold_id: str) -> str:
    """What stands for a pass: it can be drawn as one, and no door takes it."""
    return f"TEST {hold_id[-6:].upper()}"


def cancelled(standing: Standing, refund_percent: int, now: datetime) -> Standing:
    """Cancelled by the agency."""
    ended = Cancelled(at=now, by="agency", refund_percent=refund_percent)
    return replace(standing, state="CANCELLED", expires_at=None, cancelled=ended, changed_at=now)
