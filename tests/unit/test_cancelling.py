"""What is given back of a cancelled booking: by its rule, by the hour."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.cancelling import at_most, refund_percent, rule_of
from contracts.community.v1 import CancellationRule, CancellationStep
from tests.support.booking import MARKET, experience

START = datetime(2027, 1, 14, 23, tzinfo=UTC)
RULE = CancellationRule(
    steps=tuple(CancellationStep(hours=h, refund_percent=p) for h, p in ((168, 100), (72, 50), (24, 20)))
)


def back(rule: CancellationRule, hours: float) -> int:
    return refund_percent(rule, START, START - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "percent"),
    [(500, 100), (168, 100), (167.99, 50), (72, 50), (71.99, 20), (24, 20), (23.99, 0), (0, 0), (-1, 0)],
)
def test_the_first_step_whose_hours_are_left_says_how_much(hours: float, percent: int) -> None:
    assert back(RULE, hours) == percent


@pytest.mark.parametrize(("hours", "percent"), [(48, 100), (47.99, 0)])
def test_without_a_rule_all_is_given_back_up_to_the_cut_off_and_nothing_after(hours: float, percent: int) -> None:
    assert back(rule_of(experience(MARKET), 48), hours) == percent


def test_an_experience_has_its_own_rule() -> None:
    assert rule_of(experience(MARKET, cancellation=RULE), 48) == RULE
    assert back(rule_of(experience(MARKET, cancellation=CancellationRule()), 0), 500) == 0


@pytest.mark.parametrize("percent", [0, 10, 20, 30, 50, 70, 100])
def test_what_was_moved_is_worth_no_more_than_before(percent: int) -> None:
    for hours in (0, 23, 24, 25, 72, 100, 168, 500):
        assert back(at_most(RULE, percent), hours) == min(percent, back(RULE, hours))
        assert back(at_most(CancellationRule(), percent), hours) == 0
