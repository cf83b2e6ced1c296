"""Every day that something touches counts, whatever its kind."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from contracts.capacity.availability import Clock
from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Host, Level, PoolDay, Situation, dates_of
from services.booking.domain import rule_changes
from services.booking.domain.hold import EVE, LATEST, Hold, Visit
from services.booking.domain.placing import Miss, PlacePlan, plan, span
from tests.support.booking import COUPLE, experience, item_of, offering

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
FIRST = date(2026, 11, 28)  # a Saturday
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
TREK = experience("bo-taen.trek", programme="overnight", duration_minutes=2_880, starts=(time(8),))
WANTED = item_of(TREK.id, FIRST)


def asked(*lines: Notice, trek: object = TREK, taken: int = 0) -> PlacePlan | Miss:
    where = Situation(host=Host.of(offering(trek)), notices=Notices(lines))  # type: ignore[arg-type]  # some are changed
    where = replace(where, levels={PoolDay("visitors", SECOND): Level(40, taken)})
    return plan(where, Clock(NOW, NOW), COUPLE, (WANTED,))


@pytest.mark.parametrize(
    ("start", "minutes", "days"),
    [(time(8), 120, 1), (time(8), 960, 1), (time(8), 961, 2), (time(22), 150, 2), (time(8), 2_880, 3)],
)
def test_an_activity_touches_the_days_to_its_last_minute(start: time, minutes: int, days: int) -> None:
    lasting = experience("bo-taen.trek", duration_minutes=minutes, starts=(start,))
    assert len(dates_of(lasting, FIRST, start, 1)) == days


def test_the_longest_activity_stays_within_what_is_looked_at() -> None:
    longest = experience("bo-taen.trek", duration_minutes=7 * 24 * 60, starts=(time(23, 59),))
    assert dates_of(longest, FIRST, time(23, 59), 1)[-1] == span((WANTED,))[1]


def test_visitors_are_counted_on_every_day_and_seats_on_the_first() -> None:
    found = asked()
    assert isinstance(found, PlacePlan)
    visitors = {PoolDay("visitors", day): 2 for day in (FIRST, SECOND, THIRD)}
    assert found.places == {PoolDay(f"seats/{TREK.id}/08:00", FIRST): 2, **visitors}


def test_a_day_in_the_middle_that_is_closed_full_or_out_of_the_week_or_season_is_a_no() -> None:
    closed = Notice(number=1, kind="closed", day=SECOND, until=SECOND)
    assert asked(closed) == Miss(reason="closed", experience_id=TREK.id, day=FIRST)
    assert asked(taken=39) == Miss(reason="no_room", experience_id=TREK.id, day=FIRST)
    assert isinstance(asked(taken=38), PlacePlan)
    weekend = TREK.model_copy(update={"weekdays": (6, 7)})
    assert asked(trek=weekend) == Miss(reason="closed_weekday", experience_id=TREK.id, day=FIRST)
    until_monday = TREK.model_copy(update={"weekdays": (1, 6, 7)})
    assert isinstance(asked(trek=until_monday), PlacePlan)


def test_a_month_in_which_it_ends_is_asked_about_too() -> None:
    november = TREK.model_copy(update={"months": (11,)})
    where = Situation(host=Host.of(offering(november)))
    last = item_of(TREK.id, date(2026, 11, 29))
    assert plan(where, Clock(NOW, NOW), COUPLE, (last,)) == Miss(
        reason="out_of_season", experience_id=TREK.id, day=date(2026, 11, 29)
    )


@pytest.mark.parametrize(("day", "hit"), [(FIRST, True), (SECOND, True), (THIRD, True), (date(2026, 12, 1), False)])
def test_a_closure_hits_a_booking_on_each_of_its_days(day: date, hit: bool) -> None:
    hold = Hold(hold_id="", community="bo-taen", state="CONFIRMED", items=(item_of(TREK.id, FIRST, start=time(8)),))
    closed = Notice(number=1, kind="closed", day=day, until=day, scope=Scope(TREK.id, None))
    assert rule_changes.hits(closed, hold, Host.of(offering(TREK))) is hit


def test_guests_of_several_days_are_received_until_after_their_last() -> None:
    host = Host.of(offering(TREK))
    visit = Visit.of((WANTED,), host)
    assert visit == Visit(host.moment(FIRST, time()) - EVE, host.moment(THIRD + timedelta(days=1), time()) + LATEST)
