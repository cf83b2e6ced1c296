"""Lists of handoffs, as several pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contracts.referral.v1 import HandoffSummary, ListHandoffs
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
    ours = [each for each in handoffs if each.whose_move == each.side and each.state in UNDECIDED]
    return tuple(sorted(ours, key=until))


def until(line: HandoffSummary) -> datetime:
    """When the chance to decide ends."""
    ends = [act.until for act in line.next_acts if act.is_move and act.until]
    return min(ends, default=line.answer_by)
