"""What OCTO refuses, with which code and field: unknown ids, missing fields, no places, somebody else's booking."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.booking.v1 import Reserve, SetException
from contracts.values import Item, Party
from deploy.demo import queries
from tests.support.octo.agency import GUEST, PATHS, Agency, Body, steady
from tests.support.octo.node import AgencyNode

STAY, WALK = "bo-taen.homestay", "bo-taen.tad-ham"
DAY = date(2027, 2, 16)
BOOKED = ("extend", "confirm", "update", "cancel", "booking")
#: Which ids are asked of which operation, and the error that one has which nobody knows.
IDS = [
    *((operation, "productId", "INVALID_PRODUCT_ID") for operation in ("calendar", "availability", "reserve")),
    *((operation, "optionId", "INVALID_OPTION_ID") for operation in ("calendar", "availability", "reserve")),
    ("reserve", "availabilityId", "INVALID_AVAILABILITY_ID"),
    ("reserve", "unitId", "INVALID_UNIT_ID"),
]
#: What a whole request to each operation about a booking says.
SAID: dict[str, Body] = {"extend": {"expirationMinutes": 31}, "confirm": {"contact": GUEST}, "update": {"notes": "-"}}


def span(**changed: Any) -> Body:
    asked = {"productId": STAY, "optionId": "1-night", "localDateStart": f"{DAY}", "localDateEnd": f"{DAY}", **changed}
    return {name: value for name, value in asked.items() if value is not None}


@pytest.mark.parametrize("given", ["unheard-of", None], ids=["unknown", "missing"])
@pytest.mark.parametrize(("operation", "field", "error"), IDS)
def test_an_unknown_or_missing_id_has_an_error_of_its_own(
    agency: Agency, operation: str, field: str, error: str, given: str | None
) -> None:
    body = agency.wish(STAY, "1-night", DAY) if operation == "reserve" else span()
    changes = body["unitItems"][0] if field == "unitId" else body
    changes[field] = given
    if given is None:
        del changes[field]
    refused = agency.refused(operation, body=body, error=error)
    assert refused[field] == (given or "")


def test_an_unknown_product_is_no_page_that_is_not_there(agency: Agency) -> None:
    assert agency.refused("product", "unheard-of", error="INVALID_PRODUCT_ID")["productId"] == "unheard-of"
    agency.refused("product", "bo-suak.homestay", error="INVALID_PRODUCT_ID")


def test_an_option_and_a_start_of_another_product_are_unknown(agency: Agency) -> None:
    wish, walk = agency.wish(STAY, "1-night", DAY), agency.starts(WALK, "visit", DAY)[0]["id"]
    agency.refused("reserve", body=wish | {"optionId": "visit"}, error="INVALID_OPTION_ID")
    agency.refused("reserve", body=wish | {"availabilityId": walk}, error="INVALID_AVAILABILITY_ID")


@pytest.mark.parametrize("operation", BOOKED)
@pytest.mark.parametrize(
    "named", [str(uuid.UUID(int=7)), "no-uuid", "%00", "ก"], ids=["unknown", "word", "nul", "thai"]
)
def test_an_unknown_booking_is_refused_in_every_operation(agency: Agency, operation: str, named: str) -> None:
    agency.refused(operation, named, SAID.get(operation), error="INVALID_BOOKING_UUID")


@pytest.mark.parametrize("operation", BOOKED)
def test_anothers_booking_is_refused_word_for_word_as_one_that_is_not_there(
    agency: Agency, other: Agency, operation: str
) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    theirs = other.refused(operation, held["uuid"], SAID.get(operation), error="INVALID_BOOKING_UUID")
    nobodys = other.refused(operation, str(uuid.UUID(int=7)), SAID.get(operation))
    assert theirs | {"uuid": ""} == nobodys | {"uuid": ""}
    assert steady(agency.ask("booking", held["uuid"])) == steady(held)
    agency.ask("cancel", held["uuid"])


@pytest.mark.parametrize("items", [None, []], ids=["missing", "empty"])
def test_a_reservation_for_nobody_is_refused(agency: Agency, items: list[Body] | None) -> None:
    wish = agency.wish(STAY, "1-night", DAY)
    wish = {**wish, "unitItems": items} if items is not None else {k: wish[k] for k in wish if k != "unitItems"}
    agency.refused("reserve", body=wish, error="UNPROCESSABLE_ENTITY")


@pytest.mark.parametrize("units", [("child",), ("infant", "infant"), ("adult",) * 21], ids=["child", "infants", "many"])
def test_a_party_that_may_not_come_is_refused(agency: Agency, units: tuple[str, ...]) -> None:
    agency.refused("reserve", body=agency.wish(STAY, "1-night", DAY, units), error="UNPROCESSABLE_ENTITY")


@pytest.mark.parametrize(
    "body",
    [
        span(localDateStart=None, localDateEnd=None),
        span(localDateEnd=None),
        span(localDateEnd=f"{DAY - timedelta(days=1)}"),
        span(localDateStart="tomorrow"),
        span(localDateStart=7),
        span(units="many"),
    ],
    ids=["no days", "no end", "backwards", "a word", "a number", "units"],
)
@pytest.mark.parametrize("operation", ["calendar", "availability"])
def test_days_that_cannot_be_read_are_a_bad_request(agency: Agency, operation: str, body: Body) -> None:
    agency.refused(operation, body=body, error="BAD_REQUEST")


def test_days_and_ids_at_once_are_a_bad_request(agency: Agency) -> None:
    start = agency.starts(STAY, "1-night", DAY)[0]["id"]
    agency.refused("availability", body=span(availabilityIds=[start]), error="BAD_REQUEST")


def test_bookings_are_listed_by_something(agency: Agency) -> None:
    agency.refused("bookings", error="BAD_REQUEST")
    agency.refused("bookings", localDate="tomorrow", error="BAD_REQUEST")


@pytest.mark.parametrize("operation", [one for one, (method, _path) in PATHS.items() if method != "GET"])
@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff", b'"x"', b"null"], ids=["cut", "list", "bytes", "text", "null"])
def test_what_is_no_json_object_is_a_bad_request(agency: Agency, operation: str, sent: bytes) -> None:
    method, path = PATHS[operation]
    held = str(uuid.UUID(int=7))
    said = agency.said(**{"Content-Type": "application/json"})
    answer = agency.client.request(method, agency.base_url + path.format(held), headers=said, content=sent)
    refused = agency.error_of(answer)
    assert refused["error"] in ("BAD_REQUEST", "INVALID_BOOKING_UUID")


def test_a_booking_is_confirmed_for_somebody(agency: Agency) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    for body in ({}, {"contact": None}, {"contact": {"emailAddress": "nobody"}}, {"contact": "Anna"}):
        refused = agency.refused("confirm", held["uuid"], body)
        assert refused["error"] in ("BAD_REQUEST", "UNPROCESSABLE_ENTITY")
    items = [{"unitId": "unheard-of"}]
    agency.refused("confirm", held["uuid"], {"contact": GUEST, "unitItems": items}, error="INVALID_UNIT_ID")
    agency.ask("cancel", held["uuid"])


def test_a_sold_out_start_says_so_and_cannot_be_reserved(node: AgencyNode, agency: Agency) -> None:
    day, wish = DAY + timedelta(days=1), agency.wish(WALK, "visit", DAY + timedelta(days=1))
    item = Item(experience_id=WALK, day=day)
    node.client.send(Reserve(hold_id=str(uuid.uuid4()), party=Party(adult=12), items=(item,)), acting="bo-taen")
    node.until(lambda: agency.starts(WALK, "visit", day)[0]["status"] == "SOLD_OUT", "it to be sold out")
    start = agency.starts(WALK, "visit", day)[0]
    assert (start["available"], start["vacancies"]) == (False, 0)
    line = agency.ask(
        "calendar", body=span(productId=WALK, optionId="visit", localDateStart=f"{day}", localDateEnd=f"{day}")
    )
    assert (line[0]["status"], line[0]["available"], line[0]["vacancies"]) == ("SOLD_OUT", False, 0)
    agency.refused("reserve", body=wish, error="UNPROCESSABLE_ENTITY")


def test_a_closed_start_says_so_and_cannot_be_reserved(node: AgencyNode, agency: Agency) -> None:
    day, wish = DAY + timedelta(days=2), agency.wish(WALK, "visit", DAY + timedelta(days=2))
    node.client.send(SetException(day=day, experience_id=WALK, kind="closed", reason="Flood"), acting="bo-taen")
    asked = span(productId=WALK, optionId="visit", localDateStart=f"{day}", localDateEnd=f"{day}")
    node.until(lambda: agency.ask("calendar", body=asked)[0]["status"] == "CLOSED", "it to be closed")
    agency.refused("reserve", body=wish, error="UNPROCESSABLE_ENTITY")


def test_half_taken_is_limited(node: AgencyNode, agency: Agency) -> None:
    day = DAY + timedelta(days=3)
    item = Item(experience_id=WALK, day=day)
    node.client.send(Reserve(hold_id=str(uuid.uuid4()), party=Party(adult=7), items=(item,)), acting="bo-taen")
    node.until(lambda: agency.starts(WALK, "visit", day)[0]["vacancies"] == 5, "seven places to be taken")
    assert agency.starts(WALK, "visit", day)[0]["status"] == "LIMITED"


def test_behind_the_cut_off_nothing_can_be_reserved(node: AgencyNode, agency: Agency) -> None:
    tomorrow = queries.now(node.client).date() + timedelta(days=1)
    start = agency.starts(STAY, "1-night", tomorrow)
    assert not any(one["available"] for one in start)
    wish = agency.wish(STAY, "1-night", DAY)
    wish["availabilityId"] = wish["availabilityId"].replace(f"{DAY}", f"{tomorrow}")
    agency.refused("reserve", body=wish, error="UNPROCESSABLE_ENTITY")


def test_of_many_that_want_the_last_places_one_has_them(node: AgencyNode, agency: Agency, other: Agency) -> None:
    day = DAY + timedelta(days=4)
    item = Item(experience_id=WALK, day=day)
    node.client.send(Reserve(hold_id=str(uuid.uuid4()), party=Party(adult=10), items=(item,)), acting="bo-taen")
    wishes = [(who, who.wish(WALK, "visit", day)) for who in (agency, other) * 6]
    with ThreadPoolExecutor(len(wishes)) as crowd:
        answers = list(crowd.map(lambda asked: asked[0].call("reserve", body=asked[1]), wishes))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 11
    for answer in answers:
        if answer.status_code == 400:
            agency.error_of(answer, "UNPROCESSABLE_ENTITY")
    node.until(lambda: agency.starts(WALK, "visit", day)[0]["vacancies"] == 0, "the last places to be taken")


@pytest.mark.parametrize(
    ("key", "error"),
    [("", "UNAUTHORIZED"), ("abcdefghij.wrong", "FORBIDDEN"), ("no-key-at-all", "FORBIDDEN"), ("ก", "FORBIDDEN")],
)
def test_without_a_key_that_opens_nothing_is_said(agency: Agency, key: str, error: str) -> None:
    for operation, (_method, path) in PATHS.items():
        stranger = replace(agency, key=key)
        stranger.refused(operation, str(uuid.UUID(int=7)) if "{}" in path else "", error=error)


def test_the_wrong_half_of_a_key_opens_nothing(agency: Agency, other: Agency) -> None:
    mixed = f"{agency.key.partition('.')[0]}.{other.key.partition('.')[2]}"
    replace(agency, key=mixed).refused("products", error="FORBIDDEN")
