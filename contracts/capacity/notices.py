"""Dated exceptions: an append-only history, and what of it is in force on one day.

A line is about one scope: a departure (experience and start), an experience, or the community. The latest line about
a scope counts. `lifted` takes back what was said about its scope; for an experience without a start, about its starts
too. Lines of kind `offering` only record that a changed standing offer left bookings above capacity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from contracts.booking.v1 import Reason

PoolKind = Literal["seats", "visitors", "guests"]


class Scope(NamedTuple):
    """What a line speaks of; both None is the whole community."""

    experience_id: str | None
    start: time | None

    def covers(self, other: Scope) -> bool:
        """True when lifting this scope lifts what was said about `other`."""
        return self == other or (
            self.experience_id is not None and self.experience_id == other.experience_id and self.start is None
        )


WHOLE = Scope(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line of the history, for the local dates `day` to `until`, both included; `number` gives the order."""

    number: int
    day: date
    until: date
    kind: str
    scope: Scope = WHOLE
    pool: PoolKind | None = None
    capacity: int | None = None
    reason: str = ""
    at: datetime | None = None
    conflicts: tuple[str, ...] = ()
    account: str | None = None


@dataclass(slots=True)
class InForce:
    """What counts on one day, by scope, with the line that said it."""

    shut: dict[Scope, Notice] = field(default_factory=dict)
    capacities: dict[tuple[PoolKind, Scope], Notice] = field(default_factory=dict)

    def add(self, line: Notice) -> None:
        """Take one more line into account."""
        if line.kind in ("closed", "stop_sell"):
            self.shut[line.scope] = line
        elif line.kind == "capacity" and line.pool is not None:
            self.capacities[line.pool, line.scope] = line
        elif line.kind == "lifted":
            if line.pool is None:
                self.shut = {s: said for s, said in self.shut.items() if not line.scope.covers(s)}
            self.capacities = {
                (pool, s): said
                for (pool, s), said in self.capacities.items()
                if not (line.scope.covers(s) and line.pool in (None, pool))
            }

    def stops(self, experience_id: str, start: time) -> Reason | None:
        """`closed` or `stop_sell` when a line about the departure, its experience or the community says so."""
        scopes = (WHOLE, Scope(experience_id, None), Scope(experience_id, start))
        kinds = {self.shut[scope].kind for scope in scopes if scope in self.shut}
        return "closed" if "closed" in kinds else "stop_sell" if kinds else None

    def capacity(self, pool: PoolKind, scope: Scope) -> int | None:
        """The changed capacity of a pool, the narrowest scope first; None when nobody changed it."""
        for narrower in (scope, Scope(scope.experience_id, None)):
            if (pool, narrower) in self.capacities:
                return self.capacities[pool, narrower].capacity
        return None


_NOTHING = InForce()


class Notices:
    """The history that touches some days, folded per day when first asked."""

    def __init__(self, lines: Iterable[Notice] = ()) -> None:
        self.lines = tuple(sorted(lines, key=lambda line: line.number))
        self._days: dict[date, InForce] = {}

    def on(self, day: date) -> InForce:
        """What is in force on one day."""
        if not self.lines:
            return _NOTHING
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = InForce()
            for line in self.lines:
                if line.day <= day <= line.until:
                    found.add(line)
        return found

    def is_lifted(self, line: Notice, first: date, last: date) -> bool:
        """True when nothing of the line is in force any more on those of its days that were asked for."""
        if line.kind not in ("closed", "stop_sell", "capacity"):
            return False
        first, last = max(line.day, first), min(line.until, last)
        dates = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return not any(
            line in said.shut.values() or line in said.capacities.values() for said in (self.on(day) for day in dates)
        )
