"""What agencies have booked and waits for the community's word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from contracts.agencies.v1 import ListAgencies
from contracts.booking.v1 import BookingSummary, ListBookings
from services.client import formatting
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.promised import Promised, promised

#: So far ahead agencies may book.
AHEAD = timedelta(days=365)
#: Who will be there, or is.
CAME = frozenset({"CONFIRMED", "REDEEMED"})


async def of_agencies(page: PageContext, known: Known) -> Sequence[Promised]:
    """Those that wait, the nearest deadline first."""
    today = formatting.local(page.now).date()
    listed = await page.list(ListBookings(first=today, last=today + AHEAD, live=True, states=("PENDING",), limit=500))
    return [promised(known, each) for each in waiting(listed)]


def waiting(listed: Iterable[BookingSummary]) -> Sequence[BookingSummary]:
    """Of all bookings those of agencies that wait for a yes or no, the nearest deadline first."""
    pending = (each for each in listed if each.agency is not None and each.state == "PENDING")
    return sorted(pending, key=_until)


async def arriving(page: PageContext, known: Known, *, back: int = 0) -> Sequence[Promised]:
    """Those of agencies who come today, or came or should have since so many days ago; the earliest first."""
    today = formatting.local(page.now).date()
    first = today - timedelta(days=back)
    listed = await page.list(ListBookings(first=first, last=today, live=True, limit=500))
    booked = [promised(known, each) for each in listed if each.agency is not None and each.state in CAME]
    return sorted((one for one in booked if one.first >= first), key=starts)


def starts(one: Promised) -> tuple[date, time, str]:
    """When it begins."""
    day, start = min((item.day, item.start or time()) for item in one.booking.items)
    return day, start, one.booking.hold_id


async def names(page: PageContext, ids: Collection[str | None]) -> Mapping[str, str]:
    """What agencies are called, when there are any; to whoever may not list them, they are known by their ids."""
    if not any(ids) or not page.may(ListAgencies):
        return {}
    return {one.agency: one.name for one in await page.list(ListAgencies())}


def _until(one: BookingSummary) -> datetime:
    return one.expires_at or one.placed_at
