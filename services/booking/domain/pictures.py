"""A community's days as a whole: for itself every pool, for its partners a picture of its availability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from contracts.booking.v1 import DayAvailability, PoolView
from contracts.capacity.allotting import untaken
from contracts.capacity.availability import Clock, by_day, departures
from contracts.capacity.pools import PoolDay, Situation, draws
from contracts.values import days


def all_pools(situation: Situation, dates: Sequence[date], touched: Sequence[PoolView]) -> list[PoolView]:
    """Every pool that what is offered draws from on some dates, beside the touched ones, in order."""
    found = {PoolDay(one.pool, one.day): one for one in touched}
    for day in dates:
        for at in _pools_on(situation, day) - found.keys():
            capacity = situation.capacity(at)
            found[at] = PoolView(pool=at.pool, day=day, capacity=capacity, taken=0, oversold=0, held=0, booked=0)
    return sorted(found.values(), key=lambda one: (one.day, one.pool))


def with_kept(situation: Situation, pools: Sequence[PoolView], today: date) -> Sequence[PoolView]:
    """The same pools, with what is kept for agencies and not taken by them."""
    if not situation.agreements:
        return pools
    kept = (untaken(situation, PoolDay(one.pool, one.day), today, None) for one in pools)
    return [one.model_copy(update={"kept": places}) for one, places in zip(pools, kept, strict=True)]


def _pools_on(situation: Situation, day: date) -> set[PoolDay]:
    experiences = situation.host.offering.experiences
    return {
        draw.at for one in experiences for start in one.starts for draw in draws(one, day, start) if draw.at.day == day
    }


def shareable(situation: Situation, now: datetime, *, horizon: int, most: int) -> Iterator[Sequence[DayAvailability]]:
    """The picture for partners, from today on: at most `horizon` days and `most` departures, a day at a time."""
    host = situation.host
    a_day = sum(len(experience.starts) for experience in host.offering.experiences)
    count = min(horizon, most // a_day) if a_day else 0
    for day in days(host.today(now), count):
        yield by_day(tuple(departures(situation, Clock(now, now), [day])))


def by_experience(situation: Situation, found: Iterable[DayAvailability]) -> tuple[DayAvailability, ...]:
    """The same days, one experience after the other, as they are offered."""
    order = {one.id: n for n, one in enumerate(situation.host.offering.experiences)}
    return tuple(sorted(found, key=lambda one: order[one.experience_id]))
