"""A receiver's answer: the question as they ask it, what a yes does to the places; the sheets of yes and no."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from starlette.responses import Response

from contracts.border.v1 import DeclineReason
from contracts.crossing.v1 import AskCrossings
from contracts.referral.v1 import AcceptHandoff, DeclineHandoff, HandoffView, ShowHandoff
from contracts.refusals import No
from contracts.values import Item, Money, Quote
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases.vocabulary import DRIVES, NEEDS, WHY_NOT, word
from services.portal.pages.answered import by_hand, standing, tapped_in_vain
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.forms import Form
from services.portal.site.handoffs import OPEN, answers, asked_of_us, kept, picture, settled
from services.portal.site.listing import until
from services.portal.site.places import Picture, Places, Room, first_day, last_day, moved, nearest
from services.portal.site.portal_site import PageRoute

#: Where nothing is held, days with room are looked for from so long before the asked one on, for so many days.
BEFORE, LOOKED_AT = timedelta(days=7), timedelta(days=30)
#: What an answer makes of a request.
ANSWERED = {"accept": "accepted", "decline": "declined"}
#: What booking is asked once somebody has answered.
ANSWERS_PENDING = frozenset({"extend", "counter"})


class Decline(Form):
    """Why not."""

    reason: DeclineReason


@dataclass(frozen=True)
class Wished:
    """One item with the places of its day, and how many of them are this party's."""

    item: Item
    kind: str
    places: Places
    heads: int
    is_kept: bool

    @property
    def lacks(self) -> int:
        """How many places there are too few."""
        return 0 if self.is_kept or self.places.left is None else max(0, self.heads - self.places.left)

    @property
    def dots(self) -> dict[str, int] | None:
        """What is drawn of it: taken by others, theirs, missing; None when nothing limits it."""
        capacity, left, _ = self.places
        if capacity is None or left is None:
            return None
        if self.is_kept:
            return {"capacity": capacity, "taken": max(0, capacity - left - self.heads), "theirs": self.heads}
        theirs = left if self.lacks else 0
        return {"capacity": capacity, "taken": capacity - left, "theirs": theirs, "missing": self.lacks}


@dataclass(frozen=True)
class PriceLine:
    """What one experience comes to, and of what."""

    experience_id: str
    total: Money
    parts: str


async def question(page: PageContext) -> Response:
    """The request, and what can be answered now; where nothing is held, the next days with room."""
    known, view = await asyncio.gather(page.known(), asked_of_us(page))
    if view.state not in OPEN or view.wish in ANSWERS_PENDING:
        return await standing(page, view)
    acts = answers(page, view)
    is_full = view.state == "offered" and "counter" in acts
    seen, crossing = await asyncio.gather(_looked_up(page, view, known, is_full), _crossing(page, view))
    return page.render(
        "answer.html", live=True, keep=last_day(view.items), view=view, known=known, acts=acts, is_full=is_full,
        wished=wished(view, seen),
        days=days_with_room(view, seen, page) if is_full else (), prices=list(price_lines(page, view.quote)),
        last=last_day(view.items), facts=_facts(page, view, known), crossing=crossing,
        may_answer=page.may(AcceptHandoff), until=until,
    )  # fmt: skip


async def sure(page: PageContext) -> Response:
    """The sheet before a yes."""
    return await _sheet(page, "accept", "accept.html")


async def accept(page: PageContext) -> Response:
    """Say yes. It stands when booking holds on."""
    view = await asked_of_us(page)
    try:
        await page.ask(AcceptHandoff(referral=view.referral_id))
    except Refused as refused:
        return await tapped_in_vain(page, refused)
    await settled(page)
    return page.redirect(f"/handoffs/{view.referral_id}/sent")


async def why_not(page: PageContext) -> Response:
    """The sheet before a no: its reason, and what becomes free."""
    return await _sheet(page, "decline", "decline.html", reasons=tuple(WHY_NOT))


async def decline(page: PageContext) -> Response:
    """Say no."""
    filled = page.read(Decline)
    if filled.value is None:
        again = {"typed": filled.typed, "wrong": filled.wrong, "status": 422}
        return await _sheet(page, "decline", "decline.html", reasons=tuple(WHY_NOT), **again)
    view = await asked_of_us(page)
    try:
        await page.ask(DeclineHandoff(referral=view.referral_id, reason=filled.value.reason))
    except Refused as refused:
        return await tapped_in_vain(page, refused)
    return page.redirect(f"/handoffs/{view.referral_id}/sent")


async def _sheet(page: PageContext, act: str, template: str, **more: Any) -> Response:
    known, view = await asyncio.gather(page.known(), asked_of_us(page))
    acts = answers(page, view)
    if act not in acts:
        return await standing(page, view)
    last, told = last_day(view.items), by_hand(page, view, known, state=ANSWERED[act])
    return page.render(
        template, keep=last, view=view, known=known, acts=acts, last=last, kept=kept(view), told_as=told, **more
    )


async def _looked_up(page: PageContext, view: HandoffView, known: Known, is_full: bool) -> Picture:
    first, last = first_day(view.items), last_day(view.items)
    if is_full:
        today = formatting.local(page.now).date()
        first, last = max(today, first - BEFORE), max(today, first - BEFORE) + LOOKED_AT
    return await picture(page, view, known, first, last)


async def _crossing(page: PageContext, view: HandoffView) -> str:
    if view.crossing is None:
        return ""
    try:
        book = await page.ask(AskCrossings(id=view.crossing))
    except Refused as refused:
        if refused.code is not No.UNKNOWN:
            raise
        return view.crossing
    names = (formatting.picked(page.phrases, each.names.model_dump()) for each in book.crossings)
    return next(names, view.crossing)


def wished(view: HandoffView, seen: Picture) -> list[Wished]:
    """Each item with its places."""
    held = kept(view)
    return [
        Wished(item, _kind(seen, item), seen.places(item), view.party.heads, is_kept=item in held)
        for item in view.items
    ]


def days_with_room(view: HandoffView, seen: Picture, page: PageContext) -> tuple[Room, ...]:
    """The nearest days on which all of it could be taken."""
    asked, today = first_day(view.items), formatting.local(page.now).date()
    start = max(today, asked - BEFORE)
    tried = (start + timedelta(days=n) for n in range(LOOKED_AT.days + 1))
    return nearest((seen.best(moved(view.items, day)) for day in tried), asked)


def price_lines(page: PageContext, quote: Quote | None) -> Iterator[PriceLine]:
    """What each experience comes to: `2 × 250,000 + 1 × 150,000`."""
    for experience_id, found in groupby(quote.lines if quote else (), lambda line: line.experience_id):
        lines = [line for line in found if line.quantity]
        total = Money.of_minor(sum(line.total.minor for line in lines), quote.total.currency if quote else "LAK")
        parts = (f"{line.quantity} × {_bare(page, line.unit_price)}" for line in lines if line.total.minor)
        yield PriceLine(experience_id, total, " + ".join(parts))


def _bare(page: PageContext, value: Money) -> str:
    return formatting.money(page.phrases, value, whole=True).rpartition(" ")[0]


def _facts(page: PageContext, view: HandoffView, known: Known) -> dict[str, str]:
    names = {"sender": view.partner, "receiver": view.community}
    sides = {side: known.name(page.phrases, community) for side, community in names.items()}
    needs = [word(page.phrases, NEEDS, need) for need in view.needs]
    return {
        "drives": _begun(word(page.phrases, DRIVES, view.who_drives, **sides)),
        "needs": _begun(formatting.listed(page.phrases, needs)),
        "hours": formatting.hours(page.phrases, view.arrival.earliest, view.arrival.latest).replace("-", "–"),
    }


def _begun(text: str) -> str:
    """As a line of its own begins."""
    return text[:1].upper() + text[1:]


def _kind(seen: Picture, item: Item) -> str:
    known = seen.experiences.get(item.experience_id)
    return known.kind if known else "activity"


PAGES = (
    PageRoute("GET", "/handoffs/{id:uuid}/answer", question, asks=ShowHandoff),
    PageRoute("GET", "/handoffs/{id:uuid}/accept", sure, asks=AcceptHandoff),
    PageRoute("POST", "/handoffs/{id:uuid}/accept", accept, asks=AcceptHandoff),
    PageRoute("GET", "/handoffs/{id:uuid}/decline", why_not, asks=DeclineHandoff),
    PageRoute("POST", "/handoffs/{id:uuid}/decline", decline, asks=DeclineHandoff),
)
