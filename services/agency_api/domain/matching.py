"""What an agency looks for, over all communities that it may sell: where, in which languages, of what kind, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from contracts.community.v1 import Experience, Place
from contracts.values import Names, search_key
from services.agency_api.domain.products import sold
from services.agency_api.domain.supply import Supply

#: The mean radius of the earth.
EARTH_M = 6_371_009


class Point(NamedTuple):
    """A place on the earth, in degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is empty does not matter. Of several languages, kinds or programmes one is enough."""

    text: str = ""
    near: Point | None = None
    within_m: int | None = None
    languages: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """A community, and how far it is from the point looked from: 0 where nobody looks from anywhere."""

    distance_m: int
    supply: Supply

    @property
    def id(self) -> str:
        """The community."""
        return self.supply.offering.community.id

    @property
    def key(self) -> tuple[int, str]:
        """Where it stands in order: the nearest first."""
        return self.distance_m, self.id


def placed(supplies: Iterable[Supply], wanted: Wanted) -> list[Placed]:
    """Those of some communities that lie and speak as wanted, the nearest first."""
    found = (Placed(_distance(supply, wanted), supply) for supply in supplies if _speaks(supply, wanted))
    near = (one for one in found if wanted.within_m is None or one.distance_m <= wanted.within_m)
    return sorted(near, key=lambda one: one.key)


def is_named(supply: Supply, wanted: Wanted) -> bool:
    """Whether the community is called what is wanted."""
    return _says(_community_keys(supply), wanted)


def offered(supply: Supply, wanted: Wanted) -> list[Experience]:
    """What a community sells of what is wanted, in order of its id: all of it where the community is called so."""
    all_of_it = is_named(supply, wanted)
    found = [
        experience
        for experience in sold(supply.offering)
        if (not wanted.kinds or experience.kind in wanted.kinds)
        and (not wanted.programmes or experience.programme in wanted.programmes)
        and (all_of_it or _says(keys(experience.names), wanted))
    ]
    return sorted(found, key=lambda experience: experience.id)


def distance_m(place: Place, point: Point) -> int:
    """How far a community is from a point, over the round earth."""
    lat, other = math.radians(place.lat), math.radians(point.lat)
    lon = math.radians(place.lon - point.lon)
    half = math.sin((lat - other) / 2) ** 2 + math.cos(lat) * math.cos(other) * math.sin(lon / 2) ** 2
    return round(2 * EARTH_M * math.asin(min(1.0, math.sqrt(half))))


def _distance(supply: Supply, wanted: Wanted) -> int:
    return 0 if wanted.near is None else distance_m(supply.offering.community.place, wanted.near)


def _speaks(supply: Supply, wanted: Wanted) -> bool:
    return not wanted.languages or not wanted.languages.isdisjoint(supply.offering.community.languages)


def _says(known: Sequence[str], wanted: Wanted) -> bool:
    return not wanted.text or any(wanted.text in key for key in known)


def _community_keys(supply: Supply) -> tuple[str, ...]:
    community = supply.offering.community
    return (*keys(community.names), *_keys(community.aliases), _keys((community.id,))[0])


def keys(names: Names) -> tuple[str, ...]:
    """What a name is found by, in each of its languages."""
    return _keys((names.th, names.lo, names.en))


@lru_cache(maxsize=200_000)
def _keys(names: tuple[str | None, ...]) -> tuple[str, ...]:
    """Folding a name costs more than comparing it, and the same ones are looked through again and again."""
    return tuple(search_key(name) for name in names if name)
