"""How often somebody may try a password or a code, so that nobody guesses one and nobody is kept out by others.

Wrong tries count by the name that was tried and by the address they came from. A phone on which the account has signed
in before is counted by itself: whoever tries a name from elsewhere keeps its owner out of new phones at most. What is
refused because of the limit counts for nothing, so that waiting is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: What is tried: whose tries are counted together.
NAME, PHONE, ADDRESS, SECOND, OWN, CODE = "name", "phone", "address", "second", "own", "code"
#: A name or number that somebody wants and another has: asked again and again, it says who has an account.
TAKEN = "taken"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many within so long."""

    most: int
    within: timedelta


_FEW = (Limit(5, timedelta(minutes=15)), Limit(30, DAY))
#: Many phones of a village share one address.
_MANY = (Limit(50, timedelta(minutes=15)), Limit(400, DAY))
LIMITS = {
    NAME: _FEW,
    PHONE: _FEW,
    SECOND: _FEW,
    OWN: _FEW,
    TAKEN: _FEW,
    ADDRESS: _MANY,
    CODE: (Limit(20, timedelta(minutes=15)),),
}


def wait(what: str, tries: Sequence[datetime], now: datetime) -> timedelta:
    """How long to wait before the next try; nothing while every limit has room."""
    return max((_wait(limit, tries, now) for limit in LIMITS[what]), default=timedelta())


def left(what: str, tries: Sequence[datetime], now: datetime) -> int:
    """How many tries there are after this one, which is not among them."""
    spent = [sum(at > now - limit.within for at in tries) for limit in LIMITS[what]]
    return max(min(limit.most - count for limit, count in zip(LIMITS[what], spent, strict=True)) - 1, 0)


def _wait(limit: Limit, tries: Sequence[datetime], now: datetime) -> timedelta:
    recent = sorted(at for at in tries if at > now - limit.within)
    return recent[-limit.most] + limit.within - now if len(recent) >= limit.most else timedelta()
