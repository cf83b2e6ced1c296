"""The sweep meets people at the same instant: every hold has exactly one fate, and its places come back once."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.messages import Message
from services.booking.handlers import holds, rule_changes
from services.booking.ports import EVERYONE
from tests.support.booking import MARKET, ONE, experience, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture

RACES = 500
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = in_days(10, NOW)
OVER = NOW + timedelta(minutes=30)  # holds end here: the sweep may have them, and not a microsecond before
JUST_BEFORE = OVER - timedelta(microseconds=1)


async def race(
    booking: BookingFixture,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Any, Any], Any],
    message: Callable[[str], Message],
) -> tuple[list[str], dict[str, list[str]]]:
    """Place holds, let somebody act on each at its last instant while the sweep comes by; tell all that was said."""
    monkeypatch.setattr(holds, "BATCH", 3)
    asked = [place(item_of(MARKET, DAY), party=ONE, now=NOW, expires_at=OVER) for _ in range(RACES)]
    for one in asked:
        await booking.do(holds.place_hold, one, now=NOW)
    await booking.facts()
    people = [booking.do(act, message(one.hold_id), now=JUST_BEFORE) for one in asked]
    sweeps = [booking.sweep(holds.expire_holds, now=OVER) for _ in range(RACES // 4)]
    everybody = people + sweeps
    random.Random(5).shuffle(everybody)
    await asyncio.gather(*everybody)
    while await booking.sweep(holds.expire_holds, now=OVER):
        pass
    said: dict[str, list[str]] = defaultdict(list)
    for fact in await booking.facts():
        said[fact.data["hold_id"]].append(fact.type)
    return [one.hold_id for one in asked], said


async def fates(booking: BookingFixture) -> dict[str, str]:
    async with booking.store.work(EVERYONE) as work:
        rows = await work.connection.fetch("SELECT hold_id::text AS id, state FROM holds")
    return {row["id"]: row["state"] for row in rows}


def roomy() -> Any:
    return offering(experience(MARKET, seats=2_000), visitors_per_day=2_000)


def test_a_hold_confirmed_at_its_last_instant_is_a_booking_or_has_expired(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, roomy()) as booking:
            ids, said = await race(booking, monkeypatch, holds.confirm_hold, lambda i: v1.ConfirmHold(hold_id=i))
            state = await fates(booking)
            for one in ids:  # who is told twice that it expired was told by the sweep and as an answer
                assert (state[one], set(said[one])) in (
                    ("CONFIRMED", {"hold_confirmed"}),
                    ("EXPIRED", {"hold_expired"}),
                )
            won = list(state.values()).count("CONFIRMED")
            assert 0 < won < RACES
            assert (await booking.pools())["visitors", DAY].taken == won
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_released_at_its_last_instant_ends_once(booking_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, roomy()) as booking:
            ids, said = await race(booking, monkeypatch, holds.release_hold, lambda i: v1.ReleaseHold(hold_id=i))
            state = await fates(booking)
            for one in ids:
                assert (state[one], said[one]) in (("CANCELLED", ["hold_released"]), ("EXPIRED", ["hold_expired"]))
            assert set(state.values()) == {"CANCELLED", "EXPIRED"}
            assert await booking.taken() == 0
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_extended_at_its_last_instant_goes_on_or_has_expired(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, roomy()) as booking:
            until = OVER + timedelta(hours=2)
            ids, said = await race(
                booking, monkeypatch, holds.extend_hold, lambda i: v1.ExtendHold(hold_id=i, expires_at=until)
            )
            state = await fates(booking)
            for one in ids:
                assert (state[one], set(said[one])) in (
                    ("ON_HOLD", {"hold_extended"}),
                    ("EXPIRED", {"hold_expired"}),
                )
            going_on = list(state.values()).count("ON_HOLD")
            assert 0 < going_on < RACES
            assert (await booking.pools())["visitors", DAY].held == going_on
            assert await booking.violations() == []

    asyncio.run(scene())


def test_the_sweep_gives_every_place_back_in_batches(booking_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, roomy()) as booking:
            monkeypatch.setattr(holds, "BATCH", 40)
            for _ in range(100):
                await booking.do(holds.place_hold, place(item_of(MARKET, DAY), party=ONE, now=NOW, expires_at=OVER))
            assert await booking.sweep(holds.expire_holds, now=JUST_BEFORE) == 0
            assert [await booking.sweep(holds.expire_holds, now=OVER) for _ in range(4)] == [40, 40, 20, 0]
            assert (await booking.said()).count("hold_expired") == 100
            assert await booking.taken() == 0

    asyncio.run(scene())


def test_a_hold_that_the_sweep_has_not_reached_expires_when_it_is_asked_to_go_on(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            for act in (v1.ConfirmHold, v1.ExtendHold):
                asked = place(item_of(MARKET, DAY), party=ONE, now=NOW, expires_at=OVER)
                await booking.do(holds.place_hold, asked, now=NOW)
                message = act.read({"hold_id": asked.hold_id, "expires_at": OVER + timedelta(hours=1)})
                handler: Any = holds.confirm_hold if act is v1.ConfirmHold else holds.extend_hold
                await booking.do(handler, message, now=OVER)
                assert await booking.said() == ["hold_placed", "hold_expired"]
                assert (await booking.state(asked.hold_id), await booking.taken()) == ("EXPIRED", 0)
            assert await booking.sweep(holds.expire_holds, now=OVER) == 0

    asyncio.run(scene())


@pytest.mark.parametrize("seed", range(3))
def test_a_hold_placed_while_a_day_is_closed_is_refused_or_named_as_a_conflict(
    booking_database: str, seed: int
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, roomy()) as booking:
            dice = random.Random(seed)
            for n in range(15):
                day = in_days(10 + n)
                asked = [place(item_of(MARKET, day), party=ONE) for _ in range(6)]
                close = v1.SetException(day=day, kind="closed", reason="the road is under water")
                everybody = [booking.do(holds.place_hold, one) for one in asked]
                closing = asyncio.ensure_future(booking.do(rule_changes.set_exception, close, "bo-taen"))
                dice.shuffle(everybody)
                await asyncio.gather(*everybody)
                hit = set((await closing).conflicts)
                placed = {fact.data["hold_id"] for fact in await booking.facts() if fact.type == "hold_placed"}
                assert placed == hit

    asyncio.run(scene())
