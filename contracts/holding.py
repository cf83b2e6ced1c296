"""How long and how many holds of agencies run: booking judges by it, and whoever plays a booking through as well."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A hold lives no longer from the moment on at which it was first asked for, however often it is extended or replaced.
LONGEST = timedelta(hours=24)
#: So many holds that are not confirmed, or wait for the community's word, an agency has at one community at a time.
MOST_HOLDS = 10


def longest(asked: datetime, placed_at: datetime, begins: datetime, closes: datetime, now: datetime) -> datetime:
    """Until when a hold may be extended: as asked, but never past its cut-off, nor for more than a day in all."""
    return min(asked, now + LONGEST, begins, placed_at + LONGEST, closes)
