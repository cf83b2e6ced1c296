"""What all steps of an offer share: the draft that they fill in, its partner, the way to the next step."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from contracts.booking.v1 import DayAvailability
from contracts.community.v1 import Experience, Offering
from contracts.crossing.v1 import AskCrossings
from contracts.referral.v1 import AskPartnerAvailability, ShowHandoff
from contracts.values import CrossingId, Item, Names
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases import vocabulary
from services.portal.domain import drafts, months
from services.portal.domain.drafts import Draft
from services.portal.domain.months import Picture
from services.portal.handlers import drafts as keeping
from services.portal.site.context import PageContext
from services.portal.site.directory import Known

#: So many days are asked for at once: a month, and the nights that begin in it.
ASKED_DAYS = 61


@dataclass(frozen=True)
class Writing:
    """One draft, opened on a page."""

    id: str
    draft: Draft
    known: Known
    offering: Offering

    @property
    def border(self) -> bool:
        """Whether they cross one."""
        own = self.known.own
        return own is None or own.community.place.country != self.offering.community.place.country

    def path(self, step: str) -> str:
        """Where a step is."""
        return f"/send/{self.id}/{step}".rstrip("/")

    @property
    def wanted(self) -> tuple[Experience, ...]:
        """What was chosen and is still on offer."""
        return tuple(one for one in self.offering.experiences if one.id in self.draft.wanted)

    def step(self, name: str) -> tuple[int, int]:
        """Which step it is, of how many."""
        names = drafts.steps(border=self.border)
        return names.index(name) + 1, len(names)


def draft_id(page: PageContext) -> str:
    """The id in the address."""
    return str(page.request.path_params["draft"])


async def opened(page: PageContext) -> Writing | Response:
    """The draft of the address; else the page to show instead: its handoff, or that there is none."""
    async with page.site.store.work(page.community) as work:
        kept = await work.draft(draft_id(page), page.signed_in.account)
    if kept is not None and kept.offered_as:
        return page.redirect(f"/handoffs/{kept.offered_as}")
    known = await page.known()
    offering = known.offers.get(kept.content.to) if kept and kept.content else None
    if kept is None or kept.content is None or offering is None:
        return page.gone()
    items = drafts.known_items(kept.content.items, offering)
    return Writing(kept.id, kept.content.model_copy(update={"items": items}), known, offering)


async def go_on(page: PageContext, writing: Writing, draft: Draft, to: str = "") -> Response:
    """Keep the draft, and go to the first step that is still open, or to the one that is named."""
    async with page.site.store.work(page.community) as work:
        kept = await keeping.keep_draft(work, writing.id, page.signed_in.account, draft)
    step = to or drafts.open_step(draft, border=writing.border)
    return page.redirect(writing.path(step if kept else ""))


async def picture(page: PageContext, writing: Writing, first: date, last: date | None = None) -> Picture:
    """Their places from a day on; with those that the party has already, when a handoff is changed."""
    shared = await shared_days(page, writing.draft.to, first, last or first + timedelta(days=ASKED_DAYS))
    freed: Mapping[tuple[str, date], int] = {}
    if writing.draft.replaces:
        old = await page.ask(ShowHandoff(referral=writing.draft.replaces))
        freed = months.places_of(old.items, writing.offering, old.party.heads)
    return Picture.of(writing.offering, shared, page.now, freed)


async def crossing_names(page: PageContext, ids: Collection[CrossingId]) -> dict[CrossingId, Names]:
    """What they are called; a name is not worth a failure."""
    books = await asyncio.gather(*(page.ask(AskCrossings(id=one)) for one in sorted(ids)), return_exceptions=True)
    for book in books:
        if isinstance(book, BaseException) and not isinstance(book, Refused):
            raise book
    return {one.id: one.names for book in books if not isinstance(book, BaseException) for one in book.crossings}


async def shared_days(page: PageContext, partner: str, first: date, last: date) -> tuple[DayAvailability, ...]:
    """What a partner has told of some days."""
    return (await page.ask(AskPartnerAvailability(partner=partner, first=first, last=last))).days


async def possible(page: PageContext, writing: Writing, draft: Draft, items: tuple[Item, ...]) -> bool:
    """Whether all of it can be taken, as far as is known here."""
    first, last = min(item.day for item in items), max(item.day + timedelta(days=item.nights) for item in items)
    if (last - first).days > ASKED_DAYS:
        return True  # nobody has told of days so far away
    return (await picture(page, writing, first, last)).answer(items, draft.heads).possible


def why(page: PageContext, offering: Offering, code: str | None, wanted: Sequence[str]) -> str:
    """The reason in words, with the number behind it."""
    if code is None:
        return ""
    bound = formatting.bounds(page.phrases, code, offering, wanted)
    said = vocabulary.reason(page.phrases, code)
    return page.phrases._("{reason} ({bound})", reason=said, bound=bound) if bound else said


def render(
    page: PageContext, writing: Writing, template: str, *, step: str = "", status: int = 200, **values: Any
) -> Response:
    """A page of the flow."""
    about: dict[str, Any] = {
        "writing": writing,
        "draft": writing.draft,
        "known": writing.known,
        "names": writing.known.names(page.phrases),
        "partner": writing.known.name(page.phrases, writing.draft.to),
        "step": writing.step(step) if step else None,
    }
    return page.render(template, status=status, **(about | values))
