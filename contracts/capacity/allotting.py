"""Places kept for agencies: of which pools, for whom, until when, and how many of them count. Pure.

An agreement keeps places of each departure, of a stay: of each night, in every pool that the experience draws from.
What the agency has taken of a pool counts against them, whatever it was taken for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from contracts.agencies.v1 import AgreementTerms, Allotment
from contracts.capacity.notices import Scope
from contracts.capacity.pools import PoolDay, Situation, named
from contracts.community.v1 import Experience


def counted(situation: Situation, at: PoolDay, today: date) -> dict[str, int]:
    """What is kept of a pool, by agency, whether taken or not; never more together than there is.

    Where more is agreed than there is, the agreement that is valid from the earlier day comes first, then the agency's
    id decides.
    """
    room, found = situation.capacity(at), dict[str, int]()
    for agency, terms in sorted(situation.agreements, key=lambda one: (one[1].valid_from, one[0])):
        places = min(room, _asked(situation, terms, at, today))
        if places > 0:
            found[agency] = places
            room -= places
    return found


def kept(situation: Situation, at: PoolDay, today: date, agency: str | None) -> dict[str, int]:
    """What is kept of a pool for others than this agency, by agency, whether taken or not."""
    if not situation.agreements:
        return {}
    return {other: places for other, places in counted(situation, at, today).items() if other != agency}


def untaken(situation: Situation, at: PoolDay, today: date, agency: str | None) -> int:
    """The places that are kept for others than this agency, and not taken by them."""
    level = situation.levels.get(at)
    shares = level.shares if level else {}
    found = kept(situation, at, today, agency)
    return sum(max(0, places - shares.get(other, 0)) for other, places in found.items())


def _asked(situation: Situation, terms: AgreementTerms, at: PoolDay, today: date) -> int:
    """What an agreement asks of a pool."""
    if terms.valid_to is not None and terms.valid_to < today:
        return 0
    return sum(
        one.places
        for one in terms.allotments
        for day in _visits(situation, one, at)
        if terms.valid_from <= day and today < day - timedelta(days=one.release_days)
    )


def _visits(situation: Situation, one: Allotment, at: PoolDay) -> Iterator[date]:
    """The first days of what of an allotment's experience draws from a pool: a day for each departure or night."""
    experience = situation.host.experiences.get(one.experience_id)
    kind, scope = named(at.pool)
    if experience is None or (kind == "guests") > (experience.kind == "homestay"):
        return
    if kind == "seats":
        if scope.experience_id == experience.id and experience.kind != "homestay":
            yield from _begun(situation, experience, at.day, scope)
        return
    if experience.kind == "homestay":
        yield from _begun(situation, experience, at.day, Scope(experience.id, None))
        return
    starts = (None,) if experience.kind == "product" else experience.starts
    longest = experience.last_day(at.day, None) - at.day
    for back in range(longest.days + 1):
        day = at.day - timedelta(days=back)
        for start in starts:
            if experience.last_day(day, start) >= at.day:
                yield from _begun(situation, experience, day, Scope(experience.id, start))


def _begun(situation: Situation, experience: Experience, day: date, scope: Scope) -> Iterator[date]:
    """The day, when the experience begins on it: at the start of the scope, or at any."""
    starts = experience.starts if scope.start is None else (scope.start,)
    if any(_runs(situation, experience, day, start) for start in starts):
        yield day


def _runs(situation: Situation, experience: Experience, day: date, start: time) -> bool:
    """Whether it is on offer then; of what is not, nothing is kept."""
    weekdays = situation.host.offering.community.limits.weekdays
    return (
        day.month in experience.months
        and day.isoweekday() in weekdays
        and day.isoweekday() in experience.weekdays
        and start in experience.starts
        and situation.notices.on(day).stops(experience.id, start) is None
    )
