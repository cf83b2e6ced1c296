"""Offer another day, or another start on the same: a month of what is possible, the start, the sheet, and the offer."""

from __future__ import annotations

import asyncio
import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from markupsafe import Markup
from starlette.responses import Response

from contracts.community.v1 import Experience
from contracts.referral.v1 import CounterHandoff, HandoffView
from contracts.values import Item, Items
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases
from services.portal.pages.answered import LEAST_HELD, by_hand, standing, tapped_in_vain
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.handoffs import answers, asked_of_us, picture, settled
from services.portal.site.places import Picture, Room, first_day, last_day, moved
from services.portal.site.portal_site import PageRoute
from services.portal.site.writing import hour, short_day, whole

#: So far ahead another day may be looked for, in months.
MOST_MONTHS = 12
A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True)
class Asked:
    """What every page of an offer needs: the request, its first day, and whether it can be offered otherwise."""

    known: Known
    view: HandoffView
    can: bool
    today: date

    @property
    def day(self) -> date:
        """The first day that was asked for."""
        return first_day(self.view.items)

    @property
    def own(self) -> Sequence[Experience]:
        """What we offer."""
        return self.known.own.experiences if self.known.own else ()

    @property
    def path(self) -> str:
        """Where its answer begins."""
        return f"/handoffs/{self.view.referral_id}"


@dataclass(frozen=True)
class Start:
    """One start of one item on a day, and how many places it has."""

    at: time
    room: Room
    is_asked: bool


async def choose_day(page: PageContext) -> Response:
    """The month: only days that are possible can be chosen."""
    asked = await _asked(page)
    if not asked.can:
        return await standing(page, asked.view)
    return await _month(page, asked)


async def choose_start(page: PageContext) -> Response:
    """The starts of that day; where there is nothing to choose, on to the sheet."""
    asked = await _asked(page)
    if not asked.can:
        return await standing(page, asked.view)
    day = _day(page.request.query_params)
    if day is None or day < asked.today:
        return await _month(page, asked, wrong={"day": page.phrases.gettext("Choose a day.")})
    seen = await picture(page, asked.view, asked.known, day, day)
    items = moved(asked.view.items, day)
    choices = [starts(seen, item, wished) for item, wished in zip(items, asked.view.items, strict=True)]
    if all(len(each) < 2 for each in choices):
        return page.redirect(f"{asked.path}/counter/check?day={day}")
    return page.render(
        "counter_start.html", asked=asked, known=asked.known, view=asked.view, day=day, items=items, choices=choices
    )


async def check(page: PageContext) -> Response:
    """The sheet: what was asked, what is offered instead, and what it does to the places."""
    asked = await _asked(page)
    if not asked.can:
        return await standing(page, asked.view)
    items = chosen(asked.view.items, asked.own, page.request.query_params)
    if items is None:
        return await _month(page, asked, wrong={"day": page.phrases.gettext("Choose a day.")})
    if items == asked.view.items and asked.view.state == "held":
        sentence = page.phrases.gettext("That is what they asked for. Choose another day.")
        return await _month(page, asked, wrong={"day": sentence})
    seen = await picture(page, asked.view, asked.known, first_day(items), first_day(items))
    rooms = [seen.room((item,)) for item in items]
    if any(each.reason for each in rooms):
        sentence = page.phrases.gettext("There is no room for them then. Choose another day.")
        return await _month(page, asked, wrong={"day": sentence})
    until = max(asked.view.answer_by, page.now + LEAST_HELD)
    return page.render(
        "counter_check.html", keep=last_day(items), asked=asked, known=asked.known, view=asked.view, items=items,
        told_as=by_hand(page, asked.view, asked.known, state="countered", instead=items),
        rooms=rooms, until=until, day=first_day(items),
        swaps=swaps(page.phrases, asked.view.items, items),
    )  # fmt: skip


async def offer(page: PageContext) -> Response:
    """Offer it. It stands when booking holds the new places."""
    asked = await _asked(page)
    items = chosen(asked.view.items, asked.own, {name: str(value) for name, value in page.data.items()})
    if items is None:
        return page.redirect(f"{asked.path}/counter")
    try:
        await page.ask(CounterHandoff(referral=asked.view.referral_id, items=items))
    except Refused as refused:
        return await tapped_in_vain(page, refused)
    await settled(page)
    return page.redirect(f"{asked.path}/sent")


async def _asked(page: PageContext) -> Asked:
    known, view = await asyncio.gather(page.known(), asked_of_us(page))
    return Asked(known, view, "counter" in answers(page, view), formatting.local(page.now).date())


async def _month(page: PageContext, asked: Asked, wrong: Mapping[str, str] | None = None) -> Response:
    first = max(_month_of(page.request.query_params.get("month", ""), asked), asked.today.replace(day=1))
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    seen = await picture(page, asked.view, asked.known, max(first, asked.today), last)
    before, after = (first - timedelta(days=1)).replace(day=1), last + timedelta(days=1)
    return page.render(
        "counter.html", status=422 if wrong else 200, asked=asked, known=asked.known, view=asked.view,
        month=first, wrong=wrong or {},
        weeks=weeks(asked.view.items, seen, first, asked.today),
        before=before if before >= asked.today.replace(day=1) else None,
        after=after if after <= asked.today + timedelta(days=31 * MOST_MONTHS) else None,
        elsewhen=_same_day(asked, seen, first),
        weekdays=[formatting.weekday_name(page.phrases, A_MONDAY + timedelta(days=n)) for n in range(7)],
    )  # fmt: skip


def weeks(items: Items, seen: Picture, first: date, today: date) -> Sequence[Sequence[Room | date | None]]:
    """The weeks of a month from this one on: None outside of it, a bare date for a day that is over."""
    return [
        [_cell(items, seen, day, today) if day.month == first.month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
        if week[-1] >= today
    ]


def _cell(items: Items, seen: Picture, day: date, today: date) -> Room | date:
    if day < today:
        return day
    room = seen.best(moved(items, day))
    if day != first_day(items):
        return room
    left = [seen.places(item).left for item in items]  # as everywhere: what is held for them is not free
    return room._replace(left=min((each for each in left if each is not None), default=None))


def starts(seen: Picture, item: Item, wished: Item) -> list[Start]:
    """When it could begin on its day, with how many places there are."""
    tried = sorted(seen.starts(item))
    return [Start(at, seen.room((item.model_copy(update={"start": at}),)), at == wished.start) for at in tried]


def chosen(wished: Items, own: Iterable[Experience], given: Mapping[str, str]) -> Items | None:
    """What is offered, as an address or a form says it; None when it says no day, or no time where one is meant."""
    day, earliest = _day(given), {each.id: min(each.starts) for each in own}
    if day is None:
        return None
    items = []
    for n, item in enumerate(moved(wished, day)):
        try:
            start = time.fromisoformat(given[f"start-{n}"]) if f"start-{n}" in given else item.start
        except ValueError:
            return None
        items.append(item.model_copy(update={"start": start or earliest.get(item.experience_id)}))
    return tuple(items)


def swaps(phrases: Phrases, asked: Items, offered: Items) -> list[tuple[Markup, Markup]]:
    """What is offered in place of what: another day, or other times on the same."""
    before, after = first_day(asked), first_day(offered)
    if before != after:
        return [(short_day(phrases, before), short_day(phrases, after))]
    times = [(was.start, now.start) for was, now in zip(asked, offered, strict=True) if was.start != now.start]
    return [(whole(hour(was) if was else "–"), whole(hour(now))) for was, now in times if now]


def _day(given: Mapping[str, str]) -> date | None:
    try:
        found = date.fromisoformat(given.get("day", ""))
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _month_of(text: str, asked: Asked) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return asked.day.replace(day=1)
    return min(found, (asked.today + timedelta(days=31 * MOST_MONTHS)).replace(day=1))


def _same_day(asked: Asked, seen: Picture, month: date) -> bool:
    """Whether another start on the asked day is there to be offered."""
    if asked.day.replace(day=1) != month or asked.day < asked.today:
        return False
    others = (starts(seen, item, item) for item in asked.view.items)
    return any(not each.is_asked and each.room.reason is None for each in [e for o in others for e in o])


PAGES = (
    PageRoute("GET", "/handoffs/{id:uuid}/counter", choose_day, asks=CounterHandoff),
    PageRoute("GET", "/handoffs/{id:uuid}/counter/start", choose_start, asks=CounterHandoff),
    PageRoute("GET", "/handoffs/{id:uuid}/counter/check", check, asks=CounterHandoff),
    PageRoute("POST", "/handoffs/{id:uuid}/counter", offer, asks=CounterHandoff),
)
