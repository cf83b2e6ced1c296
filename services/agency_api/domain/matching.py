"""What an agency looks for, over all communities that it may sell: where, in which languages, of what kind, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from contracts.capacity.hosts import MOST_HOSTS
from contracts.community.v1 import Experience, Offering, Place
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
    return wanted.text in _index(supply).named


def may_offer(supply: Supply, wanted: Wanted) -> bool:
    """Whether a community may sell something of what is wanted: a quick look, so that many can be passed over."""
    index = _index(supply)
    return (wanted.text in index.named or wanted.text in index.sold) and any(
        (not wanted.kinds or kind in wanted.kinds) and (not wanted.programmes or programme in wanted.programmes)
        for kind, programme in index.offers
    )


def offered(supply: Supply, wanted: Wanted) -> list[Experience]:
    """What a community sells of what is wanted, in order of its id: all of it where the community is called so."""
    all_of_it = is_named(supply, wanted)
    found = [
        experience
        for experience in sold(supply.offering)
        if (not wanted.kinds or experience.kind in wanted.kinds)
        and (not wanted.programmes or experience.programme in wanted.programmes)
        and (all_of_it or wanted.text in _keys(_all(experience.names)))
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


@dataclass(frozen=True, slots=True)
class Index:
    """What a community is found by: folding its names costs more than looking through them."""

    named: str
    sold: str
    offers: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Version:
    """An offering, told from others by its community and version alone."""

    community: str
    version: str
    offering: Offering = field(compare=False)


def _index(supply: Supply) -> Index:
    host = supply.situation.host
    version = _Version(host.offering.community.id, host.version, host.offering)
    return _kept_index(version) if host.version else _kept_index.__wrapped__(version)


@lru_cache(maxsize=MOST_HOSTS)
def _kept_index(version: _Version) -> Index:
    community, offers = version.offering.community, sold(version.offering)
    return Index(
        named=_keys((*_all(community.names), *community.aliases, community.id)),
        sold=_keys(tuple(name for experience in offers for name in _all(experience.names))),
        offers=frozenset((experience.kind, experience.programme) for experience in offers),
    )


def _all(names: Names) -> tuple[str | None, ...]:
    return names.th, names.lo, names.en


def _keys(names: Iterable[str | None]) -> str:
    """What names are found by, put together with a sign between that no key has."""
    return "|".join(search_key(name) for name in names if name)
