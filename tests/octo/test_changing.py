"""PATCH changes what it names, as one change or not at all."""

from datetime import date, timedelta

import pytest

from tests.support.octo.agency import GUEST, Agency, Body
from tests.support.octo.node import AgencyNode

STAY, WALK = "bo-taen.homestay", "bo-taen.tad-ham"
DAY = date(2027, 2, 23)


@pytest.fixture(params=["a hold", "a booking"])
def booked(request: pytest.FixtureRequest, node: AgencyNode, agency: Agency) -> Body:
    held = agency.reserve(WALK, "visit", DAY)
    booked = agency.confirm(held) if request.param == "a booking" else held
    node.quiet()
    return booked


def vacancies(agency: Agency, day: date) -> int:
    left: int = agency.starts(WALK, "visit", day)[0]["vacancies"]
    return left


def test_a_unit_item_that_is_not_named_is_gone_and_a_new_one_is_there(
    node: AgencyNode, agency: Agency, booked: Body
) -> None:
    before = vacancies(agency, DAY)
    kept = booked["unitItems"][0]["uuid"]
    items = [{"uuid": kept, "unitId": "adult"}, {"unitId": "child"}, {"unitId": "adult", "resellerReference": "SEAT-3"}]
    changed = agency.ask("update", booked["uuid"], {"unitItems": items})
    assert changed["status"] == booked["status"]
    assert [item["unitId"] for item in changed["unitItems"]] == ["adult", "child", "adult"]
    assert changed["unitItems"][0]["uuid"] == kept
    assert changed["unitItems"][2]["resellerReference"] == "SEAT-3"
    assert booked["unitItems"][1]["uuid"] not in {item["uuid"] for item in changed["unitItems"]}
    node.until(lambda: vacancies(agency, DAY) == before - 1, "three places to be taken for two")
    agency.ask("cancel", booked["uuid"])


def test_another_start_takes_its_places_and_gives_the_old_ones_back(
    node: AgencyNode, agency: Agency, booked: Body
) -> None:
    later = DAY + timedelta(days=1)
    before = vacancies(agency, DAY), vacancies(agency, later)
    start = agency.starts(WALK, "visit", later)[0]["id"]
    changed = agency.ask("update", booked["uuid"], {"availabilityId": start})
    assert (changed["availabilityId"], changed["availability"]["id"]) == (start, start)
    assert changed["status"] == booked["status"]
    assert changed["uuid"] == booked["uuid"]
    after = before[0] + 2, before[1] - 2
    node.until(lambda: (vacancies(agency, DAY), vacancies(agency, later)) == after, "two places to have moved")
    assert agency.ask("booking", booked["uuid"])["availabilityId"] == start
    agency.ask("cancel", booked["uuid"])
    node.until(lambda: vacancies(agency, later) == before[1], "the places to be free")


def test_another_product_is_taken_with_its_option_start_and_units(agency: Agency, booked: Body) -> None:
    start = agency.starts(STAY, "2-nights", DAY)[0]["id"]
    wish = {"productId": STAY, "optionId": "2-nights", "availabilityId": start, "unitItems": [{"unitId": "adult"}] * 2}
    changed = agency.ask("update", booked["uuid"], wish)
    assert (changed["productId"], changed["option"]["id"]) == (STAY, "2-nights")
    agency.ask("cancel", booked["uuid"])


def test_a_contact_notes_and_references_are_answered_and_the_contact_is_not_read_again(
    agency: Agency, booked: Body
) -> None:
    words = {"contact": GUEST, "notes": "Two beds", "resellerReference": "VOUCHER-9"}
    changed = agency.ask("update", booked["uuid"], words)
    assert {name: changed[name] for name in words} == words
    read = agency.ask("booking", booked["uuid"])
    assert read["contact"]["fullName"] is read["notes"] is None
    assert read["resellerReference"] == "VOUCHER-9"
    agency.ask("cancel", booked["uuid"])


def test_what_does_not_fit_changes_nothing(node: AgencyNode, agency: Agency, booked: Body) -> None:
    read = agency.ask("booking", booked["uuid"])
    before = vacancies(agency, DAY)
    for body, error in (
        ({"unitItems": [{"unitId": "adult"}] * 13}, "UNPROCESSABLE_ENTITY"),
        ({"unitItems": [{"unitId": "unheard-of"}], "resellerReference": "X"}, "INVALID_UNIT_ID"),
        ({"availabilityId": "unheard-of", "resellerReference": "X"}, "INVALID_AVAILABILITY_ID"),
        ({"productId": "unheard-of", "resellerReference": "X"}, "INVALID_PRODUCT_ID"),
        ({"optionId": "unheard-of", "resellerReference": "X"}, "INVALID_OPTION_ID"),
        ({"unitItems": []}, "UNPROCESSABLE_ENTITY"),
    ):
        agency.refused("update", booked["uuid"], body, error=error)
    node.quiet()
    assert agency.ask("booking", booked["uuid"]) == read
    assert vacancies(agency, DAY) == before
    agency.ask("cancel", booked["uuid"])


def test_confirm_may_replace_the_unit_items(agency: Agency) -> None:
    held = agency.reserve(WALK, "visit", DAY)
    items = [{"unitId": "adult"}, {"unitId": "adult"}, {"unitId": "child"}]
    confirmed = agency.confirm(held, unitItems=items)
    assert [item["unitId"] for item in confirmed["unitItems"]] == ["adult", "adult", "child"]
    assert confirmed["status"] == "CONFIRMED"
    agency.ask("cancel", held["uuid"])


def test_a_cancelled_booking_does_not_change_any_more(agency: Agency, booked: Body) -> None:
    agency.ask("cancel", booked["uuid"])
    agency.refused("update", booked["uuid"], {"unitItems": [{"unitId": "adult"}]}, error="UNPROCESSABLE_ENTITY")
