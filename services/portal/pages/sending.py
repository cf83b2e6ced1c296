"""Send: who could take a party, and the drafts that wait to be taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from contracts.community.v1 import Experience, ListPartnerships, Offering, PartnershipView
from contracts.referral.v1 import AskPartnerAvailability, OfferHandoff
from contracts.values import CommunityId, Names
from services.client import formatting
from services.portal.domain import drafts, months
from services.portal.domain.drafts import Draft
from services.portal.domain.months import Cell, Picture
from services.portal.handlers import drafts as keeping
from services.portal.pages.sending_flow import crossing_names, draft_id, opened, why
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: Of so many partners the free days are looked up at once, and so many days ahead.
MOST_PARTNERS, DAYS_AHEAD = 16, 45
People = Annotated[int, Field(ge=1, le=200)]


class Begin(Form):
    """How many they are, and who could take them; without a partner the days are only looked at."""

    people: People
    to: CommunityId | None = None


@dataclass(frozen=True)
class Line:
    """One partner: what they offer, when they have room, and since when they are paused."""

    partnership: PartnershipView
    offering: Offering | None
    crossing: Names | None = None
    days: Sequence[Cell] = ()
    as_of: datetime | None = None
    #: Whether they have told of any day at all.
    shares: bool = False
    #: What the days are of: what is on offer for so many people.
    wanted: Sequence[Experience] = ()
    #: Why nothing is.
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something can be asked of them now."""
        return self.partnership.state == "agreed" and self.offering is not None

    @property
    def nights(self) -> bool:
        """Whether the days are those of a homestay."""
        return any(one.kind == "homestay" for one in self.wanted)


async def show(page: PageContext) -> Response:
    """Partners by how soon they have room."""
    return await _shown(page, _people(page))


async def begin(page: PageContext) -> Response:
    """Start a draft for one partner, or show the days for another number of people."""
    filled = page.read(Begin)
    if filled.value is None:
        return await _shown(page, 2, status=422, typed=filled.typed, wrong=filled.wrong)
    if filled.value.to is None:
        return page.redirect(f"/send?people={filled.value.people}")
    begun = page.form_id
    if begun is None:
        return page.redirect("/send")
    content = Draft(to=filled.value.to, people=filled.value.people)
    async with page.site.store.work(page.community) as work:
        await keeping.start_draft(work, begun, page.signed_in.account, content)
    return page.redirect(f"/send/{begun}/what")


async def take_up(page: PageContext) -> Response:
    """Go on where it was left, on whatever phone."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    return page.redirect(found.path(drafts.open_step(found.draft, border=found.border)))


async def discard(page: PageContext) -> Response:
    """Remove a draft."""
    async with page.site.store.work(page.community) as work:
        await work.discard_draft(draft_id(page), page.signed_in.account)
    return page.redirect("/send")


async def _shown(page: PageContext, people: int, status: int = 200, **form: Any) -> Response:
    known, partnerships = await asyncio.gather(page.known(), page.list(ListPartnerships()))
    shown = [one for one in partnerships if one.state in ("agreed", "suspended")]
    lines, crossings = await asyncio.gather(
        _lines(page, known, shown, people),
        crossing_names(page, {one.terms.crossings[0] for one in shown if len(one.terms.crossings) == 1}),
    )
    async with page.site.store.work(page.community) as work:
        kept = await work.drafts(page.signed_in.account)
    told = [line.as_of for line in lines if line.as_of]
    return page.render(
        "send.html", status=status, here="/send", lines=lines, known=known, people=people, crossings=crossings,
        drafts=kept, shared_at=min(told) if told else None, own=known.own, names=known.names(page.phrases), **form,
    )  # fmt: skip


async def _lines(page: PageContext, known: Known, shown: Sequence[PartnershipView], people: int) -> list[Line]:
    asked = [one for one in shown if one.state == "agreed" and one.partner in known.offers][:MOST_PARTNERS]
    found = dict(zip(asked, await asyncio.gather(*(_line(page, known, one, people) for one in asked)), strict=True))
    lines = [found.get(one) or Line(one, known.offers.get(one.partner)) for one in shown]
    return sorted(lines, key=_soonest)


def _soonest(line: Line) -> tuple[bool, str, str]:
    return not line.is_open, f"{line.days[0].day}" if line.days else "~", line.partnership.partner


async def _line(page: PageContext, known: Known, partnership: PartnershipView, people: int) -> Line:
    offering = known.offers[partnership.partner]
    first = formatting.local(page.now).date()
    last = first + timedelta(days=DAYS_AHEAD)
    told = await page.ask(AskPartnerAvailability(partner=partnership.partner, first=first, last=last))
    picture = Picture.of(offering, told.days, page.now)
    sizes = {one.id: picture.size(one, people) for one in offering.experiences}
    wanted = months.nights_or_days([one for one in offering.experiences if not sizes[one.id]])
    if not wanted:
        return Line(partnership, offering, why=why(page, offering, next(iter(sizes.values()), None), list(sizes)))
    days = months.next_days(picture, wanted, first, last, people)
    return Line(partnership, offering, days=days, as_of=told.as_of, shares=bool(told.days), wanted=wanted)


def _people(page: PageContext) -> int:
    given = page.request.query_params.get("people", "")
    return min(max(int(given), 1), 200) if given.isascii() and given.isdigit() and len(given) < 4 else 2


PAGES = (
    PageRoute("GET", "/send", show, asks=OfferHandoff),
    PageRoute("POST", "/send", begin, asks=OfferHandoff),
    PageRoute("GET", "/send/{draft:uuid}", take_up, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/discard", discard, asks=OfferHandoff),
)
