"""Which journey a handoff is, for the side whose record it is."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from contracts.community.v1 import Offering
from contracts.crossing.v1 import MOST_NIGHTS
from services.referral.domain.crossing.of_handoff import nights, plan_of
from tests.support.booking import HOMESTAY, MARKET, experience, item_of, offering
from tests.support.crossing import BOOK
from tests.support.referral import DAY, record, village

TODAY = date(2026, 12, 1)


def test_an_activity_over_a_night_is_a_stay_too() -> None:
    trek = experience("bo-taen.trek", programme="overnight", duration_minutes=2_880, starts=(time(8),))
    assert nights(record(items=(item_of(trek.id, DAY),)), offering(trek)) == 2


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ((item_of(HOMESTAY, DAY, nights=2),), 2),
        ((item_of(MARKET, DAY),), 0),
        ((item_of(HOMESTAY, DAY), item_of(MARKET, DAY + timedelta(days=3))), 3),
        ((item_of(MARKET, DAY + timedelta(days=2_000)),), MOST_NIGHTS),
    ],
)
def test_a_stay_ends_with_its_last_homestay_or_item(items: Any, told: int) -> None:
    assert nights(record(items=items), offering()) == told


@pytest.mark.parametrize(
    ("origin", "crossing", "way"),
    [
        (village(), None, "TH->LA"),
        (None, "na-kraseng", "TH->LA"),
        (None, None, None),
        (offering(), "na-kraseng", None),
    ],
)
def test_the_way_is_known_by_the_two_places_or_by_the_crossing_that_was_named(
    origin: Offering | None, crossing: str | None, way: str | None
) -> None:
    made = plan_of(record(crossing=crossing), BOOK, (origin, offering()), TODAY)
    assert (made and made.direction) == way
