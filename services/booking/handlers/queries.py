"""Booking's queries; nothing here changes anything."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from contracts.booking import v1
from contracts.capacity.availability import Clock, departures
from contracts.capacity.notices import Notices
from contracts.capacity.pools import REACH
from contracts.principal import Agency, Member
from contracts.refusals import No, Refused
from contracts.values import days
from services.booking.domain.hold import view
from services.booking.domain.pictures import all_pools, with_kept
from services.booking.domain.placing import FAR_DAYS
from services.booking.domain.rule_changes import shown
from services.booking.ports import EVERYONE, Bookings

log = logging.getLogger(__name__)
#: Days that one question may span: of departures, and of what is written down.
MOST_DAYS = 62
MOST_WRITTEN_DAYS = 400


async def ask_availability(query: v1.AskAvailability, work: Bookings) -> Sequence[v1.Departure]:
    """Every departure of some days, available or with the reason why not. Partners see what is shared with them."""
    if work.acting not in (EVERYONE, query.community):
        raise Refused(No.UNKNOWN, "ask_your_own", "community")
    count = (query.last - query.first).days + 1
    if not 1 <= count <= MOST_DAYS or abs((query.first - work.now.date()).days) > FAR_DAYS:
        raise Refused(No.INVALID, "too_many_days_asked", "last", days=MOST_DAYS)
    found = await work.situations([query.community], query.first, query.last + REACH)
    if query.community not in found:
        raise Refused(No.UNKNOWN, "nothing_offered_here", "community")
    heads = query.party.heads if query.party else None
    asked = days(query.first, count)
    clock = Clock(work.now, work.now, 0, work.principal.agency if isinstance(work.principal, Agency) else None)
    return tuple(departures(found[query.community], clock, asked, heads, query.experience_id))


async def ask_pools(query: v1.AskPools, work: Bookings) -> Sequence[v1.PoolView]:
    """Pools of one's own: those that are touched, or all that what is offered draws from."""
    _bounded(query, MOST_DAYS if query.untouched else MOST_WRITTEN_DAYS)
    touched = await work.pool_views(query.first, query.last)
    situation = (await work.situations([work.acting], query.first, query.last)).get(work.acting)
    if situation is None:
        return touched
    asked = days(query.first, (query.last - query.first).days + 1)
    found = all_pools(situation, asked, touched) if query.untouched else touched
    return with_kept(situation, found, situation.host.today(work.now))


async def ask_booking(query: v1.AskBooking, work: Bookings) -> v1.BookingView:
    """One hold or booking that the asker may see; an observer sees no pass."""
    hold = await work.find_hold(query.hold_id, query.referral_id)
    if hold is None or (isinstance(work.principal, Agency) and hold.agency != work.principal.agency):
        raise Refused(No.UNKNOWN, "no_such_booking", "hold_id")
    return view(hold).model_copy(update={"pass_token": None}) if _observes(work) else view(hold)


async def list_bookings(query: v1.ListBookings, work: Bookings) -> Sequence[v1.BookingSummary]:
    """One's own holds and bookings that touch some days, newest first; an observer sees no reference."""
    _bounded(query)
    summaries = work.live_summaries if query.live else work.booking_summaries
    found = await summaries(query.first, query.last, query.limit, query.states)
    return [one.model_copy(update={"reference": None}) for one in found] if _observes(work) else found


def _observes(work: Bookings) -> bool:
    """Whether a member asks who receives nobody: what opens a door is not shown to them."""
    return isinstance(work.principal, Member) and work.principal.role == "observer"


async def ask_exceptions(query: v1.AskExceptions, work: Bookings) -> Sequence[v1.ExceptionView]:
    """One's own history that touches some days, with what is in force no more."""
    _bounded(query)
    lines = await work.history(query.first, query.last)
    notices = Notices(lines)
    return [shown(line, lifted=notices.is_lifted(line, query.first, query.last)) for line in lines]


async def check_invariants(_: v1.CheckInvariants, work: Bookings) -> Sequence[v1.Violation]:
    """Whatever is wrong; empty when all holds."""
    return await work.violations(work.now)


async def watch_invariants(work: Bookings) -> int:
    """Check at intervals, and log what is wrong. Returns 0: checking again at once would find the same."""
    found = await work.violations(work.now)
    if found:
        rules = sorted({one.rule for one in found})
        log.error("booking's invariants are broken", extra={"service": "booking", "count": len(found), "rules": rules})
    return 0


def _bounded(query: v1.AskPools | v1.AskExceptions | v1.ListBookings, most: int = MOST_WRITTEN_DAYS) -> None:
    if not 0 <= (query.last - query.first).days < most:
        raise Refused(No.INVALID, "too_many_days_written", "last", days=most)
