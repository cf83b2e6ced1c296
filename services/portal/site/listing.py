"""Lists of handoffs, as several pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contracts.referral.v1 import HandoffSummary, HandoffView, ListHandoffs
from services.portal.site.context import PageContext

AT_ONCE = 200
#: A side that has the move in these states is asked something.
ANSWERABLE = frozenset({"offered", "held", "countered", "accepted"})


async def all_open(page: PageContext) -> tuple[HandoffSummary, ...]:
    """Every open handoff of the community, newest first."""
    found: list[HandoffSummary] = []
    while True:
        before = found[-1].referral_id if found else None
        more = await page.list(ListHandoffs(open_only=True, limit=AT_ONCE, before=before))
        found += more
        if len(more) < AT_ONCE:
            return tuple(found)


def our_turn(handoffs: Iterable[HandoffSummary]) -> tuple[HandoffSummary, ...]:
    """Those that wait for an answer of the own side, the nearest deadline first.

    A party that is on the way waits for its welcome, not for an answer: Today shows it where it comes.
    """
    return tuple(sorted((each for each in handoffs if awaits_us(each)), key=due))


def awaits_us(line: HandoffSummary) -> bool:
    """Whether it waits for an answer of the own side."""
    return line.whose_move == line.side and line.state in ANSWERABLE


def due(line: HandoffSummary | HandoffView) -> datetime:
    """By when the own side has to answer: then the chance ends by itself."""
    ends = [each.until for each in line.next_acts if each.is_move and each.until]
    return min([*ends, line.answer_by] if line.side == "receiver" else ends or [line.answer_by])


def page_of(line: HandoffSummary) -> str:
    """Where it is answered when that is ours to do, else where its story is told."""
    asked = line.side == "receiver" and awaits_us(line)
    return f"/handoffs/{line.referral_id}" + ("/answer" if asked else "")
