"""What an agency cannot do: keep places it does not book, dodge the fee of a cancellation or its community's word."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.holding import MOST_HOLDS
from contracts.refusals import No, Refused
from contracts.values import Party
from services.booking.handlers import bookings, holds
from services.chassis.runtime.ids import new_id
from tests.support.agencies import (
    DAY,
    HELPER,
    LANNA,
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
)
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, ONE, experience, item_of, offering
from tests.support.booking_fixture import BookingFixture, booking_fixture


async def replaced(
    booking: BookingFixture, old: str, *items: Any, party: Party = COUPLE, now: datetime | None = None
) -> Any:
    """Another hold in the place of one of the agency's."""
    asked = v1.ReplaceBooking(hold_id=old, new_hold_id=new_id(), party=party, items=items)
    return await booking.do(bookings.replace_booking, asked, OURS, now, MEKONG)


@pytest.mark.parametrize("confirm", [False, True])
def test_nothing_is_done_to_a_hold_whose_booking_goes_on_under_another(booking_database: str, confirm: bool) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            old = await held(booking, NIGHTS)
            if confirm:
                await change(booking, old.hold_id, "confirm")
            new = await replaced(booking, old.hold_id, NIGHTS, party=FAMILY)
            until = datetime.now(UTC) + timedelta(hours=2)
            asked = [change(booking, old.hold_id, act, expires_at=until) for act in ("cancel", "confirm", "extend")]
            for one in (*asked, replaced(booking, old.hold_id, NIGHTS)):
                no = await refusal(one)
                assert (no.code, no.reason) == (No.WRONG_STATE, "changed_meanwhile")
            ended = await change(booking, new.hold_id, "cancel")
            assert await change(booking, new.hold_id, "cancel") == ended, "what was cancelled is answered the same"
            assert await booking.taken() == 0
            assert await booking.violations() == []

    asyncio.run(scene())


def test_however_often_it_is_extended_or_replaced_it_is_held_for_a_day(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            first = datetime.now(UTC).replace(microsecond=0)
            view, now = await held(booking, item_of(MARKET, DAY), minutes=60, now=first), first
            for n in range(3):
                now = view.expires_at - timedelta(minutes=5)
                view = await replaced(booking, view.hold_id, item_of(MARKET, DAY + timedelta(days=n)), now=now)
                assert view.times.placed_at == first, "as old as the first"
                view = await change(booking, view.hold_id, "extend", now=now, expires_at=now + timedelta(hours=20))
                assert view.expires_at <= first + timedelta(hours=24)
            assert view.expires_at == first + timedelta(hours=24)
            await change(booking, view.hold_id, "confirm", now=now)
            moved = await replaced(booking, view.hold_id, item_of(MARKET, DAY), now=now)
            assert moved.times.placed_at == now, "of a booking it is said when it was changed"

    asyncio.run(scene())


@pytest.mark.parametrize(("terms", "hours"), [({}, 24), ({"cutoff_hours": 60}, 60)])
def test_nothing_is_held_past_the_cut_off_by_extending_it(booking_database: str, terms: Any, hours: int) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking, **terms)
            limit = MARKET_AT - timedelta(hours=hours)
            early = limit - timedelta(hours=2)
            view = await held(booking, item_of(MARKET, DAY), now=early)
            longer = await change(booking, view.hold_id, "extend", now=early, expires_at=early + timedelta(hours=1))
            assert longer.expires_at == early + timedelta(hours=1), "before it as long as is asked"
            last = await change(booking, view.hold_id, "extend", now=early, expires_at=limit + timedelta(hours=9))
            assert last.expires_at == limit
            soon = limit - timedelta(minutes=10)
            other = await held(booking, item_of(MARKET, DAY), now=soon)
            kept = await change(booking, other.hold_id, "extend", now=limit, expires_at=limit + timedelta(hours=9))
            assert kept.expires_at == other.expires_at > limit, "what was promised stays promised"

    asyncio.run(scene())


def test_so_many_holds_and_no_more_run_at_one_community(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            await agreed(booking, LANNA)
            item = item_of(MARKET, DAY)
            open_ones = [await held(booking, item, party=ONE) for _ in range(MOST_HOLDS - 1)]
            short = await held(booking, item_of(MARKET, DAY + timedelta(days=1)), party=ONE, minutes=1)
            before = await booking.pools()
            no = await refusal(held(booking, item, party=ONE))
            assert (no.code, no.reason, no.params) == (No.TOO_MANY_OPEN, "too_many_holds_open", {"most": MOST_HOLDS})
            assert await booking.pools() == before, "nothing was taken for it"
            again = await refusal(held(booking, item, party=ONE, hold_id=short.hold_id))
            assert again.reason == "hold_id_used_before"
            await held(booking, item, party=ONE, who=LANNA)
            await replaced(booking, open_ones[0].hold_id, item, party=ONE)
            after = short.expires_at  # it ran out, swept or not
            await held(booking, item, party=ONE, now=after)
            assert (await refusal(held(booking, item, party=ONE, now=after))).reason == "too_many_holds_open"
            await change(booking, open_ones[1].hold_id, "confirm", now=after)
            await held(booking, item, party=ONE, now=after)
            await change(booking, open_ones[2].hold_id, "cancel", now=after)
            await held(booking, item, party=ONE, now=after)
            assert (await refusal(held(booking, item, party=ONE, now=after))).reason == "too_many_holds_open"
            await booking.sweep(holds.expire_holds, now=after)
            assert await booking.violations() == []

    asyncio.run(scene())


def test_what_waits_for_the_communitys_word_counts_among_them(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, on_request()) as booking:
            await agreed(booking)
            item = item_of(MARKET, DAY)
            waiting = [await held(booking, item, party=ONE) for _ in range(MOST_HOLDS)]
            for one in waiting:
                await change(booking, one.hold_id, "confirm")
            no = await refusal(held(booking, item, party=ONE))
            assert (no.code, no.reason) == (No.TOO_MANY_OPEN, "too_many_holds_open")
            await change(booking, waiting[0].hold_id, "approve", HELPER)
            await held(booking, item, party=ONE)
            assert (await refusal(held(booking, item, party=ONE))).reason == "too_many_holds_open"

    asyncio.run(scene())


def test_all_at_once_they_are_no_more_either(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            days = [DAY + timedelta(days=n) for n in range(MOST_HOLDS + 10)]
            asked = [held(booking, item_of(MARKET, day), party=ONE) for day in days]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            nos = [one.refusal.code for one in outcomes if isinstance(one, Refused)]
            assert nos == [No.TOO_MANY_OPEN] * 10
            assert len(await booking.changed()) == MOST_HOLDS
            assert await booking.violations() == []

    asyncio.run(scene())


@pytest.mark.parametrize("whose", ["experience", "agreement"])
def test_what_is_on_request_does_not_take_the_place_of_a_booking(booking_database: str, whose: str) -> None:
    """Not by fewer people on another day, for fewer nights or in a bigger pool: it takes the community's word."""

    async def scene() -> None:
        async with booking_fixture(booking_database, on_request() if whose == "experience" else offering()) as booking:
            await agreed(booking)
            stay = await held(booking, NIGHTS)
            await change(booking, stay.hold_id, "confirm")
            if whose == "agreement":
                await agreed(booking, confirmation="on_request")
                others = [item_of(HOMESTAY, DAY, nights=1), item_of(HOMESTAY, DAY + timedelta(days=1), nights=1)]
            else:
                others = [item_of(MARKET, DAY)]
            for other in others:
                no = await refusal(replaced(booking, stay.hold_id, other, party=ONE))
                assert (no.code, no.reason) == (No.WRONG_STATE, "community_confirms_more")
            for party in (COUPLE, ONE):
                fewer = await replaced(booking, stay.hold_id, NIGHTS, party=party)
                assert fewer.state == "CONFIRMED"
                stay = fewer
            assert await booking.violations() == []

    asyncio.run(scene())


def test_who_books_less_to_dodge_the_fee_of_a_cancellation_is_refused(booking_database: str) -> None:
    async def scene() -> None:
        offer = offering(experience(MARKET, cancellation=RULE))
        async with booking_fixture(booking_database, offer) as booking:
            await agreed(booking)
            item, late = item_of(MARKET, DAY), MARKET_AT - timedelta(hours=30)
            view = await held(booking, item, party=FAMILY)
            free = await replaced(booking, view.hold_id, item, party=COUPLE)
            assert free.state == "ON_HOLD", "what is not confirmed costs nothing"
            await change(booking, free.hold_id, "confirm")
            more = await replaced(booking, free.hold_id, item, party=FAMILY)
            less = await replaced(booking, more.hold_id, item, party=COUPLE)  # all is given back still
            no = await refusal(replaced(booking, less.hold_id, item, party=ONE, now=late))
            assert (no.code, no.reason, no.params) == (No.WRONG_STATE, "less_costs_a_fee", {"percent": 50})
            moved = await replaced(booking, less.hold_id, item_of(MARKET, DAY + timedelta(days=30)), now=late)
            assert moved.quote.total == less.quote.total
            no = await refusal(replaced(booking, moved.hold_id, item_of(MARKET, DAY), party=ONE, now=late))
            assert no.reason == "less_costs_a_fee", "moved far away, it is worth no more than it was"
            ended = await change(booking, moved.hold_id, "cancel", HELPER, now=late)
            assert ended.cancelled.refund_percent == 50
            assert await booking.violations() == []

    asyncio.run(scene())
