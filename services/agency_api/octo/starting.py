"""Which starts there are and how full they are, by the rules by which booking grants places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from contracts.booking.v1 import Departure, Reason
from contracts.capacity.availability import departure, nearness
from services.agency_api.domain.days_kept import AsOf
from services.agency_api.domain.products import Choice, UnitId, heads
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import selling
from services.agency_api.octo.objects import Availability, AvailabilityCalendar, AvailabilityStatus, UnitPricing
from services.agency_api.site.asking import Asking
from services.agency_api.site.instants import utc

#: There is no start on such a day at all.
NO_START: frozenset[Reason] = frozenset({"out_of_season", "closed_weekday", "not_offered", "no_such_start", "past"})
#: So many people want no start that there could be, or too few.
_FULL: frozenset[Reason] = frozenset({"no_room", "party_too_small", "party_too_large"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """One option looked at: by an agency, now, for some units or for anybody."""

    supply: Supply
    choice: Choice
    now: datetime
    units: tuple[UnitId, ...] | None = None

    @property
    def as_of(self) -> AsOf:
        """What has to be the same for the answer to be the same."""
        return AsOf.of(self.supply.number, self.now)

    def at(self, day: date, start: time) -> Departure:
        """One start."""
        people = sum(heads(self.units)) if self.units else None
        return departure(self.supply.question(self.choice, self.now, day, start, people))

    def on(self, day: date) -> Iterator[Departure]:
        """Every start of a day, available or not."""
        for start in sorted(self.choice.experience.starts):
            yield self.at(day, start)

    def price(self) -> int:
        """What the units cost, in minor units; without any, one of the first."""
        return sum(self.choice.price(unit) for unit in self.units or self.choice.units[:1])

    def unit_pricing(self) -> tuple[UnitPricing, ...]:
        """What one of each unit costs."""
        return tuple(selling.unit_pricing(self.supply, self.choice, unit) for unit in self.choice.units)


def status(found: Departure) -> AvailabilityStatus:
    """OCTO's word for it: LIMITED when less than half is left, CLOSED when it is not for sale at all."""
    if found.available:
        scarce = found.left is not None and found.capacity and found.left * 2 < found.capacity
        return "LIMITED" if scarce else "AVAILABLE"
    return "SOLD_OUT" if found.reason in _FULL else "CLOSED"


def calendar_day(looking: Looking, day: date, asking: Asking) -> AvailabilityCalendar:
    """One day: its best start counts."""
    best = max(looking.on(day), key=nearness)
    given: dict[str, Any] = {}
    if asking.has("pricing"):
        price, each = selling.total(looking.supply, looking.price()), looking.unit_pricing()
        given = {"unit_pricing_from": each, "pricing_from": price, "unit_pricing": each, "pricing": price}
    return AvailabilityCalendar(
        local_date=day.isoformat(),
        available=best.available,
        status=status(best),
        vacancies=best.left,
        capacity=best.capacity,
        opening_hours=(),
        **given,
    )


def starts(looking: Looking, days: Sequence[date]) -> Iterator[Departure]:
    """Every start that there is on some days, in order; also those that are full, closed or too near."""
    for day in days:
        yield from (found for found in looking.on(day) if found.reason not in NO_START)


def availability(looking: Looking, found: Departure, asking: Asking) -> Availability:
    """One start as OCTO has it."""
    choice = looking.choice
    given: dict[str, Any] = {}
    if asking.has("pricing"):
        price = selling.total(looking.supply, looking.price())
        given |= {"unit_pricing": looking.unit_pricing(), "pricing": price}
    if asking.has("content"):
        given |= {"title": selling.option_title(choice, asking.phrases), "short_description": ""}
    most = looking.supply.offering.community.limits.max_party
    return Availability(
        id=choice.availability_id(found.day, found.start),
        local_date_time_start=choice.starts_at(found.day, found.start).isoformat(),
        local_date_time_end=choice.ends_at(found.day, found.start).isoformat(),
        utc_cutoff_at=utc(found.cutoff_at or choice.starts_at(found.day, found.start)),
        all_day=False,
        available=found.available,
        status=status(found),
        vacancies=found.left,
        capacity=found.capacity,
        max_units=most if found.left is None else min(most, found.left),
        opening_hours=(),
        **given,
    )
