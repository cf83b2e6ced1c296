"""Lists of handoffs, as several pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contracts.referral.v1 import HandoffSummary, HandoffView, ListHandoffs
from services.portal.site.context import PageContext

AT_ONCE = 200
#: States in which somebody is asked something; after them a party comes, or does not.
UNDECIDED = frozenset({"offered", "held", "countered", "accepted"})


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
    """Those that wait for a decision of the own side, the nearest deadline first."""
    return tuple(sorted((each for each in handoffs if awaits_us(each)), key=until))


def awaits_us(line: HandoffSummary) -> bool:
    """Whether it waits for a decision of the own side."""
    return line.whose_move == line.side and line.state in UNDECIDED


def until(line: HandoffSummary | HandoffView) -> datetime:
    """When the chance to decide ends."""
    ends = [act.until for act in line.next_acts if act.is_move and act.until]
    return min(ends, default=line.answer_by)


def page_of(line: HandoffSummary) -> str:
    """Where it is answered when that is ours to do, else where its story is told."""
    asked = line.side == "receiver" and awaits_us(line)
    return f"/handoffs/{line.referral_id}" + ("/answer" if asked else "")
