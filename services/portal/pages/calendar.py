"""The calendar: a month of places, per pool of the community and per experience."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from contracts.booking.v1 import AskAvailability, AskPools, SetException
from contracts.community.v1 import Experience, Offering
from services.client import formatting
from services.portal.site import months
from services.portal.site.context import PageContext
from services.portal.site.months import Places
from services.portal.site.portal_site import PageRoute

#: Some Monday: the heads of the columns are named after its week.
A_MONDAY = date(2024, 1, 1)
#: So many months ahead one can look; visits further away are planned by nobody.
AHEAD = 18


@dataclass(frozen=True)
class View:
    """What a calendar is of: `of` is a pool of the community or an experience of its own."""

    of: str
    experience: Experience | None


@dataclass(frozen=True)
class Month:
    """A month as it is shown; days that are over have no months."""

    first: date
    weeks: Sequence[tuple[date | None, ...]]
    days: Mapping[date, Places]
    before: date | None
    after: date | None


async def show(page: PageContext) -> Response:
    """The month that is asked for, of what is asked for."""
    known = await page.known()
    today = formatting.local(page.now).date()
    if known.own is None or not known.own.experiences:
        return page.render("calendar.html", here="/calendar", known=known, month=None)
    view = asked_view(known.own, page.request.query_params.get("of", ""))
    month = await _month(page, known.own, view, asked_month(page.request.query_params.get("month", ""), today), today)
    return page.render(
        "calendar.html", live=True, keep=today + timedelta(days=1), here="/calendar", known=known, month=month,
        view=view, today=today,
        pools=pools_of(known.own), may_change=page.may(SetException),
        weekdays=[A_MONDAY + timedelta(days=n) for n in range(7)],
    )  # fmt: skip


def asked_month(text: str, today: date) -> date:
    """The first day of the month asked for, such as `2027-01`; this month when there is none, or it is out of reach."""
    this = months.first_of(today)
    try:
        wanted = months.first_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return this
    return wanted if this <= wanted <= furthest(today) else this


def furthest(today: date) -> date:
    """The last month that is shown."""
    return months.first_of(months.first_of(today) + timedelta(days=31 * AHEAD))


def asked_view(own: Offering, of: str) -> View:
    """What the calendar is of: the beds, or the visitors of a community without any, unless something else is asked."""
    experience = next((one for one in own.experiences if one.id == of), None)
    pools = pools_of(own)
    return View(of, experience) if experience or of in pools else View(pools[0], None)


def pools_of(own: Offering) -> tuple[str, ...]:
    """The pools of a whole community."""
    beds = any(one.kind == "homestay" for one in own.experiences) and own.community.limits.guests_per_night
    return (months.GUESTS, months.VISITORS) if beds else (months.VISITORS,)


def drawn_by(own: Offering, view: View) -> tuple[Experience, ...]:
    """The experiences that draw from it: when none of them is sold, it is closed."""
    if view.experience:
        return (view.experience,)
    return tuple(one for one in own.experiences if view.of == months.VISITORS or one.kind == "homestay")


async def _month(page: PageContext, own: Offering, view: View, first: date, today: date) -> Month:
    """One question for all places of the month and one for what is sold."""
    start, last = max(first, today), months.last_of(first)
    experience_id = view.experience.id if view.experience else None
    pools, departures = await asyncio.gather(
        page.list(AskPools(first=start, last=last, untouched=True)),
        page.list(AskAvailability(community=page.community, experience_id=experience_id, first=start, last=last)),
    )
    known, unsold = months.levels(pools), months.unsold(departures, (one.id for one in drawn_by(own, view)))
    days = [start + timedelta(days=n) for n in range((last - start).days + 1)]
    found = {
        day: months.of_experience(view.experience, day, known, unsold)
        if view.experience
        else months.of_pool(view.of, day, known, unsold)
        for day in days
    }
    before = months.month_before(first) if first > today else None
    after = months.month_after(first) if first < furthest(today) else None
    return Month(first, months.weeks(first, today), found, before, after)


PAGES = (PageRoute("GET", "/calendar", show, asks=AskPools),)
