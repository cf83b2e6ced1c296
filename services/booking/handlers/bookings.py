"""What is done with bookings by call. For members and operators: those of their own community, handoffs' excepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.booking import v1
from contracts.capacity.availability import Clock
from contracts.capacity.pools import Situation
from contracts.principal import Agency
from contracts.refusals import No, Refused
from contracts.values import Items, Party
from services.booking.domain.agencies import cancelled
from services.booking.domain.hold import Decision, Hold, Visit, approve, confirm, extend, redeem, reject, release, view
from services.booking.domain.states import after
from services.booking.handlers import agencies
from services.booking.handlers.holds import carry_out
from services.booking.handlers.placing import planned, plausible, standing, started, take
from services.booking.handlers.vouchers import with_pass
from services.booking.ports import Bookings

#: What its community does with a booking of an agency; the rest is the agency's.
ON_AGENCYS = frozenset({"approve", "reject", "cancel", "redeem"})


async def reserve(command: v1.Reserve, work: Bookings) -> v1.BookingView:
    """Book for one's own guests: walk-in and phone guests come after the cut-off, so it is waived for them."""
    if isinstance(work.principal, Agency):
        return await agencies.reserve(command, work.principal.agency, work)
    hold = _new_hold(command, work.acting, work.now)
    situation, items = await _asked(command, work)
    return await _placed(hold, command.party, items, situation, work)


async def change_booking(command: v1.ChangeBooking, work: Bookings) -> v1.BookingView:
    """Act on one's own booking. One that belongs to a handoff moves only with its handoff."""
    if isinstance(work.principal, Agency):
        return await agencies.change_booking(command, work.principal.agency, work)
    hold = await _own(command.hold_id, work)
    if hold.agency is not None and command.act not in ON_AGENCYS:
        raise Refused(No.NOT_ALLOWED, "belongs_to_an_agency", "hold_id", agency=hold.agency)
    if after(hold.state, "release" if command.act == "cancel" else command.act) is None:
        raise Refused(No.WRONG_STATE, "booking_is_in_state", "act", state=hold.state)
    situation = await _in_time(command, hold, work)
    decided = _decide(command, hold, situation, work.now)
    return view(await carry_out(await with_pass(decided, situation.host, work), work))


async def replace_booking(command: v1.ReplaceBooking, work: Bookings) -> v1.BookingView:
    """Take the new and return the old, or change nothing; judged as if the old one were not there."""
    if isinstance(work.principal, Agency):
        return await agencies.replace_booking(command, work.principal.agency, work)
    old = await _own(command.hold_id, work)
    if old.agency is not None:
        raise Refused(No.NOT_ALLOWED, "belongs_to_an_agency", "hold_id", agency=old.agency)
    situation, items = await _asked(command, work)
    if after(old.state, "release") is None or work.now >= Visit.of(old.items, situation.host).closes:
        raise Refused(No.WRONG_STATE, "booking_is_over", "hold_id")
    situation = replace(situation, credit=await work.takings(old.hold_id))
    hold = Hold(hold_id=command.new_hold_id, community=work.acting, state=old.state, expires_at=old.expires_at)
    answer = await _placed(hold, command.party, items, situation, work, old)
    for fact in release(old).facts:
        work.announce(fact, subject=old.hold_id)
    return answer


async def _own(hold_id: str, work: Bookings) -> Hold:
    """One's own booking, locked. Raises Refused when there is none, it is a handoff's, or its time has run out."""
    hold = await work.lock_hold(hold_id)
    if hold is None or hold.is_tombstone:
        raise Refused(No.UNKNOWN, "no_such_booking", "hold_id")
    if hold.referral_id is not None:
        raise Refused(No.NOT_ALLOWED, "belongs_to_a_handoff", "hold_id")
    if hold.is_over(work.now):
        raise Refused(No.TOO_LATE, "hold_has_run_out", "hold_id")
    return hold


async def _in_time(command: v1.ChangeBooking, hold: Hold, work: Bookings) -> Situation:
    """Raises Refused when guests are received before their eve, or anything is promised them after their visit."""
    situation = await standing(hold.items, work)
    visit = Visit.of(hold.items, situation.host)
    if command.act == "redeem" and work.now < visit.opens:
        first = min(item.day for item in hold.items)
        raise Refused(No.TOO_EARLY, "guests_from_the_eve_on", "act", day=first)
    if command.act not in ("cancel", "reject") and work.now >= visit.closes:
        last = max(item.day for item in hold.items)
        raise Refused(No.TOO_LATE, "visit_is_long_over", "act", day=last)
    return situation


def _decide(command: v1.ChangeBooking, hold: Hold, situation: Situation, now: datetime) -> Decision:
    if command.act == "extend":
        if command.expires_at is None or command.expires_at <= now:
            raise Refused(No.INVALID, "say_until_when", "expires_at")
        return extend(hold, command.expires_at, now)
    if command.act == "confirm":
        return confirm(hold, now)
    if command.act == "cancel" and hold.agency is not None:
        return cancelled(hold, "community", situation.host, now)
    return {"approve": approve, "reject": reject, "cancel": release, "redeem": redeem}[command.act](hold)


def _new_hold(command: v1.Reserve, community: str, now: datetime) -> Hold:
    state: v1.HoldState = "PENDING" if command.needs_approval else "CONFIRMED" if command.confirm else "ON_HOLD"
    until = None if state == "CONFIRMED" else command.expires_at
    if (until is None and state == "ON_HOLD") or (until is not None and until <= now):
        raise Refused(No.INVALID, "say_until_when", "expires_at")
    return Hold(hold_id=command.hold_id, community=community, state=state, expires_at=until)


async def _asked(command: v1.Reserve | v1.ReplaceBooking, work: Bookings) -> tuple[Situation, Items]:
    """What the items are decided in, by rules that hold until the commit, and the items with their starts."""
    if any(item.experience_id.partition(".")[0] != work.acting for item in command.items):
        raise Refused(No.NOT_ALLOWED, "book_your_own", "items")
    plausible(command.items, work)
    await work.share_rules(work.acting)
    return await started(command.items, work)


async def _placed(
    hold: Hold, party: Party, items: Items, situation: Situation, work: Bookings, old: Hold | None = None
) -> v1.BookingView:
    """Take all places, in place of the old hold's if there is one. Raises Refused with what is missing."""
    hold = replace(hold, party=party).dated(work.now)
    wanted = planned(situation, Clock(work.now, None), party, items)
    hold = await take(hold, wanted, situation, work, old)
    who = {"hold_id": hold.hold_id, "community": hold.community}
    if hold.expires_at is not None:
        work.announce(v1.HoldPlaced(**who, expires_at=hold.expires_at, quote=wanted.quote), subject=hold.hold_id)
    if hold.state == "CONFIRMED":
        work.announce(v1.HoldConfirmed(**who), subject=hold.hold_id)
    return view(hold)
