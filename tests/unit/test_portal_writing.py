"""What stands on a page, and where it may be broken over lines: parties, names from data, what is left of a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.client.phrases.catalogue import Phrases
from services.portal.site import writing

NOW = datetime(2027, 1, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=42), "42 min left"),
        (timedelta(hours=11, minutes=59), "11 h 59 min left"),
        (timedelta(hours=12, minutes=1), "12 h left"),
        (timedelta(hours=21, minutes=59), "21 h left"),
        (timedelta(days=2, hours=3, minutes=9), "2 d 3 h left"),
        (timedelta(minutes=-1), "over"),
    ],
)
def test_minutes_are_told_when_they_matter(ahead: timedelta, said: str) -> None:
    assert writing.left(Phrases.of("en"), NOW + ahead, NOW) == said


def test_a_day_of_another_year_says_its_year() -> None:
    english = Phrases.of("en")
    told = [str(writing.day_seen(english, date(year, 1, 15), NOW)) for year in (2027, 2028)]
    assert ["2027" in told[0], "2028" in told[1]] == [False, True]


def test_a_party_is_broken_between_its_bands_at_most() -> None:
    told = str(writing.parts("ເດັກນ້ອຍ 1, ເດັກອ່ອນ 1"))
    assert told.count('<span class="nb">') == 2
    assert "</span>, <span" in told


def test_a_number_in_a_name_keeps_what_it_counts() -> None:
    told = str(writing.whole("Bo Taen homestay (1 night, 2 meals)"))
    assert f">(1{writing.NO_BREAK}night,<" in told
    assert f">2{writing.NO_BREAK}meals)<" in told
    assert ">Bo</span> <span" in told, "the control: between other words it may go on in the next line"


def test_so_it_does_in_what_is_no_name_and_a_long_number_may_be_broken() -> None:
    assert str(writing.with_names("3 nights, call 020 555 123", ["Bo Taen"])) == (
        f"3{writing.NO_BREAK}nights, call 020 555 123"
    )
