"""An activity over several days, on a real database: what it takes, what hits it, and where it is listed."""

import asyncio
from datetime import time

from contracts.booking import v1
from services.booking.handlers import bookings, holds, queries, rule_changes
from services.chassis.runtime.ids import new_id
from tests.support.booking import COUPLE, experience, in_days, item_of, offering, place, usual_experiences
from tests.support.booking_fixture import BookingFixture, booking_fixture

DAY, NEXT, LAST = in_days(10), in_days(11), in_days(12)
OURS = "bo-taen"
TREK = experience("bo-taen.trek", programme="overnight", duration_minutes=2_880, starts=(time(8),))
OFFER = offering(*usual_experiences(), TREK)


async def booked(booking: BookingFixture) -> str:
    command = v1.Reserve(hold_id=new_id(), party=COUPLE, items=(item_of(TREK.id, DAY),))
    await booking.do(bookings.reserve, command, OURS)
    await booking.facts()
    return str(command.hold_id)


async def listed(booking: BookingFixture, day: object) -> list[str]:
    found = await booking.do(queries.list_bookings, v1.ListBookings(first=day, last=day), OURS)
    return [one.hold_id for one in found]


def test_an_activity_of_several_days_counts_its_visitors_on_each_and_is_listed_on_each(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, OFFER) as booking:
            mine = await booked(booking)
            taken = {at: pool.taken for at, pool in (await booking.pools()).items()}
            visitors = {("visitors", day): 2 for day in (DAY, NEXT, LAST)}
            assert taken == {(f"seats/{TREK.id}/08:00", DAY): 2, **visitors}
            assert [await listed(booking, in_days(n)) for n in (9, 10, 11, 12, 13)] == [[], [mine], [mine], [mine], []]
            cancel = v1.ChangeBooking(hold_id=mine, act="cancel")
            await booking.do(bookings.change_booking, cancel, OURS)
            assert await booking.taken() == 0
            assert await listed(booking, LAST) == [mine], "one that has ended is still found on each of its days"
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_closed_day_in_the_middle_lists_the_booking_and_takes_no_other(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, OFFER) as booking:
            mine = await booked(booking)
            close = v1.SetException(day=NEXT, kind="closed", reason="the roof leaks")
            assert (await booking.do(rule_changes.set_exception, close, OURS)).conflicts == (mine,)
            await booking.do(holds.place_hold, place(item_of(TREK.id, DAY)))
            (fact,) = await booking.facts()
            assert (fact.type, fact.data["reason"]) == ("hold_refused", "closed")
            ask = v1.AskAvailability(community=OURS, experience_id=TREK.id, first=DAY - (NEXT - DAY), last=DAY)
            found = await booking.do(queries.ask_availability, ask, OURS)
            assert [one.reason for one in found] == ["closed", "closed"], "what is beyond the days asked for counts too"

    asyncio.run(scene())


def test_a_booking_from_before_every_day_counted_is_listed_by_a_closure_of_its_last_day(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, OFFER) as booking:
            mine = await booked(booking)
            gone = f"DELETE FROM takings WHERE day > '{DAY}'; UPDATE pools SET taken = 0 WHERE day > '{DAY}'"
            await booking.plant(gone)
            close = v1.SetException(day=LAST, kind="closed", reason="the roof leaks")
            assert (await booking.do(rule_changes.set_exception, close, OURS)).conflicts == (mine,)

    asyncio.run(scene())
