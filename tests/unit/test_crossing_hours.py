"""When a crossing is open: spans that touch, until midnight, and over it."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.crossing.rows import OpeningHours
from contracts.crossing.v1 import PlanLine
from services.referral.domain.crossing import hours as crossing_hours
from services.referral.domain.crossing import lines
from services.referral.domain.crossing.rows import Journey
from tests.support.booking import COUPLE
from tests.support.crossing import BOOK

DAY = date(2027, 1, 14)  # a Thursday, 55 days after the rows were checked
DAILY = (1, 2, 3, 4, 5, 6, 7)


def row(opens: str, closes: str, days: tuple[int, ...] = DAILY, **given: Any) -> OpeningHours:
    said = {"days": days, "open": opens, "close": closes, "confidence": "high"}
    return OpeningHours.model_validate(said | given)


def planned(hour: time | None, *hours: OpeningHours, day: date = DAY) -> PlanLine:
    crossing = next(one for one in BOOK.crossings if one.id == "na-kraseng").model_copy(update={"hours": hours})
    journey = Journey(direction="TH->LA", day=day, party=COUPLE, hour=hour)
    return lines.hours(crossing, journey, BOOK)


def told(line: PlanLine) -> tuple[str, str | None, str | None]:
    return line.code, line.named.get("hours"), line.named.get("latest")


@pytest.mark.parametrize(
    ("hours", "hour", "expected"),
    [
        ((row("08:00", "12:00"), row("12:00", "22:00")), time(11, 45), ("open_then", "08:00-22:00", "20:30")),
        ((row("08:00", "12:00"), row("11:00", "22:00")), time(11, 45), ("open_then", "08:00-22:00", "20:30")),
        ((row("08:00", "12:00"), row("12:30", "22:00")), time(11, 45), ("be_there_earlier", "08:00-12:00", "10:30")),
        ((row("08:00", "24:00"),), time(22, 30), ("open_then", "08:00-24:00", "22:30")),
        ((row("08:00", "24:00"),), time(22, 31), ("be_there_earlier", "08:00-24:00", "22:30")),
        ((row("22:00", "02:00"),), time(23), ("open_then", "22:00-02:00", "00:30")),
        ((row("22:00", "02:00"),), time(0, 30), ("open_then", "22:00-02:00", "00:30")),
        ((row("22:00", "02:00"),), time(1), ("be_there_earlier", "22:00-02:00", "00:30")),
        ((row("22:00", "02:00"),), time(2), ("closed_hour", "22:00-02:00", None)),
        ((row("00:00", "24:00"),), time(23, 59), ("open_then", "00:00-24:00", "24:00")),
        ((row("12:00", "24:00"), row("00:00", "02:00")), time(23, 30), ("open_then", "12:00-02:00", "00:30")),
        ((row("06:00", "22:00"), row("22:00", "24:00")), None, ("hour_not_said", "06:00-24:00", None)),
    ],
)
def test_a_party_is_told_to_be_there_before_a_close_and_not_before_hours_that_go_on(
    hours: tuple[OpeningHours, ...], hour: time | None, expected: tuple[str, str, str | None]
) -> None:
    assert told(planned(hour, *hours)) == expected


def test_the_night_of_a_day_reaches_into_the_next_and_no_further() -> None:
    thursdays = row("22:00", "02:00", (4,))
    assert planned(time(0, 15), thursdays, day=DAY + timedelta(days=1)).code == "open_then"
    assert planned(time(0, 15), thursdays).code == "closed_hour"
    assert planned(time(0, 15), thursdays, day=DAY + timedelta(days=2)).code == "closed_weekday"
    assert planned(time(23), row("12:00", "24:00", (4,)), day=DAY + timedelta(days=1)).code == "closed_weekday"


def test_hours_that_touch_are_known_no_better_than_the_least_sure_of_them() -> None:
    spans = crossing_hours.on((row("08:00", "12:00"), row("12:00", "22:00", confidence="low")), DAY)
    assert crossing_hours.worst(spans).confidence == "low"
    assert len(spans) == 1


def test_midnight_is_written_24_00_in_and_out_and_nothing_is_open_for_no_time() -> None:
    assert row("08:00", "24:00").wire()["close"] == "24:00"
    assert OpeningHours.read(row("08:00", "24:00").wire()) == row("08:00", "24:00")
    for ends in ("18:30", "24:00"):
        written = row("08:00", ends).model_dump_json()
        assert OpeningHours.model_validate_json(written, strict=True) == row("08:00", ends), "as files are read"
    for opens, closes, sentence in (("08:00", "00:00", "written 24:00"), ("08:00", "08:00", "differ from open")):
        with pytest.raises(ValidationError, match=sentence):
            row(opens, closes)
