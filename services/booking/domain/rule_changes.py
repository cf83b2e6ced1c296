"""Changes of the rules: which exceptions make sense, what they do to touched pools, and whom they hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from contracts.booking import v1
from contracts.capacity.notices import WHOLE, Notice, Notices, PoolKind, Scope
from contracts.capacity.pools import Host, PoolDay, Situation, dates_of, named, ruled
from contracts.community.v1 import Experience
from contracts.refusals import No, Refused
from services.booking.domain.hold import Hold
from services.booking.domain.placing import FAR_DAYS

#: An exception that is to be set, or only tried.
Wanted = v1.SetException | v1.TryException
#: The longest range of one exception, in days.
LONGEST = 366


def line_of(command: Wanted, host: Host, today: date) -> Notice:
    """The line that it adds to the history, but for its reason. Raises Refused with the field that makes no sense."""
    until = command.until or command.day
    if until < command.day or (until - command.day).days > LONGEST:
        raise Refused(No.INVALID, "until_too_long", "until", days=LONGEST)
    if command.day < today or (until - today).days > FAR_DAYS:
        raise Refused(No.INVALID, "day_too_far", "day", days=FAR_DAYS)
    experience = _experience(command, host)
    pool = _pool(command, experience)
    return Notice(
        number=0,
        day=command.day,
        until=until,
        kind=command.kind,
        scope=Scope(command.experience_id, command.start),
        pool=pool,
        capacity=command.capacity,
    )


def _experience(command: Wanted, host: Host) -> Experience | None:
    if command.experience_id is None:
        if command.start is not None:
            raise Refused(No.INVALID, "start_needs_experience", "start")
        return None
    experience = host.experiences.get(command.experience_id)
    if experience is None:
        raise Refused(No.UNKNOWN, "you_offer_no_such", "experience_id")
    if command.start is not None and command.start not in experience.starts:
        raise Refused(No.INVALID, "no_such_start", "start")
    return experience


def _pool(command: Wanted, experience: Experience | None) -> PoolKind | None:
    """The pool that a line speaks of; None for closures, and for lifting all."""
    if command.kind == "capacity":
        return _resized_pool(command, experience)
    if command.capacity is not None:
        raise Refused(No.INVALID, "capacity_not_asked", "capacity")
    if command.pool is not None and command.kind != "lifted":
        raise Refused(No.INVALID, "closure_of_all_pools", "pool")
    return command.pool


def _resized_pool(command: Wanted, experience: Experience | None) -> PoolKind:
    if command.capacity is None:
        raise Refused(No.INVALID, "say_how_many_places", "capacity")
    if experience is None:
        if command.pool not in ("visitors", "guests"):
            raise Refused(No.INVALID, "which_pool", "pool")
        return command.pool
    if experience.kind == "homestay" or command.pool not in (None, "seats"):
        raise Refused(No.INVALID, "experience_has_seats", "pool")
    if experience.kind == "product" and command.start is not None:
        raise Refused(No.INVALID, "product_has_one_pool", "start")
    return "seats"


def with_line(situation: Situation, line: Notice) -> Situation:
    """The situation once the line is part of the history."""
    lines = situation.notices.lines
    number = lines[-1].number + 1 if lines else 1
    return replace(situation, notices=Notices([*lines, replace(line, number=number)]))


def resized(situation: Situation) -> dict[PoolDay, int]:
    """Touched pools whose capacity by the rules is not what they carry, with the new one."""
    by_rules = {at: ruled(situation.host, situation.notices, at) for at in situation.levels}
    return {at: capacity for at, capacity in by_rules.items() if capacity != situation.levels[at].capacity}


def oversold(situation: Situation, capacities: Mapping[PoolDay, int]) -> list[PoolDay]:
    """The pools that the new capacities leave with more taken than there is."""
    return [at for at, capacity in capacities.items() if situation.levels[at].taken > capacity]


def below(touched: Sequence[v1.PoolView], capacities: Mapping[PoolDay, int]) -> list[v1.PoolView]:
    """The touched pools that new capacities leave with more taken than there is, as they would be then."""
    found = []
    for one in touched:
        capacity = capacities.get(PoolDay(one.pool, one.day), one.taken)
        if capacity < one.taken:
            found.append(one.model_copy(update={"capacity": capacity, "oversold": one.taken - capacity}))
    return found


def hits(line: Notice, hold: Hold, host: Host) -> bool:
    """True when a closure is about something that the hold has on one of its days."""
    for item in hold.items:
        experience = host.experiences.get(item.experience_id)
        dates = dates_of(experience, item.day, item.start, item.nights) if experience else (item.day,)
        about = line.scope in (WHOLE, Scope(item.experience_id, None), Scope(item.experience_id, item.start))
        if about and any(line.day <= day <= line.until for day in dates):
            return True
    return False


def offering_line(at: PoolDay, capacity: int, conflicts: tuple[str, ...]) -> Notice:
    """The line which records that a changed standing offer left bookings above capacity."""
    kind, scope = named(at.pool)
    return Notice(
        number=0,
        day=at.day,
        until=at.day,
        kind="offering",
        scope=scope,
        pool=kind,
        capacity=capacity,
        reason="the standing offer changed",
        conflicts=conflicts,
    )


def shown(line: Notice, *, lifted: bool = False) -> v1.ExceptionView:
    """The line as its community sees it. `at` is set once it is written."""
    return v1.ExceptionView(
        day=line.day,
        until=line.until,
        experience_id=line.scope.experience_id,
        start=line.scope.start,
        kind=line.kind,
        pool=line.pool,
        capacity=line.capacity,
        reason=line.reason,
        at=line.at,
        lifted=lifted,
        conflicts=line.conflicts,
        account=line.account,
    )
