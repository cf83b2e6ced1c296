"""A handoff that others ask us to answer: its record, what may be answered, who has answered, and the places of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException

from contracts.booking.v1 import AskAvailability, AskPools
from contracts.messages import Asked
from contracts.referral.next_acts import NextAct
from contracts.referral.v1 import (
    AcceptHandoff,
    CounterHandoff,
    DeclineHandoff,
    HandoffView,
    ShowHandoff,
    StoryLine,
)
from contracts.values import Item
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.members import who_did_it
from services.portal.site.places import Picture, first_day, last_day, pictured

#: What a receiver answers, and what is asked for it.
ANSWERS: Mapping[str, type[Asked[Any]]] = {
    "accept": AcceptHandoff,
    "counter": CounterHandoff,
    "decline": DeclineHandoff,
}
#: In these states it may still be answered.
OPEN = frozenset({"offered", "held"})
#: What in a story is an answer of ours, with what nobody had to do.
ANSWERED = frozenset({*ANSWERS, "hold_placed_accepted_by_itself"})
#: Days that one question about places may span.
MOST_DAYS = 62
#: How often, and how long apart, we look whether booking has answered.
_LOOKS, _APART = 25, 0.08


async def asked_of_us(page: PageContext) -> HandoffView:
    """The handoff of the page's path. One that we sent has no answer of ours: as one that is not there."""
    view = await page.ask(ShowHandoff(referral=str(page.request.path_params["id"])))
    if view.side != "receiver":
        raise HTTPException(404)
    return view


async def settled(page: PageContext) -> HandoffView:
    """The same as soon as booking has answered, or as it stands when that takes long."""
    view = await asked_of_us(page)
    for _ in range(_LOOKS):
        if not view.wish:
            break
        await asyncio.sleep(_APART)
        view = await asked_of_us(page)
    return view


def answers(page: PageContext, view: HandoffView) -> Mapping[str, NextAct]:
    """What the rules take now and whoever looks may do."""
    can = {each.act: each for each in view.next_acts}
    return {act: can[act] for act, asked in ANSWERS.items() if act in can and page.may(asked)}


def last_answer(view: HandoffView) -> StoryLine | None:
    """The newest answer of our side."""
    ours = (each for each in reversed(view.story) if each.by == view.community and each.act in ANSWERED)
    return next((each for each in ours if not each.crossed), None)


async def who(page: PageContext, line: StoryLine) -> str:
    """The member who did it, as far as whoever looks may know; the community where that is not kept."""
    people = await who_did_it(page) if line.account else {}
    known = await page.known()
    return people.get(line.account or "", known.name(page.phrases, page.community))


def kept(view: HandoffView) -> tuple[Item, ...]:
    """What is held for the party now."""
    if view.state == "countered" and view.countered_items:
        return view.countered_items
    return view.items if view.state == "held" else ()


async def picture(page: PageContext, view: HandoffView, known: Known, first: date, last: date) -> Picture:
    """The own places on these days, and as long behind them as the visit takes."""
    reach = last_day(view.items) - first_day(view.items)
    last = min(last + reach, first + timedelta(days=MOST_DAYS - 1))
    wished = {each.experience_id for each in view.items}
    only = wished.pop() if len(wished) == 1 else None
    asked = AskAvailability(community=page.community, experience_id=only, first=first, last=last, party=view.party)
    found, pools = await asyncio.gather(page.list(asked), page.list(AskPools(first=first, last=last)))
    offered = known.own.experiences if known.own else ()
    return pictured(found, offered, view.party.heads, pools, kept(view))
