"""What `/v1` is made of: cursors, tags, what is found by name and place, and the first start that fits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.notices import Notice, Notices
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.community.v1 import Offering
from contracts.values import Party, search_key
from services.agency_api.domain.matching import Point, Wanted, distance_m, offered, placed
from services.agency_api.domain.seeking import Seeking, Visit, first_start
from services.agency_api.domain.supply import Supply
from services.agency_api.own import paging
from services.agency_api.own.etags import etag, matches
from services.agency_api.own.paging import BadCursor
from tests.support.community import OFFERINGS

TERMS = AgreementTerms(valid_from=date(2026, 1, 1), percent="15.00")
BO_TAEN, THA_LI = (OFFERINGS[name].offering for name in ("bo-taen", "tha-li"))
NOW = datetime(2027, 1, 4, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MARKET = "bo-taen.morning-market"


def supply(offering: Offering = BO_TAEN, terms: AgreementTerms = TERMS, **situation: object) -> Supply:
    return Supply(situation=Situation(host=Host.of(offering), **situation), terms=terms)  # type: ignore[arg-type] # as given


def seek(of: Supply, product: str, visit: Visit) -> Seeking:
    experience = of.experience(product)
    assert experience is not None
    found = Seeking.of(of, experience, visit, NOW)
    assert found is not None
    return found


def test_a_cursor_leads_back_to_its_place_for_the_same_question_alone() -> None:
    about = paging.question("/v1/search", {"text": "ตลาด"})
    text = paging.cursor(about, (120, "bo-taen", MARKET))
    assert paging.place(about, text, (0, "", "")) == (120, "bo-taen", MARKET)
    with pytest.raises(BadCursor):
        paging.place(paging.question("/v1/search", {"text": "ตลาดเช้า"}), text, (0, "", ""))


def test_a_header_of_any_length_is_compared_in_one_pass() -> None:
    tag = etag(b"x")
    assert matches(f'"other" , W/{tag}', tag)
    assert not matches("x" + " " * 60_000 + "x", tag)
    assert not matches('"' * 60_000, tag)


@pytest.mark.parametrize("text", ["", "x", "%%%", "W10", "bnVsbA", "A" * 599, "ก", "WyJhIl0=\n"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        paging.place("a", text, ("",))


@pytest.mark.parametrize("after", [("a",), (True, "a"), (1.5, "a"), (1, "a", "b"), ("1", "a")])
def test_a_cursor_whose_place_is_of_another_shape_is_refused(after: paging.Place) -> None:
    with pytest.raises(BadCursor):
        paging.place("about", paging.cursor("about", after), (0, ""))


def test_a_tag_is_strong_and_the_same_for_the_same_bytes_alone() -> None:
    assert etag(b"a") == etag(b"a") != etag(b"b")
    assert not etag(b"a").startswith("W/")


@pytest.mark.parametrize("header", ["{}", "W/{}", '"other", {}', '"a,b" ,{}', "*", " * "])
def test_a_header_that_names_the_tag_matches(header: str) -> None:
    tag = etag(b"a")
    assert matches(header.format(tag), tag)


@pytest.mark.parametrize("header", [None, "", '"other"', "{bare}", '"{bare}x"'])
def test_a_header_that_names_others_does_not(header: str | None) -> None:
    tag = etag(b"a")
    assert not matches(header and header.format(bare=tag.strip('"')), tag)


@pytest.mark.parametrize("text", ["ตลาดเช้า", "ຕະຫຼາດເຊົ້າ", "MORNING market", "ຕະຫລາດເຊົ້າ"])
def test_a_product_is_found_by_its_name_in_any_script(text: str) -> None:
    found = offered(supply(), Wanted(text=search_key(text)))
    assert [one.id for one in found] == [MARKET]


def test_a_communitys_name_finds_all_that_it_sells() -> None:
    assert len(offered(supply(), Wanted(text=search_key("ບໍ່ແຕນ")))) == len(BO_TAEN.experiences)
    assert offered(supply(THA_LI), Wanted(text=search_key("ບໍ່ແຕນ"))) == []


def test_kinds_and_programmes_narrow_and_one_of_several_is_enough() -> None:
    both = offered(supply(), Wanted(kinds=frozenset({"homestay", "meal"})))
    assert {one.kind for one in both} <= {"homestay", "meal"}
    assert offered(supply(), Wanted(kinds=frozenset({"homestay"}), programmes=frozenset({"half_day"}))) == []


def test_the_nearest_community_comes_first_and_the_far_ones_not_at_all() -> None:
    near = Point(THA_LI.community.place.lat, THA_LI.community.place.lon)
    both = [supply(), supply(THA_LI)]
    assert [one.id for one in placed(both, Wanted(near=near))] == ["tha-li", "bo-taen"]
    assert [one.id for one in placed(both, Wanted(near=near, within_m=1_000))] == ["tha-li"]
    assert [one.id for one in placed(both, Wanted())] == ["bo-taen", "tha-li"]


def test_a_distance_is_that_over_the_round_earth() -> None:
    place = BO_TAEN.community.place
    assert distance_m(place, Point(place.lat, place.lon)) == 0
    assert distance_m(place, Point(place.lat + 1, place.lon)) == pytest.approx(111_195, abs=5)


def test_a_language_that_is_not_spoken_leaves_a_community_out() -> None:
    assert placed([supply()], Wanted(languages=frozenset({"lo", "fr"})))
    assert not placed([supply()], Wanted(languages=frozenset({"fr"})))


VISIT = Visit(first=date(2027, 1, 4), last=date(2027, 1, 12), party=Party(adult=2))


def test_the_first_start_that_fits_is_found_behind_what_is_full_or_closed() -> None:
    free, judged = first_start(seek(supply(), MARKET, VISIT).starts())
    assert free is not None
    assert judged >= 1
    day = free.day
    full = {PoolDay(f"seats/{MARKET}/{free.start:%H:%M}", day): Level(20, 19)}
    closed = Notices([Notice(number=1, day=day + DAY, until=day + DAY, kind="closed")])
    later, _ = first_start(seek(supply(levels=full, notices=closed), MARKET, VISIT).starts())
    assert later is not None
    assert later.day >= day + DAY
    assert not closed.on(later.day).shut


def test_two_take_the_last_places_that_three_cannot() -> None:
    free, _ = first_start(seek(supply(), MARKET, VISIT).starts())
    assert free is not None
    full = supply(levels={PoolDay(f"seats/{MARKET}/{free.start:%H:%M}", free.day): Level(20, 18)})
    two, _ = first_start(seek(full, MARKET, VISIT).starts())
    three, _ = first_start(seek(full, MARKET, replace(VISIT, party=Party(adult=2, infant=1))).starts())
    assert two is not None
    assert three is not None
    assert (two.day, two.start, two.left) == (free.day, free.start, 2)
    assert (three.day, three.start) > (free.day, free.start)


def test_the_agreements_notice_is_kept() -> None:
    free, _ = first_start(seek(supply(), MARKET, VISIT).starts())
    held, _ = first_start(seek(supply(terms=TERMS.model_copy(update={"cutoff_hours": 24 * 5})), MARKET, VISIT).starts())
    assert free is not None
    assert held is not None
    assert held.day > free.day
    assert held.day >= date(2027, 1, 9)


def test_a_stay_costs_its_nights_and_net_is_less_what_the_agency_keeps() -> None:
    one, two = (seek(supply(), "bo-taen.homestay", replace(VISIT, nights=nights)).price() for nights in (1, 2))
    assert one is not None
    assert two == (2 * one[0], 2 * one[1])
    assert one[1] == one[0] - one[0] * 15 // 100
    assert seek(supply(), MARKET, replace(VISIT, party=None)).price() is None


def test_a_day_shows_its_best_start() -> None:
    seeking = seek(supply(), MARKET, VISIT)
    assert seeking.best_on(date(2027, 1, 8)).available
    past = seeking.best_on(date(2027, 1, 3))
    assert (past.available, past.reason) == (False, "past")
