"""Own guests change their minds: the new is taken and the old returned in one transaction, or nothing changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.refusals import No, Refused
from contracts.values import Items, Party
from services.booking.handlers import bookings, holds
from services.booking.handlers.rule_changes import set_exception
from services.chassis.runtime.ids import new_id
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, ONE, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture

DAY = in_days(10)
NIGHT = timedelta(days=1)
OURS = "bo-taen"
STAY = item_of(HOMESTAY, DAY, nights=2)


async def reserved(booking: BookingFixture, *items: Any, **given: Any) -> str:
    wanted = {"hold_id": new_id(), "party": COUPLE, "items": items} | given
    view = await booking.do(bookings.reserve, v1.Reserve.model_validate(wanted), OURS)
    await booking.facts()
    return str(view.hold_id)


def change(hold_id: str, *items: Any, party: Party = COUPLE) -> v1.ReplaceBooking:
    return v1.ReplaceBooking(hold_id=hold_id, new_hold_id=new_id(), party=party, items=items)


async def refused(booking: BookingFixture, command: v1.ReplaceBooking, acting: str = OURS) -> tuple[No, str | None]:
    """Refused, with everything as it was."""
    before = await booking.pools()
    with pytest.raises(Refused) as no:
        await booking.do(bookings.replace_booking, command, acting)
    assert await booking.pools() == before
    assert await booking.facts() == []
    assert await booking.violations() == []
    return no.value.refusal.code, no.value.refusal.reason


def test_more_guests_other_days_and_other_wishes_take_the_place_of_what_was_booked(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            first = await reserved(booking, STAY)
            later: Items = (item_of(HOMESTAY, DAY + NIGHT), item_of(MARKET, DAY + NIGHT))
            asked = change(first, *later, party=FAMILY)
            view = await booking.do(bookings.replace_booking, asked, OURS)
            assert (view.hold_id, view.state, view.party) == (asked.new_hold_id, "CONFIRMED", FAMILY)
            assert all(item.start for item in view.items)
            assert view.quote.total.amount == "800000.00"
            assert await booking.said() == ["hold_confirmed", "hold_released"]
            assert await booking.state(first) == "CANCELLED"
            pools = await booking.pools()
            assert (pools["guests", DAY].taken, pools["guests", DAY + NIGHT].taken) == (0, 3)
            assert pools["guests", DAY + NIGHT].booked == 3
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_change_counts_the_own_places_and_is_taken_whole_or_not_at_all(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=4)) as booking:
            ours = await reserved(booking, STAY)
            await reserved(booking, item_of(HOMESTAY, DAY + NIGHT))
            more = change(ours, STAY, party=FAMILY)
            assert await refused(booking, more) == (No.NO_ROOM, "no_place"), "the second night has no third place"
            with pytest.raises(Refused) as no:
                await booking.do(bookings.replace_booking, more, OURS)
            about = no.value.refusal.params or {}
            assert (about["experience_id"], about["day"], about["why"]) == (HOMESTAY, f"{DAY}", "no_room")
            assert await booking.state(ours) == "CONFIRMED"
            same = change(ours, STAY, item_of(MARKET, DAY))
            assert (await booking.do(bookings.replace_booking, same, OURS)).state == "CONFIRMED", "their own are theirs"
            fewer = change(same.new_hold_id, STAY, party=ONE)
            await booking.do(bookings.replace_booking, fewer, OURS)
            assert (await booking.pools())["guests", DAY + NIGHT].taken == 3
            assert await booking.violations() == []

    asyncio.run(scene())


def test_fewer_guests_are_let_go_also_on_a_day_that_is_oversold(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            ours = await reserved(booking, STAY, party=FAMILY)
            told = {"day": DAY, "kind": "capacity", "pool": "guests", "capacity": 1, "reason": "one house is full"}
            await booking.do(set_exception, v1.SetException.model_validate(told), OURS)
            await booking.facts()
            crowd = change(ours, STAY, party=Party(adult=4))
            assert await refused(booking, crowd) == (No.NO_ROOM, "no_place")
            await booking.do(bookings.replace_booking, change(ours, STAY), OURS)
            assert (await booking.pools())["guests", DAY].oversold == 1
            assert await booking.violations() == []

    asyncio.run(scene())


def test_the_new_one_waits_as_the_old_one_did(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
            held = await reserved(booking, STAY, confirm=False, expires_at=until)
            view = await booking.do(bookings.replace_booking, change(held, STAY, party=ONE), OURS)
            assert (view.state, view.expires_at) == ("ON_HOLD", until)
            assert await booking.said() == ["hold_placed", "hold_released"]
            pending = await reserved(booking, STAY, needs_approval=True)
            assert (await booking.do(bookings.replace_booking, change(pending, STAY), OURS)).state == "PENDING"
            assert await booking.violations() == []

    asyncio.run(scene())


def test_only_an_own_booking_that_is_not_over_is_changed(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            ours = await reserved(booking, STAY)
            handed = place(STAY)
            await booking.do(holds.place_hold, handed)
            await booking.facts()
            assert await refused(booking, change(handed.hold_id, STAY)) == (No.NOT_ALLOWED, "belongs_to_a_handoff")
            assert await refused(booking, change(new_id(), STAY)) == (No.UNKNOWN, "no_such_booking")
            elsewhere = change(ours, item_of("tha-li.weaving", DAY))
            assert await refused(booking, elsewhere) == (No.NOT_ALLOWED, "book_your_own")
            used = change(ours, STAY).model_copy(update={"new_hold_id": ours})
            assert await refused(booking, used) == (No.CONFLICT, "hold_id_used_before")
            soon = await reserved(booking, STAY, confirm=False, expires_at=datetime.now(UTC) + timedelta(seconds=30))
            await booking.plant(f"UPDATE holds SET expires_at = now() - interval '1 s' WHERE hold_id = '{soon}'")
            assert await refused(booking, change(soon, STAY)) == (No.TOO_LATE, "hold_has_run_out")
            gone = v1.ChangeBooking(hold_id=ours, act="cancel")
            await booking.do(bookings.change_booking, gone, OURS)
            await booking.facts()
            assert await refused(booking, change(ours, STAY)) == (No.WRONG_STATE, "booking_is_over")

    asyncio.run(scene())


def test_another_community_cannot_change_it_and_one_whose_visit_is_over_stays_as_it_was(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            ours = await reserved(booking, STAY)
            assert await refused(booking, change(ours, STAY), "tha-li") == (No.UNKNOWN, "no_such_booking")
            await booking.plant('UPDATE node.clock SET "offset" = "offset" + interval \'20 days\'')
            later = change(ours, item_of(HOMESTAY, DAY + 20 * NIGHT))
            assert await refused(booking, later) == (No.WRONG_STATE, "booking_is_over")

    asyncio.run(scene())


def test_two_who_change_the_same_booking_at_once_leave_one(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            ours = await reserved(booking, STAY)
            tries = (booking.do(bookings.replace_booking, change(ours, STAY, party=FAMILY), OURS) for _ in range(2))
            done = await asyncio.gather(*tries, return_exceptions=True)
            assert sorted(type(one).__name__ for one in done) == ["BookingView", "Refused"]
            assert (await booking.pools())["guests", DAY].taken == FAMILY.heads
            assert await booking.violations() == []

    asyncio.run(scene())
