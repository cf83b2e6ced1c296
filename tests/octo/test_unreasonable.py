"""What no sensible software sends: years that nobody travels in, too much at once, a trial made real."""

from datetime import date

import pytest

from tests.support.octo.agency import GUEST, Agency

STAY, DAY = "bo-taen.homestay", date(2027, 4, 6)


@pytest.mark.parametrize("year", ["0001", "2000", "2199", "2570", "9999"])
def test_a_start_in_another_age_is_unknown_and_leaves_nothing_behind(agency: Agency, year: str) -> None:
    wish = agency.wish(STAY, "1-night", DAY)
    far = wish | {"availabilityId": f"{year}-12-31T15:00:00+07:00"}
    agency.refused("reserve", body=far, error="INVALID_AVAILABILITY_ID")
    asked = {"productId": STAY, "optionId": "1-night", "availabilityIds": [far["availabilityId"]]}
    agency.refused("availability", body=asked, error="INVALID_AVAILABILITY_ID")
    assert agency.ask("reserve", body=wish)["status"] == "ON_HOLD", "its uuid is free"
    agency.ask("cancel", wish["uuid"])


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
def test_days_of_another_age_are_a_bad_request(agency: Agency, day: str) -> None:
    asked = {"productId": STAY, "optionId": "1-night", "localDateStart": day, "localDateEnd": day}
    for operation in ("calendar", "availability"):
        agency.refused(operation, body=asked, error="BAD_REQUEST")


@pytest.mark.parametrize("name", ["bo-taen.\0", "\0"])
def test_an_id_with_a_sign_that_no_database_takes_is_unknown(agency: Agency, name: str) -> None:
    agency.refused("product", name.replace("\0", "%00"), error="INVALID_PRODUCT_ID")
    days = {"localDateStart": f"{DAY}", "localDateEnd": f"{DAY}"}
    agency.refused("calendar", body={"productId": name, "optionId": "1-night", **days})


def test_more_than_any_operation_takes_is_refused_at_the_door(agency: Agency) -> None:
    answer = agency.call("reserve", body={"notes": "x" * 300_000})
    assert (answer.status_code, answer.json()["error"]) == (413, "BAD_REQUEST")


def test_a_trial_is_never_made_real_and_a_booking_never_tried(agency: Agency) -> None:
    trying = agency.with_headers(Octo_Env="test")
    trial, real = trying.reserve(STAY, "1-night", DAY), agency.reserve(STAY, "1-night", DAY)
    for who, held in ((agency, trial), (trying, real)):
        for operation, body in (("confirm", {"contact": GUEST}), ("extend", {}), ("update", {}), ("cancel", {})):
            who.refused(operation, held["uuid"], body, error="INVALID_BOOKING_UUID")
    assert agency.ask("booking", real["uuid"])["status"] == "ON_HOLD"
    assert trying.confirm(trial)["status"] == "CONFIRMED"


def test_guests_without_a_uuid_have_the_same_one_however_often_they_are_named(agency: Agency) -> None:
    wish = agency.wish(STAY, "1-night", DAY)
    unnamed = wish | {"unitItems": [{"unitId": "adult"}, {"unitId": "adult"}]}
    held = agency.ask("reserve", body=unnamed)
    first = [item["uuid"] for item in held["unitItems"]]
    more = {"unitItems": [{"uuid": first[0]}, {"unitId": "adult"}, {"unitId": "child"}]}
    changed = agency.ask("update", held["uuid"], more)
    again = agency.ask("update", held["uuid"], more)
    named = [item["uuid"] for item in changed["unitItems"]]
    assert named == [item["uuid"] for item in again["unitItems"]]
    assert len(set(named)) == 3


def test_without_a_uuid_a_request_is_one_booking_for_each_idempotency_key(agency: Agency) -> None:
    wish = agency.wish(STAY, "1-night", DAY)
    del wish["uuid"]
    keyed = agency.with_headers(Idempotency_Key=f"{DAY}-no-uuid")
    first, second = keyed.ask("reserve", body=wish), keyed.ask("reserve", body=wish)
    assert first["uuid"] == second["uuid"] != agency.ask("reserve", body=wish)["uuid"]
