"""What a request needs: places from each pool and a price, or where it fails and what would be possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import islice

from contracts.booking.v1 import Reason
from contracts.capacity.availability import NEARNESS, Clock, Question, refusal
from contracts.capacity.pools import REACH, PoolDay, Situation, ask
from contracts.pricing import quote, reckonable
from contracts.values import Alternative, Alternatives, Item, Items, Party, Quote

#: How far ahead, in days, and how many days alternatives are looked for.
LOOK_AHEAD = 60
#: The most days and nights of items that are looked at for one request: a long one is looked for on fewer days.
LOOK_AT = 1_200
ALTERNATIVE_DAYS = 3
MOST_ALTERNATIVES = 20
#: Nobody books further ahead than this.
FAR_DAYS = 730
#: Another day does not help these.
HOPELESS: frozenset[Reason] = frozenset({"not_offered", "party_too_small", "party_too_large", "released"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePlan:
    """Every item with its start, the places per pool, the price."""

    items: Items
    places: Mapping[PoolDay, int]
    quote: Quote

    def first_item_of(self, pools: frozenset[PoolDay], situation: Situation) -> Item:
        """The first item that draws from one of these pools: the one to name when they ran out meanwhile."""
        return next(
            (item for item in self.items if any(d.at in pools for d in _asked(situation, item).draws)), self.items[0]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Nothing was taken: why, and where it failed."""

    reason: Reason
    experience_id: str | None = None
    day: date | None = None


def plan(situation: Situation, clock: Clock, party: Party, items: Items) -> PlacePlan | Miss:
    """All items or none. Demand is summed while items are judged: naming a departure twice counts twice."""
    wanted: dict[PoolDay, int] = {}
    chosen: list[Item] = []
    for item in items:
        found = _choose(situation, clock, party, item, wanted)
        if isinstance(found, Miss):
            return found
        ask(found.draws, party.heads, wanted)
        chosen.append(item if item.start else item.model_copy(update={"start": found.start}))
    return PlacePlan(items=tuple(chosen), places=wanted, quote=quote(situation.host.offering, party, chosen))


def _choose(
    situation: Situation, clock: Clock, party: Party, item: Item, wanted: Mapping[PoolDay, int]
) -> Question | Miss:
    """The wished start, or the earliest with room; the nearest miss when there is none."""
    experience = situation.host.experiences.get(item.experience_id)
    if experience is None or not reckonable(experience):
        return Miss(reason="not_offered", experience_id=item.experience_id, day=item.day)
    reasons: list[Reason] = []
    for start in _starts(item, experience.starts):
        asked = Question(
            situation=situation,
            clock=clock,
            experience=experience,
            day=item.day,
            start=start,
            nights=item.nights,
            heads=party.heads,
            wanted=wanted,
        )
        reason = refusal(asked)
        if reason is None:
            return asked
        reasons.append(reason)
    nearest = max(reasons, key=lambda reason: NEARNESS[reason])
    return Miss(reason=nearest, experience_id=item.experience_id, day=item.day)


def _starts(item: Item, starts: tuple[time, ...]) -> tuple[time, ...]:
    return (item.start,) if item.start else tuple(sorted(starts))


def _asked(situation: Situation, item: Item) -> Question:
    """The pools of an item whose start is chosen; judged by nobody."""
    experience = situation.host.experiences[item.experience_id]
    start = item.start or experience.starts[0]
    clock = Clock(situation.host.moment(item.day, start), None)
    return Question(
        situation=situation, clock=clock, experience=experience, day=item.day, start=start, nights=item.nights
    )


def _days(situation: Situation, item: Item) -> int:
    """How many dates an item touches; of what is not offered, its nights."""
    return len(_asked(situation, item).dates) if item.experience_id in situation.host.experiences else item.nights


def implausible(items: Items, today: date) -> Miss | None:
    """Dates so far off that nobody offers them; checked before anything is computed with them."""
    for item in items:
        if abs((item.day - today).days) > FAR_DAYS:
            reason: Reason = "past" if item.day < today else "not_offered"
            return Miss(reason=reason, experience_id=item.experience_id, day=item.day)
    return None


def span(items: Items) -> tuple[date, date]:
    """First and last local date that items may touch, whatever their kind."""
    return min(i.day for i in items), max(i.day + max(REACH, timedelta(days=i.nights - 1)) for i in items)


def alternatives(situation: Situation, clock: Clock, party: Party, items: Items) -> Alternatives:
    """The next days on which the whole request could be taken; on the same day, with other starts."""
    first = min(i.day for i in items)
    skip = max(0, (situation.host.today(clock.now) - first).days)
    room = max(1, min(ALTERNATIVE_DAYS, MOST_ALTERNATIVES // len(items)))
    found = islice(_takeable(situation, clock, party, items, skip), room)
    return tuple(line for day in found for line in day)[:MOST_ALTERNATIVES]


def _takeable(
    situation: Situation, clock: Clock, party: Party, items: Items, skip: int
) -> Iterator[tuple[Alternative, ...]]:
    ahead = min(LOOK_AHEAD, LOOK_AT // sum(_days(situation, item) for item in items))
    for later in range(skip, skip + ahead + 1):
        for moved in _moved(items, timedelta(days=later)):
            found = plan(situation, clock, party, moved)
            if isinstance(found, PlacePlan):
                yield tuple(Alternative(experience_id=i.experience_id, day=i.day, start=i.start) for i in found.items)
                break


def _moved(items: Items, by: timedelta) -> tuple[Items, ...]:
    """The items later, with the wished starts and then with any; on the same day only with any."""
    later = tuple(item.model_copy(update={"day": item.day + by}) for item in items)
    freed = tuple(item.model_copy(update={"start": None}) for item in later)
    return (freed,) if not by or freed == later else (later, freed)
