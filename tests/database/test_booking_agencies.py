"""Agencies book: under their agreement, by the cut-off, what is theirs alone, and everybody is told how it stands."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.community.v1 import Offering
from contracts.refusals import No, Refused
from services.booking.handlers import agencies, bookings, holds, queries, rule_changes
from services.chassis.runtime.ids import new_id
from tests.support.agencies import (
    DAY,
    HELPER,
    LANNA,
    MARKET_AT,
    MEKONG,
    NIGHTS,
    OURS,
    agreed,
    change,
    held,
    on_request,
    refusal,
    reserve,
    states,
)
from tests.support.booking import MARKET, ONE, experience, in_days, item_of, offering, place
from tests.support.booking_fixture import booking_fixture
from tests.support.principals import OPERATOR, agency


def test_an_agency_holds_first_and_then_confirms_and_is_told_each_time(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            view = await held(booking, NIGHTS)
            assert (view.state, view.agency, view.quote.total.amount) == ("ON_HOLD", "mekong-tours", "1000000.00")
            assert view.times.confirmed_at is None
            longer = await change(booking, view.hold_id, "extend", expires_at=datetime.now(UTC) + timedelta(minutes=90))
            assert longer.expires_at > view.expires_at
            booked = await change(booking, view.hold_id, "confirm")
            assert (booked.state, booked.expires_at) == ("CONFIRMED", None)
            assert booked.times.confirmed_at == booked.times.changed_at > booked.times.placed_at
            assert booked.cancellation.steps[0].hours == 24
            assert await change(booking, view.hold_id, "confirm") == booked, "asked twice, answered the same"
            seen = await booking.do(queries.ask_booking, v1.AskBooking(hold_id=view.hold_id), OURS, None, MEKONG)
            assert seen == booked
            said = await booking.changed()
            assert [one.state for one in said] == ["ON_HOLD", "ON_HOLD", "CONFIRMED"]
            assert {one.agency for one in said} == {"mekong-tours"}
            assert await booking.said() == [], "no facts for handoffs"
            redeemed = await change(booking, view.hold_id, "redeem", HELPER, now=MARKET_AT)
            assert redeemed.times.redeemed_at == MARKET_AT
            assert await states(booking) == ["REDEEMED"]
            (line,) = await booking.do(queries.list_bookings, v1.ListBookings(first=DAY, last=DAY), OURS)
            assert (line.agency, line.partner) == ("mekong-tours", None)
            assert await booking.violations() == []

    asyncio.run(scene())


def test_a_hold_lasts_a_day_at_most_and_never_beyond_its_start(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(
            booking_database, offering(experience(MARKET, cutoff_hours=0), cutoff_hours=0)
        ) as booking:
            await agreed(booking)
            now = datetime.now(UTC).replace(microsecond=0)
            view = await held(booking, item_of(MARKET, DAY), minutes=31, now=now)
            assert view.expires_at == now + timedelta(minutes=31)
            far = await change(booking, view.hold_id, "extend", now=now, expires_at=now + timedelta(days=3))
            assert far.expires_at == now + timedelta(hours=24)
            shorter = await change(booking, view.hold_id, "extend", now=now, expires_at=now + timedelta(hours=1))
            assert shorter.expires_at == far.expires_at
            late = MARKET_AT - timedelta(minutes=20)
            last = await held(booking, item_of(MARKET, DAY), minutes=60 * 24 * 2, now=late)
            assert last.expires_at == MARKET_AT
            no = await refusal(change(booking, last.hold_id, "confirm", now=MARKET_AT))
            assert (no.code, no.reason) == (No.TOO_LATE, "hold_has_run_out")
            assert await booking.sweep(holds.expire_holds, now=MARKET_AT) == 2
            assert (await refusal(change(booking, last.hold_id, "confirm", now=MARKET_AT))).reason == "hold_has_run_out"
            assert (await states(booking))[-2:] == ["EXPIRED", "EXPIRED"]
            assert (await refusal(held(booking, item_of(MARKET, DAY), expires_at=None))).field == "expires_at"
            assert (await refusal(held(booking, item_of(MARKET, DAY), confirm=True))).reason == "agencies_hold_first"

    asyncio.run(scene())


@pytest.mark.parametrize("terms", [None, {"state": "ended"}, {"valid_from": in_days(1)}, {"valid_to": in_days(-1)}])
def test_without_an_agreement_in_force_nothing_is_held_or_confirmed(booking_database: str, terms: Any) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking, LANNA)
            await agreed(booking)
            before, kept = await held(booking, item_of(MARKET, DAY)), await held(booking, item_of(MARKET, DAY))
            await change(booking, kept.hold_id, "confirm")
            await agreed(booking, **({"state": "ended"} if terms is None else terms))
            for asked in (
                held(booking, item_of(MARKET, DAY)),
                change(booking, before.hold_id, "confirm"),
                change(booking, before.hold_id, "extend", expires_at=datetime.now(UTC) + timedelta(hours=2)),
            ):
                assert (await refusal(asked)).code is No.NOT_PARTNERS
            assert (await change(booking, kept.hold_id, "cancel")).cancelled.refund_percent == 100
            stranger = agency(name="nobody-knows-them")
            assert (await refusal(held(booking, item_of(MARKET, DAY), who=stranger))).code is No.NOT_PARTNERS

    asyncio.run(scene())


def test_of_what_is_not_theirs_agencies_learn_nothing(booking_database: str) -> None:
    """Nothing, another agency's, an own guest's, a handoff's, a tombstone, a hold that ran out: one and the same no."""

    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            await agreed(booking, LANNA)
            theirs = await held(booking, item_of(MARKET, DAY), who=LANNA)
            over = await held(booking, item_of(MARKET, DAY), who=LANNA, minutes=1)
            own = await booking.do(bookings.reserve, reserve(NIGHTS, confirm=True), OURS, None, OPERATOR)
            handoff, gone = place(NIGHTS), new_id()
            await booking.do(holds.place_hold, handoff)
            await booking.do(holds.release_hold, v1.ReleaseHold(hold_id=gone))
            later = datetime.now(UTC) + timedelta(minutes=5)
            said = set()
            for one in (new_id(), theirs.hold_id, over.hold_id, own.hold_id, handoff.hold_id, gone):
                for act in ("confirm", "extend", "cancel"):
                    said.add((await refusal(change(booking, one, act, now=later))).model_dump_json())
                for query in (v1.AskBooking(hold_id=one), v1.AskBooking(referral_id=handoff.referral_id)):
                    said.add(
                        (await refusal(booking.do(queries.ask_booking, query, OURS, later, MEKONG))).model_dump_json()
                    )
                instead = v1.ReplaceBooking(hold_id=one, new_hold_id=new_id(), party=ONE, items=(NIGHTS,))
                said.add(
                    (
                        await refusal(booking.do(bookings.replace_booking, instead, OURS, later, MEKONG))
                    ).model_dump_json()
                )
            (only,) = said
            assert '"no_such_booking"' in only
            used = {
                (await refusal(held(booking, item_of(MARKET, DAY), hold_id=one))).model_dump_json()
                for one in (theirs.hold_id, over.hold_id, own.hold_id, handoff.hold_id, gone)
            }
            assert len(used) == 1, "whose id it is, is not said"
            for act in ("approve", "reject", "redeem"):
                for one in (new_id(), theirs.hold_id):
                    assert (await refusal(change(booking, one, act))).reason == "agencies_may_not_ask"
            seen = await booking.do(queries.ask_booking, v1.AskBooking(hold_id=theirs.hold_id), OURS, None, LANNA)
            assert seen.agency == "lanna-trails"

    asyncio.run(scene())


def test_control_a_service_that_does_not_ask_whose_it_is_tells_more(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            await agreed(booking, LANNA)
            theirs = await held(booking, item_of(MARKET, DAY), who=LANNA)

            async def of_anybody(hold_id: str, _: str, work: Any) -> Any:
                return await work.lock_hold(hold_id)

            assert (await refusal(change(booking, theirs.hold_id, "cancel"))).reason == "no_such_booking"
            monkeypatch.setattr(agencies, "_own", of_anybody)
            assert (await change(booking, theirs.hold_id, "cancel")).state == "CANCELLED"

    asyncio.run(scene())


@pytest.mark.parametrize(("terms", "hours"), [({}, 24), ({"cutoff_hours": 12}, 24), ({"cutoff_hours": 60}, 60)])
def test_the_strictest_cut_off_counts_when_they_ask(booking_database: str, terms: Any, hours: int) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking, **terms)
            limit = MARKET_AT - timedelta(hours=hours)
            in_time = await held(booking, item_of(MARKET, DAY), now=limit)
            late = limit + timedelta(seconds=1)
            no = await refusal(held(booking, item_of(MARKET, DAY), now=late))
            assert (no.code, no.params["why"] if no.params else "") == (No.NO_ROOM, "cut_off")
            instead = v1.ReplaceBooking(
                hold_id=in_time.hold_id, new_hold_id=new_id(), party=ONE, items=(item_of(MARKET, DAY),)
            )
            assert (
                await refusal(booking.do(bookings.replace_booking, instead, OURS, late, MEKONG))
            ).params == no.params
            assert (await change(booking, in_time.hold_id, "confirm", now=late)).state == "CONFIRMED"
            own = await booking.do(bookings.reserve, reserve(item_of(MARKET, DAY), now=late), OURS, late, HELPER)
            assert own.state == "ON_HOLD", "it is waived for members"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("offer", "terms"),
    [(offering(), {"confirmation": "on_request", "answer_hours": 5}), (on_request(), {"answer_hours": 5})],
)
@pytest.mark.parametrize(("act", "end"), [("approve", "CONFIRMED"), ("reject", "REJECTED"), (None, "EXPIRED")])
def test_what_is_on_request_waits_for_the_community(
    booking_database: str, offer: Offering, terms: Any, act: str | None, end: str
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offer) as booking:
            await agreed(booking, **terms)
            now = datetime.now(UTC).replace(microsecond=0)
            view = await held(booking, item_of(MARKET, DAY), now=now)
            waits = await change(booking, view.hold_id, "confirm", now=now)
            assert (waits.state, waits.expires_at) == ("PENDING", now + timedelta(hours=5))
            assert waits.times.confirmed_at is None
            assert await change(booking, view.hold_id, "confirm", now=now) == waits
            assert (await booking.pools())["visitors", DAY].held == 2
            if act:
                ended = await change(booking, view.hold_id, act, HELPER, now=now + timedelta(hours=1))
                assert ended.times.confirmed_at == (now + timedelta(hours=1) if act == "approve" else None)
            else:
                assert await booking.sweep(holds.expire_holds, now=waits.expires_at) == 1
            assert await booking.state(view.hold_id) == end
            assert await states(booking) == ["ON_HOLD", "PENDING", end]
            assert (await booking.taken() > 0) is (end == "CONFIRMED")
            assert await booking.violations() == []

    asyncio.run(scene())


def test_what_would_be_answered_after_its_start_is_answered_before_it(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, on_request()) as booking:
            await agreed(booking, answer_hours=240)
            view = await held(booking, item_of(MARKET, DAY), now=MARKET_AT - timedelta(hours=30))
            waits = await change(booking, view.hold_id, "confirm", now=MARKET_AT - timedelta(hours=30))
            assert waits.expires_at == MARKET_AT

    asyncio.run(scene())


def test_two_agencies_race_for_the_last_place_and_one_gets_it(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(experience(MARKET, seats=1))) as booking:
            await agreed(booking)
            await agreed(booking, LANNA)
            for n in range(12):
                item = item_of(MARKET, DAY + timedelta(days=n))
                asked = [held(booking, item, who=who, party=ONE) for who in (MEKONG, LANNA, MEKONG, LANNA)]
                outcomes = await asyncio.gather(*asked, return_exceptions=True)
                won = [one for one in outcomes if not isinstance(one, Refused)]
                assert len(won) == 1
                assert {one.refusal.code for one in outcomes if isinstance(one, Refused)} == {No.NO_ROOM}
            said = await booking.changed()
            assert len(said) == len({one.hold_id for one in said}) == 12
            assert await booking.violations() == []

    asyncio.run(scene())


def test_rules_of_the_party_count_and_a_closed_day_is_closed(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(min_party=2)) as booking:
            await agreed(booking)
            no = await refusal(held(booking, item_of(MARKET, DAY), party=ONE))
            assert (no.field, no.params["least"] if no.params else 0) == ("party", 2)
            other = await refusal(held(booking, item_of("tha-li.weaving", DAY)))
            assert other.params == {"why": "not_offered", "experience_id": "tha-li.weaving", "day": str(DAY)}
            closed = v1.SetException(day=DAY, kind="closed", reason="rain")
            await booking.do(rule_changes.set_exception, closed, OURS)
            assert (await refusal(held(booking, item_of(MARKET, DAY)))).params["why"] == "closed"  # type: ignore[index]  # it has them

    asyncio.run(scene())
