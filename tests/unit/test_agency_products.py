"""How what a community offers becomes products, options, units, ids and prices for agencies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.community.v1 import Offering
from contracts.pricing import quote
from contracts.values import MAX_PARTY, Item, Party
from services.agency_api.domain import ids, products
from services.agency_api.domain.supply import Supply, net
from services.agency_api.octo import reading, starting
from services.agency_api.octo.asked import UnitCount
from services.agency_api.octo.starting import Looking
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from tests.support.booking import HOMESTAY, MARKET, experience, offering, price, usual_experiences

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 28)


def offer() -> Offering:
    return offering(*usual_experiences())


def chosen(option: str, product: str = HOMESTAY) -> products.Choice:
    offered = offer()
    sold = products.experience_of(offered, product)
    assert sold is not None
    found = products.choice(offered, sold, option)
    assert found is not None
    return found


def supply(taken: dict[PoolDay, int] | None = None, **terms: str | int) -> Supply:
    bare = Situation(host=Host.of(offer()))
    levels = {at: Level(bare.capacity(at), places) for at, places in (taken or {}).items()}
    agreed = AgreementTerms.model_validate({"valid_from": "2026-01-01", **terms})
    return Supply(situation=Situation(host=bare.host, levels=levels), terms=agreed)


def test_a_stay_has_an_option_for_each_number_of_nights_and_a_visit_has_one() -> None:
    offered = offer()
    stay, visit = products.experience_of(offered, HOMESTAY), products.experience_of(offered, MARKET)
    assert stay is not None
    assert visit is not None
    assert [one.id for one in products.choices(offered, stay)][:3] == ["1-night", "2-nights", "3-nights"]
    assert len(products.choices(offered, stay)) == products.MOST_NIGHTS
    assert [one.id for one in products.choices(offered, visit)] == ["visit"]
    assert products.choice(offered, visit, "1-night") is None


def test_a_stay_ends_at_the_check_out_and_a_visit_after_its_minutes() -> None:
    nights, visit = chosen("2-nights"), chosen("visit", MARKET)
    start = nights.experience.starts[0]
    assert nights.ends_at(SATURDAY, start).date() == SATURDAY + timedelta(days=2)
    begins = visit.experience.starts[0]
    ends = visit.starts_at(SATURDAY, begins) + timedelta(minutes=visit.experience.duration_minutes)
    assert visit.ends_at(SATURDAY, begins) == ends


@given(st.text(max_size=40))
def test_an_id_that_names_no_start_of_the_option_is_none(said: str) -> None:
    assert chosen("1-night").start_of(said) is None


def test_an_availability_id_is_read_as_it_is_written_and_no_other_way() -> None:
    option = chosen("visit", MARKET)
    begins = option.experience.starts[0]
    said = option.availability_id(SATURDAY, begins)
    assert said == "2026-11-28T06:00:00+07:00"
    assert option.start_of(said) == (SATURDAY, begins)
    for other in ("2026-11-27T23:00:00+00:00", "2026-11-28T06:00:00+08:00", "2026-11-28T07:00:00+07:00", "2026-11-28"):
        assert option.start_of(other) is None, other


def test_units_follow_from_prices_and_infants_are_free() -> None:
    option = chosen("2-nights")
    assert option.units == ("adult", "child", "infant")
    assert option.price("infant") == 0
    boat = offering(experience("bo-taen.boat", prices=(price("item", "90000.00"),)))
    only = products.Choice(boat.experiences[0], boat.community)
    assert only.units == ("item", "infant")
    assert only.price("item") == 9_000_000


@given(st.integers(1, 6), st.integers(0, 4), st.integers(0, 3), st.integers(1, 7))
def test_units_cost_what_booking_quotes_for_the_same_party(
    adults: int, children: int, infants: int, nights: int
) -> None:
    option = chosen(products.nights_id(nights))
    units = (*["adult"] * adults, *["child"] * children, *["infant"] * infants)
    asked = Item(experience_id=HOMESTAY, day=SATURDAY, start=option.experience.starts[0], nights=nights)
    told = quote(offer(), Party(adult=adults, child=children, infant=infants), [asked])
    assert sum(option.price(unit) for unit in option.units for _ in range(units.count(unit))) == told.total.minor


def test_a_party_needs_an_adult() -> None:
    assert products.party(["item", "infant"]) == Party(adult=1, infant=1)
    with pytest.raises(ValidationError):
        products.party(["child"])


@pytest.mark.parametrize(
    ("retail", "percent", "owed"), [(10_000, "15.00", 8_500), (999, "0.01", 999), (101, "50.00", 51)]
)
def test_what_is_owed_is_rounded_in_the_communitys_favour(retail: int, percent: str, owed: int) -> None:
    assert net(retail, percent) == owed


def test_an_agreement_counts_from_its_first_to_its_last_day_and_no_longer() -> None:
    agreed = supply(valid_from="2026-11-20", valid_to="2026-11-21")
    assert not agreed.is_open(NOW - timedelta(days=1))
    assert agreed.is_open(NOW)
    assert agreed.is_open(NOW + timedelta(days=1))
    assert not agreed.is_open(NOW + timedelta(days=2))
    assert not Supply(situation=agreed.situation, terms=None).is_open(NOW)


def test_a_booking_waits_where_the_agreement_or_the_experience_says_so() -> None:
    stay = experience("bo-taen.stay")
    waiting = stay.model_copy(update={"instant_confirmation": False})
    assert supply().confirms_at_once(stay)
    assert not supply().confirms_at_once(waiting)
    assert not supply(confirmation="on_request").confirms_at_once(stay)


def test_starts_are_limited_when_less_than_half_is_left_and_sold_out_when_none_is() -> None:
    option = chosen("1-night")
    start = option.experience.starts[0]
    seen = {}
    for taken in (0, 8, 15):
        looking = Looking(supply=supply({PoolDay("guests", SATURDAY): taken}), choice=option, now=NOW)
        seen[taken] = starting.status(looking.at(SATURDAY, start))
    assert seen == {0: "AVAILABLE", 8: "LIMITED", 15: "SOLD_OUT"}


def test_a_start_within_the_agencys_notice_is_closed_though_others_may_still_have_it() -> None:
    option = chosen("1-night")
    start = option.experience.starts[0]
    usual = Looking(supply=supply(), choice=option, now=NOW)
    strict = Looking(supply=supply(cutoff_hours=24 * 14), choice=option, now=NOW)
    assert usual.at(SATURDAY, start).available
    assert starting.status(strict.at(SATURDAY, start)) == "CLOSED"


def test_every_night_of_a_stay_counts() -> None:
    full = {PoolDay("guests", SATURDAY + timedelta(days=1)): 15}
    start = chosen("1-night").experience.starts[0]
    one = Looking(supply=supply(full), choice=chosen("1-night"), now=NOW)
    two = Looking(supply=supply(full), choice=chosen("2-nights"), now=NOW)
    assert one.at(SATURDAY, start).available
    assert two.at(SATURDAY, start).reason == "no_room"


def test_ids_follow_from_what_is_asked_and_no_agency_can_reach_anothers() -> None:
    booking = "0190aaaa-0000-7000-8000-000000000001"
    assert ids.hold_id("mekong-tours", booking, 0) == ids.hold_id("mekong-tours", booking, 0)
    assert len({ids.hold_id(agency, booking, n) for agency in ("mekong-tours", "loei-trips") for n in (0, 1)}) == 4
    assert ids.command_id("a", "b") != ids.command_id("ab")


def test_a_homestay_is_sold_only_where_guests_are_taken_for_the_night() -> None:
    names = [one.id for one in products.sold(offering(*usual_experiences(), guests_per_night=0))]
    assert HOMESTAY not in names
    assert MARKET in names


# units that are counted


def test_each_unit_is_counted_once_and_all_together_are_a_party() -> None:
    option = chosen("visit", MARKET)

    def counted(**units: int) -> tuple[products.UnitId, ...] | None:
        return reading.counted(option, [UnitCount(id=unit, quantity=many) for unit, many in units.items()])

    assert counted(adult=2, child=1, infant=0) == ("adult", "adult", "child")
    assert counted(adult=0) is None
    assert len(counted(adult=MAX_PARTY - 1, infant=1) or ()) == MAX_PARTY
    with pytest.raises(OctoProblem) as too_many:
        counted(adult=MAX_PARTY, infant=1)
    assert (too_many.value.problem.error, str(MAX_PARTY) in too_many.value.problem.error_message) == (
        "BAD_REQUEST",
        True,
    )
    with pytest.raises(OctoProblem) as repeated:
        reading.counted(option, [UnitCount(id="child", quantity=1)] * 2)
    assert (repeated.value.problem.error, repeated.value.problem.unit_id) == ("BAD_REQUEST", "child")


def test_what_is_the_same_each_day_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    priced: list[products.UnitId] = []
    real = products.Choice.price

    def price(one: products.Choice, unit: products.UnitId) -> int:
        priced.append(unit)
        return real(one, unit)

    monkeypatch.setattr(products.Choice, "price", price)
    asking = cast("Asking", SimpleNamespace(has=lambda capability: capability == "pricing"))
    units: tuple[products.UnitId, ...] = ("adult",) * 150 + ("child",) * 50
    looking = Looking(supply=supply(), choice=chosen("visit", MARKET), now=NOW, units=units)
    told = [starting.calendar_day(looking, SATURDAY + timedelta(days=n), asking) for n in range(5)]
    assert {one.pricing and one.pricing.retail for one in told} == {150 * 6_000_000 + 50 * 3_000_000}
    assert len(priced) == 2 + 3, "each kind of unit, and one of each unit"
