"""What a sender does when something changes: say that they are late, take what is offered instead, ask for a change."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from contracts.border.v1 import Round
from contracts.crossing.rows import Crossing
from contracts.crossing.v1 import AskCrossings
from contracts.referral.v1 import DelayParty, HandoffView, OfferHandoff, TakeCounter
from contracts.values import Window
from services.client.answers import Refused
from services.portal.domain import drafts, windows
from services.portal.domain.drafts import Draft
from services.portal.handlers import drafts as keeping
from services.portal.pages.acting import about, done, overtaken
from services.portal.pages.handoff import allowed, handoff, may_ask_again, may_change
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute


class Late(Form):
    """The window that was tapped: `2027-01-14 15:00-16:00`."""

    window: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}-\d{2}:\d{2}$")]


class Take(Form):
    """Which of their counter-offers was seen."""

    round: Round


async def late(page: PageContext) -> Response:
    """Three windows, and the next day."""
    return await _late(page)


async def say_late(page: PageContext) -> Response:
    """Tell the other side."""
    filled = page.read(Late)
    if filled.value is None:
        return await _late(page, status=422, typed=filled.typed, wrong=filled.wrong)
    day, _, hours = filled.value.window.partition(" ")
    earliest, _, latest = hours.partition("-")
    return await done(page, DelayParty, arrival={"day": day, "earliest": earliest, "latest": latest})


async def _late(page: PageContext, status: int = 200, **form: Any) -> Response:
    known, view = await asyncio.gather(page.known(), handoff(page))
    if "delay" not in allowed(page, view):
        return await overtaken(page, 200)
    profile, crossing = known.profile(view.partner), await _crossing(page, view)
    choices = windows.later(view.arrival, page.now, profile.zone if profile else "")
    shown = [(one, windows.closes_before(crossing, one)) for one in choices]
    return page.render(
        "late.html", status=status, keep=None if form else view.last_day or view.arrival.day, known=known,
        windows=shown,
        written=_written, **about(view, known.name(page.phrases, view.partner)), **form,
    )  # fmt: skip


def _written(window: Window) -> str:
    return f"{window.day} {window.earliest:%H:%M}-{window.latest:%H:%M}"


async def _crossing(page: PageContext, view: HandoffView) -> Crossing | None:
    if view.crossing is None:
        return None
    try:
        book = await page.ask(AskCrossings(id=view.crossing))
    except Refused:
        return None
    return book.crossings[0] if book.crossings else None


async def offered_instead(page: PageContext) -> Response:
    """What was asked, and what they offer instead."""
    known, view = await asyncio.gather(page.known(), handoff(page))
    if "take_counter" not in allowed(page, view) or not view.countered_items:
        return await overtaken(page, 200)
    return page.render(
        "take.html", known=known, names=known.names(page.phrases),
        can_withdraw="withdraw" in allowed(page, view), **about(view, known.name(page.phrases, view.partner)),
    )  # fmt: skip


async def take(page: PageContext) -> Response:
    """Take the counter-offer that was seen, and no later one."""
    filled = page.read(Take)
    if filled.value is None:
        return await offered_instead(page)
    return await done(page, TakeCounter, round=filled.value.round)


async def ask_change(page: PageContext) -> Response:
    """What a change means, before it is begun."""
    known, view = await asyncio.gather(page.known(), handoff(page))
    if not may_change(page, view):
        return await overtaken(page, 200)
    return page.render("change.html", known=known, **about(view, known.name(page.phrases, view.partner)))


async def change(page: PageContext) -> Response:
    """Begin an offer that takes this one's place, with all that is known of it."""
    view = await handoff(page)
    if not may_change(page, view):
        return await overtaken(page)
    return await _begun(page, view, drafts.of_handoff(view))


async def again(page: PageContext) -> Response:
    """Begin a new offer of the same party."""
    view = await handoff(page)
    if not may_ask_again(page, view):
        return await overtaken(page)
    draft = drafts.of_handoff(view).model_copy(update={"replaces": None, "crossed": False})
    return await _begun(page, view, draft)


async def _begun(page: PageContext, view: HandoffView, draft: Draft) -> Response:
    begun = page.form_id
    if begun is None:
        return page.redirect(f"/handoffs/{view.referral_id}")
    async with page.site.store.work(page.community) as work:
        await keeping.start_draft(work, begun, page.signed_in.account, draft)
    return page.redirect(f"/send/{begun}/what")


PAGES = (
    PageRoute("GET", "/handoffs/{id}/late", late, asks=DelayParty),
    PageRoute("POST", "/handoffs/{id}/late", say_late, asks=DelayParty),
    PageRoute("GET", "/handoffs/{id}/take", offered_instead, asks=TakeCounter),
    PageRoute("POST", "/handoffs/{id}/take", take, asks=TakeCounter),
    PageRoute("GET", "/handoffs/{id}/change", ask_change, asks=OfferHandoff),
    PageRoute("POST", "/handoffs/{id}/change", change, asks=OfferHandoff),
    PageRoute("POST", "/handoffs/{id}/again", again, asks=OfferHandoff),
)
