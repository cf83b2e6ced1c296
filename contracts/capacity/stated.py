"""What booking states of a community's capacity, made ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.booking.v1 import PoolLevel, RuleLine
from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Host, Level, PoolDay, Situation


def newest(levels: Iterable[PoolLevel]) -> dict[PoolDay, PoolLevel]:
    """Each pool's level with the highest version, in whatever order they came."""
    found: dict[PoolDay, PoolLevel] = {}
    for level in levels:
        at = PoolDay(level.pool, level.day)
        if at not in found or level.version > found[at].version:
            found[at] = level
    return found


def notice(line: RuleLine) -> Notice:
    """The line of the history, as far as it is stated: without its reason and what it hit."""
    return Notice(
        number=line.number,
        day=line.day,
        until=line.until,
        kind=line.kind,
        scope=Scope(line.experience_id, line.start),
        pool=line.pool,
        capacity=line.capacity,
    )


def level(stated: PoolLevel) -> Level:
    """A touched pool as it is stated."""
    return Level(stated.capacity, stated.taken, {one.agency: one.places for one in stated.shares})


def situation(host: Host, levels: Iterable[PoolLevel] = (), lines: Iterable[RuleLine] = ()) -> Situation:
    """The situation of a host on the days that levels and lines are about; a line may be given twice."""
    by_number = {line.number: line for line in lines}
    return Situation(
        host=host,
        notices=Notices(map(notice, by_number.values())),
        levels={at: level(stated) for at, stated in newest(levels).items()},
    )
