"""What is given back of a booking that is cancelled: one rule for who decides it and for who announces it."""

from __future__ import annotations

from datetime import datetime

from contracts.community.v1 import CancellationRule, CancellationStep, Experience


def rule_of(experience: Experience, cutoff_hours: int) -> CancellationRule:
    """The experience's own; else all is given back up to the cut-off that counts, and nothing after it."""
    if experience.cancellation is not None:
        return experience.cancellation
    return CancellationRule(steps=(CancellationStep(hours=cutoff_hours, refund_percent=100),))


def refund_percent(rule: CancellationRule, starts_at: datetime, now: datetime) -> int:
    """How much of the price is given back to who cancels now."""
    hours = (starts_at - now).total_seconds() / 3600
    return next((step.refund_percent for step in rule.steps if hours >= step.hours), 0)


def at_most(rule: CancellationRule, percent: int) -> CancellationRule:
    """The rule where no more than this is given back: what was moved is worth no more than it was before."""
    lower = tuple(step for step in rule.steps if step.refund_percent < percent)
    others = [step for step in rule.steps if step.refund_percent >= percent]
    if not others or not percent:
        return CancellationRule(steps=lower)
    return CancellationRule(steps=(CancellationStep(hours=others[-1].hours, refund_percent=percent), *lower))
