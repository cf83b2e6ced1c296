"""A handoff that changes another one: its party is one, its places count once, and one change stands at a time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from contracts.booking import v1 as booking
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import Party
from services.booking.handlers import holds
from services.referral.handlers.handoff import acts as acting
from services.referral.handlers.personal import consent
from tests.support.booking import HOMESTAY, in_days, item_of, offering, place
from tests.support.booking_fixture import BookingFixture, booking_fixture
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, Network, Play, playing, wanted

DAY = in_days(20)
TWELVE, NINE, THIRTEEN = Party(adult=12), Party(adult=9), Party(adult=13)
STAY = item_of(HOMESTAY, DAY)


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


async def refusal(net: Network, old: str) -> tuple[No, str | None, str]:
    with pytest.raises(Refused) as no:
        await net.act(acting.offer, wanted(STAY, replaces=old), SENDER)
    return no.value.refusal.code, no.value.refusal.field, no.value.refusal.message


# between the records


def test_a_handoff_is_changed_by_one_other_at_a_time_and_the_refusal_names_it(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        first = await net.offer(replaces=old)
        code, field, message = await refusal(net, old)
        assert (code, field) == (No.CONFLICT, "replaces")
        assert first in message
        await net.says(SENDER, acting.withdraw, v1.WithdrawHandoff(referral=first, reason="party_changed_mind"))
        second = await net.accepted(replaces=old)
        await net.consented(second)
        assert (await net.state(second), await net.state(old)) == ("confirmed", "withdrawn")

    play(story)


def test_of_two_offers_at_the_same_time_to_change_one_handoff_one_is_refused(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        both = [net.act(acting.offer, wanted(STAY, replaces=old), SENDER) for _ in range(2)]
        made = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(one).__name__ for one in made) == ["Recorded", "Refused"]
        await net.carry()

    play(story)


def test_a_change_of_a_change_waits_until_the_first_is_confirmed(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        first = await net.offer(replaces=old)
        assert (await refusal(net, first))[:2] == (No.WRONG_STATE, "replaces")

    play(story)


def test_a_receiver_declines_a_second_change_whatever_the_sender_says(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender's own rule is off: a partner's node may be of another make."""
    monkeypatch.setattr("services.referral.domain.handoff.offers.may_replace", lambda *_: None)

    async def story(net: Network) -> None:
        old = await net.confirmed()
        first, second = await net.offer(replaces=old), await net.offer(replaces=old)
        assert (await net.state(first), await net.state(second)) == ("held", "declined")

    play(story)


def test_a_handoff_cannot_be_changed_after_arrival(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        await net.pass_time(timedelta(days=19, hours=12))
        change = await net.accepted(item_of(HOMESTAY, in_days(25)), replaces=old)
        await net.says(RECEIVER, acting.arrive, v1.ArriveParty(referral=old))
        await net.consented(change)
        assert await net.state(old) == "arrived"
        assert await net.state(change) == "cancelled"
        assert (await net.view(SENDER, change)).reason == "replaced"

    play(story)


def test_once_a_change_stands_its_party_arrives_by_the_change(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        change = await net.accepted(replaces=old)
        await net.act(consent.give, await net.word(change), SENDER)
        await net.carry_once()
        with pytest.raises(Refused) as no:
            await net.act(acting.arrive, v1.ArriveParty(referral=old), RECEIVER)
        assert no.value.refusal.code is No.WRONG_STATE
        assert change in no.value.refusal.message

    play(story)


# at booking


async def booked(booking_: BookingFixture, party: Party, *, nights: int = 1) -> booking.PlaceHold:
    """A booking of the homestay for a partner's party."""
    asked = place(item_of(HOMESTAY, DAY, nights=nights), party=party)
    await booking_.do(holds.place_hold, asked)
    await confirmed(booking_, asked)
    return asked


async def confirmed(booking_: BookingFixture, asked: booking.PlaceHold) -> None:
    await booking_.do(holds.confirm_hold, booking.ConfirmHold(hold_id=asked.hold_id))


async def changed(
    booking_: BookingFixture, old: booking.PlaceHold, party: Party, *, nights: int = 1
) -> booking.PlaceHold:
    asked = place(item_of(HOMESTAY, DAY, nights=nights), party=party, replaces=old.hold_id)
    await booking_.do(holds.place_hold, asked)
    return asked


async def released(booking_: BookingFixture, asked: booking.PlaceHold) -> None:
    await booking_.do(holds.release_hold, booking.ReleaseHold(hold_id=asked.hold_id))


async def guests(booking_: BookingFixture) -> int:
    """Guest places taken on the night."""
    return (await booking_.pools())["guests", DAY].taken


@pytest.mark.parametrize(
    ("party", "nights", "meanwhile", "after"),
    [(NINE, 1, 12, 9), (THIRTEEN, 1, 13, 13), (TWELVE, 2, 12, 12)],
    ids=["fewer", "more", "one night more"],
)
def test_a_booking_is_changed_when_nearly_all_places_are_taken(
    booking_database: str, party: Party, nights: int, meanwhile: int, after: int
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            new = await changed(booking_, old, party, nights=nights)
            assert await booking_.state(new.hold_id) == "ON_HOLD"
            assert await booking_.state(old.hold_id) == "CONFIRMED"
            assert await guests(booking_) == meanwhile
            await confirmed(booking_, new)
            assert await booking_.violations() == []
            await released(booking_, old)
            assert await guests(booking_) == after
            assert await booking_.violations() == []
            await released(booking_, new)
            assert await booking_.taken() == 0

    asyncio.run(scene())


def test_a_change_that_fails_leaves_the_booking_unchanged(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            new = await changed(booking_, old, THIRTEEN)
            await released(booking_, new)
            assert (await booking_.state(old.hold_id), await guests(booking_)) == ("CONFIRMED", 12)
            assert await booking_.violations() == []

    asyncio.run(scene())


def test_a_change_keeps_its_places_when_the_booking_is_cancelled_first(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            new = await changed(booking_, old, NINE)
            await released(booking_, old)
            assert (await booking_.state(new.hold_id), await guests(booking_)) == ("ON_HOLD", 9)
            stranger = place(STAY, party=TWELVE)
            await booking_.do(holds.place_hold, stranger)
            assert [fact.type for fact in await booking_.facts()][-1] == "hold_refused"
            assert await booking_.violations() == []

    asyncio.run(scene())


def test_only_one_hold_at_a_time_shares_a_bookings_places(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            first = await changed(booking_, old, TWELVE)
            second = await changed(booking_, old, TWELVE)
            assert await booking_.state(first.hold_id) == "ON_HOLD"
            assert [fact.type for fact in await booking_.facts()][-1] == "hold_refused"
            third = await changed(booking_, old, Party(adult=2))
            await confirmed(booking_, first)
            await confirmed(booking_, third)
            assert await booking_.state(third.hold_id) == "CANCELLED", "the party has a booking in place of the first"
            assert second.hold_id != third.hold_id
            assert await booking_.violations() == []

    asyncio.run(scene())


def test_a_change_is_no_booking_once_its_party_has_come(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            new = await changed(booking_, old, NINE)
            await booking_.do(holds.redeem_hold, booking.RedeemHold(hold_id=old.hold_id))
            await confirmed(booking_, new)
            assert await booking_.state(new.hold_id) == "CANCELLED"
            assert await guests(booking_) == 12

    asyncio.run(scene())


@pytest.mark.parametrize("seed", range(8))
def test_no_place_is_lost_or_given_twice_whichever_of_change_and_booking_comes_first(
    booking_database: str, seed: int
) -> None:
    """A change is placed and confirmed while its booking is given back and others ask for the same night."""

    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            chance = random.Random(seed)
            old = await booked(booking_, TWELVE)
            new = place(STAY, party=chance.choice([NINE, TWELVE, THIRTEEN]), replaces=old.hold_id)
            others = [place(STAY, party=Party(adult=chance.randint(1, 9))) for _ in range(4)]
            acts = [booking_.do(holds.place_hold, one) for one in (new, *others)]
            acts += [released(booking_, old), released(booking_, others[0])]
            chance.shuffle(acts)
            await asyncio.gather(*acts)
            assert await booking_.violations() == []
            assert await guests(booking_) <= 20
            for one in (new, *others, old):
                await released(booking_, one)
            assert await booking_.taken() == 0
            assert await booking_.violations() == []

    asyncio.run(scene())


def test_control_without_sharing_a_change_competes_with_itself(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object) -> None:
        return None

    monkeypatch.setattr(holds, "_replaced", nobody)

    async def scene() -> None:
        async with booking_fixture(booking_database, offering(guests_per_night=20)) as booking_:
            old = await booked(booking_, TWELVE)
            await changed(booking_, old, NINE)
            assert [fact.type for fact in await booking_.facts()][-1] == "hold_refused"

    asyncio.run(scene())
