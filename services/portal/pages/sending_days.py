"""Day, start and nights of each thing that they want, where not all of it is at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from contracts.community.v1 import Experience
from contracts.referral.v1 import OfferHandoff
from contracts.values import MAX_ITEMS, Day, Item, StartTime
from services.client import formatting
from services.portal.domain.months import Cell, Picture
from services.portal.pages.sending_flow import ASKED_DAYS, Writing, go_on, opened, picture, possible, render
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: The days among which one chooses: before the first day of the visit, and after it.
BEFORE, AFTER = 3, 10
Lines = Field(min_length=1, max_length=MAX_ITEMS)


class Days(Form):
    """One of each for each item, in their order."""

    days: Annotated[tuple[Day, ...], Lines]
    starts: Annotated[tuple[StartTime, ...], Lines]
    nights: Annotated[tuple[Annotated[int, Field(ge=1, le=30)], ...], Lines]


@dataclass(frozen=True)
class Choice:
    """One thing that they want, with the days on which it could be."""

    item: Item
    experience: Experience
    days: Sequence[Cell]


async def show(page: PageContext) -> Response:
    """Each with its day and start as they are arranged."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    return await _shown(page, found) if found.draft.items else page.redirect(found.path("what"))


async def choose(page: PageContext) -> Response:
    """Keep them as they are chosen."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    filled, items = page.read(Days), found.draft.items
    given = filled.value
    wrong = _left_out(page, given, len(items)) if given else filled.wrong
    if given is None or wrong:
        return await _shown(page, found, status=422, typed=filled.typed, wrong=wrong)
    chosen = tuple(
        item.model_copy(update={"day": day, "start": start, "nights": nights})
        for item, day, start, nights in zip(items, given.days, given.starts, given.nights, strict=True)
    )
    stays = [item.nights for item in chosen if _is_stay(found, item)]
    draft = found.draft.changed(items=chosen, nights=max(stays, default=1))
    return await go_on(page, found, draft, to="" if await possible(page, found, draft, chosen) else "full")


def _left_out(page: PageContext, given: Days, items: int) -> dict[str, str]:
    """Lines that were sent empty: which of them cannot be told."""
    told = {"days": given.days, "starts": given.starts, "nights": given.nights}
    return {name: page.phrases._("is missing") for name, values in told.items() if len(values) != items}


def _is_stay(writing: Writing, item: Item) -> bool:
    return any(one.id == item.experience_id and one.kind == "homestay" for one in writing.offering.experiences)


async def _shown(page: PageContext, writing: Writing, status: int = 200, **form: Any) -> Response:
    items, today = writing.draft.items, formatting.local(page.now).date()
    first = max(min(item.day for item in items) - timedelta(days=BEFORE), today)
    last = max(item.day for item in items) + timedelta(days=AFTER)
    drawn = await picture(page, writing, first, min(last, first + timedelta(days=ASKED_DAYS)))
    known = {one.id: one for one in writing.offering.experiences}
    choices = [
        Choice(item, known[item.experience_id], _days(drawn, item, writing.draft.heads, first, last))
        for item in items
        if item.experience_id in known
    ]
    return render(page, writing, "send_days.html", step="what", status=status, choices=choices, **form)


def _days(drawn: Picture, item: Item, heads: int, first: date, last: date) -> list[Cell]:
    """Every day of theirs, also those on which it is not possible: they are shown, with why."""
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        found.append(Cell(day, drawn.answer([item.model_copy(update={"day": day})], heads), heads))
    return found


PAGES = (
    PageRoute("GET", "/send/{draft:uuid}/days", show, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/days", choose, asks=OfferHandoff),
)
