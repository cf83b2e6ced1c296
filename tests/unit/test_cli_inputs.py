"""What people type is read in three sets of digits; what is wrong is named in one sentence."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.values import Item, Party
from services.cli.input import inputs
from services.cli.input.inputs import Bad
from services.client import formatting
from services.client.phrases.spoken import spoken


@pytest.mark.parametrize("written", ["2027-01-04", "2027-1-4", "๒๐๒๗-๐๑-๐๔", "໒໐໒໗-໐໑-໐໔", " 2027-01-04 "])
def test_a_date_is_read_in_three_sets_of_digits(written: str) -> None:
    assert inputs.day(written) == date(2027, 1, 4)


@pytest.mark.parametrize("written", ["2027-01", "2027-1", "๒๐๒๗-๐๑", "໒໐໒໗-໐໑"])
def test_a_month_is_read_in_three_sets_of_digits(written: str) -> None:
    assert inputs.month(written) == "2027-01"


@pytest.mark.parametrize("written", ["2570-01-14", "๒๕๗๐-๐๑-๑๔", "໒໕໗໐-໐໑-໑໔"])
def test_a_buddhist_year_is_refused_with_the_gregorian_one(written: str) -> None:
    with pytest.raises(Bad, match="2570 looks like a Buddhist year, in Gregorian it is 2027: 2027-01-14"):
        inputs.day(written)


@pytest.mark.parametrize(
    ("reads", "written", "sentence"),
    [
        (inputs.day, "14/1/2027", "write year-month-day, such as 2027-01-14"),
        (inputs.day, "2027-02-30", "there is no day 2027-02-30"),
        (inputs.month, "2027", "write year-month, such as 2027-01"),
        (inputs.month, "2570-01", "looks like a Buddhist year, in Gregorian it is 2027"),
        (inputs.clock_time, "25:00", "25:00 is not a time of day"),
        (inputs.moment, "2027-01-13T99", "write it like 2027-01-13T18:00"),
        (inputs.moment, "2570-01-13T18:00", "looks like a Buddhist year"),
        (inputs.duration, "3", "write 90m, 3h, 2d or 1d12h"),
        (inputs.duration, "3h and more", "write 90m, 3h, 2d or 1d12h"),
        (inputs.item, "bo-taen.homestay", "write community.experience@date"),
        (inputs.item, "homestay@2027-01-14", "write community.experience@date"),
        (inputs.item, "bo-taen.homestay@2570-01-14", "in Gregorian it is 2027"),
        (inputs.item, "bo-taen.homestay@2027-01-14T6", "6 is not a time of day"),
        (inputs.item, "bo-taen.homestay@2027-01-14x31", "31 nights: one item has 1 to 30"),
        (inputs.item, "bo-taen.homestay@2027-01-14x0", "0 nights: one item has 1 to 30"),
        (inputs.money, "800000.00", "lacks a currency"),
        (inputs.money, "800000.001:LAK", "at most 2 decimals"),
        (inputs.money, "1,00:LAK", "is not an amount"),
        (inputs.money, "800.000,00:LAK", "is not an amount"),
        (inputs.number, "-1", "-1 is not a whole number"),
        (inputs.community, "Tha Li", "./handoff find shows the ids"),
        (inputs.reference, "abc", "the last 4 or more characters"),
        (inputs.language, "Thai", "such as th, lo or en"),
    ],
)
def test_what_cannot_be_read_is_named(reads: Callable[[str], Any], written: str, sentence: str) -> None:
    with pytest.raises(Bad) as refused:
        reads(written)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "start", "nights"),
    [
        ("bo-taen.homestay@2027-01-14", None, 1),
        ("bo-taen.homestay@2027-01-14x2", None, 2),
        ("bo-taen.homestay@๒๐๒๗-๐๑-๑๔×๒", None, 2),
        ("bo-taen.homestay@2027-01-14T06:00", "06:00", 1),
        ("bo-taen.homestay@2027-01-14T6.00x3", "06:00", 3),
    ],
)
def test_an_item_becomes_what_the_contract_wants(written: str, start: str | None, nights: int) -> None:
    item = inputs.item(written).wire()
    assert item == {"experience_id": "bo-taen.homestay", "day": "2027-01-14", "start": start, "nights": nights}


def test_a_stay_is_as_long_as_the_contract_has_it() -> None:
    longest = inputs.item(f"bo-taen.homestay@2027-01-14x{inputs.LONGEST_STAY}")
    assert longest.nights == inputs.LONGEST_STAY
    with pytest.raises(ValidationError):
        Item.model_validate(longest.wire() | {"nights": inputs.LONGEST_STAY + 1})


@pytest.mark.parametrize("written", ["no passport", "No_passport", "", "x" * 41])
def test_a_reason_of_ones_own_is_short_words_and_not_quoted(written: str) -> None:
    with pytest.raises(Bad, match="such as no_passport") as refused:
        inputs.code(written)
    assert not written or written not in str(refused.value)


@pytest.mark.parametrize("written", ["800000.00:LAK", "800000:lak", "800,000.0:LAK", "๘๐๐๐๐๐:LAK"])
def test_money_becomes_exact(written: str) -> None:
    assert inputs.money(written).minor == 80_000_000


def test_a_moment_without_a_zone_is_local() -> None:
    assert inputs.moment("2027-01-13T18:00") == datetime(2027, 1, 13, 11, tzinfo=UTC)
    assert inputs.moment("2027-01-13 18:00") == datetime(2027, 1, 13, 11, tzinfo=UTC)
    assert inputs.moment("2027-01-13T18:00Z") == datetime(2027, 1, 13, 18, tzinfo=UTC)


def test_lengths_of_time_add_up() -> None:
    assert inputs.duration("1d12h") == timedelta(hours=36)
    assert inputs.duration("90m") == inputs.duration("๙๐min") == timedelta(minutes=90)


@pytest.mark.parametrize("written", ["…5262FC", "...5262fc", "5262fc"])
def test_a_handoff_is_known_by_the_end_of_its_id(written: str) -> None:
    assert inputs.reference(written) == "5262fc"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    inputs.add_party(parser)
    return parser.parse_args(words)


def test_a_party_is_counted_by_band() -> None:
    party = inputs.party(parsed("--adults", "2", "--children", "๑"))
    assert party == Party(adult=2, child=1)
    assert inputs.party(parsed()) is None


@pytest.mark.parametrize("words", [("--children", "1"), ("--adults", "0"), ("--adults", "201")])
def test_a_party_that_cannot_be_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(Bad, match="--adults: a party"):
        inputs.party(parsed(*words))


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"HANDOFF_LANG": "th"}, "2027-01-14 (พ.ศ. 2570)"),
        ({"LANG": "th_TH.UTF-8"}, "2027-01-14 (พ.ศ. 2570)"),
        ({"LANG": "th_TH.UTF-8", "HANDOFF_LANG": "en"}, "2027-01-14"),
        ({"LANG": "C.UTF-8"}, "2027-01-14"),
    ],
)
def test_thai_readers_see_their_year_beside(
    settings: dict[str, str], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert formatting.day(spoken(), date(2027, 1, 14)) == shown
