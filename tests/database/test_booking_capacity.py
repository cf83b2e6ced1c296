"""Places are granted exactly: never one too many, never one too few, whoever asks, however often, however at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.booking import v1
from contracts.refusals import No, Refused
from services.booking.handlers import bookings, holds
from services.chassis.runtime.ids import new_id
from tests.support.booking import (
    COUPLE,
    FAMILY,
    HOMESTAY,
    MARKET,
    ONE,
    RAFT,
    experience,
    in_days,
    item_of,
    offering,
    place,
)
from tests.support.booking_fixture import BookingFixture, booking_fixture

DAY = in_days(10)
SEATS = 20


async def all_at_once(attempts: Iterable[Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*attempts, return_exceptions=True)


def reserve(*items: Any, party: Any = ONE, **given: Any) -> v1.Reserve:
    return v1.Reserve(hold_id=new_id(), party=party, items=items, **given)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_times_too_many_concurrent_requests_get_exactly_the_seats_there_are(
    booking_database: str, seed: int
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            asked = [place(item_of(MARKET, DAY), party=ONE) for _ in range(3 * SEATS)]
            random.Random(seed).shuffle(asked)
            assert set(await all_at_once(booking.do(holds.place_hold, one) for one in asked)) == {None}
            said = Counter((fact.type, fact.data.get("reason")) for fact in await booking.facts())
            assert said == {("hold_placed", None): SEATS, ("hold_refused", "no_room"): 2 * SEATS}
            assert await booking.violations() == []

    asyncio.run(scene())


def test_without_the_guard_the_same_crowd_gets_more_seats_than_there_are(booking_database: str) -> None:
    """The control: looking first and writing then. It must fail, or the test above proves nothing."""

    async def scene() -> int:
        pool = await asyncpg.create_pool(booking_database, min_size=8, max_size=8)
        await pool.execute("CREATE TABLE seats_taken (n int)")
        together = asyncio.Barrier(8)

        async def look_then_write() -> None:
            async with pool.acquire() as connection, connection.transaction():
                await together.wait()
                if await connection.fetchval("SELECT count(*) FROM seats_taken") < SEATS:
                    await connection.execute("INSERT INTO seats_taken VALUES (1)")

        for _ in range(3 * SEATS // 8 + 1):
            await asyncio.gather(*(look_then_write() for _ in range(8)))
        granted = int(await pool.fetchval("SELECT count(*) FROM seats_taken"))
        await pool.close()
        return granted

    assert asyncio.run(scene()) > SEATS


def test_one_request_that_names_the_same_departure_twice_is_counted_twice(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            twice = (item_of(RAFT, DAY, start=time(8)), item_of(RAFT, DAY, start=time(8)))
            await booking.do(holds.place_hold, place(*twice, party=FAMILY))
            (refused,) = await booking.facts()
            assert (refused.type, refused.data["reason"]) == ("hold_refused", "no_room")
            assert await booking.pools() == {}
            await booking.do(holds.place_hold, place(*twice, party=COUPLE))
            pools = await booking.pools()
            assert pools[f"seats/{RAFT}/08:00", DAY].taken == 4
            assert pools["visitors", DAY].taken == 2

    asyncio.run(scene())


def test_direct_bookings_and_handoffs_draw_from_the_same_capacity(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            item = item_of(MARKET, DAY)
            by_hand = [booking.do(bookings.reserve, reserve(item), "bo-taen") for _ in range(SEATS)]
            by_message = [booking.do(holds.place_hold, place(item, party=ONE)) for _ in range(SEATS)]
            outcomes = await all_at_once([one for pair in zip(by_hand, by_message, strict=True) for one in pair])
            turned_away = [one for one in outcomes if isinstance(one, Refused)]
            assert all(one.refusal.code is No.NO_ROOM for one in turned_away)
            assert all("no_room" in one.refusal.message for one in turned_away)
            said = Counter(await booking.said())
            assert said["hold_confirmed"] + said["hold_placed"] == SEATS
            assert len(turned_away) + said["hold_refused"] == SEATS
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_partner_never_holds_more_than_its_share_of_unanswered_places(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(experience(MARKET), visitors_per_day=100)) as booking:
            asked = [place(item_of(MARKET, DAY), party=ONE, share_percent=25) for _ in range(SEATS)]
            await all_at_once(booking.do(holds.place_hold, one) for one in asked)
            facts = await booking.facts()
            placed = [fact.data["hold_id"] for fact in facts if fact.type == "hold_placed"]
            assert len(placed) == SEATS // 4
            answered = v1.ExtendHold(hold_id=placed[0], expires_at=datetime.now(UTC) + timedelta(hours=2))
            await booking.do(holds.extend_hold, answered)
            await booking.do(holds.place_hold, place(item_of(MARKET, DAY), party=ONE, share_percent=25))
            await booking.do(holds.place_hold, place(item_of(MARKET, DAY), party=ONE, share_percent=25))
            assert await booking.said() == ["hold_extended", "hold_placed", "hold_refused"]
            await booking.do(
                holds.place_hold, place(item_of(MARKET, DAY), party=ONE, partner="na-haeo", share_percent=25)
            )
            assert await booking.said() == ["hold_placed"]
            assert await booking.violations() == []

    asyncio.run(scene())


def test_stays_over_the_same_nights_in_any_order_never_lock_one_another_out(booking_database: str) -> None:
    async def scene() -> None:
        offer = offering(
            experience(MARKET), *offering().experiences[:1], visitors_per_day=2_000, guests_per_night=2_000
        )
        async with booking_fixture(booking_database, offer, connections=16) as booking:
            dice = random.Random(7)
            held: list[str] = []

            async def comes_and_goes() -> None:
                for _ in range(12):
                    items = [
                        item_of(HOMESTAY, in_days(10 + dice.randrange(5)), nights=dice.randint(1, 6)),
                        item_of(MARKET, in_days(10 + dice.randrange(9))),
                    ]
                    dice.shuffle(items)
                    asked = place(*items, party=ONE)
                    if held and dice.random() < 0.3:
                        swap = v1.ReplaceHold(old_hold_id=held.pop(), place=asked)
                        await booking.do(holds.replace_hold, swap)
                    else:
                        await booking.do(holds.place_hold, asked)
                    held.append(asked.hold_id)
                    if held and dice.random() < 0.4:
                        await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=held.pop()))

            outcomes = await all_at_once(comes_and_goes() for _ in range(16))
            assert set(outcomes) == {None}
            assert await booking.violations() == []

    asyncio.run(scene())


@pytest.mark.parametrize("seed", [11, 12])
def test_whatever_happens_taken_is_the_sum_of_what_lives_and_ends_at_nothing(booking_database: str, seed: int) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            dice, ids = random.Random(seed), [new_id() for _ in range(40)]

            async def something() -> None:
                one, other = dice.choice(ids), dice.choice(ids)
                items = (item_of(dice.choice([MARKET, RAFT, HOMESTAY]), in_days(10 + dice.randrange(3))),)
                asked = place(*items, party=dice.choice([ONE, COUPLE, FAMILY]), hold_id=one)
                later = datetime.now(UTC) + timedelta(hours=1)
                moves: list[tuple[Any, Any]] = [
                    (holds.place_hold, asked),
                    (holds.place_hold, asked),
                    (holds.replace_hold, v1.ReplaceHold(old_hold_id=other, place=asked)),
                    (holds.extend_hold, v1.ExtendHold(hold_id=one, expires_at=later)),
                    (holds.confirm_hold, v1.ConfirmHold(hold_id=one)),
                    (holds.release_hold, v1.ReleaseHold(hold_id=one)),
                    (holds.release_hold, v1.ReleaseHold(hold_id=one)),
                ]
                await booking.do(*dice.choice(moves))

            outcomes = await all_at_once(something() for _ in range(300))
            assert {type(one) for one in outcomes} <= {type(None), holds.UnknownHold}
            assert await booking.violations() == []
            await all_at_once(booking.do(holds.release_hold, v1.ReleaseHold(hold_id=one)) for one in ids)
            assert await booking.taken() == 0
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_that_comes_twice_is_placed_once(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            asked = place(item_of(RAFT, DAY), party=FAMILY)
            await all_at_once(booking.do(holds.place_hold, asked) for _ in range(4))
            assert await booking.said() == ["hold_placed"]
            assert await booking.taken() == 6  # three seats, three visitors

    asyncio.run(scene())


def test_a_replacement_that_finds_no_room_changes_nothing(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            first = place(item_of(HOMESTAY, DAY), party=FAMILY)
            await booking.do(holds.place_hold, first)
            await booking.do(holds.confirm_hold, v1.ConfirmHold(hold_id=first.hold_id))
            before = await booking.pools()
            await booking.facts()
            bigger = place(item_of(HOMESTAY, DAY), party=FAMILY.model_copy(update={"adult": 16}))
            await booking.do(holds.replace_hold, v1.ReplaceHold(old_hold_id=first.hold_id, place=bigger))
            (refused,) = await booking.facts()
            assert refused.type == "hold_refused"
            assert (await booking.pools(), await booking.state(first.hold_id)) == (before, "CONFIRMED")

    asyncio.run(scene())


def test_a_booking_can_be_changed_when_all_places_are_taken(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=3)) as booking:
            first = place(item_of(HOMESTAY, DAY), party=FAMILY)
            await booking.do(holds.place_hold, first)
            longer = place(item_of(HOMESTAY, DAY, nights=2), party=FAMILY)
            await booking.do(holds.replace_hold, v1.ReplaceHold(old_hold_id=first.hold_id, place=longer))
            facts = await booking.facts()
            assert [fact.type for fact in facts] == ["hold_placed", "hold_placed"]
            assert await booking.state(first.hold_id) == "CANCELLED"
            assert (await booking.pools())["guests", DAY].taken == 3
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_released_before_it_came_is_refused_and_takes_nothing(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            asked = place(item_of(MARKET, DAY))
            await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=asked.hold_id))
            await booking.do(holds.place_hold, asked)
            (refused,) = await booking.facts()
            assert (refused.type, refused.data["reason"]) == ("hold_refused", "released")
            assert await booking.taken() == 0
            assert await booking.violations() == []

    asyncio.run(scene())


def test_without_a_tombstone_the_overtaken_release_leaks_its_places(booking_database: str) -> None:
    """The control: a release that forgets an id it does not know."""

    async def forgetful(message: v1.ReleaseHold, work: Any) -> None:
        if await work.lock_hold(message.hold_id) is not None:
            await holds.release_hold(message, work)

    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            asked = place(item_of(MARKET, DAY))
            await booking.do(forgetful, v1.ReleaseHold(hold_id=asked.hold_id))
            await booking.do(holds.place_hold, asked)
            assert await booking.taken() > 0

    asyncio.run(scene())


def test_a_replaced_hold_that_comes_late_is_refused(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            late, fresh = place(item_of(MARKET, DAY)), place(item_of(MARKET, DAY))
            await booking.do(holds.replace_hold, v1.ReplaceHold(old_hold_id=late.hold_id, place=fresh))
            await booking.do(holds.place_hold, late)
            assert await booking.said() == ["hold_placed", "hold_refused"]
            assert (await booking.pools())["visitors", DAY].taken == FAMILY.heads

    asyncio.run(scene())


def test_a_hold_that_would_be_over_before_it_began_is_refused(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await booking.do(holds.place_hold, place(item_of(MARKET, DAY), expires_at=datetime.now(UTC)))
            (refused,) = await booking.facts()
            assert refused.data["reason"] == "past"
            assert await booking.taken() == 0

    asyncio.run(scene())


async def _placed(booking: BookingFixture, *items: Any, party: Any = FAMILY) -> str:
    asked = place(*items, party=party)
    await booking.do(holds.place_hold, asked)
    return str(asked.hold_id)


def test_a_used_booking_keeps_its_places_whoever_releases_it(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            hold_id = await _placed(booking, item_of(MARKET, DAY))
            await booking.do(holds.confirm_hold, v1.ConfirmHold(hold_id=hold_id))
            await booking.do(holds.redeem_hold, v1.RedeemHold(hold_id=hold_id))
            await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=hold_id))
            assert await booking.said() == ["hold_placed", "hold_confirmed", "hold_redeemed"]
            assert (await booking.pools())["visitors", DAY].booked == FAMILY.heads

    asyncio.run(scene())
