"""Requests: who asks us, and whom we ask; what waits, what is under way, what has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.referral.v1 import HandoffSummary, ListHandoffs, ShowHandoff, Side
from services.client import formatting
from services.portal.pages import enquiries
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.listing import all_open, awaits_us, our_turn, page_of, until
from services.portal.site.portal_site import PageRoute
from services.portal.site.promised import Promised

#: So many that have ended are shown at once.
ENDED = 10
_AT_ONCE = 50


@dataclass(frozen=True)
class Ended:
    """Some that have ended, newest first, and behind which one there are more."""

    lines: tuple[HandoffSummary, ...]
    older: str | None


async def to_us(page: PageContext) -> Response:
    """What others ask us."""
    return await _shown(page, "receiver", "/requests")


async def from_us(page: PageContext) -> Response:
    """What we ask others."""
    return await _shown(page, "sender", "/requests/out")


async def _shown(page: PageContext, side: Side, path: str) -> Response:
    before = page.request.query_params.get("before")
    known, handoffs, questions = await asyncio.gather(page.known(), all_open(page), enquiries.count(page))
    asked = await pending.of_agencies(page, known)
    ended = await ended_before(page, side, {each.referral_id for each in handoffs}, before)
    turns = our_turn(handoffs)
    ours = [each for each in handoffs if each.side == side]
    return page.render(
        "requests.html", live=True, keep=formatting.local(page.now).date() + timedelta(days=1), here="/requests",
        known=known, side=side, path=path, waiting=len(turns) + len(asked),
        count={
            "receiver": sum(turn.side == "receiver" for turn in turns) + len(asked),
            "sender": sum(turn.side == "sender" for turn in turns),
        },
        pending=() if before or side == "sender" else asked,
        agencies=await pending.names(page, agencies_of(asked, [*ours, *ended.lines])),
        turns=() if before else [each for each in turns if each.side == side],
        under_way=() if before else under_way(ours), ended=ended, before=before,
        opens=page.may(ShowHandoff), page_of=page_of, until=until, questions=questions if side == "receiver" else 0,
    )  # fmt: skip


def agencies_of(asked: Sequence[Promised], lines: Sequence[HandoffSummary]) -> Sequence[str | None]:
    """The agencies that a page names."""
    return [*(each.booking.agency for each in asked), *(each.agency for each in lines)]


def under_way(handoffs: Sequence[HandoffSummary]) -> Sequence[HandoffSummary]:
    """Those that wait for no answer of ours, the next to come first."""
    return sorted((each for each in handoffs if not awaits_us(each)), key=lambda each: each.arrival_day)


async def ended_before(page: PageContext, side: Side, still_open: Collection[str], before: str | None) -> Ended:
    """The next few that have ended, looked for among all."""
    found: list[HandoffSummary] = []
    while len(found) <= ENDED:
        try:
            asked = ListHandoffs(side=side, before=before, limit=_AT_ONCE)
        except ValidationError:  # an address that somebody has changed
            raise HTTPException(404) from None
        more = await page.list(asked)
        found += (each for each in more if each.referral_id not in still_open)
        if len(more) < _AT_ONCE:
            break
        before = more[-1].referral_id
    shown = tuple(found[:ENDED])
    return Ended(shown, shown[-1].referral_id if len(found) > ENDED else None)


PAGES = (
    PageRoute("GET", "/requests", to_us, asks=ListHandoffs),
    PageRoute("GET", "/requests/out", from_us, asks=ListHandoffs),
)
