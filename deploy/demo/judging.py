"""Compare what was found with what a scenario expects. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.values import Money
from deploy.demo.expecting import AlternativeExpected, AskedExpected, Border, Expect, MoneyExpected, PoolExpected
from deploy.demo.facts import Checks, Deviation, Pool, Record
from deploy.demo.moments import Calendar

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
    if "border" in wanted:
        border = expect.border or Border(to_receiver=(), to_sender=())
        heard = border.to_sender if side == "sender" else border.to_receiver
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
    yield from _known(side, expect, record)


def _known(side: str, expect: Expect, record: Record) -> Iterator[Deviation]:
    """What the side holds of the lead traveller, proves, has noted, and was told of the border."""
    if expect.party is not None:
        yield from _differs(f"{side}.party", expect.party.wire(), record.party)
    if (holding := getattr(expect.personal, side)) is not None:
        yield from _differs(f"{side}.personal", holding, record.personal)
    if (receipts := getattr(expect.receipts, side)) is not None:
        yield from _differs(f"{side}.receipts", _all(sorted(receipts)), _all(sorted(record.receipts)))
    if (reminders := getattr(expect.reminders, side)) is not None:
        yield from _differs(f"{side}.reminders", _all(sorted(reminders)), _all(sorted(record.reminders)))
    if (audit := getattr(expect.audit, side)) is not None and not _in_order(audit, record.audit):
        yield Deviation(what=f"{side}.audit", expected=_all(audit), found=_all(record.audit))
    if (plan := getattr(expect.plan, side)) is not None:
        yield from _plan(side, plan, record)


def _plan(side: str, wanted: tuple[AskedExpected, ...], record: Record) -> Iterator[Deviation]:
    yield from _differs(f"{side}.plan.confirmed_by_officials", "False", str(record.confirmed_by_officials))
    lines = [f"{one.about} {one.result}" + (f" {one.code}" if one.code else "") for one in wanted]
    told = [(f"{one.about} {one.result}", f"{one.about} {one.result} {one.code}") for one in record.plan]
    missing = [line for line in lines if not any(line in both for both in told)]
    if missing:
        yield Deviation(what=f"{side}.plan", expected=_all(missing), found=_all([whole for _, whole in told]))


def _in_order(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """Whether they are among those found, one after the other, whatever stands between."""
    rest = iter(found)
    return all(one in rest for one in wanted)


def _all(words: Sequence[str]) -> str:
    return ", ".join(words) or NOTHING


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
