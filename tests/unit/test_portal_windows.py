"""Windows in which a party arrives: inside the receiver's hours, and later ones for those who are late."""

from datetime import UTC, date, datetime, time

import pytest

from contracts.community.v1 import Offering
from contracts.values import Item, Window
from deploy.demo import data
from services.portal.domain import windows

DAY = date(2027, 1, 14)


def offering(**limits: object) -> Offering:
    found = next(one.offering for one in data.communities().offerings if one.offering.community.id == "bo-taen")
    community = found.community
    changed = community.limits.model_copy(update=limits)
    return found.model_copy(update={"community": community.model_copy(update={"limits": changed})})


def hours(found: list[Window]) -> list[str]:
    return [f"{one.earliest:%H:%M}-{one.latest:%H:%M}" for one in found]


def test_windows_fill_the_hours_in_which_they_receive() -> None:
    stay = Item(experience_id="bo-taen.homestay", day=DAY, start=time(15))
    found = windows.choices(offering(arrive_from=time(9), arrive_until=time(16)), [stay])
    assert hours(found) == ["09:00-11:00", "11:00-13:00", "13:00-15:00", "15:00-16:00"]


def test_nobody_is_offered_to_arrive_after_the_first_thing_has_begun() -> None:
    trek = Item(experience_id="bo-taen.tad-ham", day=DAY, start=time(8))
    found = windows.choices(offering(arrive_from=time(9), arrive_until=time(16)), [trek])
    assert hours(found) == ["06:00-08:00"]


def test_what_was_chosen_before_can_be_chosen_again_on_the_same_day_only() -> None:
    stay = Item(experience_id="bo-taen.homestay", day=DAY, start=time(15))
    chosen = Window(day=DAY, earliest=time(12, 30), latest=time(13, 30))
    assert chosen in windows.choices(offering(), [stay], chosen)
    later = stay.model_copy(update={"day": date(2027, 1, 15)})
    assert "12:30-13:30" not in hours(windows.choices(offering(), [later], chosen))


def test_who_is_late_chooses_among_three_hours_and_the_next_day() -> None:
    planned = Window(day=DAY, earliest=time(14), latest=time(16))
    found = windows.later(planned, datetime(2027, 1, 14, 5, tzinfo=UTC), "Asia/Bangkok")
    assert hours(found) == ["15:00-16:00", "16:00-17:00", "17:00-18:00", "14:00-16:00"]
    assert [one.day.day for one in found] == [14, 14, 14, 15]


def test_hours_that_are_over_are_not_offered() -> None:
    planned = Window(day=DAY, earliest=time(9), latest=time(11))
    found = windows.later(planned, datetime(2027, 1, 14, 9, 20, tzinfo=UTC), "Asia/Bangkok")  # 16:20 there
    assert hours(found)[0] == "16:00-17:00"


def test_all_that_is_offered_is_later_than_planned() -> None:
    planned = Window(day=DAY, earliest=time(22), latest=time(23, 30))
    found = windows.later(planned, datetime(2027, 1, 14, 9, tzinfo=UTC), "Asia/Bangkok")
    assert all(one.is_later_than(planned) for one in found)


@pytest.mark.parametrize(("latest", "closes"), [(time(17), None), (time(18), time(18)), (time(19), time(18))])
def test_a_window_that_misses_the_crossing_says_when_it_closes(latest: time, closes: time | None) -> None:
    bridge = next(one for one in data.crossings().crossings if one.id == "na-kraseng")
    window = Window(day=DAY, earliest=time(16), latest=latest)
    assert windows.closes_before(bridge, window) == closes


def test_without_a_crossing_none_closes() -> None:
    assert windows.closes_before(None, Window(day=DAY, earliest=time(16), latest=time(23))) is None
