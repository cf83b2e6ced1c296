"""What is promised already, and whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.booking.v1 import BookingSummary, HoldState
from services.portal.site.directory import Known

#: A hold in the words of handoffs, which are those that people read.
STATE_OF_HOLD: dict[HoldState, str] = {
    "ON_HOLD": "held",
    "PENDING": "offered",
    "CONFIRMED": "confirmed",
    "REDEEMED": "arrived",
    "EXPIRED": "expired",
    "CANCELLED": "cancelled",
    "REJECTED": "declined",
}


@dataclass(frozen=True)
class Contact:
    """How an office is reached; `link` when a phone can do it with one tap."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Promised:
    """One party that was promised places; `partner` is None for own guests."""

    booking: BookingSummary
    first: date
    last: date
    contacts: Sequence[Contact] = ()

    @property
    def partner(self) -> str | None:
        """The community that sent them."""
        return self.booking.partner

    @property
    def link(self) -> str:
        """Where more of it is shown."""
        booking = self.booking
        return f"/handoffs/{booking.referral_id}" if booking.referral_id else f"/guests/{booking.hold_id}"

    @property
    def state(self) -> str:
        """How it stands, in the words of handoffs."""
        return STATE_OF_HOLD[self.booking.state]


def promised(known: Known, booking: BookingSummary) -> Promised:
    """A party with how to reach the office of whoever sent it."""
    profile = known.profile(booking.partner) if booking.partner else None
    return Promised(
        booking,
        min(item.day for item in booking.items),
        max(item.day + timedelta(days=item.nights - 1) for item in booking.items),
        tuple(contact(text) for text in profile.contacts) if profile else (),
    )


def contact(text: str) -> Contact:
    """A contact with what a phone makes of it: a number can be called, an address written to."""
    digits = text.replace(" ", "").replace("-", "")
    if digits.removeprefix("+").isdigit() and len(digits) >= 6:
        return Contact(text, f"tel:{digits}")
    if "@" in text and " " not in text:
        return Contact(text, f"mailto:{text}")
    return Contact(text)
