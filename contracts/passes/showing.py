"""What counts whenever a pass or a code is shown: as of when, and how often wrong codes may be tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.refusals import No, Refused

#: So many wrong codes within so long, and every code waits.
TRIES, WITHIN = 10, timedelta(minutes=5)
#: How far ahead the clock of a device may be that read a pass without a network.
SKEW = timedelta(minutes=10)
#: So long after it was seen a pass may be told of; when it was is only what somebody says.
TOLD_WITHIN = timedelta(days=7)
#: So long a code of what is over is still known as such.
REMEMBERED = timedelta(days=30)


def seen(said: datetime | None, now: datetime) -> datetime:
    """When something was seen that is told later.

    Judged before what was shown is looked at, so that a refusal tells nothing about that.
    """
    at = said or now
    if at > now + SKEW:
        raise Refused(No.INVALID, "moment_has_not_come", "seen_at")
    if at < now - TOLD_WITHIN:
        raise Refused(No.INVALID, "seen_too_long_ago", "seen_at", days=TOLD_WITHIN.days)
    return at


def wait_seconds(tried: Sequence[datetime], now: datetime) -> int:
    """How long no code is looked at, after wrong ones at these moments, oldest first; 0 when one may be tried."""
    lately = [at for at in tried if at > now - WITHIN]
    return math.ceil((lately[-TRIES] + WITHIN - now).total_seconds()) if len(lately) >= TRIES else 0


def tried_now(tried: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """The moments that count after one more wrong code."""
    return (*tried, now)[-TRIES:]
