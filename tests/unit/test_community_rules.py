"""What may be offered: places that are where they say, schedules that can be kept."""

from typing import Any

import pytest

from contracts.community.boxes import COUNTRIES, SUBDIVISIONS
from contracts.community.faults import Fault, offering_faults, terms_faults
from contracts.community.v1 import CommunityProfile, Experience, Offering, Terms

BO_TAEN = {"lat": 17.5908, "lon": 101.1823, "accuracy_m": 700, "country": "LA", "subdivision": "LA-XA"}
BOTEN = {"lat": 21.19, "lon": 101.68, "accuracy_m": 700, "country": "LA", "subdivision": "LA-LM"}


def profile(**changes: Any) -> CommunityProfile:
    given: dict[str, Any] = {
        "id": "bo-taen",
        "names": {"lo": "ບໍ່ແຕນ", "en": "Bo Taen"},
        "place": BO_TAEN,
        "zone": "Asia/Vientiane",
        "currency": "LAK",
        "languages": ["lo", "th"],
        "limits": limits(),
    }
    return CommunityProfile.model_validate(given | changes)


def limits(**changes: Any) -> dict[str, Any]:
    return {"visitors_per_day": 50, "guests_per_night": 20, "min_party": 2, "max_party": 20} | changes


def homestay(**changes: Any) -> Experience:
    given: dict[str, Any] = {
        "id": "bo-taen.homestay",
        "names": {"en": "Homestay"},
        "kind": "homestay",
        "programme": "overnight",
        "duration_minutes": 1080,
        "starts": ["15:00"],
        "seats": 20,
        "prices": [{"unit": "adult", "price": {"amount": "250000.00", "currency": "LAK"}}],
    }
    return Experience.model_validate(given | changes)


def faults(community: CommunityProfile, *experiences: Experience) -> list[Fault]:
    return offering_faults(Offering(community=community, experiences=experiences))


def fields(found: list[Fault]) -> list[str]:
    return [fault.field for fault in found]


# places


def test_bo_taen_in_xaignabouli_is_taken() -> None:
    assert faults(profile(), homestay()) == []


def test_boten_in_luang_namtha_is_taken_as_what_it_is() -> None:
    assert faults(profile(id="boten", place=BOTEN)) == []


def test_the_coordinates_of_boten_for_bo_taen_are_refused_and_said_to_be_luang_namtha() -> None:
    (fault,) = faults(profile(place=BOTEN | {"subdivision": "LA-XA"}))
    assert fault.field == "place"
    assert "LA-LM (Luang Namtha)" in fault.sentence


def test_the_coordinates_of_bo_taen_for_boten_are_refused_and_said_to_be_xaignabouli() -> None:
    (fault,) = faults(profile(id="boten", place=BO_TAEN | {"subdivision": "LA-LM"}))
    assert fault.field == "place"
    assert "LA-XA (Xaignabouli)" in fault.sentence


def test_swapped_latitude_and_longitude_are_refused() -> None:
    assert fields(faults(profile(place=BO_TAEN | {"lat": 17.59, "lon": 17.59}))) == ["place"]


def test_a_subdivision_without_a_box_is_judged_by_its_country() -> None:
    champasak = BO_TAEN | {"subdivision": "LA-CH", "lat": 14.88, "lon": 105.87}
    assert faults(profile(place=champasak)) == []
    assert fields(faults(profile(place=champasak | {"lat": 48.1, "lon": 11.6}))) == ["place"]


def test_a_subdivision_of_another_country_is_refused() -> None:
    assert fields(faults(profile(place=BO_TAEN | {"subdivision": "TH-42"}))) == ["place"]


@pytest.mark.parametrize("code", sorted(SUBDIVISIONS))
def test_every_box_lies_in_the_box_of_its_country_and_is_not_empty(code: str) -> None:
    box, country = SUBDIVISIONS[code], COUNTRIES[code[:2]]
    assert country.holds(box.south, box.west)
    assert country.holds(box.north, box.east)
    assert box.south < box.north
    assert box.west < box.east


# profiles


def test_the_zone_is_that_of_the_country() -> None:
    assert fields(faults(profile(zone="Asia/Bangkok"))) == ["zone"]


def test_the_currency_is_the_communitys_own_choice() -> None:
    assert faults(profile(currency="THB")) == []


def test_limits_that_nobody_can_keep_are_refused_by_name() -> None:
    impossible = limits(min_party=30, arrive_from="16:00", arrive_until="10:00", answers_until="06:00", weekdays=[1, 1])
    found = fields(faults(profile(limits=impossible)))
    assert found == ["limits.min_party", "limits.arrive_until", "limits.answers_until", "limits.weekdays"]


# experiences


def test_a_homestay_needs_guest_places() -> None:
    assert fields(faults(profile(limits=limits(guests_per_night=0)), homestay())) == ["experiences[0].kind"]


def test_a_homestay_does_not_offer_more_places_than_the_community_has() -> None:
    assert fields(faults(profile(), homestay(seats=21))) == ["experiences[0].seats"]


def test_a_homestay_lasts_over_night() -> None:
    assert fields(faults(profile(), homestay(programme="day"))) == ["experiences[0].programme"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"min_party": 21}, "min_party"),
        ({"weekdays": [7]}, "weekdays"),
        ({"months": [1, 1]}, "months"),
        ({"starts": ["15:00", "15:00"]}, "starts"),
        ({"prices": [{"unit": "adult", "price": {"amount": "-1.00", "currency": "LAK"}}]}, "prices[0].price"),
        ({"prices": [{"unit": "adult", "price": {"amount": "1000000000.01", "currency": "LAK"}}]}, "prices[0].price"),
        ({"prices": [{"unit": "adult", "price": {"amount": "1.00", "currency": "LAK"}}] * 2}, "prices"),
    ],
)
def test_an_experience_that_cannot_be_booked_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    open_on_weekdays = profile(limits=limits(weekdays=[1, 2, 3, 4, 5]))
    lesson = homestay(id="bo-taen.lesson", kind="activity", programme="half_day")
    wrong = homestay(**changes)
    assert fields(faults(open_on_weekdays, lesson, wrong)) == [f"experiences[1].{field}"]


# terms


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_to": "2025-12-31"}, "valid_to"),
    ],
)
def test_terms_have_dates_in_order(changes: dict[str, Any], field: str) -> None:
    terms = Terms.model_validate({"valid_from": "2026-01-01"} | changes)
    assert fields(terms_faults(terms)) == [field]
