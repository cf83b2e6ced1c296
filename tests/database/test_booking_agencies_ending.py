"""Agencies cancel or change what they booked: what is given back, and what takes its place."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.community.v1 import CancellationRule
from contracts.principal import Principal
from contracts.refusals import No
from contracts.values import Party
from services.booking.handlers import bookings
from services.chassis.runtime.ids import new_id
from tests.support.agencies import (
    DAY,
    HELPER,
    MARKET_AT,
    MEKONG,
    NIGHTS,
    OURS,
    RULE,
    agreed,
    change,
    held,
    on_request,
    refusal,
    reserve,
)
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, ONE, RAFT, experience, item_of, offering
from tests.support.booking_fixture import booking_fixture


@pytest.mark.parametrize(
    ("rule", "hours", "percent"),
    [(None, 49, 100), (None, 48, 100), (None, 47, 0), (RULE, 72, 100), (RULE, 71, 50), (RULE, 23, 0), (RULE, -1, 0)],
)
@pytest.mark.parametrize(("who", "side"), [(MEKONG, "agency"), (HELPER, "community")])
def test_what_is_given_back_is_by_the_rule_that_was_copied(
    booking_database: str, rule: CancellationRule | None, hours: int, percent: int, who: Principal, side: str
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(experience(MARKET, cancellation=rule))) as booking:
            await agreed(booking, cutoff_hours=48)
            view = await held(booking, item_of(MARKET, DAY))
            booked = await change(booking, view.hold_id, "confirm")
            await booking.publish(offering(experience(MARKET, cancellation=CancellationRule())))  # later: nothing
            at = MARKET_AT - timedelta(hours=hours)
            ended = await change(booking, view.hold_id, "cancel", who, now=at)
            assert ended.cancelled == v1.Cancelled(at=at, by=side, refund_percent=percent)
            assert ended.cancellation == booked.cancellation
            assert (await booking.changed())[-1].cancelled == ended.cancelled
            if who is MEKONG:
                assert await change(booking, view.hold_id, "cancel", who, now=at + timedelta(hours=1)) == ended
            assert await booking.taken() == 0
            assert await booking.violations() == []

    asyncio.run(scene())


def test_what_was_never_confirmed_is_given_back_whole(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, on_request(cancellation=CancellationRule())) as booking:
            await agreed(booking)
            for acts in ((), ("confirm",)):
                view = await held(booking, item_of(MARKET, DAY))
                for act in acts:
                    await change(booking, view.hold_id, act)
                ended = await change(booking, view.hold_id, "cancel")
                assert ended.cancelled is not None
                assert ended.cancelled.refund_percent == 100
            sure = await held(booking, item_of(RAFT, DAY, start=time(8)))
            assert await change(booking, sure.hold_id, "confirm")
            redeemed = await change(booking, sure.hold_id, "redeem", HELPER, now=MARKET_AT)
            assert (await refusal(change(booking, redeemed.hold_id, "cancel", now=MARKET_AT))).code is No.WRONG_STATE

    asyncio.run(scene())


def replacing(old: str, *items: Any, party: Party = COUPLE) -> v1.ReplaceBooking:
    return v1.ReplaceBooking(hold_id=old, new_hold_id=new_id(), party=party, items=items)


def test_another_booking_takes_the_place_of_one_or_nothing_changes(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            first = await held(booking, NIGHTS)
            await change(booking, first.hold_id, "confirm")
            asked = replacing(first.hold_id, item_of(HOMESTAY, DAY, nights=3), party=FAMILY)
            await booking.changed()
            new = await booking.do(bookings.replace_booking, asked, OURS, None, MEKONG)
            assert (new.state, new.hold_id, new.agency) == ("CONFIRMED", asked.new_hold_id, "mekong-tours")
            assert new.times.confirmed_at is not None
            gone, stands = await booking.changed()
            assert (gone.hold_id, gone.state, gone.replaced_by) == (first.hold_id, "CANCELLED", new.hold_id)
            assert (stands.hold_id, stands.state, stands.replaced_by) == (new.hold_id, "CONFIRMED", None)
            before = await booking.pools()
            crowd = replacing(new.hold_id, NIGHTS, party=Party(adult=16))
            assert (await refusal(booking.do(bookings.replace_booking, crowd, OURS, None, MEKONG))).code is No.NO_ROOM
            again = replacing(first.hold_id, NIGHTS)
            no = await refusal(booking.do(bookings.replace_booking, again, OURS, None, MEKONG))
            assert no.reason == "changed_meanwhile"
            assert await booking.pools() == before
            assert await booking.changed() == []
            assert await booking.violations() == []

    asyncio.run(scene())


def test_what_is_moved_is_worth_no_more_when_it_is_cancelled(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(experience(MARKET, cancellation=RULE))) as booking:
            await agreed(booking)
            first = await held(booking, item_of(MARKET, DAY))
            await change(booking, first.hold_id, "confirm")
            late = MARKET_AT - timedelta(hours=30)  # half is given back by now
            asked = replacing(first.hold_id, item_of(MARKET, DAY + timedelta(days=60)))
            await booking.do(bookings.replace_booking, asked, OURS, late, MEKONG)
            ended = await change(booking, asked.new_hold_id, "cancel", now=late)
            assert ended.cancelled is not None
            assert ended.cancelled.refund_percent == 50

    asyncio.run(scene())


def test_what_the_community_confirms_itself_grows_only_with_its_word(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, on_request()) as booking:
            await agreed(booking)
            first = await held(booking, item_of(MARKET, DAY))
            await change(booking, first.hold_id, "confirm")
            waiting = replacing(first.hold_id, item_of(MARKET, DAY), party=FAMILY)
            moved = await booking.do(bookings.replace_booking, waiting, OURS, None, MEKONG)
            assert (moved.state, moved.expires_at is None) == ("PENDING", False), "it waits as the old one did"
            await change(booking, moved.hold_id, "approve", HELPER)
            for more in (replacing(moved.hold_id, item_of(MARKET, DAY), party=Party(adult=9)),
                         replacing(moved.hold_id, item_of(MARKET, DAY + timedelta(days=1)), party=ONE)):  # fmt: skip
                no = await refusal(booking.do(bookings.replace_booking, more, OURS, None, MEKONG))
                assert no.reason == "community_confirms_more"
            fewer = replacing(moved.hold_id, item_of(MARKET, DAY), party=ONE)
            assert (await booking.do(bookings.replace_booking, fewer, OURS, None, MEKONG)).state == "CONFIRMED"
            assert (await booking.pools())["visitors", DAY].taken == 1
            assert await booking.violations() == []

    asyncio.run(scene())


def test_members_do_with_an_agencys_booking_what_is_theirs_to_do(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            view = await held(booking, item_of(MARKET, DAY))
            until = datetime.now(UTC) + timedelta(hours=1)
            for act in ("confirm", "extend"):
                no = await refusal(change(booking, view.hold_id, act, HELPER, expires_at=until))
                assert (no.code, no.reason) == (No.NOT_ALLOWED, "belongs_to_an_agency")
            instead = booking.do(bookings.replace_booking, replacing(view.hold_id, NIGHTS), OURS, None, HELPER)
            assert (await refusal(instead)).reason == "belongs_to_an_agency"
            ended = await change(booking, view.hold_id, "cancel", HELPER)
            assert (ended.cancelled.by, ended.cancelled.refund_percent) == ("community", 100)
            own = await booking.do(bookings.reserve, reserve(NIGHTS, confirm=True), OURS, None, HELPER)
            gone = await change(booking, own.hold_id, "cancel", HELPER)
            assert gone.cancelled is None, "of own guests nothing is said of a refund"
            assert [one.hold_id for one in await booking.changed()] == [view.hold_id, view.hold_id]

    asyncio.run(scene())
