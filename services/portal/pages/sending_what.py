"""What they want and on which day: the month of what the partner has for this party, and what to do when it is full."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from contracts.community.v1 import Experience, ListPartnerships
from contracts.referral.v1 import OfferHandoff
from contracts.values import MAX_ITEMS, CommunityId, Day, ExperienceId, Item
from contracts.values import days as weekdays
from services.client import formatting
from services.portal.domain import months
from services.portal.domain.months import Cell, Picture
from services.portal.pages.sending import MOST_PARTNERS
from services.portal.pages.sending_flow import (
    ASKED_DAYS,
    Writing,
    go_on,
    opened,
    picture,
    possible,
    render,
    shared_days,
    why,
)
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: So many months ahead can be looked at.
MONTHS_AHEAD = 12
#: So many other days, and other partners, are told where one is full.
MOST_OTHERS = 4

#: Some Monday to Sunday, for the heads of the columns.
_A_WEEK = weekdays(date(2027, 1, 4), 7)


class Choose(Form):
    """What, when, for how many nights; `look` and `month` only show the days of what is chosen."""

    experiences: Annotated[tuple[ExperienceId, ...], Field(max_length=MAX_ITEMS)] = ()
    day: Day | None = None
    stay: Annotated[int, Field(ge=1, le=30)] = 1
    look: bool = False
    #: The month that is turned to.
    month: str = ""


class Instead(Form):
    """Another day there, or another partner on the same day."""

    instead: Annotated[str, Field(max_length=80)]


@dataclass(frozen=True)
class Other:
    """A partner who could take them on that day."""

    id: CommunityId
    items: tuple[Item, ...]
    cell: Cell


async def show(page: PageContext) -> Response:
    """Experiences, and the month."""
    found = await opened(page)
    return found if isinstance(found, Response) else await _shown(page, found)


async def choose(page: PageContext) -> Response:
    """Keep what is chosen; where a day is known to be impossible, say what else is possible."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    filled = page.read(Choose)
    if filled.value is None:
        return await _shown(page, found, status=422, typed=filled.typed, wrong=filled.wrong)
    given = filled.value
    wanted = tuple(one for one in found.offering.experiences if one.id in given.experiences)
    draft = found.draft.changed(wanted=tuple(one.id for one in wanted), nights=given.stay)
    if given.month or (given.look and wanted):
        month = _asked_month(page) or _month_of(page, given.day)
        return await go_on(page, found, draft, to=f"what?month={month:%Y-%m}#days")
    if not wanted or given.day is None:
        return await _shown(page, found, status=422, typed=filled.typed, wrong=_missing(page, wanted, given.day))
    items = months.arranged(wanted, given.day, given.stay)
    draft = draft.changed(items=items)
    if not await possible(page, found, draft, items):
        return await go_on(page, found, draft, to="full")
    return await go_on(page, found, draft, to="days" if to_be_told(items, wanted) else "")


def to_be_told(items: Sequence[Item], wanted: Sequence[Experience]) -> bool:
    """Whether a day or start was chosen for them that they should see: several starts, or several days."""
    return any(len(one.starts) > 1 for one in wanted) or len({item.day for item in items}) > 1


async def full(page: PageContext) -> Response:
    """That day is full: their next days, then others who could take them."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    return await _full(page, found) if found.draft.items else page.redirect(found.path("what"))


async def instead(page: PageContext) -> Response:
    """Another day, or another partner."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    filled = page.read(Instead)
    kind, _, value = (filled.value.instead if filled.value else "").partition(":")
    if kind == "day" and (day := _day(value)):
        items = months.arranged(found.wanted, day, found.draft.nights)
        draft = found.draft.changed(items=items)
        return await go_on(page, found, draft, to="days" if to_be_told(items, found.wanted) else "")
    others = {one.id: one for one in await _others(page, found)} if kind == "partner" else {}
    if value not in others:
        return await _full(page, found, status=422)
    items = others[value].items
    draft = found.draft.changed(to=value, wanted=tuple(item.experience_id for item in items), items=items, arrival=None)
    return await go_on(page, found, draft, to="what")


async def _full(page: PageContext, writing: Writing, status: int = 200) -> Response:
    day, heads = _first_day(writing.draft.items), writing.draft.heads
    today = formatting.local(page.now).date()
    first = max(day - timedelta(days=3), today)
    drawn, others = await asyncio.gather(picture(page, writing, first), _others(page, writing))
    last = first + timedelta(days=ASKED_DAYS - writing.draft.nights - 1)
    days = months.next_days(drawn, writing.wanted, first, last, heads, writing.draft.nights, MOST_OTHERS)
    after = next((cell.day for cell in days if cell.day > day), None)
    reason = drawn.answer(writing.draft.items, heads).reason
    return render(
        page, writing, "send_full.html", status=status, day=day, days=days, after=after, others=others,
        why=why(page, writing.offering, reason, writing.draft.wanted), heads=heads, size=reason in _SIZES,
    )  # fmt: skip


_SIZES = frozenset({"party_too_small", "party_too_large"})


async def _others(page: PageContext, writing: Writing) -> list[Other]:
    """Partners with the same kinds of things and room on that day; nobody else when a handoff is changed."""
    if writing.draft.replaces:
        return []
    agreed = {one.partner for one in await page.list(ListPartnerships()) if one.state == "agreed"}
    kinds = [one.kind for one in writing.wanted]
    day, heads = _first_day(writing.draft.items), writing.draft.heads
    offers = [writing.known.offers[one] for one in sorted(agreed - {writing.draft.to}) if one in writing.known.offers]
    last = day + timedelta(days=writing.draft.nights + 1)
    asked = offers[:MOST_PARTNERS]
    shared = await asyncio.gather(*(shared_days(page, one.community.id, day, last) for one in asked))
    found = []
    for offering, told in zip(asked, shared, strict=True):
        one = _other(Picture.of(offering, told, page.now), kinds, day, heads, writing.draft.nights)
        found += [one] if one else []
    return found[:MOST_OTHERS]


def _other(drawn: Picture, kinds: Sequence[str], day: date, heads: int, nights: int) -> Other | None:
    """What a partner has instead: of each kind the first that is possible."""
    items: list[Item] = []
    for kind in dict.fromkeys(kinds):
        same = [one for one in drawn.offering.experiences if one.kind == kind]
        fits = [months.arranged([one], day, nights)[0] for one in same]
        possible = [item for item in fits if drawn.answer([item], heads).possible]
        items += possible[:1]
    cell = Cell(day, drawn.answer(items, heads), heads)
    return Other(drawn.offering.community.id, tuple(items), cell) if items and cell.kind in ("free", "few") else None


async def _shown(page: PageContext, writing: Writing, status: int = 200, **form: Any) -> Response:
    draft, today = writing.draft, formatting.local(page.now).date()
    wanted = writing.wanted or months.nights_or_days(writing.offering.experiences)
    first = _asked_month(page) or await _opening(page, writing, wanted)
    start = max(first, today)
    drawn = await picture(page, writing, start, start + timedelta(days=ASKED_DAYS))
    weeks = months.month(drawn, wanted, first, draft.heads, draft.nights)
    last = start + timedelta(days=ASKED_DAYS - draft.nights)
    days = months.next_days(drawn, wanted, start, last, draft.heads, draft.nights)
    return render(
        page, writing, "send_what.html", step="what", status=status, weeks=weeks, heads_of=_A_WEEK, first=first,
        wanted=wanted,
        sizes={one.id: drawn.size(one, draft.heads) for one in writing.offering.experiences}, days=days,
        before=_neighbour(first, -1) if first > today.replace(day=1) else None,
        after=_neighbour(first, 1) if first < _far(today) else None,
        why_not=months.impossible(weeks),
        chosen=_first_day(draft.items) if draft.items else None,
        stays=any(one.kind == "homestay" for one in writing.offering.experiences),
        reason=lambda code: why(page, writing.offering, code, [one.id for one in wanted]), **form,
    )  # fmt: skip


async def _opening(page: PageContext, writing: Writing, wanted: Sequence[Experience]) -> date:
    """The month where nobody turned to one: of the day that is chosen, else of the first that can be chosen."""
    draft, today = writing.draft, formatting.local(page.now).date()
    if draft.items:
        return _month_of(page, draft.items[0].day)
    drawn = await picture(page, writing, today, today + timedelta(days=ASKED_DAYS))
    last = today + timedelta(days=ASKED_DAYS - draft.nights)
    return _month_of(page, months.first_open(drawn, wanted, today, last, draft.heads, draft.nights))


def _asked_month(page: PageContext) -> date | None:
    """The month that is asked for by the address, an arrow, or the page that the form was on."""
    texts = page.request.query_params.get("month"), page.data.get("month"), page.data.get("shown")
    asked = next((day for text in texts if (day := _day(f"{text}-01"))), None)
    return _month_of(page, asked) if asked else None


def _month_of(page: PageContext, day: date | None) -> date:
    """The month of that day, within the next year; else this one."""
    today = formatting.local(page.now).date()
    return min(max(day or today, today), _far(today)).replace(day=1)


def _far(today: date) -> date:
    return today.replace(year=today.year + MONTHS_AHEAD // 12, day=1)


def _neighbour(first: date, by: int) -> date:
    return (first + timedelta(days=45 if by > 0 else -15)).replace(day=1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2027-01-14") else None
    except ValueError:
        return None


def _first_day(items: Sequence[Item]) -> date:
    return min(item.day for item in items)


def _missing(page: PageContext, wanted: Sequence[Experience], day: date | None) -> dict[str, str]:
    what = {} if wanted else {"experiences": page.phrases._("Choose what they want to do")}
    return what if day else what | {"days": page.phrases._("Choose a day")}


PAGES = (
    PageRoute("GET", "/send/{draft:uuid}/what", show, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/what", choose, asks=OfferHandoff),
    PageRoute("GET", "/send/{draft:uuid}/full", full, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/full", instead, asks=OfferHandoff),
)
