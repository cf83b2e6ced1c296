"""What was taken, given back or ruled, for those who show our places to agencies."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.booking import v1
from services.booking.domain.paging import parts
from services.booking.ports import Bookings

#: Communities that a restatement reads at once.
PAGE = 200


def state_capacity(
    work: Bookings, community: str, levels: Sequence[v1.PoolLevel] = (), lines: Sequence[v1.RuleLine] = ()
) -> None:
    """Say how pools stand after a change of this transaction, and which lines the history has gained."""
    for some_levels, some_lines in parts(levels, lines):
        work.announce(v1.CapacityChanged(community=community, levels=some_levels, lines=some_lines), subject=community)


async def restate_capacity(_: v1.RestateCapacity, work: Bookings) -> None:
    """Say of every community what is touched and ruled from today on. For operators of the system."""
    today, last = work.now.date(), ""
    while page := await work.standing_capacities(last, today, PAGE):
        for last, levels, lines in page:
            state_capacity(work, last, levels, lines)
