"""Today: who waits for us, who comes, how many places are left."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from contracts.booking.v1 import AskAvailability, AskPools, Departure, PoolView
from contracts.community.v1 import Offering
from contracts.referral.v1 import AcceptHandoff, HandoffSummary, ListHandoffs, PresentPass
from contracts.values import Party
from services.client import formatting
from services.client.phrases.catalogue import Phrase
from services.portal.pages import enquiries
from services.portal.pages.handoff import PATHS, TURNS
from services.portal.site import agreements, pending
from services.portal.site.context import PageContext
from services.portal.site.listing import all_open, our_turn, page_of, until
from services.portal.site.places import CLOSED, FEW, free
from services.portal.site.portal_site import PageRoute

NIGHTS = 5
#: States in which a party that was promised has not come yet.
EXPECTED = frozenset({"accepted", "confirmed", "departed"})


@dataclass(frozen=True)
class Night:
    """How many places are left on one day; None when nothing limits them."""

    day: date
    left: int | None
    closed: bool

    @property
    def kind(self) -> str:
        """In a word, which is also its colour."""
        if self.closed:
            return "closed"
        if self.left is None or self.left > FEW:
            return "free"
        return "few" if self.left else "full"


@dataclass(frozen=True)
class Day:
    """What a community sees of its handoffs on one day."""

    turns: tuple[HandoffSummary, ...]
    coming: tuple[HandoffSummary, ...]
    tomorrow: tuple[HandoffSummary, ...]
    #: Those that we send today.
    departing: tuple[HandoffSummary, ...]
    leaving: tuple[HandoffSummary, ...]
    #: Those that are here today and tomorrow.
    staying: tuple[HandoffSummary, ...]


async def show(page: PageContext) -> Response:
    """The page itself; a phone asks now and then whether it has changed."""
    known = await page.known()
    today = formatting.local(page.now).date()
    handoffs, nights, questions, waiting, booked, proposing = await asyncio.gather(
        all_open(page),
        _nights(page, known.own, today),
        enquiries.count(page),
        pending.of_agencies(page, known),
        pending.arriving(page, known),
        agreements.proposing(page),
    )
    day = sorted_out(handoffs, today)
    return page.render(
        "today.html", live=True, keep=today + timedelta(days=1), here="/today", day=day, nights=nights, today=today,
        known=known, waiting=len(day.turns) + len(waiting), pending=waiting, questions=questions, until=until,
        booked=booked, proposing=proposing,
        agencies=await pending.names(page, [each.booking.agency for each in (*waiting, *booked)]),
        may_receive=page.may(PresentPass), may_answer=page.may(AcceptHandoff), page_of=page_of, turn_words=turn_words,
    )  # fmt: skip


def sorted_out(handoffs: Sequence[HandoffSummary], today: date) -> Day:
    """Our turn by deadline; who comes by their window, the late ones first; who leaves."""
    guests = [each for each in handoffs if each.side == "receiver"]
    expected = [each for each in guests if each.state in EXPECTED]
    coming = [each for each in expected if each.arrival_day <= today]
    here = [each for each in guests if each.state == "arrived"]
    return Day(
        turns=our_turn(handoffs),
        coming=tuple(sorted(coming, key=_by_window)),
        tomorrow=tuple(sorted((e for e in expected if e.arrival_day == today + timedelta(days=1)), key=_by_window)),
        departing=tuple(
            each
            for each in handoffs
            if each.side == "sender" and each.state == "confirmed" and each.arrival_day <= today
        ),
        leaving=tuple(each for each in here if _leaves(each) <= today),
        staying=tuple(sorted((each for each in here if _leaves(each) > today), key=_leaves)),
    )


def turn_words(line: HandoffSummary) -> Phrase | None:
    """What the partner did, when it is not a question to us."""
    kinds = [PATHS.get(one.act, "") for one in line.next_acts if one.is_move]
    return next((TURNS[kind] for kind in kinds if kind in ("take", "consent")), None)


def _by_window(line: HandoffSummary) -> tuple[bool, date, str]:
    return not line.late, line.arrival_day, f"{line.arrival.earliest:%H:%M}" if line.arrival else ""


def _leaves(line: HandoffSummary) -> date:
    return line.last_day or line.arrival_day


async def _nights(page: PageContext, own: Offering | None, first: date) -> Sequence[Night]:
    """The next nights of the homestay, as they are free for own guests; nothing for a community without one."""
    stay = next((each for each in own.experiences if each.kind == "homestay"), None) if own else None
    if stay is None:
        return ()
    last = first + timedelta(days=NIGHTS - 1)
    party = Party(adult=1)
    asked = AskAvailability(community=page.community, experience_id=stay.id, first=first, last=last, party=party)
    found, pools = await asyncio.gather(page.list(asked), page.list(AskPools(first=first, last=last)))
    return [night_of(each, pools) for each in found]


def night_of(departure: Departure, pools: Sequence[PoolView]) -> Night:
    """How one night stands. That others can no longer ask for it makes it neither full nor closed."""
    closed = not departure.available and departure.reason in CLOSED
    return Night(departure.day, free(departure, pools, is_stay=True), closed)


PAGES = (PageRoute("GET", "/today", show, asks=ListHandoffs),)
