"""Our availability for partners: a snapshot, sent when it changed, and at least once a day."""

from __future__ import annotations

from datetime import timedelta

from contracts.booking import v1
from contracts.booking.v1 import DayAvailability
from contracts.border.v1 import AvailabilityShared
from contracts.capacity.pools import REACH, Situation
from contracts.community.v1 import PartnershipStated
from contracts.values import ZONES
from services.booking.domain.pictures import by_experience, shareable
from services.booking.ports import Bookings

#: Days ahead, and departures looked at: the snapshot stays well below the largest body.
HORIZON = 45
MOST = 700
#: Communities that one transaction shares; each computes for some 60 ms, a day of it at a time.
BATCH = 2


async def keep_partnership(message: PartnershipStated, work: Bookings) -> None:
    """Remember with whom to share; a new partner gets a snapshot at once."""
    await work.state_partnership(message.community, message.partner, message.state)
    if message.state == "agreed":
        await work.mark(message.community)


async def share_availability(work: Bookings) -> int:
    """Send the snapshot of some changed communities to each of their agreed partners. Returns how many changed."""
    changed = await work.changed_communities(BATCH)
    asked = [community for community, partners in changed.items() if partners]
    first = work.now.date()
    last = first + timedelta(days=HORIZON + 1) + REACH
    for community, situation in (await work.situations(asked, first, last)).items():
        picture = AvailabilityShared(as_of=work.now, days=await _days(situation, work))
        for partner in changed[community]:
            work.send(picture, sender=community, to=partner, subject=community)
    return len(changed)


async def _days(situation: Situation, work: Bookings) -> tuple[DayAvailability, ...]:
    """A day at a time, so that nobody waits for all of them."""
    found: list[DayAvailability] = []
    for some in shareable(situation, work.now, horizon=HORIZON, most=MOST):
        found += some
        await work.give_turn()
    return by_experience(situation, found)


async def restate_availability(_: v1.RestateAvailability, work: Bookings) -> None:
    """Share everything again soon. For operators of the system."""
    await work.mark_all()


async def restate_daily(work: Bookings) -> int:
    """Share everything on each new day, whenever the node was switched on: time alone changes it. Returns how many.

    The day is the communities', on which what was kept for agencies is released.
    """
    return await work.mark_new_day(max(work.now.astimezone(zone).date() for zone in ZONES.values()))
