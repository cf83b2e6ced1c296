"""The month of a partner's places for one party: which days can be chosen, and why the others cannot."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from contracts.booking.v1 import DayAvailability
from contracts.community.v1 import Experience, Offering
from contracts.values import Item
from deploy.demo import data
from services.portal.domain import months
from services.portal.domain.months import Picture

NOW = datetime(2027, 1, 4, 7, 20, tzinfo=UTC)
FIRST = date(2027, 1, 1)
STAY, MARKET, DINNER, CRACKER = (f"bo-taen.{name}" for name in ("homestay", "morning-market", "baci", "rice-cracker"))


def offering() -> Offering:
    return next(one.offering for one in data.communities().offerings if one.offering.community.id == "bo-taen")


def experiences(*ids: str) -> list[Experience]:
    return [one for one in offering().experiences if one.id in ids]


def shared(ids: Iterable[str] = (STAY, MARKET, DINNER), left: int | None = 20) -> list[DayAvailability]:
    days = [FIRST + timedelta(days=n) for n in range(60)]
    return [DayAvailability(experience_id=one, day=day, available=True, left=left) for one in ids for day in days]


def but(told: list[DayAvailability], day: int, **is_so: object) -> list[DayAvailability]:
    return [one.model_copy(update=is_so) if one.day == date(2027, 1, day) else one for one in told]


def picture(told: Iterable[DayAvailability] | None = None, **more: object) -> Picture:
    return Picture.of(offering(), shared() if told is None else told, NOW, **more)  # type: ignore[arg-type]  # freed


def kinds(drawn: Picture, *ids: str, heads: int = 4, nights: int = 1) -> dict[int, str]:
    weeks = months.month(drawn, experiences(*ids), FIRST, heads, nights)
    return {cell.day.day: cell.kind for week in weeks for cell in week if cell}


def test_weeks_that_are_over_are_not_drawn_and_the_rest_begins_on_a_monday() -> None:
    weeks = months.month(picture(), experiences(STAY), FIRST, 4, 1)
    assert [len(week) for week in weeks] == [7] * 4
    assert weeks[0][0] is not None
    assert weeks[0][0].day == date(2027, 1, 4)


def test_days_of_other_months_are_empty() -> None:
    weeks = months.month(picture(), experiences(STAY), date(2027, 2, 10), 4, 1)
    assert weeks[0][0] is not None
    assert weeks[-1][-1] is not None, "February 2027 is four whole weeks"
    march = months.month(picture(), experiences(STAY), date(2027, 3, 1), 4, 1)
    assert march[-1][-1] is None


@pytest.mark.parametrize(
    ("is_so", "kind"),
    [
        ({"left": 20}, "free"),
        ({"left": 4}, "few"),
        ({"left": 3}, "full"),
        ({"available": False, "left": 0, "reason": "no_room"}, "full"),
        ({"available": False, "left": 0, "reason": "closed"}, "closed"),
        ({"available": False, "left": 0, "reason": "cut_off"}, "past"),
    ],
)
def test_a_day_is_what_the_partner_told_of_it_for_so_many_people(is_so: dict[str, object], kind: str) -> None:
    assert kinds(picture(but(shared(), 14, **is_so)), STAY)[14] == kind


def test_the_first_day_that_can_be_chosen_may_be_in_the_next_month() -> None:
    def opens(drawn: Picture, first: int, heads: int = 4) -> date | None:
        start, last = date(2027, 1, first), date(2027, 2, 20)
        return months.first_open(drawn, experiences(STAY), start, last, heads, 1)

    full = [one.model_copy(update={"left": 0}) if one.day.month == 1 else one for one in shared()]
    assert opens(picture(), 4) == date(2027, 1, 7), "after the notice that they want"
    assert opens(picture(full), 4) == date(2027, 2, 1)
    assert opens(picture([]), 9) == date(2027, 1, 9), "what is not known may be asked for"
    assert opens(picture(), 4, heads=500) is None


def test_days_before_today_and_too_near_ones_cannot_be_chosen() -> None:
    found = kinds(picture(), STAY)  # 72 hours of notice, at 15:00
    assert [found[day] for day in (4, 5, 6, 7)] == ["past", "past", "past", "free"]


def test_several_things_are_possible_only_together() -> None:
    told = [one for one in shared() if not (one.experience_id == DINNER and one.day == date(2027, 1, 14))]
    told.append(
        DayAvailability(experience_id=DINNER, day=date(2027, 1, 14), available=False, left=0, reason="stop_sell")
    )
    assert kinds(picture(told), STAY)[14] == "free"
    assert kinds(picture(told), STAY, DINNER)[14] == "closed"


def test_each_night_of_a_stay_needs_its_places() -> None:
    drawn = picture(but(shared(), 15, available=False, left=0, reason="no_room"))
    assert kinds(drawn, STAY, nights=1)[14] == "free"
    assert kinds(drawn, STAY, nights=2)[14] == "full"


def test_of_a_day_that_nobody_has_told_of_only_the_schedule_is_known() -> None:
    assert kinds(picture([]), STAY)[14] == "unknown"


@pytest.mark.parametrize(("heads", "reason"), [(3, "party_too_small"), (4, None), (21, "party_too_large")])
def test_a_party_that_is_too_small_or_large_is_told_so_on_every_day(heads: int, reason: str | None) -> None:
    (dinner,) = experiences(DINNER)
    assert picture().size(dinner, heads) == reason


def test_a_party_that_is_changed_counts_its_own_places_as_free() -> None:
    told = but(shared(), 14, available=False, left=0, reason="no_room")
    assert kinds(picture(told), STAY)[14] == "full"
    item = Item(experience_id=STAY, day=date(2027, 1, 14), nights=1)
    assert kinds(picture(told, freed=months.places_of([item], offering(), 4)), STAY)[14] == "few"


def test_next_days_are_only_those_on_which_it_is_known_to_be_possible() -> None:
    drawn = picture(but(shared(), 8, available=False, left=0, reason="no_room"))
    found = months.next_days(drawn, experiences(STAY), date(2027, 1, 4), date(2027, 1, 20), 4)
    assert [cell.day.day for cell in found] == [7, 9, 10]
    assert months.next_days(picture([]), experiences(STAY), date(2027, 1, 4), date(2027, 1, 20), 4) == []


def test_with_a_stay_what_begins_earlier_is_for_the_next_morning() -> None:
    day = date(2027, 1, 14)
    found = {
        item.experience_id: (item.day.day, item.start)
        for item in months.arranged(experiences(STAY, MARKET, DINNER), day, 1)
    }
    assert found == {STAY: (14, time(15)), MARKET: (15, time(6)), DINNER: (14, time(17, 30))}


def test_without_a_stay_the_first_start_of_the_day_is_taken() -> None:
    (item,) = months.arranged(experiences(CRACKER), date(2027, 1, 14), 1)
    assert (item.day.day, item.start) == (14, time(9, 30))


def test_each_day_that_is_not_possible_says_why() -> None:
    told = but(but(shared(), 14, available=False, left=0, reason="closed"), 16, left=2)
    weeks = months.month(picture(told), experiences(STAY), FIRST, 4, 1)
    assert {reason: [day.day for day in found] for reason, found in months.impossible(weeks).items()} == {
        "cut_off": [4, 5, 6], "closed": [14], "no_room": [16]
    }  # fmt: skip
