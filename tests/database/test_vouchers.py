"""An agency's booking gets a pass when it is confirmed; it lets its guests in once, and every other try is recorded."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.booking import v1
from contracts.passes import codec, showing
from contracts.passes.codec import Claims, Draft
from contracts.refusals import No
from contracts.values import Party
from services.booking.handlers import bookings, queries, vouchers
from services.chassis.runtime.ids import new_id
from tests.support import identity
from tests.support.agencies import DAY, HELPER, LANNA, MARKET_AT, MEKONG, NIGHTS, OURS, agreed, change, held, refusal
from tests.support.booking import COUPLE, MARKET, item_of
from tests.support.booking_fixture import BookingFixture, booking_fixture
from tests.support.principals import OPERATOR, member

VISIT = item_of(MARKET, DAY)
HOUR, DAYS = timedelta(hours=1), timedelta(days=1)


@asynccontextmanager
async def at_the_door(url: str) -> AsyncIterator[BookingFixture]:
    """Bo Taen with its key, and an agency."""
    await identity.introduce(url, OURS)
    async with booking_fixture(url) as booking:
        await agreed(booking)
        yield booking


async def booked(booking: BookingFixture, *items: Any) -> v1.BookingView:
    """A couple's, confirmed."""
    view = await held(booking, *(items or (VISIT,)))
    confirmed: v1.BookingView = await change(booking, view.hold_id, "confirm")
    return confirmed


async def shown(booking: BookingFixture, now: datetime = MARKET_AT, **what: Any) -> v1.VoucherJudged:
    """Somebody shows it at Bo Taen's door."""
    judged: v1.VoucherJudged = await booking.do(vouchers.present, v1.PresentVoucher(**what), OURS, now, HELPER)
    return judged


async def audited(booking: BookingFixture) -> list[tuple[str, str]]:
    """What the audit says of passes, oldest first."""
    connection = await asyncpg.connect(booking.url, timeout=5)
    try:
        rows = await connection.fetch("SELECT what, result FROM node.audit WHERE community = $1 ORDER BY n", OURS)
    finally:
        await connection.close(timeout=5)
    return [(row["what"], row["result"]) for row in rows if "pass" in row["what"] or "code" in row["what"]]


def resigned(claims: Claims, by: str) -> str:
    """The same claims, signed by a community's test key under its own id."""
    draft = Draft(claims=claims, keyid=identity.keyid(by))
    return draft.token(identity.private_key(by).sign(draft.text))


def test_a_pass_comes_with_the_confirmation_and_says_when_and_how_many(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await held(booking, NIGHTS)
            assert view.pass_token is None, "held only"
            view = await change(booking, view.hold_id, "confirm")
            claims = codec.read(view.pass_token).claims
            assert (claims.issuer, claims.audience, claims.sender) == (OURS, OURS, OURS)
            assert claims.is_of_booking
            assert (claims.referral_id, claims.party) == (view.hold_id, COUPLE)
            assert claims.days == codec.days_of(DAY, "Asia/Vientiane")
            assert [one.pass_token for one in await booking.changed()] == [None, view.pass_token]
            assert await change(booking, view.hold_id, "confirm") == view, "asked twice, the same pass"
            assert await audited(booking) == [("pass_issued", "done")]

    asyncio.run(scene())


def test_what_waits_for_the_community_gets_its_pass_with_its_yes(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            await agreed(booking, confirmation="on_request")
            view = await held(booking, VISIT)
            asked = await change(booking, view.hold_id, "confirm")
            assert (asked.state, asked.pass_token) == ("PENDING", None)
            assert (await shown(booking, reference=view.hold_id[-6:])).verdict == "unknown"
            yes = await change(booking, view.hold_id, "approve", HELPER)
            assert codec.read(yes.pass_token).claims.referral_id == view.hold_id
            assert (await shown(booking, pass_token=yes.pass_token)).verdict == "good"

    asyncio.run(scene())


@pytest.mark.parametrize("by", ["pass_token", "reference", "hold_id"])
def test_guests_are_received_once_and_a_second_time_is_told(booking_database: str, by: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            what: dict[str, Any] = {
                by: {"pass_token": view.pass_token, "reference": view.hold_id[-6:], "hold_id": view.hold_id}[by]
            }
            looked = await shown(booking, look=True, **what)
            assert (looked.verdict, looked.state, looked.used_at) == ("good", "CONFIRMED", None)
            await booking.changed()
            first = await shown(booking, **what)
            assert (first.verdict, first.state, first.agency) == ("good", "REDEEMED", "mekong-tours")
            (said,) = await booking.changed()
            assert (said.state, said.times.redeemed_at) == ("REDEEMED", MARKET_AT)
            again = await shown(booking, MARKET_AT + HOUR, **what)
            assert (again.verdict, again.used_at) == ("used", MARKET_AT)
            assert await booking.changed() == [], "it is received once"
            last = ("pass_refused", "used") if by == "hold_id" else ("pass_used_twice", "used")
            assert (await audited(booking))[1:] == [("pass_looked_at", "good"), ("pass_used", "done"), last]
            assert await booking.violations() == []

    asyncio.run(scene())


def test_shown_at_the_same_moment_twice_one_is_good(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            judged = await asyncio.gather(*(shown(booking, pass_token=view.pass_token) for _ in range(4)))
            assert sorted(one.verdict for one in judged) == ["good", "used", "used", "used"]
            said = [what for what, _ in await audited(booking)]
            assert (said.count("pass_used"), said.count("pass_used_twice")) == (1, 3)

    asyncio.run(scene())


def test_after_they_were_received_by_face_the_first_pass_is_no_second_use(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            await change(booking, view.hold_id, "redeem", HELPER, now=MARKET_AT)
            for result in ("pass_used", "pass_used_twice"):
                assert (await shown(booking, pass_token=view.pass_token)).verdict == "used"
                assert (await audited(booking))[-1][0] == result

    asyncio.run(scene())


def test_what_was_changed_has_another_pass_and_the_old_one_stops(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            old = await booked(booking)
            wanted = v1.ReplaceBooking(hold_id=old.hold_id, new_hold_id=new_id(), party=Party(adult=3), items=(VISIT,))
            new = await booking.do(bookings.replace_booking, wanted, OURS, None, MEKONG)
            assert codec.read(new.pass_token).claims.party == Party(adult=3)
            assert (await shown(booking, pass_token=old.pass_token)).verdict == "replaced"
            reference = old.hold_id[-6:]
            (line,) = await listed(booking)
            assert line.reference == reference, "people go on naming it as before"
            found = await shown(booking, reference=reference, look=True)
            assert (found.verdict, found.hold_id) == ("good", new.hold_id)
            assert (await shown(booking, reference=new.hold_id[-6:])).verdict == "unknown"
            assert (await shown(booking, pass_token=new.pass_token)).verdict == "good"
            assert (await shown(booking, pass_token=old.pass_token)).verdict == "replaced"

    asyncio.run(scene())


async def listed(booking: BookingFixture, who: Any = None, *, live: bool = True) -> Any:
    """What stands on the day of the visit."""
    return await booking.do(queries.list_bookings, v1.ListBookings(first=DAY, last=DAY, live=live), OURS, None, who)


def test_an_observer_sees_a_booking_without_what_lets_its_guests_in(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view, observer = await booked(booking), member(OURS, "observer")
            assert view.pass_token
            ask = v1.AskBooking(hold_id=view.hold_id)
            for who, sees in ((HELPER, True), (OPERATOR, True), (observer, False)):
                found = await booking.do(queries.ask_booking, ask, OURS, None, who)
                assert found == view.model_copy(update={"pass_token": view.pass_token if sees else None})
                for live in (True, False):
                    (line,) = await listed(booking, who, live=live)
                    assert line.reference == (view.hold_id[-6:] if sees else None)

    asyncio.run(scene())


def test_what_was_held_is_changed_and_then_confirmed_goes_by_its_first_reference(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            old = await held(booking, VISIT)
            wanted = v1.ReplaceBooking(hold_id=old.hold_id, new_hold_id=new_id(), party=COUPLE, items=(VISIT,))
            new = await booking.do(bookings.replace_booking, wanted, OURS, None, MEKONG)
            assert new.pass_token is None
            assert (await change(booking, new.hold_id, "confirm")).pass_token
            assert (await shown(booking, reference=old.hold_id[-6:])).hold_id == new.hold_id

    asyncio.run(scene())


@pytest.mark.parametrize("who", [MEKONG, HELPER])
def test_what_is_cancelled_lets_nobody_in(booking_database: str, who: Any) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            await change(booking, view.hold_id, "cancel", who)
            for what in ({"pass_token": view.pass_token}, {"reference": view.hold_id[-6:]}, {"hold_id": view.hold_id}):
                judged = await shown(booking, **what)
                assert (judged.verdict, judged.state) == ("over", "CANCELLED")

    asyncio.run(scene())


@pytest.mark.parametrize(("days", "worth"), [(-2, "early"), (-1, "good"), (1, "good"), (2, "late")])
def test_its_days_are_those_of_an_arrival(booking_database: str, days: int, worth: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking, NIGHTS)
            at = MARKET_AT + days * DAYS
            assert (await shown(booking, at, pass_token=view.pass_token, look=True)).verdict == worth
            by_face = "early" if days == -2 else "good"
            assert (await shown(booking, at, hold_id=view.hold_id)).verdict == by_face, "for the whole visit"

    asyncio.run(scene())


def test_what_was_seen_offline_counts_as_of_then(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            told = MARKET_AT + 3 * DAYS
            assert (await shown(booking, told, pass_token=view.pass_token, look=True)).verdict == "late"
            for far in (told + HOUR, told - showing.TOLD_WITHIN - HOUR):
                no = await refusal(shown(booking, told, pass_token=view.pass_token, seen_at=far))
                assert (no.code, no.field) == (No.INVALID, "seen_at")
            judged = await shown(booking, told, pass_token=view.pass_token, seen_at=MARKET_AT)
            assert (judged.verdict, judged.used_at) == ("good", MARKET_AT)
            assert (await booking.changed())[-1].times.redeemed_at == MARKET_AT
            assert (await audited(booking))[-1] == ("pass_used", "done_told_later")

    asyncio.run(scene())


# what is no pass of this booking


def test_what_is_forged_or_of_others_lets_nobody_in(booking_database: str) -> None:
    """Each is refused, and the true one, which differs in one thing, is good."""

    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view, other = await booked(booking), await booked(booking)
            shown_pass = codec.read(view.pass_token or "")
            claims = shown_pass.claims
            stranger = Ed25519PrivateKey.generate()
            more = Draft(claims=replace(claims, party=Party(adult=9)), keyid=shown_pass.keyid)
            unkeyed = Draft(claims=claims, keyid=base64.urlsafe_b64encode(bytes(12)).decode())
            elsewhere = replace(claims, issuer="tha-li", audience="tha-li", sender="tha-li")
            forged = {
                "more guests than were signed": more.token(shown_pass.signature),
                "signed by somebody else": more.token(stranger.sign(more.text)),
                "with a key of nobody": unkeyed.token(stranger.sign(unkeyed.text)),
                "another hold's id": Draft(
                    claims=replace(claims, referral_id=other.hold_id), keyid=shown_pass.keyid
                ).token(shown_pass.signature),
                "no pass at all": "NOT A PASS",
            }
            for name, token in forged.items():
                assert (await shown(booking, pass_token=token)).verdict == "forged", name
            unknown = {
                "another community's": resigned(elsewhere, "tha-li"),
                "a handoff's": resigned(replace(claims, sender="tha-li"), OURS),
                "of no hold": resigned(replace(claims, referral_id=new_id()), OURS),
                "signed with our key, and not issued": resigned(replace(claims, party=Party(adult=9)), OURS),
            }
            for name, token in unknown.items():
                assert (await shown(booking, pass_token=token)).verdict == "unknown", name
            assert [one.state for one in await booking.changed()][-1] == "CONFIRMED", "nobody came"
            assert resigned(claims, OURS) == view.pass_token, "the true one differs from each in one thing"
            assert (await shown(booking, pass_token=view.pass_token)).hold_id == view.hold_id
            assert (await shown(booking, pass_token=other.pass_token)).hold_id == other.hold_id

    asyncio.run(scene())


def test_own_guests_and_handoffs_are_not_received_this_way(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            wanted = v1.Reserve(hold_id=new_id(), party=COUPLE, items=(VISIT,))
            own = await booking.do(bookings.reserve, wanted, OURS, None, OPERATOR)
            assert own.pass_token is None
            assert (await shown(booking, hold_id=own.hold_id)).verdict == "unknown"
            assert (await shown(booking, reference=own.hold_id[-6:])).verdict == "unknown"
            theirs = v1.PresentVoucher(pass_token=(await booked(booking)).pass_token)
            judged = await booking.do(vouchers.present, theirs, "tha-li", MARKET_AT, HELPER)
            assert judged.verdict == "unknown", "at another community's door"
            theirs = v1.PresentVoucher(hold_id=(await booked(booking)).hold_id)
            judged = await booking.do(vouchers.present, theirs, "tha-li", MARKET_AT, HELPER)
            assert (judged.verdict, judged.party) == ("unknown", None)

    asyncio.run(scene())


def test_after_ten_wrong_references_every_reference_waits_and_a_pass_does_not(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            view = await booked(booking)
            right = view.hold_id[-6:]
            wrong = [one for one in (f"{n:06x}" for n in range(20)) if one != right][: showing.TRIES]
            for one in wrong:
                assert (await shown(booking, reference=one)).verdict == "unknown"
            waits = await shown(booking, reference=right)
            assert (waits.verdict, waits.hold_id) == ("too_many_tries", None)
            assert waits.wait_seconds == showing.WITHIN.total_seconds()
            assert ("codes_paused", "too_many_tries") in await audited(booking)
            assert (await shown(booking, pass_token=view.pass_token, look=True)).verdict == "good"
            later = MARKET_AT + showing.WITHIN
            assert (await shown(booking, later, reference=right)).verdict == "good"

    asyncio.run(scene())


def test_of_two_bookings_of_one_reference_the_one_of_today_is_meant(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            await agreed(booking, LANNA)
            one, later = new_id()[:-6] + "abcdef", new_id()[:-6] + "abcdef"
            for hold_id, item in ((one, VISIT), (later, item_of(MARKET, DAY + 5 * DAYS))):
                await held(booking, item, hold_id=hold_id)
                await change(booking, hold_id, "confirm")
            assert (await shown(booking, reference="abcdef", look=True)).hold_id == one
            same = new_id()[:-6] + "abcdef"
            await held(booking, VISIT, hold_id=same, who=LANNA)
            await change(booking, same, "confirm", LANNA)
            assert (await shown(booking, reference="abcdef")).verdict == "several"

    asyncio.run(scene())


def test_one_that_stands_is_found_before_many_that_are_over(booking_database: str) -> None:
    async def scene() -> None:
        async with at_the_door(booking_database) as booking:
            stands = new_id()[:-6] + "abcdef"
            await held(booking, VISIT, hold_id=stands)
            await change(booking, stands, "confirm")
            for _ in range(10):
                over = new_id()[:-6] + "abcdef"
                await held(booking, VISIT, hold_id=over)
                await change(booking, over, "confirm")
                await change(booking, over, "cancel")
            judged = await shown(booking, reference="abcdef")
            assert (judged.verdict, judged.hold_id) == ("good", stands)

    asyncio.run(scene())


def test_a_community_without_a_key_confirms_without_a_pass(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database) as booking:
            await agreed(booking)
            view = await booked(booking)
            assert (view.state, view.pass_token) == ("CONFIRMED", None)
            assert (await shown(booking, reference=view.hold_id[-6:])).verdict == "good"

    asyncio.run(scene())
