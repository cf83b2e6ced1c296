"""Places kept for agencies: of which pools, for whom, until when, and how many of them count. Pure.

An agreement keeps places of each departure, of a stay: of each night, in every pool that the experience draws from.
What the agency has taken of a pool counts against them, whatever it was taken for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from typing import NamedTuple

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.notices import Scope
from contracts.capacity.pools import PoolDay, Situation, named
from contracts.community.v1 import Experience


def counted(situation: Situation, at: PoolDay, today: date) -> Mapping[str, int]:
    """What is kept of a pool, by agency, whether taken or not; never more together than there is.

    Where more is agreed than there is, the agreement that is valid from the earlier day comes first, then the agency's
    id decides. It is worked out once for each situation: every departure that draws from the pool asks for it.
    """
    known: Mapping[str, int] | None = situation.memo.get((counted, at, today))
    if known is None:
        known = situation.memo[counted, at, today] = shared_out(situation, at, today)
    return known


def shared_out(situation: Situation, at: PoolDay, today: date) -> Mapping[str, int]:
    """What is agreed of a pool, in the order of the agreements, as far as there are places."""
    agreed, asked = _agreed(situation, today), dict[str, int]()
    for experience_id, asking in agreed.by_experience.items():
        if days := sorted(_visits(situation, experience_id, at)):
            for one in asking:
                asked[one.agency] = asked.get(one.agency, 0) + one.places * (len(days) - bisect_left(days, one.first))
    room, found = situation.capacity(at) if asked else 0, dict[str, int]()
    for agency in filter(asked.get, agreed.order):
        if places := min(room, asked[agency]):
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


def _order(one: tuple[str, AgreementTerms]) -> tuple[date, str]:
    return one[1].valid_from, one[0]


class _Asking(NamedTuple):
    """An allotment as it is today: of visits from `first` on."""

    agency: str
    places: int
    first: date


class _Agreed(NamedTuple):
    """What of the agreements counts today: whose comes first, and the allotments of each experience."""

    order: Sequence[str]
    by_experience: Mapping[str, Sequence[_Asking]]


def _agreed(situation: Situation, today: date) -> _Agreed:
    """The agreements that have not ended, brought in order once for each situation."""
    known: _Agreed | None = situation.memo.get((_agreed, today))
    if known is None:
        found = dict[str, list[_Asking]]()
        running = [
            one
            for one in sorted(situation.agreements, key=_order)
            if one[1].valid_to is None or today <= one[1].valid_to
        ]
        known = situation.memo[_agreed, today] = _Agreed([agency for agency, _ in running], found)
        for agency, terms in running:
            for one in terms.allotments:
                first = max(terms.valid_from, today + timedelta(days=one.release_days + 1))
                found.setdefault(one.experience_id, []).append(_Asking(agency, one.places, first))
    return known


def _visits(situation: Situation, experience_id: str, at: PoolDay) -> Iterator[date]:
    """The first days of what of an experience draws from a pool: a day for each departure or night."""
    experience = situation.host.experiences.get(experience_id)
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
