"""A booking of an agency: what it asked for, and how the hold behind it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from contracts.booking.v1 import Cancelled, HoldState
from contracts.values import Quote
from services.agency_api.domain.products import UnitId

#: A hold lives so long unless the agency says otherwise, and never longer than a day.
HELD, LONGEST = timedelta(minutes=30), timedelta(hours=24)
#: Who books is not sold a start that was once in these states.
OVER: frozenset[HoldState] = frozenset({"EXPIRED", "CANCELLED", "REJECTED", "REDEEMED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One unit item: the agency's or our own uuid for it, which unit, and the agency's number for it."""

    uuid: str
    unit: UnitId
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be booked: option and start of a product, and for whom."""

    community: str
    product: str
    option: str
    starts: datetime
    guests: tuple[Guest, ...]

    @property
    def day(self) -> date:
        """The local day."""
        return self.starts.date()

    @property
    def start(self) -> time:
        """The local start."""
        return self.starts.time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an agency asked for under a uuid of its own; `change` is one of which the outcome is open.

    `starts` in the wish is local, without a zone. `revision` counts changes; each has a hold of its own.
    """

    agency: str
    uuid: str
    digest: bytes
    hold_id: str
    wish: Wish
    expires_at: datetime
    test: bool
    supplier_reference: str
    asked_at: datetime
    reseller_reference: str | None = None
    revision: int = 0
    change: dict[str, Any] | None = None


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


def held_until(now: datetime, minutes: int | None) -> datetime:
    """Until when a hold is asked for; in whole seconds, as it is answered."""
    length = HELD if minutes is None else min(timedelta(minutes=minutes), LONGEST)
    return (now + length).replace(microsecond=0)
