"""What a request does to the places: how many are free, and on which days and at which starts it could be taken."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import NamedTuple

from contracts.booking.v1 import Departure, PoolView
from contracts.community.v1 import Experience
from contracts.values import Item, Items, days

#: Up to so many free places are few.
FEW = 4
#: Nobody comes that day, whatever is free.
CLOSED = frozenset({"closed", "closed_weekday", "out_of_season", "stop_sell"})
#: Others can no longer ask then, though places may be free.
TOO_LATE = frozenset({"cut_off", "past"})
#: What, on which day, at what time.
Key = tuple[str, date, time]


def free(departure: Departure, pools: Iterable[PoolView], *, is_stay: bool) -> int | None:
    """How many places are free for the community itself; None when nothing limits them.

    A departure that others may not ask for any more tells none, so its pools are looked at.
    """
    if departure.reason not in TOO_LATE or departure.capacity is None:
        return departure.left
    seats = f"seats/{departure.experience_id}"
    drawn = {"visitors", "guests"} if is_stay else {"visitors", seats, f"{seats}/{departure.start:%H:%M}"}
    touched = (pool for pool in pools if pool.day == departure.day and pool.pool in drawn)
    return max(0, min([departure.capacity, *(pool.capacity - pool.taken - pool.kept for pool in touched)]))


class Places(NamedTuple):
    """The places of one item: how many there are, how many are free, and why none could be taken."""

    capacity: int | None
    left: int | None
    reason: str | None = None


class Room(NamedTuple):
    """Whether a request could be taken as these items: the fewest places that are free, and why not."""

    items: Items
    left: int | None
    reason: str | None = None

    @property
    def day(self) -> date:
        """The first day of it."""
        return first_day(self.items)

    @property
    def kind(self) -> str:
        """In a word, which is also its colour."""
        if self.reason is None:
            return "free" if self.left is None or self.left > FEW else "few"
        if self.reason in TOO_LATE:
            return "past"
        return "closed" if self.reason in CLOSED else "full"


@dataclass(frozen=True)
class Picture:
    """The own departures of some days, as they stand for a party; `kept` is what is held for it already."""

    departures: Mapping[Key, Departure]
    experiences: Mapping[str, Experience]
    heads: int
    pools: tuple[PoolView, ...] = ()
    kept: Collection[Key] = field(default_factory=frozenset)

    def starts(self, item: Item) -> tuple[time, ...]:
        """When it could begin, the wished start first."""
        known = self.experiences.get(item.experience_id)
        others = sorted(known.starts) if known else []
        return tuple(dict.fromkeys([item.start, *others] if item.start else others))

    def places(self, item: Item) -> Places:
        """As they stand now, on the fullest night of a stay. What is held for the party counts as taken."""
        nights = [self.departures.get(key) for key in self.keys(item)]
        known = self.experiences.get(item.experience_id)
        is_stay = known is not None and known.kind == "homestay"
        found = [(each, free(each, self.pools, is_stay=is_stay)) for each in nights if each]
        if len(found) < len(nights) or not found:
            return Places(None, 0, "not_offered")
        fullest, left = min(found, key=lambda night: math.inf if night[1] is None else night[1])
        return Places(fullest.capacity, left, next((each.reason for each, _ in found if each.reason), None))

    def room(self, items: Items) -> Room:
        """Whether the party could be taken as these items; what is held for it now would be given back first."""
        looked = [self._again(key) for item in items for key in self.keys(item)]
        return Room(items, _fewest(each.left for each in looked), next((e.reason for e in looked if e.reason), None))

    def best(self, items: Items) -> Room:
        """The same with the wished starts, or where they have no room with the first that has."""
        return self.room(tuple(self._with_room(item) for item in items))

    def _with_room(self, item: Item) -> Item:
        tried = [item.model_copy(update={"start": start}) for start in self.starts(item)]
        return next((each for each in tried if self.room((each,)).reason is None), tried[0] if tried else item)

    def keys(self, item: Item) -> Iterator[Key]:
        """The departures of an item: one for each night of a stay."""
        start = item.start or next(iter(self.starts(item)), time())
        return ((item.experience_id, day, start) for day in days(item.day, item.nights))

    def _again(self, key: Key) -> Places:
        found = self.departures.get(key)
        if found is None:
            return Places(None, 0, "not_offered")
        left = found.left if found.left is None else found.left + (self.heads if key in self.kept else 0)
        fits = found.available or (found.reason == "no_room" and left is not None and left >= self.heads)
        return Places(found.capacity, left, None if fits else found.reason or "no_room")


def pictured(
    departures: Iterable[Departure],
    experiences: Iterable[Experience],
    heads: int,
    pools: Iterable[PoolView] = (),
    kept: Sequence[Item] = (),
) -> Picture:
    """Departures, pools and what is offered, ready to be looked up; `kept` is what is held for the party."""
    found = {(each.experience_id, each.day, each.start): each for each in departures}
    bare = Picture(found, {each.id: each for each in experiences}, heads, tuple(pools))
    return replace(bare, kept=frozenset(key for item in kept for key in bare.keys(item)))


def first_day(items: Items) -> date:
    """The day on which the first of them begins."""
    return min(item.day for item in items)


def last_day(items: Items) -> date:
    """The last day, or night, of them."""
    return max(item.day + timedelta(days=item.nights - 1) for item in items)


def moved(items: Items, to: date) -> Items:
    """All of them, as far apart as they are, with the first on another day."""
    by = to - first_day(items)
    return tuple(item.model_copy(update={"day": item.day + by}) for item in items)


def nearest(rooms: Iterable[Room], asked: date, most: int = 3) -> tuple[Room, ...]:
    """Those days on which it could be taken that are nearest to the asked one, in order."""
    can = [each for each in rooms if each.reason is None and each.day != asked]
    near = sorted(can, key=lambda each: (abs((each.day - asked).days), each.day < asked))[:most]
    return tuple(sorted(near, key=lambda each: each.day))


def _fewest(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
