"""What operators do with bookings of their own community, by call. A refusal names the field it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.booking import v1
from contracts.capacity.availability import Clock
from contracts.capacity.pools import Host, Situation
from contracts.refusals import No, Refused
from contracts.starting import with_starts
from contracts.values import Items, Party
from services.booking.domain.hold import Decision, Hold, Visit, approve, confirm, extend, redeem, reject, release, view
from services.booking.domain.placing import Miss, implausible, plan, span
from services.booking.domain.states import after
from services.booking.handlers.capacity import state_capacity
from services.booking.handlers.holds import carry_out
from services.booking.ports import Bookings, Placed, Request


async def reserve(command: v1.Reserve, work: Bookings) -> v1.BookingView:
    """Book for one's own guests: walk-in and phone guests come after the cut-off, so it is waived for them."""
    hold = _new_hold(command, work.acting, work.now)
    situation, items = await _asked(command, work)
    return await _placed(hold, command.party, items, situation, work)


async def change_booking(command: v1.ChangeBooking, work: Bookings) -> v1.BookingView:
    """Act on one's own booking. One that belongs to a handoff moves only with its handoff."""
    hold = await _own(command.hold_id, work)
    if after(hold.state, "release" if command.act == "cancel" else command.act) is None:
        raise Refused(No.WRONG_STATE, "booking_is_in_state", "act", state=hold.state)
    await _in_time(command, hold, work)
    decision = _decide(command, hold, work.now)
    await carry_out(decision, work)
    return view(decision.hold)


async def replace_booking(command: v1.ReplaceBooking, work: Bookings) -> v1.BookingView:
    """Take the new and return the old, or change nothing; judged as if the old one were not there."""
    old = await _own(command.hold_id, work)
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


async def _in_time(command: v1.ChangeBooking, hold: Hold, work: Bookings) -> None:
    """Raises Refused when guests are received before their eve, or anything is promised them after their visit."""
    if command.act in ("cancel", "reject"):
        return
    found = await work.situations([work.acting], *span(hold.items))
    visit = Visit.of(hold.items, found[work.acting].host)
    if command.act == "redeem" and work.now < visit.opens:
        first = min(item.day for item in hold.items)
        raise Refused(No.TOO_EARLY, "guests_from_the_eve_on", "act", day=first)
    if work.now >= visit.closes:
        last = max(item.day for item in hold.items)
        raise Refused(No.TOO_LATE, "visit_is_long_over", "act", day=last)


def _decide(command: v1.ChangeBooking, hold: Hold, now: datetime) -> Decision:
    if command.act == "extend":
        if command.expires_at is None or command.expires_at <= now:
            raise Refused(No.INVALID, "say_until_when", "expires_at")
        return extend(hold, command.expires_at, now)
    if command.act == "confirm":
        return confirm(hold, now)
    return {"approve": approve, "reject": reject, "cancel": release, "redeem": redeem}[command.act](hold)


def _new_hold(command: v1.Reserve, community: str, now: datetime) -> Hold:
    state: v1.HoldState = "PENDING" if command.needs_approval else "CONFIRMED" if command.confirm else "ON_HOLD"
    until = None if state == "CONFIRMED" else command.expires_at
    if (until is None and state == "ON_HOLD") or (until is not None and until <= now):
        raise Refused(No.INVALID, "say_until_when", "expires_at")
    return Hold(hold_id=command.hold_id, community=community, state=state, expires_at=until)


async def _asked(command: v1.Reserve | v1.ReplaceBooking, work: Bookings) -> tuple[Situation, Items]:
    """What the items are decided in, by rules that hold until the commit, and the items with their starts."""
    community = work.acting
    if any(item.experience_id.partition(".")[0] != community for item in command.items):
        raise Refused(No.NOT_ALLOWED, "book_your_own", "items")
    if miss := implausible(command.items, work.now.date()):
        raise _no_room(miss)
    await work.share_rules(community)
    situation = (await work.situations([community], *span(command.items))).get(community)
    if situation is None:
        raise Refused(No.UNKNOWN, "nothing_to_book_yet", "items")
    return situation, with_starts(command.items, situation.host.offering.experiences)


async def _placed(
    hold: Hold, party: Party, items: Items, situation: Situation, work: Bookings, old: Hold | None = None
) -> v1.BookingView:
    """Take all places, in place of the old hold's if there is one. Raises Refused with what is missing."""
    hold = replace(hold, party=party)
    found = plan(situation, Clock(work.now, None), party, items)
    if isinstance(found, Miss):
        raise _no_room(found, situation.host)
    outcome = await work.place(Request(hold=hold, plan=found, situation=situation, replaces=old))
    if outcome.placed is Placed.KNOWN:
        raise Refused(No.CONFLICT, "hold_id_used_before", "hold_id")
    if outcome.placed is Placed.NO_ROOM:
        item = found.first_item_of(outcome.missing, situation)
        raise _no_room(Miss(reason="no_room", experience_id=item.experience_id, day=item.day))
    state_capacity(work, hold.community, outcome.levels)
    who = {"hold_id": hold.hold_id, "community": hold.community}
    if hold.expires_at is not None:
        work.announce(v1.HoldPlaced(**who, expires_at=hold.expires_at, quote=found.quote), subject=hold.hold_id)
    if hold.state == "CONFIRMED":
        work.announce(v1.HoldConfirmed(**who), subject=hold.hold_id)
    return view(replace(hold, items=found.items, quote=found.quote))


def _no_room(miss: Miss, host: Host | None = None) -> Refused:
    """The refusal names the reason, party or items, and the number that was exceeded."""
    about = {"why": miss.reason, "experience_id": str(miss.experience_id), "day": str(miss.day)}
    experience = host.experiences.get(miss.experience_id or "") if host else None
    limits = host.offering.community.limits if host else None
    if miss.reason not in ("party_too_small", "party_too_large"):
        return Refused(No.NO_ROOM, "no_place", "items", **about)
    if limits is None or experience is None:
        return Refused(No.NO_ROOM, "no_place", "party", **about)
    if miss.reason == "party_too_large":
        most = min(limits.max_party, experience.seats)
        return Refused(No.NO_ROOM, "no_place_so_many_at_most", "party", most=most, **about)
    least = max(limits.min_party, experience.min_party)
    return Refused(No.NO_ROOM, "no_place_so_many_at_least", "party", least=least, **about)
