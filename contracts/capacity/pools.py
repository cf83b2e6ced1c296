"""Capacity pools: what can run out, who draws from it, and what a request asks of each, summed before any is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Literal, NamedTuple

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.notices import WHOLE, Notices, PoolKind, Scope
from contracts.community.v1 import Experience, Offering
from contracts.values import ZONES, days


class PoolDay(NamedTuple):
    """One pool of one community on one local date: `visitors`, `guests`, `seats/<experience>[/<HH:MM>]`."""

    pool: str
    day: date


class Draw(NamedTuple):
    """How an item takes from a pool: `each` person per item, or `once` per person and date."""

    at: PoolDay
    how: Literal["each", "once"]


class Level(NamedTuple):
    """A touched pool as it stands; `shares` is what of the taken is whose, by agency."""

    capacity: int
    taken: int
    shares: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Host:
    """A community's standing offer, ready to be asked; `version` changes with its content."""

    offering: Offering
    version: str
    experiences: Mapping[str, Experience]
    zone: tzinfo

    @classmethod
    def of(cls, offering: Offering, version: str = "") -> Host:
        """The host of an offering."""
        by_id = {experience.id: experience for experience in offering.experiences}
        return cls(offering, version, by_id, ZONES[offering.community.zone])

    def moment(self, day: date, start: time) -> datetime:
        """The instant, UTC, of a local wall-clock time."""
        return datetime.combine(day, start, self.zone).astimezone(UTC)

    def today(self, now: datetime) -> date:
        """The local date."""
        return now.astimezone(self.zone).date()


#: How many days after its first an experience of the longest duration may still touch.
REACH = timedelta(days=7)


def dates_of(experience: Experience, day: date, start: time | None, nights: int) -> tuple[date, ...]:
    """The local dates an item touches, all of which count: every night of a homestay, every day of an activity."""
    return days(day, (experience.last_day(day, start, nights) - day).days + 1)


def draws(experience: Experience, day: date, start: time, nights: int = 1) -> tuple[Draw, ...]:
    """The pools an item draws from: visitors on every date, seats of its departure on the first.

    A homestay has no seats: it fills guest places, night by night.
    """
    dates = dates_of(experience, day, start, nights)
    visitors = tuple(Draw(PoolDay("visitors", d), "once") for d in dates)
    if experience.kind == "homestay":
        return tuple(Draw(PoolDay("guests", d), "each") for d in dates) + visitors
    pool = f"seats/{experience.id}" if experience.kind == "product" else f"seats/{experience.id}/{start:%H:%M}"
    return (Draw(PoolDay(pool, day), "each"), *visitors)


def named(pool: str) -> tuple[PoolKind, Scope]:
    """The kind and the scope that a pool's name stands for."""
    if pool in ("visitors", "guests"):
        return ("visitors" if pool == "visitors" else "guests"), WHOLE
    _, experience_id, *start = pool.split("/")
    return "seats", Scope(experience_id, time.fromisoformat(start[0]) if start else None)


def ask(item: Iterable[Draw], heads: int, wanted: dict[PoolDay, int]) -> None:
    """Add one item's places to what the request already asks: `each` adds up, `once` does not."""
    for draw in item:
        wanted[draw.at] = wanted.get(draw.at, 0) + more(draw, heads, wanted)


def more(draw: Draw, heads: int, wanted: Mapping[PoolDay, int]) -> int:
    """Places that a draw asks on top of what the request already asks."""
    return heads if draw.how == "each" else max(0, heads - wanted.get(draw.at, 0))


def standing(host: Host, at: PoolDay) -> int:
    """The capacity by the standing offer; 0 for what is offered no more."""
    kind, scope = named(at.pool)
    limits = host.offering.community.limits
    if kind != "seats":
        return limits.visitors_per_day if kind == "visitors" else limits.guests_per_night
    experience = host.experiences.get(scope.experience_id or "")
    return experience.seats if experience else 0


def ruled(host: Host, notices: Notices, at: PoolDay) -> int:
    """The capacity in force: the dated exception, else the standing offer."""
    changed = notices.on(at.day).capacity(*named(at.pool))
    return standing(host, at) if changed is None else changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision about some days of one community needs: offer, exceptions, touched pools.

    `credit` is what an old hold gives back in the same transaction; `still_taken` what a booking that is to be replaced
    keeps taking until it ends, so that its places count for both. `agreements` are those that keep places, by agency.
    """

    host: Host
    notices: Notices = field(default_factory=Notices)
    levels: Mapping[PoolDay, Level] = field(default_factory=dict)
    credit: Mapping[PoolDay, int] = field(default_factory=dict)
    still_taken: Mapping[PoolDay, int] = field(default_factory=dict)
    agreements: Sequence[tuple[str, AgreementTerms]] = ()

    def capacity(self, at: PoolDay) -> int:
        """The capacity in force; a touched pool carries its own."""
        level = self.levels.get(at)
        return ruled(self.host, self.notices, at) if level is None else level.capacity

    def left(self, at: PoolDay) -> int:
        """Places that can still be taken; below 0 when oversold."""
        level = self.levels.get(at)
        return self.capacity(at) - (level.taken if level else 0) + self.own(at)

    def own(self, at: PoolDay) -> int:
        """Places that the party has already."""
        return self.credit.get(at, 0) + self.still_taken.get(at, 0)

    def has_room(self, at: PoolDay, places: int, kept: int = 0) -> bool:
        """True when `places` fit beside what is kept for others; also when an oversold party only shrinks or stays."""
        return places <= self.left(at) - kept or places <= self.own(at)
