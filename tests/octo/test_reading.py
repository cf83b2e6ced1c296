"""What an agency reads: who sells, what, on which days and at which starts; every answer one by OCTO's definitions."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.support.octo.agency import GUEST, PATHS, Agency
from tests.support.octo.node import AgencyNode
from tests.support.octo.official import Official

STAY, WALK = "bo-taen.homestay", "bo-taen.tad-ham"
DAY = date(2027, 2, 2)
PRICING, CONTENT, NOTIFICATIONS = "octo/pricing", "octo/content", "octo/notifications"
LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def days(product: str, option: str, first: date, last: date, **more: Any) -> dict[str, Any]:
    asked = {"productId": product, "optionId": option, "localDateStart": f"{first}", "localDateEnd": f"{last}"}
    return asked | more


def test_the_network_and_a_community_say_who_they_are_and_where(
    node: AgencyNode, official: Official, agency: Agency
) -> None:
    network, community = agency.ask("supplier"), node.agency(official, community="bo-taen").ask("supplier")
    assert network["endpoint"] == f"{node.url}/octo"
    assert community["endpoint"] == f"{node.url}/communities/bo-taen/octo"
    assert community["id"] == "bo-taen"
    assert community["contact"]["email"] == "bo-taen@example.org"


def test_products_are_those_of_the_communities_with_an_agreement(
    node: AgencyNode, official: Official, agency: Agency
) -> None:
    everywhere = {product["id"] for product in agency.ask("products")}
    here = {product["id"] for product in node.agency(official, community="bo-taen").ask("products")}
    assert here == {one for one in everywhere if one.startswith("bo-taen.")}
    assert {one.partition(".")[0] for one in everywhere} == {"bo-taen", "tha-li"}
    stranger = node.agency(official, community="bo-suak")
    stranger.error_of(stranger.call("products"))


def test_a_stay_has_one_option_for_each_number_of_nights_and_there_are_no_opening_hours(agency: Agency) -> None:
    products = {product["id"]: product for product in agency.ask("products")}
    assert {product["availabilityType"] for product in products.values()} == {"START_TIME"}
    options = [option["id"] for option in products[STAY]["options"]]
    assert options[:2] == ["1-night", "2-nights"]
    for product in products.values():
        assert [option["default"] for option in product["options"]].count(True) == 1
        assert all(option["availabilityLocalStartTimes"] for option in product["options"])
        assert agency.ask("product", product["id"]) == product


@pytest.mark.parametrize("slash", [False, True])
def test_every_path_answers_with_and_without_a_slash_at_its_end(agency: Agency, slash: bool) -> None:
    held = agency.reserve(STAY, "1-night", DAY + timedelta(days=20))
    bodies = {
        "calendar": days(STAY, "1-night", DAY, DAY),
        "availability": days(STAY, "1-night", DAY, DAY),
        "reserve": agency.wish(STAY, "1-night", DAY + timedelta(days=20)),
        "confirm": {"contact": GUEST},
    }
    for operation, (_method, path) in PATHS.items():
        named = {"product": STAY}.get(operation, held["uuid"] if "{}" in path else "")
        query = {"supplierReference": held["supplierReference"]} if operation == "bookings" else {}
        agency.ask(operation, named, bodies.get(operation), slash=slash, **query)


def test_capabilities_are_those_of_the_standard(agency: Agency) -> None:
    listed = {one["id"]: one for one in agency.ask("capabilities")}
    assert {PRICING, CONTENT} <= set(listed)
    assert not any(one["required"] for one in listed.values())


@pytest.mark.parametrize(
    ("header", "on"),
    [
        ("", ()),
        ("octo/pricing", (PRICING,)),
        ("pricing", (PRICING,)),
        ("octo/pricing, octo/content", (PRICING, CONTENT)),
        ("content,pricing", (PRICING, CONTENT)),
        ("octo/content", (CONTENT,)),
        ("octo/cart, octo/pricing, unheard-of", (PRICING,)),
    ],
)
def test_what_is_wanted_is_applied_and_echoed_by_its_long_id(agency: Agency, header: str, on: tuple[str, ...]) -> None:
    wants = agency.with_capabilities(header, *on)
    wants.ask("supplier")
    wants.ask("product", STAY)
    wants.ask("calendar", body=days(STAY, "2-nights", DAY, DAY))
    wants.ask("availability", body=days(STAY, "2-nights", DAY, DAY))
    held = wants.reserve(STAY, "2-nights", DAY + timedelta(days=21))
    assert ("pricing" in held) == (PRICING in on)
    wants.ask("cancel", held["uuid"])


def test_a_client_that_cannot_set_headers_asks_in_the_query(agency: Agency) -> None:
    answer = agency.call("product", STAY, _capabilities="octo/pricing")
    assert answer.headers["octo-capabilities"] == PRICING
    agency.official.check("product", answer.json(), [PRICING])


def test_prices_are_in_minor_units_of_each_communitys_money(agency: Agency) -> None:
    wants = agency.with_capabilities("octo/pricing", PRICING)
    for product, currency, adult in ((WALK, "LAK", 18_000_000), ("tha-li.border-village", "THB", 18_000)):
        shown = wants.ask("product", product)
        assert (shown["defaultCurrency"], shown["pricingPer"]) == (currency, "UNIT")
        option = shown["options"][0]
        unit = next(unit for unit in option["units"] if unit["id"] == "adult")
        pricing = unit["pricingFrom"][0]
        assert (pricing["retail"], pricing["currency"], pricing["currencyPrecision"]) == (adult, currency, 2)
        assert pricing["net"] == adult * 85 // 100
        day = wants.ask("calendar", body=days(product, option["id"], DAY, DAY))[0]
        start = wants.ask("availability", body=days(product, option["id"], DAY, DAY))[0]
        for prices in (day["unitPricingFrom"], start["unitPricing"]):
            assert next(one for one in prices if one["unitId"] == "adult")["retail"] == adult
        counted = [{"id": "adult", "quantity": 2}, {"id": "infant", "quantity": 1}]
        two = wants.ask("availability", body=days(product, option["id"], DAY, DAY, units=counted))[0]
        assert two["pricing"]["retail"] == 2 * adult


@pytest.mark.parametrize(("asked", "language"), [("th", "th"), ("lo;q=0.8, th;q=0.4", "lo"), ("fr, en;q=0.5", "en")])
def test_content_is_in_the_language_that_the_agency_reads(agency: Agency, asked: str, language: str) -> None:
    wants = agency.with_capabilities("octo/content", CONTENT).with_headers(Accept_Language=asked)
    answer = wants.call("product", STAY)
    assert answer.headers["content-language"].partition("-")[0] == language
    letters = {"th": "โฮมสเตย์", "lo": "ໂຮມສະເຕ", "en": "homestay"}
    assert letters[language] in wants.ask("product", STAY)["title"]


def test_the_calendar_has_one_line_a_day_and_availability_one_a_start(agency: Agency) -> None:
    product, until = "tha-li.border-village", DAY + timedelta(days=6)
    lines = agency.ask("calendar", body=days(product, "visit", DAY, until))
    starts = agency.ask("availability", body=days(product, "visit", DAY, until))
    assert [line["localDate"] for line in lines] == [f"{DAY + timedelta(days=ahead)}" for ahead in range(7)]
    assert len(starts) == 14
    for start in starts:
        assert LOCAL.fullmatch(start["localDateTimeStart"])
        assert LOCAL.fullmatch(start["localDateTimeEnd"])
        assert LOCAL.fullmatch(start["id"]), "as OCTO's own validator wants it"
        assert UTC.fullmatch(start["utcCutoffAt"])
        assert start["available"] == (start["status"] in ("AVAILABLE", "LIMITED", "FREESALE"))
    ids = [starts[3]["id"], starts[0]["id"]]
    named = {"productId": product, "optionId": "visit", "availabilityIds": ids}
    assert {one["id"] for one in agency.ask("availability", body=named)} == set(ids)


def test_a_stay_ends_at_its_check_out(agency: Agency) -> None:
    for option, nights in (("1-night", 1), ("3-nights", 3)):
        start = agency.starts(STAY, option, DAY)[0]
        begins, ends = (datetime.fromisoformat(start[f"localDateTime{which}"]) for which in ("Start", "End"))
        assert (ends.date() - begins.date()).days == nights


def test_times_of_bookings_are_whole_seconds_of_utc(agency: Agency) -> None:
    held = agency.reserve(STAY, "1-night", DAY + timedelta(days=20))
    for name in ("utcCreatedAt", "utcUpdatedAt", "utcExpiresAt"):
        assert UTC.fullmatch(held[name]), "as OCTO's own validator wants it"
    agency.ask("cancel", held["uuid"])
