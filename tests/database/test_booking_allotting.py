"""Places that an agreement keeps: whoever races for the last of them, only their agency gets them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.booking import v1
from contracts.booking.v1 import AgencyShare
from contracts.capacity import availability as judged
from contracts.refusals import Refused
from services.booking.adapters import holds as hold_rows
from services.booking.handlers import availability, bookings, holds, queries
from services.booking.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from tests.support.agencies import DAY, HELPER, LANNA, MEKONG, OURS, agreed, change, held, refusal
from tests.support.booking import COUPLE, HOMESTAY, MARKET, ONE, experience, item_of, offering, place
from tests.support.booking_fixture import MIGRATIONS, BookingFixture, booking_fixture

AT_MARKET = item_of(MARKET, DAY)
SEATS = (f"seats/{MARKET}/06:00", DAY)
NOW = datetime.now(UTC).replace(microsecond=0)
#: The day on which what is kept of DAY is released, as it begins in Laos.
RELEASED = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) - timedelta(days=3, hours=7)


def small(seats: int = 6) -> Any:
    return offering(experience(MARKET, seats=seats, cutoff_hours=0), experience(HOMESTAY, kind="homestay", seats=15))


async def keeping(booking: BookingFixture, places: int = 4, what: str = MARKET) -> None:
    """Mekong has places kept until three days before; Lanna has an agreement without."""
    allotments = [{"experience_id": what, "places": places, "release_days": 3}]
    await agreed(booking, allotments=allotments)
    await agreed(booking, LANNA)


async def shares(booking: BookingFixture) -> dict[str, int]:
    async with booking.store.work(EVERYONE) as work:
        row = await work.connection.fetchrow("SELECT shares FROM pools WHERE pool = $1 AND day = $2", *SEATS)
    return dict(row["shares"]) if row else {}


def asking(booking: BookingFixture, party: Any = ONE) -> dict[str, Callable[[], Any]]:
    """Everybody who may want a place at the market, by who gets it."""

    def own() -> Any:
        command = v1.Reserve(hold_id=new_id(), party=party, items=(AT_MARKET,))
        return booking.do(bookings.reserve, command, OURS, None, HELPER)

    return {
        "mekong": lambda: held(booking, AT_MARKET, party=party),
        "lanna": lambda: held(booking, AT_MARKET, who=LANNA, party=party),
        "partner": lambda: booking.do(holds.place_hold, place(AT_MARKET, party=party)),
        "own": own,
    }


async def race(booking: BookingFixture, rounds: int) -> Counter[str]:
    """Everybody asks at once, again and again; who was granted how many places."""
    asked = [(who, ask()) for _ in range(rounds) for who, ask in asking(booking).items()]
    outcomes = await asyncio.gather(*(one for _, one in asked), return_exceptions=True)
    assert all(one is None or isinstance(one, v1.BookingView | Refused) for one in outcomes), outcomes
    found = Counter(who for (who, _), one in zip(asked, outcomes, strict=True) if isinstance(one, v1.BookingView))
    found["partner"] = (await booking.said()).count("hold_placed")
    return found


@pytest.mark.parametrize("touched", [False, True])
def test_of_all_who_race_only_the_agency_gets_what_is_kept(booking_database: str, touched: bool) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small()) as booking:
            await keeping(booking)
            if touched:
                await change(booking, (await held(booking, AT_MARKET)).hold_id, "cancel")
                await booking.facts()
            won = await race(booking, rounds=6)
            assert sum(won.values()) == 6
            assert won["mekong"] >= 4, won
            assert (await shares(booking)).get("mekong-tours") == won["mekong"]
            assert await booking.violations() == []

    asyncio.run(scene())


@pytest.mark.parametrize(("keeps", "granted"), [(True, 1), (False, 4)])
def test_what_takes_keeps_them_also_from_who_judged_too_early(
    booking_database: str, monkeypatch: pytest.MonkeyPatch, keeps: bool, granted: int
) -> None:
    """Judging is switched off, as if all had judged before anybody took; the control lets the statement take all."""
    monkeypatch.setattr(judged, "untaken", lambda *_: 0)
    if not keeps:
        monkeypatch.setattr(hold_rows, "kept", lambda *_: {})

    async def scene() -> None:
        async with booking_fixture(booking_database, small(4)) as booking:
            await keeping(booking, 3)
            asked = [asking(booking)[who] for who in ("lanna", "own", "partner") * 4]
            outcomes = await asyncio.gather(*(one() for one in asked), return_exceptions=True)
            won = [one for one in outcomes if isinstance(one, v1.BookingView)]
            assert len(won) + (await booking.said()).count("hold_placed") == granted
            assert await booking.violations() == []

    asyncio.run(scene())


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_comes_and_goes_at_once_what_is_kept_stays_within_reach_of_its_agency(
    booking_database: str, seed: int
) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(8)) as booking:
            await keeping(booking, 3)
            dice, live = random.Random(seed), list[tuple[Any, str]]()
            who = {"mekong": MEKONG, "lanna": LANNA, "own": HELPER}

            async def comes(name: str) -> None:
                found = await asking(booking, dice.choice((ONE, COUPLE)))[name]()
                if found is not None:
                    live.append((who[name], found.hold_id))

            async def goes() -> None:
                if live:
                    principal, hold_id = live.pop(dice.randrange(len(live)))
                    await change(booking, hold_id, "cancel", principal)

            for _ in range(8):
                acts = [comes(dice.choice([*who, "partner"])) for _ in range(5)] + [goes() for _ in range(3)]
                dice.shuffle(acts)
                outcomes = await asyncio.gather(*acts, return_exceptions=True)
                assert all(one is None or isinstance(one, Refused) for one in outcomes), outcomes
                level = (await booking.pools()).get(SEATS)
                taken, own = (level.taken if level else 0), (await shares(booking)).get(MEKONG.agency, 0)
                assert taken + max(0, 3 - own) <= 8
                assert await booking.violations() == []

    asyncio.run(scene())


async def refused_all(asked: Sequence[Callable[[], Any]]) -> list[str | None]:
    return [(await refusal(one())).reason for one in asked]


def test_others_are_refused_until_it_is_released_by_the_communitys_day(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(4)) as booking:
            await keeping(booking)
            who = asking(booking)
            assert await refused_all([who["lanna"], who["own"]]) == ["no_place", "kept_for_agencies"]
            await who["partner"]()
            (said,) = await booking.facts()
            assert (said.type, said.data["reason"]) == ("hold_refused", "no_room"), "agencies are not named"
            just_before = RELEASED - timedelta(microseconds=1)
            assert (await refusal(held(booking, AT_MARKET, who=LANNA, now=just_before))).reason == "no_place"
            assert (await held(booking, AT_MARKET, who=LANNA, now=RELEASED)).state == "ON_HOLD"
            assert await booking.violations() == []

    asyncio.run(scene())


def test_the_end_of_an_agreement_frees_what_it_kept(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(4)) as booking:
            await keeping(booking)
            assert (await refusal(held(booking, AT_MARKET, who=LANNA))).reason == "no_place"
            await agreed(booking, state="ended")
            assert (await held(booking, AT_MARKET, who=LANNA)).state == "ON_HOLD"

    asyncio.run(scene())


def test_a_share_comes_back_once_however_a_hold_ends(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(20)) as booking:
            await keeping(booking)
            two = [await held(booking, AT_MARKET, party=COUPLE) for _ in range(3)]
            other = await held(booking, AT_MARKET, who=LANNA)
            assert await shares(booking) == {"mekong-tours": 6, "lanna-trails": 2}
            await change(booking, two[0].hold_id, "cancel")
            instead = v1.ReplaceBooking(hold_id=two[1].hold_id, new_hold_id=new_id(), party=ONE, items=(AT_MARKET,))
            await booking.do(bookings.replace_booking, instead, OURS, None, MEKONG)
            assert await shares(booking) == {"mekong-tours": 3, "lanna-trails": 2}
            await change(booking, other.hold_id, "confirm", LANNA)
            await change(booking, other.hold_id, "cancel", HELPER)
            assert await shares(booking) == {"mekong-tours": 3}
            await booking.sweep(holds.expire_holds, now=datetime.now(UTC) + timedelta(hours=1))
            assert await shares(booking) == {}
            assert await booking.violations() == []

    asyncio.run(scene())


def test_what_was_granted_of_one_pool_and_not_of_another_leaves_no_share(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(20)) as booking:
            await agreed(booking)
            await held(booking, AT_MARKET)
            nights = item_of(HOMESTAY, DAY, nights=2)
            asked = [held(booking, AT_MARKET, nights, party=COUPLE, who=who) for who in (MEKONG, LANNA) * 8]
            await agreed(booking, LANNA)
            await asyncio.gather(*asked, return_exceptions=True)
            assert await booking.violations() == []

    asyncio.run(scene())


def test_the_migration_finds_what_agencies_have_taken_before(booking_database: str) -> None:
    """Its last statement, run again over pools that have forgotten their shares."""
    fills = (MIGRATIONS / "0007_shares.sql").read_text().partition("-- What is taken already")[2].partition("\n")[2]

    async def scene() -> None:
        async with booking_fixture(booking_database, small(20)) as booking:
            await keeping(booking)
            await held(booking, AT_MARKET)
            await held(booking, AT_MARKET, item_of(HOMESTAY, DAY), who=LANNA)
            await booking.do(holds.place_hold, place(AT_MARKET))
            await booking.plant("UPDATE pools SET shares = '{}'")
            assert await booking.violations() != []
            await booking.plant(fills)
            assert await booking.violations() == []

    asyncio.run(scene())


def test_the_checker_finds_a_share_that_is_not_what_is_taken(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small()) as booking:
            await keeping(booking)
            await held(booking, AT_MARKET)
            await booking.plant("UPDATE pools SET shares = '{\"mekong-tours\": 1}' WHERE pool LIKE 'seats%'")
            (found,) = await booking.violations()
            assert found.rule == "shares equal the sums of agencies' live takings"

    asyncio.run(scene())


def test_what_is_stated_tells_whose_places_are_taken(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small()) as booking:
            await keeping(booking)
            await held(booking, AT_MARKET)
            (said,) = await booking.capacity()
            assert {level.shares for level in said.levels} == {(AgencyShare(agency="mekong-tours", places=2),)}

    asyncio.run(scene())


def test_the_community_sees_what_is_kept_and_partners_see_less_left(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small()) as booking:
            await keeping(booking)
            await held(booking, AT_MARKET, party=ONE)
            asked = v1.AskPools(first=DAY, last=DAY + timedelta(days=1), untouched=True)
            found = {(one.pool, one.day): one.kept for one in await booking.do(queries.ask_pools, asked, OURS)}
            assert (found[SEATS], found["visitors", DAY], found["guests", DAY]) == (3, 3, 0)
            assert found[SEATS[0], DAY + timedelta(days=1)] == 4
            seen = v1.AskAvailability(community=OURS, experience_id=MARKET, first=DAY, last=DAY)
            (departure,) = await booking.do(queries.ask_availability, seen, OURS)
            assert departure.left == 2
            (theirs,) = await booking.do(queries.ask_availability, seen, OURS, None, MEKONG)
            assert theirs.left == 5

    asyncio.run(scene())


def test_what_partners_see_is_shared_again_when_it_is_agreed_and_when_it_is_released(booking_database: str) -> None:
    async def scene() -> None:
        async with booking_fixture(booking_database, small(4)) as booking:
            async with booking.store.work(EVERYONE) as work:
                await work.state_partnership(OURS, "tha-li", "agreed")

            async def shared(now: datetime) -> list[int]:
                await booking.sweep(availability.restate_daily, now)
                await booking.sweep(availability.share_availability, now)
                pictures = [one.data["days"] for one in await booking.facts() if one.type == "availability_shared"]
                which = (MARKET, DAY.isoformat())
                return [d["left"] for p in pictures for d in p if (d["experience_id"], d["day"]) == which]

            just_before = RELEASED - timedelta(seconds=1)
            assert await shared(just_before) == [4]
            assert await shared(just_before) == []
            await keeping(booking)
            assert await shared(just_before) == [0]
            assert await shared(RELEASED) == [4], "its day begins by its own clock"

    asyncio.run(scene())
