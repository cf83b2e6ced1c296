"""When a party arrives, in windows that can be tapped: inside the receiver's hours, and later ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from contracts.community.v1 import Offering
from contracts.crossing.rows import Crossing
from contracts.values import ZONES, Item, Window

#: When the receiver says nothing about it; the node assumes the same.
ARRIVE_FROM, ARRIVE_UNTIL = time(8), time(18)
#: How long a window is, and how many are offered.
WIDTH, MOST = timedelta(hours=2), 6
LATER = timedelta(hours=1)
LATE_WINDOWS = 3


def receives(offering: Offering) -> tuple[time, time]:
    """From when until when a community lets parties arrive."""
    limits = offering.community.limits
    return limits.arrive_from or ARRIVE_FROM, limits.arrive_until or ARRIVE_UNTIL


def choices(offering: Offering, items: Sequence[Item], chosen: Window | None = None) -> list[Window]:
    """Windows on the first day, in time for what begins on it; the one that was chosen before is among them."""
    day = min(item.day for item in items)
    opens, closes = (datetime.combine(day, at, ZONES[offering.community.zone]) for at in receives(offering))
    if first := _first_start(offering, items):
        start = datetime.combine(day, first, closes.tzinfo)
        closes = min(closes, start)
        opens = min(opens, closes - WIDTH)
    found: list[Window] = []
    while opens < closes and len(found) < MOST:
        until = min(opens + WIDTH, closes)
        found.append(Window(day=day, earliest=opens.time(), latest=until.time()))
        opens = until
    if chosen and chosen.day == day and chosen not in found:
        found.append(chosen)
    return found


def _first_start(offering: Offering, items: Iterable[Item]) -> time | None:
    """The first thing of the first day that does not wait for those who are late."""
    stays = {one.id for one in offering.experiences if one.kind == "homestay"}
    kept = list(items)
    day = min(item.day for item in kept)
    starts = [item.start for item in kept if item.day == day and item.start and item.experience_id not in stays]
    return min(starts, default=None)


def later(planned: Window, now: datetime, zone: str) -> list[Window]:
    """Three windows of an hour, each an hour later, none of them over; then the same hours on the next day."""
    there = ZONES[zone]
    first = datetime.combine(planned.day, planned.earliest, there) + LATER
    passed = now.astimezone(there)
    while first + LATER <= passed:
        first += LATER
    found = [_hour(first + LATER * n) for n in range(LATE_WINDOWS)]
    tomorrow = max(planned.day, passed.date()) + timedelta(days=1)
    return [*found, planned.model_copy(update={"day": tomorrow})]


def _hour(first: datetime) -> Window:
    return Window(day=first.date(), earliest=first.time(), latest=(first + LATER).time())


def closes_before(crossing: Crossing | None, window: Window) -> time | None:
    """When the crossing closes on that day, if whoever arrives at the end of the window may find it closed."""
    if crossing is None:
        return None
    latest = (window.last_day - window.day).days * 24 * 60 + window.latest.hour * 60 + window.latest.minute
    hours = [one for one in crossing.hours if window.day.isoweekday() in one.days]
    last = max(hours, key=lambda one: one.minutes[1], default=None)
    return last.close if last is not None and latest >= last.minutes[1] else None
