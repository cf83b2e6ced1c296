"""A file of rows is recognised and refused by row and field; a plan and its reminders fit a phone's shell."""

from __future__ import annotations

import copy
import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from contracts.crossing.rows import Answered, Crossing, Rule
from contracts.crossing.v1 import ReminderView, Travel
from deploy.demo import data
from services.cli.input import crossing_file
from services.cli.verbs import crossing, offer
from services.cli.views import crossing_view
from services.cli.views.layout import WIDTH
from services.client.formatting import width
from services.client.phrases.catalogue import Phrases
from services.client.problems import Problem
from tests.support.crossing import BOOK, planned, travel

ROWS: dict[str, Any] = json.loads(data.CROSSINGS.read_text(encoding="utf-8"))


def changed(kind: str, row: str, **fields: Any) -> dict[str, Any]:
    """The file with one row changed; a field that is None is taken out."""
    document = copy.deepcopy(ROWS)
    found = next(one for one in document[kind] if one["id"] == row)
    found |= fields
    for name in [name for name, value in fields.items() if value is None]:
        del found[name]
    return document


def test_a_file_of_crossings_is_told_from_one_of_communities() -> None:
    assert crossing_file.is_book(ROWS)
    assert not crossing_file.is_book(json.loads(data.COMMUNITIES.read_text(encoding="utf-8")))
    assert not crossing_file.is_book([])


def test_every_row_that_comes_with_the_project_says_where_it_is_from_and_who_looked_when() -> None:
    for row in (*BOOK.crossings, *BOOK.rules, *BOOK.margins):
        assert row.source
        assert row.checked_by
        assert row.checked_on == date(2026, 11, 20)
        assert row.confidence != "unknown"
    assert [row.id for row in BOOK.margins if row.demo] == ["margins"]
    assert all(span.demo for c in BOOK.crossings if c.id in ("na-kraseng", "huai-kon") for span in c.hours)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed("rules", "pp-th-la", checked_on=None), r"rules\[3\] \(pp-th-la\)\.checked_on: is missing"),
        (changed("rules", "pp-th-la", source=None), r"rules\[3\] \(pp-th-la\)\.source: is missing"),
        (changed("rules", "pp-th-la", checked_on="2569-11-20"), r"\(pp-th-la\)\.checked_on: .*write 2026"),
        (changed("rules", "pp-th-la", source_date="2026-02-31"), r"\(pp-th-la\)\.source_date: is no day"),
        (changed("rules", "pp-th-la", allowed="perhaps"), r"\(pp-th-la\)\.allowed: "),
        (changed("rules", "pp-th-la", alowed="yes"), r"\(pp-th-la\)\.alowed: is not known here"),
        (changed("crossings", "na-kraseng", confidence="sure"), r"crossings\[0\] \(na-kraseng\)\.confidence: "),
        (ROWS | {"visas": []}, "visas: is no section"),
        (ROWS | {"format": 2}, "format: must be 1"),
    ],
)
def test_a_malformed_row_is_refused_by_its_id_and_field(document: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        crossing_file.book(Path("rows.json"), document)


@pytest.mark.parametrize("language", ["en", "lo"])
def test_a_plan_fits_a_phone_and_says_that_nobody_has_confirmed_it(language: str) -> None:
    for facts in (travel("third_country", "passport"), travel("thai", "border_pass", vehicle="car")):
        shown = "\n".join(crossing_view.plan(planned(facts), None, Phrases.of(language))).splitlines()
        assert max(map(width, shown[1:])) <= WIDTH + 20
        assert shown[0].endswith({"en": "not confirmed by officials", "lo": "ຈາກເຈົ້າໜ້າທີ່"}[language])


def test_a_plan_shows_each_row_with_its_check_and_what_was_invented_as_such() -> None:
    shown = " ".join("\n".join(crossing_view.plan(planned(travel("lao", "passport")), None, Phrases.of("en"))).split())
    assert "checked 2026-11-20" in shown
    assert "[na-kraseng, confidence low, invented for demonstration]" in shown
    other = "\n".join(crossing_view.plan(planned(travel("lao", "passport")), "nong-khai-1", Phrases.of("en")))
    assert other.splitlines()[2].startswith("nong-khai-1: ")


def test_the_buddhist_year_is_for_thai_readers_only() -> None:
    made = planned(travel("lao", "passport"))
    for language, beside in (("th", True), ("lo", False), ("en", False)):
        assert ("2570" in "\n".join(crossing_view.plan(made, None, Phrases.of(language)))) is beside


def test_every_reminder_is_said_in_three_languages() -> None:
    for code, what in (
        ("form_window", "ldif"),
        ("visa_before_arrival", None),
        ("papers_and_hours", None),
        ("lodging_report", "tm30"),
    ):
        about = {"referral_id": "0190aaaa-0000-7000-8000-000000000001", "partner": "bo-taen", "due": "2027-01-13"}
        one = ReminderView.read(
            about | {"code": code, "what": what, "arrival_day": "2027-01-14", "crossing": None, "said": False}
        )
        said = {tuple(crossing_view.reminder(one, Phrases.of(language))) for language in ("th", "lo", "en")}
        assert len(said) == 3
        assert not [line for lines in said for line in lines if "?" in line or "{" in line]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("checked 2026-11-20, confidence ", "; allowed: yes", "visa_on_arrival, ", "; open; ")),
        ("th", ("ตรวจเมื่อ 2026-11-20 (พ.ศ. 2569) ความเชื่อมั่น", "; อนุญาต: ได้", "วีซ่าที่ด่าน, ", "; เปิด; ")),
        ("lo", ("ກວດເມື່ອ 2026-11-20 ຄວາມເຊື່ອໝັ້ນ", "; ອະນຸຍາດ: ໄດ້", "ວີຊາທີ່ດ່ານ, ", "; ເປີດ; ")),
    ],
    ids=["en", "th", "lo"],
)
def test_a_row_is_told_as_it_is_kept(language: str, said: tuple[str, ...]) -> None:
    rows = (*BOOK.crossings, *BOOK.rules, *BOOK.margins)
    told = [" ".join("\n".join(crossing_view.row(row, Phrases.of(language))).split()) for row in rows]
    for words in said:
        assert any(words in line for line in told), words
    assert all(row.id in line for row, line in zip(rows, told, strict=True))


def test_every_code_of_a_row_has_its_words() -> None:
    fields = Rule.model_fields | Crossing.model_fields
    assert set(get_args(fields["about"].annotation)) == set(crossing_view.ABOUT)
    assert set(get_args(fields["status"].annotation)) == set(crossing_view.STATUSES)
    assert set(get_args(Answered)) == set(crossing_view.ALLOWED)


def test_travel_facts_are_all_or_nothing_where_everything_hangs_on_them() -> None:
    parser = ArgumentParser()
    crossing.add_travel(parser)
    assert crossing.travel(parser.parse_args([])) is None
    given = parser.parse_args(["--nationality", "lao", "--document", "passport", "--visa", "no"])
    assert crossing.travel(given) == {"nationality": "lao", "document": "passport", "visa": "no"}
    with pytest.raises(ArgumentTypeError, match="--document"):
        crossing.travel(parser.parse_args(["--nationality", "lao"]))


def test_an_offer_without_travel_facts_sends_none() -> None:
    verbs = ArgumentParser().add_subparsers()
    offer.register(verbs)
    line = ["--as", "tha-li", "--to", "bo-taen", "--adults", "2", "--item", "bo-taen.homestay@2027-01-14"]
    assert offer.wanted(verbs.choices["offer"].parse_args(line)).travel is None
    facts = ["--nationality", "third_country", "--document", "passport"]
    given = offer.wanted(verbs.choices["offer"].parse_args([*line, *facts])).travel
    assert given == Travel.model_validate({"nationality": "third_country", "document": "passport"})
