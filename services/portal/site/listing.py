"""Lists of handoffs, as several pages need them."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.referral.v1 import HandoffSummary, ListHandoffs
from services.portal.site.context import PageContext

AT_ONCE = 200


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
    """Those that wait for the own side, the nearest deadline first."""
    return tuple(sorted((each for each in handoffs if each.whose_move == each.side), key=lambda each: each.answer_by))
