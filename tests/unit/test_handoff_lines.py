"""One line of a list of handoffs: when they come and leave, what they want, whether they are late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import get_args

import pytest

from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.referral.v1 import HandoffSummary, Side
from contracts.values import Window
from services.referral.domain.handoff import acts, transitions, viewing
from services.referral.domain.handoff.record import Record
from tests.support.booking import HOMESTAY, MARKET, item_of
from tests.support.referral import DAY, NOW, moment, record

NIGHT = timedelta(days=1)
LATER = Window(day=DAY, earliest=time(18), latest=time(20))
#: The usual window of a record is over then: 16:00 in Vientiane.
OVER = datetime(2027, 1, 14, 9, tzinfo=UTC)
JUST = timedelta(microseconds=1)


def line(of: Record, now: datetime = NOW) -> HandoffSummary:
    return viewing.summary(of, None, now)


def test_a_line_says_what_is_on_offer_now_and_when_they_would_come_for_it() -> None:
    evening_before = Window(day=DAY - NIGHT, earliest=time(17), latest=time(19))
    moved = (item_of(MARKET, DAY + 4 * NIGHT),)
    for side in get_args(Side):
        asked = record(side, "held", arrival=evening_before)
        assert line(asked).items == asked.items
        assert (line(asked).arrival, line(asked).arrival_day) == (evening_before, DAY - NIGHT)
        shown = line(record(side, "countered", arrival=evening_before, countered_items=moved))
        assert shown.items == moved
        assert shown.arrival == evening_before.model_copy(update={"day": DAY + 3 * NIGHT})
        assert (shown.arrival_day, shown.last_day) == (DAY + 3 * NIGHT, DAY + 4 * NIGHT)


def test_they_leave_by_the_hosts_schedule_and_until_it_is_known_by_the_nights_they_asked_for() -> None:
    nights = (item_of(HOMESTAY, DAY, nights=3), item_of(MARKET, DAY + NIGHT))
    assert line(record("sender", "held", items=nights)).last_day == DAY + 2 * NIGHT
    next_morning = datetime(2027, 1, 17, 2, tzinfo=UTC)
    assert line(record(state="arrived", items=nights, ends_at=next_morning)).last_day == DAY + 3 * NIGHT
    midnight = datetime(2027, 1, 16, 17, tzinfo=UTC)
    assert line(record(state="arrived", items=nights, ends_at=midnight)).last_day == DAY + 2 * NIGHT
    delayed = Window(day=DAY + 3 * NIGHT, earliest=time(9), latest=time(10))
    assert line(record("sender", "departed", items=nights, arrival=delayed)).last_day == DAY + 3 * NIGHT


@pytest.mark.parametrize("state", get_args(State))
def test_only_those_who_are_to_come_are_late_and_only_once_their_window_is_over(state: State) -> None:
    waited_for = state in ("confirmed", "departed")
    assert not line(record(state=state), OVER).late
    assert line(record(state=state), OVER + JUST).late is waited_for
    assert line(record(state=state, delayed=True)).late is waited_for


def test_a_window_over_midnight_is_over_on_the_day_after() -> None:
    night = record(state="departed", arrival=Window(day=DAY, earliest=time(22), latest=time(2)))
    assert not line(night, OVER + timedelta(hours=8)).late
    assert line(night, OVER + timedelta(hours=11)).late


def test_a_delay_that_was_told_makes_them_late_on_both_sides_and_one_that_changes_nothing_does_not() -> None:
    ours = acts.delay(record("sender", "departed"), LATER).record
    theirs = transitions.apply_message(record(state="departed"), border.PartyDelayed(arrival=LATER), moment()).record
    for told in (ours, theirs):
        assert (line(told).late, line(told).arrival) == (True, LATER)
        arrived = told.replace(state="arrived")
        assert not line(arrived, OVER + NIGHT).late
    no_later = border.PartyDelayed(arrival=record().arrival)
    assert not line(transitions.apply_message(record(state="departed"), no_later, moment()).record).late


def test_a_record_of_before_is_read_as_one_of_which_no_delay_is_known() -> None:
    kept = record("sender", "departed").stored()
    del kept["delayed"]
    assert not line(Record.read(kept)).late


def test_the_whole_view_says_the_same_as_the_line() -> None:
    standing = {"sent": 1, "seen": 1, "partner_seen": 1}
    for delayed in (False, True):
        kept = record("sender", "departed", delayed=delayed)
        view = viewing.view(kept, None, NOW, story=(), **standing)
        assert (view.last_day, view.late) == (line(kept).last_day, line(kept).late) == (DAY, delayed)
