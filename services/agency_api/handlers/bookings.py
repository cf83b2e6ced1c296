"""What agencies have asked for is kept as long as somebody may ask about it, and no longer."""

from __future__ import annotations

from services.agency_api.domain.bookings import BOOKED_KEPT, TRIAL_KEPT, UNBOOKED_KEPT
from services.agency_api.ports import Requests

#: Rows of one transaction: so many are locked and written at once.
PAGE = 500


async def forget(work: Requests) -> int:
    """Delete a page of what is over. Returns how many rows that were."""
    now = work.now
    return await work.forget_bookings(now - TRIAL_KEPT, now - UNBOOKED_KEPT, now - BOOKED_KEPT, PAGE)
