"""Until when an offer is answered that names no time of its own: one rule, so that what is shown is what is sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.community.v1 import CommunityProfile, Terms
from contracts.values import ZONES

#: How long those who begin to answer in the morning have for what came due in the night.
TO_ANSWER = timedelta(hours=1)


def answer_by(terms: Terms, receiver: CommunityProfile, now: datetime) -> datetime:
    """After the hours of the terms, and then when somebody answers there."""
    return when_answered(now + timedelta(hours=terms.response_hours), receiver)


def when_answered(due: datetime, receiver: CommunityProfile) -> datetime:
    """The deadline, if the receiver answers at that hour, by its own clock; else an hour after it begins to again."""
    limits, local = receiver.limits, due.astimezone(ZONES[receiver.zone])
    opens, closes = limits.answers_from, limits.answers_until
    if opens == closes or opens <= local.time() <= closes:
        return due
    day = local.date() + timedelta(days=1 if local.time() > closes else 0)
    first, last = (datetime.combine(day, at, local.tzinfo) for at in (opens, closes))
    return min(first + TO_ANSWER, last)
