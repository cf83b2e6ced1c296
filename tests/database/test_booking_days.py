"""What is promised on days: pools that nobody has touched yet, who comes, whom a closure would hit before it is set."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.refusals import No, Refused
from services.booking.handlers import bookings, holds, queries, rule_changes
from services.chassis.runtime.ids import new_id
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, RAFT, in_days, item_of, place
from tests.support.booking_fixture import BookingFixture, booking_fixture
from tests.support.principals import OPERATOR, member

DAY = in_days(10)
NIGHT = timedelta(days=1)
OURS = "bo-taen"
RAFTS = {f"seats/{RAFT}/{start}" for start in ("08:00", "10:00", "13:00")}
ALL = {"guests", "visitors", f"seats/{MARKET}/06:00", "seats/bo-taen.salt", *RAFTS}


def scene(url: str, act: Callable[[BookingFixture], Awaitable[None]]) -> None:
    async def play() -> None:
        async with booking_fixture(url) as booking:
            await act(booking)
            assert await booking.violations() == []

    asyncio.run(play())


async def handed(booking: BookingFixture, *items: Any, **given: Any) -> v1.PlaceHold:
    asked = place(*items, **given)
    await booking.do(holds.place_hold, asked)
    assert await booking.said() == ["hold_placed"]
    return asked


async def own(booking: BookingFixture, *items: Any) -> str:
    reserve = v1.Reserve(hold_id=new_id(), party=COUPLE, items=items)
    await booking.do(bookings.reserve, reserve, OURS)
    await booking.facts()
    return reserve.hold_id


def wanted(**given: Any) -> dict[str, Any]:
    return {"day": DAY, "kind": "closed"} | given


async def tried(booking: BookingFixture, **given: Any) -> v1.ExceptionEffect:
    """What it would hit; asked in a transaction that can write nothing."""
    async with booking.store.work(OURS, readonly=True) as work:
        return await rule_changes.try_exception(v1.TryException.model_validate(wanted(**given)), work)


async def told(booking: BookingFixture, **given: Any) -> v1.ExceptionView:
    command = v1.SetException.model_validate(wanted(reason="the roof leaks", **given))
    answer: v1.ExceptionView = await booking.do(rule_changes.set_exception, command, OURS)
    return answer


async def pools(booking: BookingFixture, acting: str = OURS, **given: Any) -> list[v1.PoolView]:
    query = v1.AskPools.model_validate({"first": DAY, "last": DAY + NIGHT, "untouched": True} | given)
    return list(await booking.do(queries.ask_pools, query, acting))


def test_a_month_shows_every_pool_touched_or_not_with_the_capacity_in_force(booking_database: str) -> None:
    async def act(booking: BookingFixture) -> None:
        await handed(booking, item_of(HOMESTAY, DAY))
        await told(booking, kind="capacity", pool="guests", capacity=7, until=DAY + NIGHT)
        found = await pools(booking)
        assert [(one.day, one.pool) for one in found] == sorted((day, one) for day in (DAY, DAY + NIGHT) for one in ALL)
        by_pool = {(one.pool, one.day): one for one in found}
        stayed = by_pool["guests", DAY]
        assert (stayed.capacity, stayed.taken, stayed.held, stayed.booked) == (7, 3, 3, 0)
        free = by_pool["guests", DAY + NIGHT]
        assert (free.capacity, free.taken, free.held, free.booked, free.oversold) == (7, 0, 0, 0, 0)
        assert by_pool["visitors", DAY + NIGHT].capacity == 40
        assert {(one.pool, one.day) for one in await pools(booking, untouched=False)} == {
            ("guests", DAY), ("visitors", DAY),
        }  # fmt: skip
        assert await pools(booking, "tha-li") == [], "it offers nothing here"
        async with booking.store.work(OURS) as work:
            assert await work.connection.fetchval("SELECT count(*) FROM pools") == 2, "looking touches nothing"
        with pytest.raises(Refused) as no:
            await pools(booking, last=DAY + 62 * NIGHT)
        assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "last")
        assert len(await pools(booking, last=DAY + 61 * NIGHT)) == 62 * len(ALL)

    scene(booking_database, act)


def test_who_comes_is_listed_without_those_who_gave_their_places_back(booking_database: str) -> None:
    async def act(booking: BookingFixture) -> None:
        theirs = await handed(booking, item_of(HOMESTAY, DAY - NIGHT, nights=2))
        ours = await own(booking, item_of(MARKET, DAY))
        gone = await handed(booking, item_of(MARKET, DAY))
        await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=gone.hold_id))
        query = v1.ListBookings(first=DAY, last=DAY, live=True)
        found = {one.hold_id: one for one in await booking.do(queries.list_bookings, query, OURS)}
        assert found.keys() == {theirs.hold_id, ours}
        assert (found[theirs.hold_id].partner, found[theirs.hold_id].referral_id) == ("tha-li", theirs.referral_id)
        assert (found[ours].partner, found[ours].referral_id) == (None, None)
        everybody = query.model_copy(update={"live": False})
        assert {one.hold_id: one.partner for one in await booking.do(queries.list_bookings, everybody, OURS)} == {
            theirs.hold_id: "tha-li", ours: None, gone.hold_id: "tha-li",
        }  # fmt: skip
        assert len(await booking.do(queries.list_bookings, query.model_copy(update={"limit": 1}), OURS)) == 1
        assert await booking.do(queries.list_bookings, query, "tha-li") == []

    scene(booking_database, act)


@pytest.mark.parametrize(
    "exception",
    [
        {"kind": "closed"},
        {"kind": "closed", "experience_id": MARKET},
        {"kind": "closed", "experience_id": RAFT, "start": "08:00"},
        {"kind": "closed", "until": DAY + 3 * NIGHT},
        {"kind": "stop_sell"},
        {"kind": "capacity", "pool": "guests", "capacity": 4},
        {"kind": "capacity", "pool": "guests", "capacity": 5},
        {"kind": "capacity", "pool": "visitors", "capacity": 0, "until": DAY + 5 * NIGHT},
        {"kind": "capacity", "experience_id": RAFT, "start": "08:00", "capacity": 1},
        {"kind": "lifted"},
    ],
    ids=repr,
)
def test_what_is_tried_is_what_it_hits_once_it_is_set(booking_database: str, exception: dict[str, Any]) -> None:
    async def act(booking: BookingFixture) -> None:
        await handed(booking, item_of(HOMESTAY, DAY - NIGHT, nights=2))
        await handed(booking, item_of(MARKET, DAY + 3 * NIGHT))
        await own(booking, item_of(RAFT, DAY, start=time(8)))
        await own(booking, item_of(HOMESTAY, DAY))
        before = await booking.pools()
        effect = await tried(booking, **exception)
        assert await booking.pools() == before
        assert await booking.do(queries.ask_exceptions, v1.AskExceptions(first=DAY, last=DAY), OURS) == []
        view = await told(booking, **exception)
        assert {one.hold_id for one in effect.hits} == set(view.conflicts)
        assert effect.count == len(view.conflicts)
        after = await booking.pools()
        assert {(one.pool, one.day): one for one in effect.below} == {
            at: one for at, one in after.items() if one.oversold and one != before[at]
        }
        soonest = [min(item.day for item in one.items) for one in effect.hits]
        assert soonest == sorted(soonest)

    scene(booking_database, act)


def test_what_would_fall_below_says_whom_to_call(booking_database: str) -> None:
    async def act(booking: BookingFixture) -> None:
        theirs = await handed(booking, item_of(HOMESTAY, DAY), party=FAMILY)
        ours = await own(booking, item_of(HOMESTAY, DAY))
        effect = await tried(booking, kind="capacity", pool="guests", capacity=4)
        assert {(one.hold_id, one.referral_id, one.partner) for one in effect.hits} == {
            (theirs.hold_id, theirs.referral_id, "tha-li"), (ours, None, None),
        }  # fmt: skip
        (below,) = effect.below
        assert (below.pool, below.capacity, below.taken, below.oversold) == ("guests", 4, 5, 1)
        assert (below.held, below.booked) == (3, 2)

    scene(booking_database, act)


def test_what_makes_no_sense_is_refused_as_if_it_were_set_and_others_try_nothing(booking_database: str) -> None:
    async def act(booking: BookingFixture) -> None:
        for given in (
            {"kind": "capacity", "pool": "guests"}, {"day": in_days(-2)}, {"until": DAY - NIGHT},
            {"experience_id": "bo-taen.gone"}, {"kind": "closed", "pool": "guests"},
        ):  # fmt: skip
            with pytest.raises(Refused) as no:
                await tried(booking, **given)
            with pytest.raises(Refused) as same:
                await told(booking, **given)
            assert no.value.refusal == same.value.refusal
        with pytest.raises(Refused) as no:
            await booking.do(rule_changes.try_exception, v1.TryException.model_validate(wanted()), "tha-li")
        assert no.value.refusal.code is No.UNKNOWN

    scene(booking_database, act)


def test_the_history_says_which_member_did_it_and_names_no_operator_of_the_system(booking_database: str) -> None:
    async def act(booking: BookingFixture) -> None:
        for who in (member(OURS, account="noi"), OPERATOR, None):
            async with booking.store.work(OURS) as work:
                work.principal = who
                command = v1.SetException.model_validate(wanted(reason="the roof leaks"))
                view = await rule_changes.set_exception(command, work)
                assert view.account == ("noi" if who == member(OURS, account="noi") else None)
        history = await booking.do(queries.ask_exceptions, v1.AskExceptions(first=DAY, last=DAY), OURS)
        assert [one.account for one in history] == ["noi", None, None]
        assert await booking.do(queries.ask_exceptions, v1.AskExceptions(first=DAY, last=DAY), "tha-li") == []
        assert all("noi" not in str(fact.data) for fact in await booking.facts())

    scene(booking_database, act)
