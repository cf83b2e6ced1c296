"""Compare what was found with what a scenario expects. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.values import Money
from deploy.demo.facts import Checks, Deviation, Pool, Record
from deploy.demo.moments import Calendar
from deploy.demo.scenario import AlternativeExpected, Expect, MoneyExpected, PoolExpected

NOTHING = "nothing"


def deviations(
    expect: Expect,
    calendar: Calendar,
    records: tuple[Record | None, Record | None],
    pools: tuple[Pool, ...],
    checks: Checks,
) -> list[Deviation]:
    """Everything that is not as expected, the sender's record before the receiver's; empty when all is."""
    found: list[Deviation] = []
    for side, record in zip(("sender", "receiver"), records, strict=True):
        found += _differs(f"{side}.state", expect.state, record.state if record else None)
        if record is not None:
            found += _record(f"{side}", expect, calendar, record)
    for wanted in expect.pools:
        found += _pool(wanted, calendar, pools)
    found += _differs("node.parked", NOTHING, "; ".join(checks.parked) or NOTHING)
    found += _differs("node.waiting", NOTHING, "; ".join(checks.waiting) or NOTHING)
    found += _differs("node.violations", NOTHING, "; ".join(checks.violations) or NOTHING)
    return found


def _record(side: str, expect: Expect, calendar: Calendar, record: Record) -> Iterator[Deviation]:
    wanted = expect.model_fields_set
    heard = expect.border.to_sender if side == "sender" else expect.border.to_receiver
    yield from _differs(f"border.to_{side}", " ".join(heard) or NOTHING, " ".join(record.heard) or NOTHING)
    if "round" in wanted:
        yield from _differs(f"{side}.round", expect.round or 0, record.round)
    if "reason" in wanted:
        yield from _differs(f"{side}.reason", expect.reason, record.reason)
    if "marked" in wanted and side == "receiver":
        yield from _differs(f"{side}.marked", expect.marked, record.marked)
    if "alternatives" in wanted:
        named = [_alternative(one, calendar) for one in expect.alternatives or ()]
        told = [_told(one, expect.alternatives or ()) for one in record.alternatives]
        yield from _differs(f"{side}.alternatives", ", ".join(named) or NOTHING, ", ".join(told) or NOTHING)
    if expect.money is not None:
        yield from _money(side, expect.money, record)


def _alternative(one: AlternativeExpected, calendar: Calendar) -> str:
    return " ".join([one.experience_id, calendar.day(one.day).isoformat(), *([one.start] if one.start else [])])


def _told(one: dict[str, Any], expected: tuple[AlternativeExpected, ...]) -> str:
    """An alternative as found; its start only where the scenario speaks of starts."""
    start = one.get("start") if any(wanted.start for wanted in expected) else None
    return " ".join([one["experience_id"], one["day"], *([start] if start else [])])


def _money(side: str, wanted: MoneyExpected, record: Record) -> Iterator[Deviation]:
    found = {"quote": record.quote, "total": record.total, "fee": record.fee}
    for name in sorted(wanted.model_fields_set):
        yield from _differs(f"{side}.money.{name}", _amount(getattr(wanted, name)), _amount(found[name]))


def _amount(money: Money | dict[str, Any] | None) -> str:
    if money is None:
        return NOTHING
    given = money.wire() if isinstance(money, Money) else money
    return f"{given['amount']} {given['currency']}"


def _pool(wanted: PoolExpected, calendar: Calendar, pools: tuple[Pool, ...]) -> Iterator[Deviation]:
    day = calendar.day(wanted.day)
    found = [pool for pool in pools if (pool.community, pool.day, pool.pool) == (wanted.community, day, wanted.pool)]
    pool = found[0] if found else Pool(community=wanted.community, day=day, pool=wanted.pool)
    place = f"pools {wanted.community} {day} {wanted.pool}"
    for name in ("capacity", "taken", "held", "booked"):
        if name in wanted.model_fields_set:
            yield from _differs(f"{place} {name}", getattr(wanted, name), getattr(pool, name))
    if wanted.peak is not None and pool.peak > wanted.peak:
        yield Deviation(what=f"{place} peak", expected=f"at most {wanted.peak}", found=str(pool.peak))


def _differs(what: str, expected: Any, found: Any) -> Iterator[Deviation]:
    if expected != found:
        yield Deviation(what=what, expected=_plain(expected), found=_plain(found))


def _plain(value: Any) -> str:
    return NOTHING if value is None else str(value)
