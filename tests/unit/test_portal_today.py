"""Today: who is shown where."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from contracts.referral.v1 import HandoffSummary
from services.portal.pages.today import sorted_out

TODAY = date(2027, 1, 14)


def line(**given: object) -> HandoffSummary:
    """A party of Tha Li that Bo Taen has booked for today."""
    usual: dict[str, object] = {
        "referral_id": "0190a0b0-0000-7000-8000-000000000001", "side": "sender", "partner": "bo-taen",
        "state": "confirmed", "round": 0, "party": {"adult": 2}, "arrival_day": TODAY,
        "answer_by": datetime.fromisoformat("2027-01-05T08:00+07:00"),
    }  # fmt: skip
    return HandoffSummary.model_validate(usual | given)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "departing"),
        ({"arrival_day": TODAY - timedelta(days=1)}, "departing"),
        ({"arrival_day": TODAY + timedelta(days=1)}, ""),
        ({"state": "departed"}, ""),
        ({"side": "receiver"}, "coming"),
        ({"side": "receiver", "arrival_day": TODAY + timedelta(days=1)}, "tomorrow"),
        ({"side": "receiver", "state": "arrived", "last_day": TODAY}, "leaving"),
        ({"side": "receiver", "state": "arrived", "last_day": TODAY - timedelta(days=1)}, "leaving"),
        ({"side": "receiver", "state": "arrived", "last_day": TODAY + timedelta(days=1)}, "staying"),
        ({"state": "arrived", "last_day": TODAY + timedelta(days=1)}, ""),
        ({"state": "accepted", "whose_move": "sender"}, "turns"),
        ({"side": "receiver", "state": "held", "whose_move": "receiver"}, "turns"),
        ({"side": "receiver", "state": "held", "whose_move": "sender"}, ""),
    ],
)
def test_each_party_stands_where_it_is_looked_for(given: dict[str, object], place: str) -> None:
    day = sorted_out([line(**given)], TODAY)
    shown = [name for name in ("turns", "coming", "tomorrow", "departing", "leaving", "staying") if getattr(day, name)]
    assert shown == ([place] if place else [])
