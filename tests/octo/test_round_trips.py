"""Booking after booking is made, confirmed and cancelled, and none of them fails; a hot start is never sold twice."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from contracts.booking.v1 import CheckInvariants
from services.agency_api.site import turns
from tests.support.octo.agency import GUEST, Agency, Body
from tests.support.octo.node import AgencyNode

STAY, WALK, DAY = "bo-taen.homestay", "bo-taen.tad-ham", date(2027, 4, 6)
ROUND_TRIPS, AT_ONCE = 100, 4
#: Who want places of one start at once, two each; there are twelve.
HOT, CROWD, SEATS = date(2027, 4, 20), 120, 12
SOLD_OUT = "There are not enough places left: POST /availability shows how many"


def wish(product: str, option: str, start: str) -> Body:
    """Two adults, under a uuid of their own."""
    what = {"productId": product, "optionId": option, "availabilityId": start}
    return {"uuid": str(uuid.uuid4()), **what, "unitItems": [{"unitId": "adult"}] * 2}


def left(agency: Agency, day: date, product: str = STAY, option: str = "1-night") -> int:
    vacancies: int = agency.starts(product, option, day)[0]["vacancies"]
    return vacancies


def round_trip(agency: Agency, start: str) -> list[tuple[int, str]]:
    """The status and state after each step."""
    held = agency.call("reserve", body=wish(STAY, "1-night", start))
    uuid_ = held.json()["uuid"]
    confirmed = agency.call("confirm", uuid_, {"contact": GUEST})
    cancelled = agency.call("cancel", uuid_)
    return [(each.status_code, each.json().get("status", "")) for each in (held, confirmed, cancelled)]


def test_every_round_trip_succeeds_and_leaves_nothing_taken(node: AgencyNode, agency: Agency) -> None:
    days = [DAY + timedelta(days=n) for n in range(5)]
    before = [left(agency, day) for day in days]
    starts = [agency.starts(STAY, "1-night", day)[0]["id"] for day in days]
    with ThreadPoolExecutor(AT_ONCE) as several:
        trips = list(several.map(lambda start: round_trip(agency, start), starts * (ROUND_TRIPS // len(starts))))
    well = [(200, "ON_HOLD"), (200, "CONFIRMED"), (200, "CANCELLED")]
    assert len(trips) == ROUND_TRIPS
    assert [trip for trip in trips if trip != well] == []
    node.quiet()
    assert [left(agency, day) for day in days] == before
    assert list(node.client.send(CheckInvariants()).items) == []


def test_control_a_round_trip_that_cannot_be_made_is_seen(agency: Agency) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    agency.ask("cancel", held["uuid"])
    assert agency.call("confirm", held["uuid"], {"contact": GUEST}).status_code == 400


def wanted(who: Agency, start: str) -> tuple[int, str]:
    """Two places of the start are asked for, and made sure of: the status, and why not."""
    answer = who.call("reserve", body=wish(WALK, "visit", start))
    if answer.status_code == 200:
        answer = who.call("confirm", answer.json()["uuid"], {"contact": GUEST})
    return answer.status_code, answer.json().get("errorMessage", "")


def test_a_hot_start_is_sold_to_the_last_place_and_whoever_gets_none_is_told_that_it_is_sold_out(
    node: AgencyNode, agency: Agency, other: Agency
) -> None:
    start = agency.starts(WALK, "visit", HOT)[0]
    assert start["vacancies"] == SEATS
    with ThreadPoolExecutor(2 * turns.AT_ONCE) as crowd:  # as many of each agency as are served at once
        answers = list(crowd.map(lambda who: wanted(who, start["id"]), [agency, other] * (CROWD // 2)))
    assert Counter(answers) == {(200, ""): SEATS // 2, (400, SOLD_OUT): CROWD - SEATS // 2}
    node.quiet()
    assert left(agency, HOT, WALK, "visit") == 0
    assert list(node.client.send(CheckInvariants()).items) == []


def test_control_where_there_is_room_for_all_all_get_it(agency: Agency, other: Agency) -> None:
    start = agency.starts(WALK, "visit", HOT + timedelta(days=1))[0]["id"]
    with ThreadPoolExecutor(8) as few:
        assert {status for status, _ in few.map(lambda who: wanted(who, start), [agency, other] * 3)} == {200}
