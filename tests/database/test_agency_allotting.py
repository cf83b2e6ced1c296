"""What is kept for agencies in the agency API's read model: shown by the rule by which booking grants, and told of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.agencies.v1 import AgreementStated, AgreementTerms
from contracts.booking.v1 import AgencyShare, CapacityChanged, PoolLevel
from contracts.capacity.availability import Question, departure
from services.agency_api.handlers import read_model
from services.chassis.ports import EVERYONE
from tests.support import agency
from tests.support.agency import COMMUNITY, OFFERING, OTHER, SELLS, Rows
from tests.support.booking import HOMESTAY, MARKET, in_days

DAY = in_days(30)
POOL = f"seats/{MARKET}/06:00"


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


async def agrees(rows: Rows, who: str, state: str = "agreed", **kept: int) -> None:
    """An agreement; what is kept by name of the experience, with the usual release."""
    allotments = [{"experience_id": f"{COMMUNITY}.{name.replace('_', '-')}", "places": n} for name, n in kept.items()]
    terms = AgreementTerms.model_validate({"valid_from": "2020-01-01", "allotments": allotments})
    given: dict[str, Any] = {"agency": who, "community": COMMUNITY, "state": state, "terms": terms}
    async with rows.work(EVERYONE) as work:
        await read_model.keep_agreement(AgreementStated(**given, since=datetime.now(UTC)), work)


async def states(rows: Rows, taken: int, version: int, **shares: int) -> None:
    """Booking states the seats of a day, and whose they are."""
    of = tuple(AgencyShare(agency=who.replace("_", "-"), places=n) for who, n in shares.items())
    level = PoolLevel(pool=POOL, day=DAY, capacity=20, taken=taken, version=version, shares=of)
    async with rows.work(EVERYONE) as work:
        await read_model.keep_capacity(CapacityChanged(community=COMMUNITY, levels=(level,)), work)


async def left(rows: Rows, who: str) -> int | None:
    """What an agency is shown, by both statements that read it."""
    async with rows.work(EVERYONE) as work:
        one = await work.supply(who, COMMUNITY, DAY, DAY)
        assert one is not None
        (same,) = await work.supplies_on(who, [COMMUNITY], DAY, DAY)
        now = work.now
    market = OFFERING.experiences[1]
    start = market.starts[0]
    asked = [
        Question(situation=each.situation, clock=each.clock(now), experience=market, day=DAY, start=start)
        for each in (one, same)
    ]
    found = [departure(question).left for question in asked]
    assert found[0] == found[1]
    return found[0]


def test_an_agency_is_shown_what_is_kept_for_it_and_others_what_is_left(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agrees(rows, OTHER)
        assert [await left(rows, who) for who in (SELLS, OTHER)] == [20, 20]
        await agrees(rows, SELLS, morning_market=5)
        assert [await left(rows, who) for who in (SELLS, OTHER)] == [20, 15]
        await states(rows, 3, 2, mekong_trails=3)
        assert [await left(rows, who) for who in (SELLS, OTHER)] == [17, 15]
        await states(rows, 2, 1, slow_travel=2)
        assert [await left(rows, who) for who in (SELLS, OTHER)] == [17, 15], "an older level says nothing any more"
        await states(rows, 5, 3, slow_travel=5)
        assert [await left(rows, who) for who in (SELLS, OTHER)] == [15, 10]
        await agrees(rows, SELLS, "ended")
        assert await left(rows, OTHER) == 15

    agency.play(url, story, prepare=True)


def test_agencies_are_told_of_products_of_which_other_places_are_kept(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agrees(rows, OTHER)
        await agency.subscribed(rows, OTHER)
        today = in_days(0)

        async def told() -> list[str]:
            found = agency.told(await agency.due(rows))
            assert all(what == "AVAILABILITY_UPDATE" for what, _ in found)
            assert all(abs(date.fromisoformat(said["localDateStart"]) - today) <= timedelta(1) for _, said in found)
            return [said["productId"] for _, said in found]

        await agrees(rows, SELLS, morning_market=5, homestay=2)
        assert await told() == [HOMESTAY, MARKET]
        await agrees(rows, SELLS, morning_market=5, homestay=2)
        assert await told() == [], "the same again"
        await agrees(rows, SELLS, morning_market=4, homestay=2)
        assert await told() == [MARKET]
        await agrees(rows, SELLS, "ended")
        assert await told() == [HOMESTAY, MARKET]

    agency.play(url, story, prepare=True)
