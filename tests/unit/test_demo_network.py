"""The demonstration file converts whole, and a mistake in it is named where it is."""

import copy
import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from contracts.community.v1 import Experience
from deploy import demo
from services.cli.input.network_file import BadNetwork, Network, network

FILE = Path(demo.__file__).parent / "communities.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def converted(document: Any) -> Network:
    return network(document)


def experience(converted: Network, name: str) -> Experience:
    return next(e for offer in converted.offerings for e in offer.offering.experiences if e.id == name)


def test_the_file_makes_the_whole_network(converted: Network) -> None:
    assert converted.counts == {"communities": 15, "experiences": 57, "partnerships": 11}
    assert len(converted.offerings) == 15
    assert sum(len(offer.offering.experiences) for offer in converted.offerings) == 57
    assert len(converted.partnerships) == 11


def test_what_is_invented_stays_marked(converted: Network) -> None:
    assert all(offer.offering.community.demo for offer in converted.offerings)
    assert all(e.demo for offer in converted.offerings for e in offer.offering.experiences)


def test_the_file_names_no_path_outside_the_repository() -> None:
    assert "/work" not in FILE.read_text(encoding="utf-8")


def test_the_report_names_what_is_known_and_not_used_yet(converted: Network) -> None:
    assert {"crossings", "crossing_rules", "calendar"} <= set(converted.not_used_yet)
    assert "15 communities, 57 experiences, 11 partnerships" in converted.report()


def test_scenarios_are_passed_on_as_they_are(converted: Network, document: Any) -> None:
    assert converted.scenarios == document["demo_scenarios"]


def test_bo_taen_keeps_its_limits_and_currency(converted: Network) -> None:
    bo_taen = next(o.offering.community for o in converted.offerings if o.offering.community.id == "bo-taen")
    assert (bo_taen.limits.visitors_per_day, bo_taen.limits.guests_per_night) == (50, 20)
    assert bo_taen.limits.arrive_until is not None
    assert bo_taen.limits.arrive_until.isoformat("minutes") == "16:30"
    assert (bo_taen.currency, bo_taen.zone, bo_taen.place.subdivision) == ("LAK", "Asia/Vientiane", "LA-XA")


def test_the_spelling_of_the_source_text_is_an_alias(converted: Network) -> None:
    sarachit = next(o.offering.community for o in converted.offerings if o.offering.community.id.startswith("sarachit"))
    assert "สารจิต " in " ".join(sarachit.aliases)


@pytest.mark.parametrize(
    ("name", "kind", "programme"),
    [
        ("bo-taen.homestay", "homestay", "overnight"),
        ("tha-li.pha-laeng", "meal", "half_day"),
        ("takhian-tia.coconut-lunch", "meal", "half_day"),
        ("bo-taen.rice-cracker", "activity", "half_day"),
        ("bo-taen.baci", "activity", "half_day"),
    ],
)
def test_a_category_becomes_a_kind(converted: Network, name: str, kind: str, programme: str) -> None:
    found = experience(converted, name)
    assert (found.kind, found.programme) == (kind, programme)


def test_an_experience_keeps_its_schedule_and_prices(converted: Network) -> None:
    trek = experience(converted, "bo-taen.tad-ham")
    assert trek.months == (11, 12, 1, 2, 3, 4, 5)
    assert (trek.min_party, trek.seats, trek.cutoff_hours) == (2, 12, 48)
    assert [(p.unit, p.price.amount) for p in trek.prices] == [("adult", "180000.00"), ("child", "120000.00")]


def test_tha_li_and_bo_taen_are_partners_over_the_bridge(converted: Network) -> None:
    first = converted.partnerships[0]
    assert (first.proposer, first.partner) == ("tha-li", "bo-taen")
    assert (first.terms.crossings, first.terms.border) == (("na-kraseng",), True)
    assert (first.terms.referral_fee_percent, first.terms.response_hours) == ("5.00", 12)
    assert first.terms.valid_from.isoformat() == "2026-01-01"


def test_what_agencies_read_is_taken_from_the_file_where_it_stands(document: Any) -> None:
    whole = copy.deepcopy(document)
    whole["communities"][14]["contact"] |= {"website": "https://bo-taen.example.org", "phone": "+8562055500000"}
    whole["experiences"][56] |= {
        "description": {"lo": "ພັກກັບຄອບຄົວ", "en": "Sleep in a family's house."},
        "reference": "BT-05",
        "instant_confirmation": False,
        "cancellation": [{"hours": 72, "refund_percent": 100}, {"hours": 24, "refund_percent": 50}],
    }
    told = next(one.offering for one in network(whole).offerings if one.offering.community.id == "bo-taen")
    assert told.community.office is not None
    assert (told.community.office.telephone, told.community.office.address) == ("+8562055500000", None)
    stay = next(one for one in told.experiences if one.reference == "BT-05")
    assert stay.descriptions is not None
    assert stay.cancellation is not None
    assert (stay.descriptions.en, stay.instant_confirmation) == ("Sleep in a family's house.", False)
    assert [step.refund_percent for step in stay.cancellation.steps] == [100, 50]


# mistakes

Steps = tuple[str | int, ...]


def planted(document: Any, steps: Steps, value: Any) -> Any:
    """The document with one value changed; None for the value takes the field away."""
    wrong = copy.deepcopy(document)
    place = wrong
    for step in steps[:-1]:
        place = place[step]
    if value is None:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return wrong


@pytest.mark.parametrize(
    ("steps", "value", "path"),
    [
        (("sections",), [], "sections"),
        (("currencies", 0, "iso_digits"), 0, "currencies[0].iso_digits"),
        (("currencies", 1, "code"), "EUR", "currencies[1].code"),
        (("communities", 14, "location", "lat"), 21.19, "communities[14].location"),
        (("communities", 14, "location", "lat"), 210.19, "communities[14].location.lat"),
        (("communities", 14, "timezone"), "Asia/Bangkok", "communities[14].timezone"),
        (("communities", 14, "timezone"), "Europe/Berlin", "communities[14].timezone"),
        (("communities", 14, "name"), {}, "communities[14].name"),
        (("communities", 3, "id"), "Rai Kong Khing", "communities[3].id"),
        (("communities", 3, "id"), "tha-li", "communities[13].id"),
        (("communities", 3, "admin", "iso_3166_2"), None, "communities[3].admin.iso_3166_2"),
        (("communities", 3, "operations", "min_group"), 99, "communities[3].operations.min_group"),
        (
            ("communities", 3, "operations", "daily_visitor_capacity"),
            -1,
            "communities[3].operations.daily_visitor_capacity",
        ),
        (
            ("communities", 3, "operations", "handoff_arrival_window", 1),
            "25:00",
            "communities[3].operations.handoff_arrival_window[1]",
        ),
        (("communities", 3, "operations", "answer_hours"), "day", "communities[3].operations.answer_hours"),
        (("communities", 3, "operations", "answer_hours"), ["7", "20"], "communities[3].operations.answer_hours[0]"),
        (
            ("communities", 3, "operations", "answer_hours"),
            ["20:00", "07:00"],
            "communities[3].operations.answer_hours[1]",
        ),
        (("communities", 3, "contact", "phone"), "042 123 456", "communities[3].contact.phone"),
        (("experiences", 0, "reference"), "no spaces", "experiences[0].reference"),
        (
            ("experiences", 0, "cancellation"),
            [{"hours": -1, "refund_percent": 1}],
            "experiences[0].cancellation[0].hours",
        ),
        (("communities", 14, "operations", "overnight_guest_capacity"), 0, "experiences[56].category"),
        (("experiences", 56, "max_pax"), 21, "experiences[56].max_pax"),
        (("experiences", 56, "programme"), "full_day", "experiences[56].programme"),
        (("experiences", 2, "min_pax"), 21, "experiences[2].min_pax"),
        (("experiences", 2, "cutoff_hours"), None, "experiences[2].cutoff_hours"),
        (("experiences", 2, "start_times", 0), "3 pm", "experiences[2].start_times[0]"),
        (("experiences", 2, "season_months"), [13], "experiences[2].season_months[0]"),
        (("experiences", 2, "community_id"), "nowhere", "experiences[2].community_id"),
        (("experiences", 2, "community_id"), "tha-li", "experiences[2].id"),
        (("experiences", 2, "id"), "laem-klat.orchard", "experiences[2].id"),
        (("experiences", 2, "prices", 0, "amount"), "450", "experiences[2].prices[0]"),
        (("experiences", 2, "prices", 0, "amount"), "free", "experiences[2].prices[0].amount"),
        (("experiences", 2, "prices", 0, "currency"), "LAK", "experiences[2].prices[0].currency"),
        (("experiences", 2, "prices", 0, "unit"), "senior", "experiences[2].prices[0].unit"),
        (("partnerships", 0, "members", 1), "nowhere", "partnerships[0].members[1]"),
        (("partnerships", 0, "members", 1), "tha-li", "partnerships[0].members"),
        (("partnerships", 1, "members"), ["bo-taen", "tha-li"], "partnerships[1].members"),
        (("partnerships", 0, "cross_border"), False, "partnerships[0].cross_border"),
        (("partnerships", 0, "direction"), "one_way", "partnerships[0].direction"),
        (("partnerships", 0, "crossing_ids", 0), "pak-huai-2", "partnerships[0].crossing_ids[0]"),
        (("partnerships", 0, "referral_fee_percent"), "5", "partnerships[0].referral_fee_percent"),
        (("partnerships", 0, "response_time_hours"), 0, "partnerships[0].response_time_hours"),
        (("partnerships", 0, "valid_from"), "2569-01-01", "partnerships[0].valid_from"),
        (("partnerships", 0, "valid_to"), "2025-01-01", "partnerships[0].valid_to"),
        (("calendar", 0, "from"), "2570-04-13", "calendar[0].from"),
        (("experiences",), {}, "experiences"),
    ],
)
def test_a_mistake_is_named_by_its_path(document: Any, steps: Steps, value: Any, path: str) -> None:
    with pytest.raises(BadNetwork) as bad:
        network(planted(document, steps, value))
    assert path in [problem.partition(": ")[0] for problem in bad.value.problems]


def test_a_community_says_when_it_answers_or_the_usual_hours_count(document: Any) -> None:
    made = network(planted(document, ("communities", 3, "operations", "answer_hours"), ["09:00", "17:30"]))
    usual, said = (made.offerings[n].offering.community.limits for n in (2, 3))
    assert (usual.answers_from, usual.answers_until) == (time(7), time(20))
    assert (said.answers_from, said.answers_until) == (time(9), time(17, 30))


def test_a_mistake_is_reported_once(document: Any) -> None:
    with pytest.raises(BadNetwork) as bad:
        network(planted(document, ("experiences", 2, "max_pax"), "many"))
    (problem,) = bad.value.problems
    assert problem.startswith("experiences[2].max_pax: ")


def test_a_buddhist_year_is_refused_with_the_year_to_write(document: Any) -> None:
    with pytest.raises(BadNetwork) as bad:
        network(planted(document, ("partnerships", 0, "valid_from"), "2569-01-01"))
    (problem,) = bad.value.problems
    assert problem.startswith("partnerships[0].valid_from: ")
    assert problem.endswith("2569 looks like a Buddhist year, write 2026")


def test_a_buddhist_year_is_refused_also_where_nothing_reads_it_yet(document: Any) -> None:
    with pytest.raises(BadNetwork) as bad:
        network(planted(document, ("calendar", 0, "from"), "2570-04-13"))
    assert bad.value.problems == ("calendar[0].from: 2570 is a Buddhist year: write 2027",)


@pytest.mark.parametrize("document_of_another_kind", [[], None, "communities", {}, {"communities": [1]}])
def test_a_file_of_another_kind_is_refused(document_of_another_kind: Any) -> None:
    with pytest.raises(BadNetwork):
        network(document_of_another_kind)
