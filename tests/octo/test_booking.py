"""A booking's whole way: reserved, extended, confirmed, read, listed, cancelled; and what becomes of it otherwise."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from contracts.booking.v1 import ChangeBooking, ListBookings
from deploy.demo import queries
from tests.support.octo.agency import GUEST, NOBODY, Agency, Body, steady
from tests.support.octo.node import AgencyNode
from tests.support.octo.official import Official

STAY, WALK = "bo-taen.homestay", "bo-taen.tad-ham"
DAY = date(2027, 2, 9)


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def test_availability_to_reserve_to_extend_to_confirm_to_get_to_lists_to_cancel(
    node: AgencyNode, agency: Agency
) -> None:
    before = agency.starts(STAY, "2-nights", DAY)[0]
    wish = agency.wish(STAY, "2-nights", DAY, ("adult", "child", "infant")) | {"notes": "Arrive late"}
    held = agency.ask("reserve", body=wish)
    assert (held["status"], held["uuid"], held["notes"]) == ("ON_HOLD", wish["uuid"], "Arrive late")
    assert (held["productId"], held["optionId"], held["availabilityId"]) == (STAY, "2-nights", before["id"])
    assert [item["uuid"] for item in held["unitItems"]] == [item["uuid"] for item in wish["unitItems"]]
    assert held["utcConfirmedAt"] is held["cancellation"] is held["resellerReference"] is None
    assert moment(held["utcExpiresAt"]) - moment(held["utcCreatedAt"]) <= timedelta(minutes=30)
    node.until(lambda: agency.starts(STAY, "2-nights", DAY)[0]["vacancies"] < before["vacancies"], "it to be taken")

    extended = agency.ask("extend", held["uuid"], {"expirationMinutes": 31})
    assert moment(extended["utcExpiresAt"]) > moment(held["utcExpiresAt"])
    assert extended["status"] == "ON_HOLD"

    confirmed = agency.confirm(held, resellerReference="VOUCHER-1")
    assert (confirmed["status"], confirmed["utcExpiresAt"]) == ("CONFIRMED", None)
    assert confirmed["utcConfirmedAt"]
    assert confirmed["contact"] == GUEST
    assert confirmed["resellerReference"] == "VOUCHER-1"
    assert {item["status"] for item in confirmed["unitItems"]} == {"CONFIRMED"}

    read = agency.ask("booking", held["uuid"])
    assert read["contact"] == NOBODY, "it is kept sealed, where this API does not read it"
    assert read["notes"] is None
    assert steady({**read, "contact": GUEST, "notes": confirmed["notes"]}) == steady(confirmed)
    node.quiet()
    read = agency.ask("booking", held["uuid"])
    assert agency.ask("bookings", resellerReference="VOUCHER-1") == [read]
    assert agency.ask("bookings", supplierReference=read["supplierReference"]) == [read]
    assert agency.ask("bookings", resellerReference="VOUCHER-NONE") == []
    assert read in agency.ask("bookings", localDate=f"{DAY}")
    assert read in agency.ask("bookings", localDateStart=f"{DAY}", localDateEnd=f"{DAY + timedelta(days=1)}")

    cancelled = agency.ask("cancel", held["uuid"], {"reason": "Ill"})
    assert (cancelled["status"], cancelled["cancellable"], cancelled["utcExpiresAt"]) == ("CANCELLED", False, None)
    assert (cancelled["cancellation"]["refund"], cancelled["cancellation"]["reason"]) == ("FULL", "Ill")
    node.until(lambda: agency.starts(STAY, "2-nights", DAY)[0]["vacancies"] == before["vacancies"], "it to be free")


def test_a_voucher_is_there_from_the_hold_on_and_as_the_product_says(agency: Agency) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    assert held["deliveryMethods"] == held["product"]["deliveryMethods"]
    assert ("VOUCHER" in held["deliveryMethods"]) == (held["voucher"] is not None)
    for item in held["unitItems"]:
        assert ("TICKET" in held["deliveryMethods"]) == (item["ticket"] is not None)
    agency.ask("cancel", held["uuid"])


def test_a_reservation_without_a_uuid_is_given_one(agency: Agency) -> None:
    wish = agency.wish(STAY, "1-night", DAY)
    del wish["uuid"]
    wish["unitItems"] = [{"unitId": "adult"}, {"unitId": "adult"}]
    held = agency.ask("reserve", body=wish)
    assert uuid.UUID(held["uuid"])
    assert len({item["uuid"] for item in held["unitItems"]}) == 2
    assert agency.ask("booking", held["uuid"])["id"] == held["id"]


def test_a_hold_lasts_as_long_as_was_asked_up_to_a_day(agency: Agency) -> None:
    for minutes, most in ((5, 5), (45, 45), (10_000, 24 * 60)):
        held = agency.ask("reserve", body=agency.wish(STAY, "1-night", DAY) | {"expirationMinutes": minutes})
        lasts = moment(held["utcExpiresAt"]) - moment(held["utcCreatedAt"])
        assert timedelta(minutes=most - 1) <= lasts <= timedelta(minutes=most, seconds=1)
        agency.ask("cancel", held["uuid"])


def test_a_hold_that_is_cancelled_is_over_and_its_places_are_free(node: AgencyNode, agency: Agency) -> None:
    before = agency.starts(WALK, "visit", DAY)[0]["vacancies"]
    held = agency.reserve(WALK, "visit", DAY)
    ended = agency.ask("cancel", held["uuid"])
    assert ended["status"] in ("CANCELLED", "EXPIRED"), "the standard says the one, its validator the other"
    assert ended["cancellation"]
    node.until(lambda: agency.starts(WALK, "visit", DAY)[0]["vacancies"] == before, "the places to be free")


def test_the_same_again_is_answered_the_same_and_done_once(node: AgencyNode, agency: Agency) -> None:
    wish = agency.wish(WALK, "visit", DAY + timedelta(days=1))
    held = agency.ask("reserve", body=wish)
    assert steady(agency.ask("reserve", body=wish)) == steady(held)
    body = {"contact": GUEST, "resellerReference": "VOUCHER-2"}
    confirmed = agency.ask("confirm", held["uuid"], body)
    assert steady(agency.ask("confirm", held["uuid"], body)) == steady(confirmed), (
        "with the contact of the repeated body"
    )
    cancelled = agency.ask("cancel", held["uuid"], {"reason": "Ill"})
    assert steady(agency.ask("cancel", held["uuid"], {"reason": "Ill"})) == steady(cancelled)
    of_the_day = ListBookings(first=DAY + timedelta(days=1), last=DAY + timedelta(days=1))
    taken = node.client.send(of_the_day, acting="bo-taen").items
    ours = [one for one in taken if one.agency == "mekong-trails" and one.items[0].experience_id == WALK]
    assert len(ours) == 1


def test_a_uuid_with_another_body_is_refused_and_changes_nothing(agency: Agency) -> None:
    wish = agency.wish(WALK, "visit", DAY + timedelta(days=1))
    held = agency.ask("reserve", body=wish)
    refused = agency.refused("reserve", body=wish | {"unitItems": wish["unitItems"][:1]})
    assert refused["error"] in ("UNPROCESSABLE_ENTITY", "INVALID_BOOKING_UUID")
    assert steady(agency.ask("booking", held["uuid"])) == steady(held)
    agency.ask("cancel", held["uuid"])


def test_an_idempotency_key_makes_any_post_safe_to_repeat(agency: Agency) -> None:
    held, keyed = agency.reserve(WALK, "visit", DAY + timedelta(days=1)), f"try-{uuid.uuid4()}"
    trying = agency.with_headers(Idempotency_Key=keyed)
    extended = trying.ask("extend", held["uuid"], {"expirationMinutes": 45})
    agency.ask("extend", held["uuid"], {"expirationMinutes": 50})
    assert trying.ask("extend", held["uuid"], {"expirationMinutes": 45}) == extended, "it is not done again"
    trying.refused("extend", held["uuid"], {"expirationMinutes": 46}, error="UNPROCESSABLE_ENTITY")
    trying.refused("cancel", held["uuid"], error="UNPROCESSABLE_ENTITY")
    confirming = agency.with_headers(Idempotency_Key=f"{keyed}-confirm")
    body = {"contact": GUEST, "notes": "Two beds"}
    confirmed = confirming.ask("confirm", held["uuid"], body)
    assert confirming.ask("confirm", held["uuid"], body) == confirmed, "with the contact of the repeated body"
    agency.ask("cancel", held["uuid"])


def test_two_agencies_with_one_uuid_have_a_booking_each_and_none_sees_the_others(agency: Agency, other: Agency) -> None:
    wish = agency.wish(WALK, "visit", DAY + timedelta(days=1))
    ours, theirs = agency.ask("reserve", body=wish), other.ask("reserve", body=wish)
    assert ours["supplierReference"] != theirs["supplierReference"]
    agency.ask("cancel", wish["uuid"])
    assert other.ask("booking", wish["uuid"])["status"] == "ON_HOLD"
    other.ask("cancel", wish["uuid"])


def test_what_was_reserved_at_a_community_is_the_same_booking_in_the_network(
    node: AgencyNode, official: Official, agency: Agency
) -> None:
    held = node.agency(official, community="bo-taen").reserve(STAY, "1-night", DAY)
    assert agency.ask("booking", held["uuid"])["id"] == held["id"]
    elsewhere = node.agency(official, community="tha-li")
    elsewhere.refused("booking", held["uuid"], error="INVALID_BOOKING_UUID")
    agency.ask("cancel", held["uuid"])


@pytest.mark.parametrize(("act", "becomes"), [("approve", "CONFIRMED"), ("reject", "REJECTED")])
def test_on_request_a_confirmed_booking_waits_for_the_community(
    node: AgencyNode, other: Agency, act: str, becomes: str
) -> None:
    product = other.ask("product", "tha-li.homestay")
    assert product["instantConfirmation"] is False
    held = other.reserve("tha-li.homestay", "1-night", DAY)
    pending = other.confirm(held)
    assert (pending["status"], pending["utcConfirmedAt"]) == ("PENDING", None)
    of_the_day = ListBookings(first=DAY, last=DAY, live=True)
    waits = [one for one in node.client.send(of_the_day, acting="tha-li").items if one.state == "PENDING"]
    node.client.send(ChangeBooking(hold_id=waits[0].hold_id, act=act), acting="tha-li")
    node.until(lambda: other.ask("booking", held["uuid"])["status"] == becomes, f"it to be {becomes}")


def test_a_used_booking_is_redeemed_and_stays_as_it_is(node: AgencyNode, agency: Agency) -> None:
    soon = queries.now(node.client) + timedelta(days=4)
    held = agency.reserve(WALK, "visit", soon.date())
    agency.confirm(held)
    of_the_day = ListBookings(first=soon.date(), last=soon.date(), live=True)
    mine = node.client.send(of_the_day, acting="bo-taen").items[0]
    node.clock(soon)
    node.client.send(ChangeBooking(hold_id=mine.hold_id, act="redeem"), acting="bo-taen")
    node.until(lambda: agency.ask("booking", held["uuid"])["status"] == "REDEEMED", "it to be redeemed")
    used = agency.ask("booking", held["uuid"])
    assert used["utcRedeemedAt"]
    assert used["cancellable"] is False
    agency.refused("cancel", held["uuid"], error="UNPROCESSABLE_ENTITY")
    agency.refused("update", held["uuid"], {"unitItems": [{"unitId": "adult"}]}, error="UNPROCESSABLE_ENTITY")


def test_after_the_cut_off_nothing_is_given_back(node: AgencyNode, agency: Agency) -> None:
    soon = queries.now(node.client) + timedelta(days=4)
    held = agency.reserve(WALK, "visit", soon.date())
    agency.confirm(held)
    node.clock(soon - timedelta(days=1))
    assert agency.ask("cancel", held["uuid"])["cancellation"]["refund"] == "NONE"


@pytest.mark.parametrize("product", [STAY, "tha-li.border-village"])
def test_a_booking_costs_what_its_guests_cost(agency: Agency, product: str) -> None:
    wants = agency.with_capabilities("pricing", "octo/pricing")
    option = next(one["id"] for one in wants.ask("product", product)["options"] if one["default"])
    held = wants.reserve(product, option, DAY, ("adult", "adult", "child", "infant"))
    for amount in ("original", "retail", "net"):
        assert held["pricing"][amount] == sum(item["pricing"][amount] for item in held["unitItems"])
    prices = {item["unitId"]: item["pricing"]["retail"] for item in held["unitItems"]}
    assert prices["adult"] > prices["child"] > prices["infant"] == 0
    assert wants.confirm(held)["pricing"] == held["pricing"]
    wants.ask("cancel", held["uuid"])


def test_a_hold_that_ran_out_cannot_be_confirmed(node: AgencyNode, agency: Agency) -> None:
    held = agency.reserve(WALK, "visit", DAY)
    node.clock(queries.now(node.client) + timedelta(minutes=31))
    refused = agency.refused("confirm", held["uuid"], {"contact": GUEST}, error="INVALID_BOOKING_UUID")
    assert refused["uuid"] == held["uuid"]
    gone = agency.ask("booking", held["uuid"])
    assert (gone["status"], gone["utcConfirmedAt"]) == ("EXPIRED", None)
    agency.refused("extend", held["uuid"], {"expirationMinutes": 31})


def test_in_test_mode_nothing_is_taken_and_everything_is_answered(node: AgencyNode, agency: Agency) -> None:
    trying, before = agency.with_headers(Octo_Env="test"), agency.starts(STAY, "1-night", DAY)[0]
    held = trying.reserve(STAY, "1-night", DAY)
    assert held["testMode"] is True
    assert trying.ask("extend", held["uuid"], {"expirationMinutes": 45})["status"] == "ON_HOLD"
    confirmed: Body = trying.confirm(held, resellerReference="TRIAL")
    assert (confirmed["status"], confirmed["testMode"], confirmed["contact"]) == ("CONFIRMED", True, GUEST)
    assert [one["uuid"] for one in trying.ask("bookings", resellerReference="TRIAL")] == [held["uuid"]]
    changed = trying.ask("update", held["uuid"], {"unitItems": [{"unitId": "adult"}] * 3})
    assert len(changed["unitItems"]) == 3
    assert agency.starts(STAY, "1-night", DAY)[0] == before
    assert not node.client.send(ListBookings(first=DAY, last=DAY, live=True), acting="bo-taen").items
    assert trying.ask("cancel", held["uuid"])["status"] == "CANCELLED"
