"""A booking is given back at the instant at which the change of it ends: no place is lost, none given twice."""

import asyncio

import pytest

from contracts.booking import v1 as booking
from contracts.values import Party
from services.booking.handlers import holds
from services.booking.ports import EVERYONE
from tests.support.booking import HOMESTAY, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture

STAY = item_of(HOMESTAY, in_days(20))


async def waits_for_another(booking_: BookingFixture) -> None:
    """Until a transaction waits for a lock of another one; at most five seconds."""
    async with asyncio.timeout(5), booking_.store.work(EVERYONE) as work:
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        while not await work.connection.fetchval(waiting):  # noqa: ASYNC110 # PostgreSQL tells nobody of a wait
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("change_first", [True, False], ids=["the change first", "the booking first"])
def test_a_booking_and_its_change_that_end_together_take_nothing(booking_database: str, change_first: bool) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = place(STAY, party=Party(adult=12))
            await booking_.do(holds.place_hold, old)
            await booking_.do(holds.confirm_hold, booking.ConfirmHold(hold_id=old.hold_id))
            new = place(STAY, party=Party(adult=9), replaces=old.hold_id)
            await booking_.do(holds.place_hold, new)
            first, second = (new, old) if change_first else (old, new)
            async with booking_.store.work(EVERYONE) as work:
                await holds.release_hold(booking.ReleaseHold(hold_id=first.hold_id), work)
                release = booking.ReleaseHold(hold_id=second.hold_id)
                other = asyncio.create_task(booking_.do(holds.release_hold, release))
                await waits_for_another(booking_)
            await other
            assert await booking_.taken() == 0
            assert await booking_.violations() == []

    asyncio.run(scene())
