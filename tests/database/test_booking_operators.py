"""What operators and changed offers do: closures, other capacities, own bookings; and what the checker would find."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.booking import v1
from contracts.community.v1 import PartnershipStated, Terms
from contracts.messages import MAX_BODY
from contracts.refusals import No, Refused
from contracts.values import Party
from services.booking.handlers import availability, bookings, holds, queries, rule_changes
from services.chassis.runtime.ids import new_id
from tests.support.booking import COUPLE, FAMILY, HOMESTAY, MARKET, ONE, RAFT, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture

DAY = in_days(10)
OURS = "bo-taen"


def told(**given: Any) -> v1.SetException:
    return v1.SetException(**({"day": DAY, "reason": "the roof leaks"} | given))


def reserve(*items: Any, **given: Any) -> v1.Reserve:
    return v1.Reserve(**({"hold_id": new_id(), "party": COUPLE, "items": items} | given))


async def refusal(booking: BookingFixture, handler: Any, command: Any, acting: str = OURS) -> tuple[No, str | None]:
    with pytest.raises(Refused) as no:
        await booking.do(handler, command, acting)
    return no.value.refusal.code, no.value.refusal.field


async def hold(booking: BookingFixture, *items: Any, party: Any = FAMILY) -> str:
    asked = place(*items, party=party)
    await booking.do(holds.place_hold, asked)
    (fact,) = await booking.facts()
    assert fact.type == "hold_placed", fact
    return str(asked.hold_id)


async def last_reason(booking: BookingFixture) -> str:
    (fact,) = await booking.facts()
    return str(fact.data.get("reason") or fact.type)


def test_lowering_capacity_below_what_is_taken_records_oversold_and_names_the_bookings(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            first = await hold(booking, item_of(HOMESTAY, DAY, nights=2))
            await hold(booking, item_of(MARKET, DAY))
            view = await booking.do(rule_changes.set_exception, told(kind="capacity", pool="guests", capacity=2), OURS)
            assert view.conflicts == (first,)
            guests = (await booking.pools())["guests", DAY]
            assert (guests.capacity, guests.taken, guests.oversold) == (2, 3, 1)
            assert await booking.violations() == []
            await booking.do(holds.place_hold, place(item_of(HOMESTAY, DAY), party=ONE))
            assert await last_reason(booking) == "no_room"
            await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=first))
            assert (await booking.pools())["guests", DAY].oversold == 0
            await booking.do(rule_changes.set_exception, told(kind="lifted"), OURS)
            assert (await booking.pools())["guests", DAY].capacity == 15

    asyncio.run(scene())


def test_a_closed_day_takes_nobody_and_lists_those_it_hits(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            stays = await hold(booking, item_of(HOMESTAY, DAY - timedelta(days=1), nights=2))
            await hold(booking, item_of(MARKET, DAY - timedelta(days=1)))
            view = await booking.do(rule_changes.set_exception, told(kind="closed"), OURS)
            assert view.conflicts == (stays,)
            await booking.do(holds.place_hold, place(item_of(MARKET, DAY)))
            assert await last_reason(booking) == "closed"
            assert await booking.state(stays) == "ON_HOLD"
            await booking.do(rule_changes.set_exception, told(kind="lifted", reason="mended"), OURS)
            await booking.do(holds.place_hold, place(item_of(MARKET, DAY)))
            assert await last_reason(booking) == "hold_placed"
            history = await booking.do(queries.ask_exceptions, v1.AskExceptions(first=DAY, last=DAY), OURS)
            assert [(one.kind, one.lifted, one.conflicts) for one in history] == [
                ("closed", True, (stays,)),
                ("lifted", False, ()),
            ]

    asyncio.run(scene())


def test_when_selling_stops_those_who_have_a_place_keep_it(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            first = await hold(booking, item_of(RAFT, DAY))
            view = await booking.do(rule_changes.set_exception, told(kind="stop_sell", experience_id=RAFT), OURS)
            assert view.conflicts == ()
            await booking.do(holds.place_hold, place(item_of(RAFT, DAY), party=ONE))
            assert await last_reason(booking) == "stop_sell"
            await booking.do(holds.confirm_hold, v1.ConfirmHold(hold_id=first))
            assert await last_reason(booking) == "hold_confirmed"

    asyncio.run(scene())


def test_a_smaller_standing_offer_updates_touched_pools_and_says_so_in_the_history(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            first = await hold(booking, item_of(HOMESTAY, DAY))
            await booking.publish(offering(guests_per_night=2))
            guests = (await booking.pools())["guests", DAY]
            assert (guests.capacity, guests.oversold) == (2, 1)
            history = await booking.do(queries.ask_exceptions, v1.AskExceptions(first=DAY, last=DAY), OURS)
            assert [(one.kind, one.pool, one.conflicts) for one in history] == [("offering", "guests", (first,))]
            assert await booking.violations() == []
            await booking.publish(offering())
            assert (await booking.pools())["guests", DAY].oversold == 0

    asyncio.run(scene())


def test_the_history_cannot_be_rewritten(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await booking.do(rule_changes.set_exception, told(kind="closed"), OURS)
            for sql in ("UPDATE booking.exceptions SET reason = 'x'", "DELETE FROM booking.exceptions"):
                with pytest.raises(asyncpg.RaiseError):
                    async with booking.store.work(OURS) as work:
                        await work.connection.execute(sql)

    asyncio.run(scene())


def test_an_operator_books_walk_in_guests_after_the_cut_off(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            tomorrow = item_of(MARKET, in_days(1))
            view = await booking.do(bookings.reserve, reserve(tomorrow), OURS)
            assert (view.state, view.quote.total.amount) == ("CONFIRMED", "120000.00")
            assert view.items[0].start is not None
            assert await refusal(booking, bookings.reserve, reserve(tomorrow, hold_id=view.hold_id)) == (
                No.CONFLICT,
                "hold_id",
            )
            assert await refusal(booking, bookings.reserve, reserve(tomorrow, confirm=False)) == (
                No.INVALID,
                "expires_at",
            )
            assert await refusal(booking, bookings.reserve, reserve(item_of("tha-li.weaving", DAY))) == (
                No.NOT_ALLOWED,
                "items",
            )
            crowd = reserve(item_of(RAFT, DAY, start=time(8)), party=FAMILY.model_copy(update={"adult": 9}))
            assert await refusal(booking, bookings.reserve, crowd) == (No.NO_ROOM, "party")
            of_three = reserve(item_of(MARKET, DAY), item_of(RAFT, DAY))
            assert await refusal(booking, bookings.reserve, of_three) == (No.INVALID, "items.1.start")
            of_one = await booking.do(bookings.reserve, reserve(item_of(MARKET, DAY)), OURS)
            assert of_one.items[0].start == time(6), "a single start is said, if it was left out or not"

    asyncio.run(scene())


def test_a_booking_that_needs_approval_is_approved_rejected_or_given_back(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            for act, end in (("approve", "CONFIRMED"), ("reject", "REJECTED"), ("cancel", "CANCELLED")):
                asked = reserve(item_of(MARKET, DAY), needs_approval=True)
                await booking.do(bookings.reserve, asked, OURS)
                view = await booking.do(
                    bookings.change_booking, v1.ChangeBooking.read({"hold_id": asked.hold_id, "act": act}), OURS
                )
                assert view.state == end
                again = v1.ChangeBooking(hold_id=asked.hold_id, act="reject")
                assert await refusal(booking, bookings.change_booking, again) == (No.WRONG_STATE, "act")
            assert (await booking.pools())["visitors", DAY].booked == COUPLE.heads
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_community_cannot_see_or_change_bookings_of_another(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            own = reserve(item_of(MARKET, DAY))
            await booking.do(bookings.reserve, own, OURS)
            theirs = await hold_of_handoff(booking)
            cancel = v1.ChangeBooking(hold_id=own.hold_id, act="cancel")
            assert await refusal(booking, bookings.change_booking, cancel, "tha-li") == (No.UNKNOWN, "hold_id")
            meddle = v1.ChangeBooking(hold_id=theirs, act="cancel")
            assert await refusal(booking, bookings.change_booking, meddle) == (No.NOT_ALLOWED, "hold_id")
            days = {"first": DAY, "last": DAY}
            assert await booking.do(queries.ask_pools, v1.AskPools(**days), "tha-li") == []
            ask = v1.AskAvailability(community=OURS, **days)
            assert await refusal(booking, queries.ask_availability, ask, "tha-li") == (No.UNKNOWN, "community")
            seen = v1.AskBooking(hold_id=own.hold_id)
            assert await refusal(booking, queries.ask_booking, seen, "tha-li") == (No.UNKNOWN, "hold_id")

    asyncio.run(scene())


def test_a_lost_booking_is_found_again_by_its_days_in_any_state_and_by_its_own_community_alone(
    booking_database: str,
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            handed = await hold(booking, item_of(HOMESTAY, DAY - timedelta(days=1), nights=2))
            given_back = reserve(item_of(MARKET, DAY), item_of(RAFT, DAY + timedelta(days=3), start=time(8)))
            later = reserve(item_of(MARKET, DAY + timedelta(days=1)))
            for n, one in enumerate((given_back, later), 1):
                await booking.do(bookings.reserve, one, OURS, datetime.now(UTC) + timedelta(seconds=n))
            await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=new_id()))
            cancel = v1.ChangeBooking(hold_id=given_back.hold_id, act="cancel")
            await booking.do(bookings.change_booking, cancel, OURS)

            async def found(first: int, last: int, acting: str = OURS, **asked: Any) -> list[tuple[str, str]]:
                days = {"first": DAY + timedelta(days=first), "last": DAY + timedelta(days=last)}
                query = v1.ListBookings(**days, **asked)
                listed = await booking.do(queries.list_bookings, query, acting)
                return [(one.hold_id, one.state) for one in listed]

            everything = [(later.hold_id, "CONFIRMED"), (given_back.hold_id, "CANCELLED"), (handed, "ON_HOLD")]
            assert await found(-1, 3) == everything
            assert await found(-1, 3, limit=2) == everything[:2]
            assert await found(-1, 3, states=("CANCELLED", "ON_HOLD")) == everything[1:]
            assert await found(-1, 3, states=("CANCELLED", "ON_HOLD"), live=True) == everything[2:]
            assert await found(-1, 3, states=("PENDING",)) == []
            assert await found(0, 0) == everything[1:], "a stay is found on each of its nights"
            assert await found(2, 2) == []
            assert await found(3, 3) == [everything[1]]
            assert await found(-1, 3, "tha-li") == []
            (line,) = await booking.do(queries.list_bookings, v1.ListBookings(first=in_days(9), last=in_days(9)), OURS)
            assert (line.party, line.items[0].nights, line.expires_at is None) == (FAMILY, 2, False)
            endless = v1.ListBookings(first=DAY, last=DAY + timedelta(days=400))
            assert await refusal(booking, queries.list_bookings, endless) == (No.INVALID, "last")

    asyncio.run(scene())


async def hold_of_handoff(booking: BookingFixture) -> str:
    await booking.facts()
    return await hold(booking, item_of(HOMESTAY, DAY))


def test_availability_tells_what_is_left_and_why_not(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await hold(booking, item_of(RAFT, DAY))
            ask = v1.AskAvailability(community=OURS, experience_id=RAFT, first=DAY, last=DAY, party=COUPLE)
            found = await booking.do(queries.ask_availability, ask, OURS)
            assert [(one.left, one.capacity, one.reason) for one in found] == [
                (1, 4, "no_room"),
                (4, 4, None),
                (4, 4, None),
            ]
            long = ask.model_copy(update={"last": DAY + timedelta(days=62)})
            assert await refusal(booking, queries.ask_availability, long) == (No.INVALID, "last")

    asyncio.run(scene())


def agreed(partner: str) -> PartnershipStated:
    since = datetime.now(UTC)
    return PartnershipStated(
        community=OURS, partner=partner, state="agreed", terms=Terms(valid_from=since.date()), since=since
    )


def test_what_changed_is_shared_once_with_every_agreed_partner(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            for partner in ("tha-li", "na-haeo"):
                await booking.do(availability.keep_partnership, agreed(partner))
            ended = agreed("dan-sai").model_copy(update={"state": "ended"})
            await booking.do(availability.keep_partnership, ended)
            assert await booking.sweep(availability.share_availability) == 1
            shared = await booking.facts()
            assert {(fact.type, fact.to) for fact in shared} == {
                ("availability_shared", "na-haeo"),
                ("availability_shared", "tha-li"),
            }
            assert len(str(shared[0].data)) < MAX_BODY
            assert await booking.sweep(availability.share_availability) == 0
            await hold(booking, item_of(MARKET, DAY))
            assert await booking.sweep(availability.share_availability) == 1
            days = (await booking.facts())[0].data["days"]
            assert [one["left"] for one in days if (one["experience_id"], one["day"]) == (MARKET, str(DAY))] == [17]

    asyncio.run(scene())


PLANTED = {
    "a pool stays within its capacity": "ALTER TABLE pools DROP CONSTRAINT within_capacity;"
    " UPDATE pools SET capacity = 1 WHERE pool = 'visitors'",
    "taken equals the sum of live takings": "UPDATE pools SET taken = taken + 1 WHERE pool = 'visitors'",
    "no live hold outlives its time by 5 s": "UPDATE holds SET expires_at = now() - interval '6 s'",
    "a live hold takes something": "DELETE FROM takings; UPDATE pools SET taken = 0",
    "an ended hold takes nothing": "UPDATE holds SET state = 'EXPIRED'; UPDATE pools SET taken = 0",
    "only unanswered holds count against a share": "UPDATE holds SET answered = true",
    "what is oversold has a line in the history": "UPDATE pools SET capacity = 1, oversold = taken - 1",
}


@pytest.mark.parametrize("rule", PLANTED)
def test_the_checker_finds_what_is_planted_and_nothing_else(booking_database: str, rule: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await hold(booking, item_of(MARKET, DAY))
            assert await booking.violations() == []
            await booking.plant(PLANTED[rule])
            assert {one.rule for one in await booking.violations()} == {rule}
            assert await booking.sweep(queries.watch_invariants) == 0

    asyncio.run(scene())


def test_the_database_itself_refuses_one_place_too_many(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await hold(booking, item_of(MARKET, DAY))
            with pytest.raises(asyncpg.CheckViolationError):
                await booking.plant("UPDATE pools SET taken = capacity + 1")

    asyncio.run(scene())


async def pass_days(booking: BookingFixture, days: float) -> None:
    await booking.plant(f'UPDATE node.clock SET "offset" = "offset" + interval \'{days} days\'')


def changed(hold_id: str, act: str) -> v1.ChangeBooking:
    return v1.ChangeBooking.model_validate({"hold_id": hold_id, "act": act})


def test_own_guests_are_received_from_their_eve_until_their_visit_is_long_over(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            early = await booking.do(bookings.reserve, reserve(item_of(HOMESTAY, DAY, nights=2)), OURS)
            late = await booking.do(bookings.reserve, reserve(item_of(HOMESTAY, DAY, nights=2)), OURS)
            used = changed(early.hold_id, "redeem")
            assert await refusal(booking, bookings.change_booking, used) == (No.TOO_EARLY, "act")
            await pass_days(booking, 10)
            assert (await booking.do(bookings.change_booking, used, OURS)).state == "REDEEMED"
            await pass_days(booking, 6)
            missed = changed(late.hold_id, "redeem")
            assert await refusal(booking, bookings.change_booking, missed) == (No.TOO_LATE, "act")
            assert (
                await booking.do(bookings.change_booking, changed(late.hold_id, "cancel"), OURS)
            ).state == "CANCELLED"
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_is_made_no_booking_when_its_visit_is_over(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            waits = reserve(item_of(HOMESTAY, DAY), confirm=False, expires_at=in_days_at_noon(40))
            held = await booking.do(bookings.reserve, waits, OURS)
            await pass_days(booking, 20)
            confirmed = changed(held.hold_id, "confirm")
            assert await refusal(booking, bookings.change_booking, confirmed) == (No.TOO_LATE, "act")

    asyncio.run(scene())


def in_days_at_noon(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


@pytest.mark.parametrize(("adults", "bound"), [(1, ", 2 at least"), (9, ", 4 at most")])
def test_a_refusal_for_party_size_names_the_limit(booking_database: str, adults: int, bound: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(min_party=2)) as booking:
            raft = item_of(RAFT, DAY, start=time(8))
            with pytest.raises(Refused) as no:
                await booking.do(bookings.reserve, reserve(raft, party=Party(adult=adults)), OURS)
            assert no.value.refusal.message.endswith(bound)

    asyncio.run(scene())
