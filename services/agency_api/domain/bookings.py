"""A booking of an agency: what it asked for, and how the hold behind it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from contracts.booking.v1 import BookingView, Cancelled, HoldState
from contracts.holding import LONGEST
from contracts.values import Quote
from services.agency_api.domain.products import UnitId

#: A hold lives so long unless the agency says otherwise.
HELD = timedelta(minutes=30)
#: What was tried out is forgotten after so long: a developer looks at it again in the days after.
TRIAL_KEPT = timedelta(days=7)
#: So is what was held or asked for and never became a booking: for a month an agency may ask what became of it.
UNBOOKED_KEPT = timedelta(days=30)
#: And so are bookings, whatever became of them: for as long as accounts are kept. There is nothing of a person in them.
BOOKED_KEPT = timedelta(days=3653)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One unit item: the agency's or our own uuid for it, which unit, and the agency's number for it."""

    uuid: str
    unit: UnitId
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be booked: option and start of a product by the community's clock, and for whom."""

    community: str
    product: str
    option: str
    day: date
    start: time
    guests: tuple[Guest, ...]

    def same_places(self, other: Wish) -> bool:
        """Whether both take the same places at the same price."""
        return self._places() == other._places()

    def _places(self) -> tuple[object, ...]:
        return self.product, self.option, self.day, self.start, sorted(guest.unit for guest in self.guests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an agency asked for under a uuid of its own; `change` is one of which the outcome is open.

    `revision` counts changes; each has a hold of its own. `percent` is what the agency keeps, as agreed when it asked.
    """

    agency: str
    uuid: str
    digest: bytes
    hold_id: str
    wish: Wish
    expires_at: datetime
    test: bool
    percent: str
    supplier_reference: str
    asked_at: datetime
    reseller_reference: str | None = None
    revision: int = 0
    change: dict[str, Any] | None = None

    def change_of(self) -> dict[str, Any]:
        """What a change makes of a booking, as it is written down before booking is asked."""
        wish = self.wish
        return {
            "hold_id": self.hold_id,
            "product": wish.product,
            "option": wish.option,
            "day": wish.day.isoformat(),
            "start": wish.start.isoformat(),
            "units": [asdict(guest) for guest in wish.guests],
            "percent": self.percent,
        }

    def changed(self) -> Request:
        """What the change that is written down makes of it. Raises TypeError when there is none."""
        if self.change is None:
            raise TypeError("no change is written down")
        said = self.change
        wish = replace(
            self.wish,
            product=said["product"],
            option=said["option"],
            day=date.fromisoformat(said["day"]),
            start=time.fromisoformat(said["start"]),
            guests=tuple(Guest(**guest) for guest in said["units"]),
        )
        same = {name: said[name] for name in ("hold_id", "percent")}
        return replace(self, wish=wish, change=None, **same)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a hold stands, as booking last said it."""

    hold_id: str
    agency: str
    community: str
    state: HoldState
    expires_at: datetime | None
    placed_at: datetime
    changed_at: datetime
    confirmed_at: datetime | None = None
    redeemed_at: datetime | None = None
    cancelled: Cancelled | None = None
    quote: Quote | None = None
    pass_token: str | None = None

    def state_at(self, now: datetime) -> HoldState:
        """Its state; one whose time has run out is over, whether or not booking has said so."""
        if self.state in ("ON_HOLD", "PENDING") and self.expires_at is not None and self.expires_at <= now:
            return "EXPIRED"
        return self.state


@dataclass(frozen=True, slots=True)
class Found:
    """A booking as its agency may see it."""

    request: Request
    standing: Standing


@dataclass(frozen=True, slots=True)
class Tried:
    """How many holds an agency tries out just now: at the community of a request, and at all of them."""

    there: int
    everywhere: int


def standing_of(view: BookingView, agency: str) -> Standing:
    """How a hold stands, as booking answers."""
    times = view.times
    if times is None:
        raise ValueError("booking does not say when it was placed")
    return Standing(
        hold_id=view.hold_id,
        agency=agency,
        community=view.items[0].experience_id.partition(".")[0],
        state=view.state,
        expires_at=view.expires_at,
        placed_at=times.placed_at,
        changed_at=times.changed_at,
        confirmed_at=times.confirmed_at,
        redeemed_at=times.redeemed_at,
        cancelled=view.cancelled,
        quote=view.quote,
        pass_token=view.pass_token,
    )


def held_until(now: datetime, minutes: int | None) -> datetime:
    """Until when a hold is asked for; in whole seconds, as it is answered."""
    length = HELD if minutes is None else min(timedelta(minutes=minutes), LONGEST)
    return (now + length).replace(microsecond=0)
