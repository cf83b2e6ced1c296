"""Places by day, as a calendar shows them: how many are free, whether anything is sold, and the weeks of a month."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from contracts.booking.v1 import Departure, PoolView
from contracts.community.v1 import Experience

#: Up to so many free places are few.
FEW = 4
#: Reasons for which nothing is sold, however many places are free.
NOT_SOLD = frozenset({"closed", "stop_sell", "closed_weekday", "out_of_season", "not_offered"})
#: Pools of a whole community.
GUESTS, VISITORS = "guests", "visitors"
Levels = Mapping[tuple[str, date], PoolView]


@dataclass(frozen=True)
class Places:
    """How many places are free on one day, of how many; None when nothing limits them."""

    day: date
    left: int | None
    capacity: int | None = None
    closed: bool = False

    @property
    def kind(self) -> str:
        """In a word, which is also its colour."""
        if self.closed:
            return "closed"
        if self.left is None or self.left > FEW:
            return "free"
        return "few" if self.left > 0 else "full"

    @property
    def quarters(self) -> int:
        """How much is taken, in whole quarters; 4 only when nothing is free."""
        if self.left is None or not self.capacity:
            return 0
        return max(0, min(4, 4 * (self.capacity - self.left) // self.capacity))


def levels(pools: Iterable[PoolView]) -> Levels:
    """The pools of some days, by name and day."""
    return {(pool.pool, pool.day): pool for pool in pools}


def seats_pool(experience: Experience, start: time) -> str:
    """The name of the pool that a departure's seats are in."""
    return f"seats/{experience.id}" if experience.kind == "product" else f"seats/{experience.id}/{start:%H:%M}"


def of_pool(pool: str, day: date, known: Levels, unsold: frozenset[date]) -> Places:
    """Free places of one pool on one day, whatever else limits a party."""
    level = known.get((pool, day))
    if level is None:
        return Places(day, None, closed=day in unsold)
    return Places(day, free_in(level), level.capacity, day in unsold)


def of_experience(experience: Experience, day: date, known: Levels, unsold: frozenset[date]) -> Places:
    """Free places of the roomiest departure, as its own pool and the community's leave them."""
    starts = [of_departure(experience, start, day, known) for start in experience.starts]
    best = max(starts, key=lambda one: one.left if one.left is not None else 10_000)
    return Places(day, best.left, best.capacity, day in unsold)


def of_departure(experience: Experience, start: time, day: date, known: Levels) -> Places:
    """Free places of one departure, as its own pool and the community's leave them."""
    own = GUESTS if experience.kind == "homestay" else seats_pool(experience, start)
    drawn = [level for pool in (own, VISITORS) if (level := known.get((pool, day)))]
    if not drawn:
        return Places(day, None)
    tightest = min(drawn, key=free_in)
    return Places(day, free_in(tightest), tightest.capacity)


def free_in(level: PoolView) -> int:
    """The places of a pool that anybody can have: what is kept for agencies is not free."""
    return max(0, level.capacity - level.taken - level.kept)


def unsold(departures: Iterable[Departure], of: Iterable[str]) -> frozenset[date]:
    """Days on which none of these experiences is sold; one that is only over, or too near to ask for, is."""
    wanted, sold, all_days = frozenset(of), set[date](), set[date]()
    for one in departures:
        if one.experience_id in wanted:
            all_days.add(one.day)
            if one.reason not in NOT_SOLD:
                sold.add(one.day)
    return frozenset(all_days - sold)


def first_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The first day of the next month."""
    return first_of(month + timedelta(days=31))


def month_before(month: date) -> date:
    """The first day of the month before."""
    return first_of(month - timedelta(days=1))


def last_of(month: date) -> date:
    """The last day of a month."""
    return month_after(month) - timedelta(days=1)


def weeks(month: date, today: date) -> Sequence[tuple[date | None, ...]]:
    """The weeks of a month from Monday on, None for days of other months; weeks that are over are left out."""
    this_week = today - timedelta(days=today.weekday())
    found = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return tuple(
        tuple(day if day.month == month.month else None for day in week) for week in found if week[-1] >= this_week
    )
