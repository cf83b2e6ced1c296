"""Whoever reads what is stated of capacity, in whatever order it comes, ends with the pools as they are."""

import asyncio
import random
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.capacity import stated
from contracts.capacity.pools import Host, Level, PoolDay
from contracts.messages import MAX_BODY, Message
from contracts.refusals import Refused
from contracts.values import Party
from services.booking.domain import paging
from services.booking.handlers import bookings, capacity, holds, rule_changes
from services.booking.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from tests.support.agencies import MEKONG, agreed, reserve
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, ONE, RAFT, SALT, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture

DAY = in_days(10)
OURS = "bo-taen"
Levels = dict[PoolDay, tuple[Level, int]]


def folded(messages: Iterable[v1.CapacityChanged]) -> Levels:
    newest = stated.newest(level for message in messages for level in message.levels)
    return {at: (stated.level(one), one.version) for at, one in newest.items()}


def last_said(messages: Iterable[v1.CapacityChanged]) -> Levels:
    """The control: a reader that believes whatever comes last."""
    levels = [level for message in messages for level in message.levels]
    return {PoolDay(one.pool, one.day): (stated.level(one), one.version) for one in levels}


async def rows(booking: BookingFixture, table: str) -> list[Any]:
    async with booking.store.work(EVERYONE) as work:
        return list(await work.connection.fetch(f"SELECT * FROM {table}"))


async def table(booking: BookingFixture) -> Levels:
    found = await rows(booking, "pools")
    return {
        PoolDay(row["pool"], row["day"]): (Level(row["capacity"], row["taken"], row["shares"]), row["version"])
        for row in found
    }


def acts(booking: BookingFixture, dice: random.Random, known: list[str]) -> list[Awaitable[Any]]:
    """Some things that happen at once, on few days."""
    day = DAY + timedelta(days=dice.randrange(3))
    nights = item_of(HOMESTAY, day, nights=dice.randint(1, 3))
    boat = item_of(RAFT, day, start=dice.choice((time(8), time(10))))
    placed = place(dice.choice((nights, boat, item_of(MARKET, day))), party=dice.choice((ONE, COUPLE, FAMILY)))
    both = v1.Reserve(hold_id=new_id(), party=FAMILY, items=(boat, nights))
    old = dice.choice(known) if known else new_id()
    instead = v1.ReplaceHold(old_hold_id=old, place=place(nights, party=ONE))
    smaller = v1.SetException(day=day, kind="capacity", pool="guests", capacity=dice.randint(0, 15), reason="rain")
    opened = v1.SetException(day=day, kind="lifted", reason="sun")
    theirs, moved = reserve(boat), reserve(nights)
    change = v1.ReplaceBooking(hold_id=old, new_hold_id=moved.hold_id, party=ONE, items=(nights,))
    act: Any = dice.choice(("confirm", "cancel"))
    known += [placed.hold_id, both.hold_id, instead.place.hold_id, theirs.hold_id, moved.hold_id]
    return [
        booking.do(holds.place_hold, placed),
        booking.do(bookings.reserve, both, OURS),
        booking.do(holds.replace_hold, instead),
        booking.do(bookings.reserve, theirs, OURS, None, MEKONG),
        booking.do(bookings.replace_booking, change, OURS, None, MEKONG),
        booking.do(bookings.change_booking, v1.ChangeBooking(hold_id=old, act=act), OURS, None, MEKONG),
        booking.do(holds.release_hold, v1.ReleaseHold(hold_id=dice.choice(known))),
        booking.do(bookings.change_booking, v1.ChangeBooking(hold_id=dice.choice(known), act="cancel"), OURS),
        booking.do(rule_changes.set_exception, dice.choice((smaller, opened)), OURS),
        booking.publish(offering(visitors_per_day=dice.choice((20, 40)))),
        booking.sweep(holds.expire_holds, now=datetime.now(UTC) + timedelta(hours=dice.choice((0, 1)))),
    ]


async def played(booking: BookingFixture, seed: int, rounds: int = 25) -> list[v1.CapacityChanged]:
    dice, known = random.Random(seed), list[str]()
    await agreed(booking, allotments=[{"experience_id": RAFT, "places": 2, "release_days": 0}])
    for _ in range(rounds):
        everything = acts(booking, dice, known)
        dice.shuffle(everything)
        outcomes = await asyncio.gather(*everything, return_exceptions=True)
        assert all(
            one is None or isinstance(one, (int, Message, v1.BookingView, v1.ExceptionView, Refused, LookupError))
            for one in outcomes
        ), outcomes
    assert await booking.violations() == []
    return await booking.capacity()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_stated_in_any_order_is_what_is_in_the_pools(booking_database: str, seed: int) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            said = await played(booking, seed)
            there = await table(booking)
            assert len(there) > 10
            dice, believed = random.Random(seed), []
            for _ in range(10):
                dice.shuffle(said)
                assert folded(said) == there
                believed.append(last_said(said))
            assert any(one != there for one in believed), "who ignores versions ends elsewhere"
            lines = {line.number: line for message in said for line in message.lines}
            assert lines.keys() == {row["number"] for row in await rows(booking, "exceptions")}

            await booking.do(capacity.restate_capacity, v1.RestateCapacity())
            again = await booking.capacity()
            assert folded(again) == there
            assert {line.number: line for message in again for line in message.lines} == lines
            everything = said + again
            dice.shuffle(everything)
            assert folded(everything) == there

    asyncio.run(scene())


def test_who_reads_what_is_stated_judges_as_booking_does(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            said = await played(booking, 7)
            await booking.publish(offering())
            said += await booking.capacity()
            levels = [level for message in said for level in message.levels]
            lines = [line for message in said for line in message.lines]
            read = stated.situation(Host.of(offering()), levels, lines)
            async with booking.store.work(EVERYONE) as work:
                known = (await work.situations([OURS], DAY, DAY + timedelta(days=9)))[OURS]
            for at in {*known.levels, *(PoolDay(f"seats/{SALT}", DAY + timedelta(days=n)) for n in range(9))}:
                assert (read.capacity(at), read.left(at)) == (known.capacity(at), known.left(at))

    asyncio.run(scene())


def test_a_request_that_fails_leaves_no_trace_in_any_pool(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guests of the second night are gone: what was taken of the first is given back, its version too."""

    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            later = item_of(HOMESTAY, DAY + timedelta(days=1))
            await booking.do(holds.place_hold, place(later, party=Party(adult=14)))
            before, _ = await table(booking), await booking.capacity()
            async with booking.store.work(OURS) as work:
                stale = (await work.situations([OURS], DAY, DAY + timedelta(days=9)))[OURS]
                before_the_other = stated.situation(stale.host)
                monkeypatch.setattr(work, "situations", returning({OURS: before_the_other}))
                asked = v1.Reserve(hold_id=new_id(), party=FAMILY, items=(item_of(HOMESTAY, DAY, nights=2),))
                with pytest.raises(Refused):
                    await bookings.reserve(asked, work)
            assert await table(booking) == before
            assert await booking.capacity() == []

    asyncio.run(scene())


def returning(value: Any) -> Any:
    async def answer(*_: Any) -> Any:
        return value

    return answer


def test_a_sweep_says_one_message_for_each_community(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            for n in range(6):
                await booking.do(holds.place_hold, place(item_of(MARKET, DAY + timedelta(days=n)), party=ONE))
            await booking.capacity()
            assert await booking.sweep(holds.expire_holds, now=datetime.now(UTC) + timedelta(hours=1)) == 6
            (said,) = await booking.capacity()
            assert {level.taken for level in said.levels} == {0}
            assert len(said.levels) == 2 * 6

    asyncio.run(scene())


def test_the_reason_of_an_exception_is_never_stated(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await booking.do(holds.place_hold, place(item_of(HOMESTAY, DAY)))
            told = v1.SetException(day=DAY, kind="capacity", pool="guests", capacity=1, reason="Noi is ill")
            await booking.do(rule_changes.set_exception, told, OURS)
            await booking.do(capacity.restate_capacity, v1.RestateCapacity())
            said = await booking.capacity()
            assert [line.capacity for message in said for line in message.lines] == [1, 1]
            assert not any("Noi" in message.model_dump_json() for message in said)

    asyncio.run(scene())


def test_what_is_long_is_said_in_messages_that_fit() -> None:
    name = "a" * 40 + "." + "b" * 40
    level = {"pool": f"seats/{name}/10:00", "day": DAY, "capacity": 10_000, "taken": 10_000, "version": 2**62}
    line = {"number": 2**62, "day": DAY, "until": DAY, "kind": "stop_sell", "experience_id": name, "start": time(10)}
    levels = [v1.PoolLevel.model_validate(level | {"pool": f"seats/{n}".ljust(200, "x")}) for n in range(1_000)]
    lines = [v1.RuleLine.model_validate(line)] * 700
    said = [v1.CapacityChanged(community=OURS, levels=some, lines=of) for some, of in paging.parts(levels, lines)]
    assert sum(len(one.levels) for one in said) == 1_000
    assert sum(len(one.lines) for one in said) == 700
    assert max(len(one.model_dump_json()) for one in said) < MAX_BODY * 0.8
    assert list(paging.parts([], [])) == []
