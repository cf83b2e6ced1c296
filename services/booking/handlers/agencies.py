"""What agencies do with bookings, by call: under their agreement, with their own alone.

Of a hold that is not theirs an agency learns nothing: it is answered like one that does not exist.
"""

from __future__ import annotations

from dataclasses import replace

from contracts.agencies.v1 import AgreementStated, AgreementTerms
from contracts.booking import v1
from contracts.capacity.pools import Situation
from contracts.holding import MOST_HOLDS
from contracts.refusals import No, Refused
from contracts.values import Items
from services.booking.domain import agencies as rules
from services.booking.domain.hold import Decision, Hold, view
from services.booking.domain.states import after
from services.booking.handlers import vouchers
from services.booking.handlers.holds import carry_out
from services.booking.handlers.placing import planned, plausible, standing, started, take
from services.booking.ports import Bookings


async def keep_agreement(message: AgreementStated, work: Bookings) -> None:
    """Remember under what an agency books, and what is kept for it: our availability is another."""
    await work.keep_agreement(message)
    await work.mark(message.community)


async def reserve(command: v1.Reserve, agency: str, work: Bookings) -> v1.BookingView:
    """Hold places, for a day at most; the cut-off counts at this moment."""
    if command.confirm or command.needs_approval:
        raise Refused(No.INVALID, "agencies_hold_first", "confirm")
    situation, items, terms = await _asked(command, agency, work, alone=True)
    wanted = planned(situation, rules.clock(agency, terms, work.now), command.party, items)
    until = rules.held_until(command.expires_at, rules.starts_at(items, situation.host), work.now)
    hold = Hold(
        hold_id=command.hold_id,
        community=work.acting,
        agency=agency,
        state="ON_HOLD",
        party=command.party,
        expires_at=until,
    )
    hold = await take(hold.dated(work.now), wanted, situation, work, most_open=MOST_HOLDS)
    work.announce(rules.changed(hold), subject=hold.hold_id)
    return view(hold)


async def change_booking(command: v1.ChangeBooking, agency: str, work: Bookings) -> v1.BookingView:
    """Confirm, extend or cancel. What was asked before is answered as it stands."""
    if command.act not in rules.OWN_ACTS:
        raise Refused(No.NOT_ALLOWED, "agencies_may_not_ask", "act")
    hold = await _own(command.hold_id, agency, work)
    if (command.act == "confirm" and hold.state in rules.ASKED) or (command.act, hold.state) == ("cancel", "CANCELLED"):
        return view(hold)
    if after(hold.state, "release" if command.act == "cancel" else command.act) is None:
        raise Refused(No.WRONG_STATE, "booking_is_in_state", "act", state=hold.state)
    terms = await work.share_rules_with(work.acting, agency)
    situation = await standing(hold.items, work)
    decided = _decide(command, hold, terms, situation, work)
    return view(await carry_out(await vouchers.with_pass(decided, situation.host, work), work))


async def replace_booking(command: v1.ReplaceBooking, agency: str, work: Bookings) -> v1.BookingView:
    """Take the new and return the old, or change nothing; the new one keeps the cut-off too."""
    old = await _own(command.hold_id, agency, work)
    situation, items, terms = await _asked(command, agency, work)
    host = situation.host
    if after(old.state, "release") is None or work.now >= rules.starts_at(old.items, host):
        raise Refused(No.WRONG_STATE, "booking_is_over", "hold_id")
    situation = replace(situation, credit=await work.takings(old.hold_id))
    wanted = planned(situation, rules.clock(agency, terms, work.now), command.party, items)
    rules.judge_change(old, command.party, wanted, terms, host, work.now)
    new = Hold(hold_id=command.new_hold_id, community=work.acting, agency=agency, state=old.state, party=command.party)
    new = rules.instead_of(old, replace(new, items=wanted.items), terms, host, work.now)
    new = await take(new.dated(work.now), wanted, situation, work, old)
    new = await vouchers.instead_of(old, new, host, work)
    ended = replace(old, state="CANCELLED").dated(work.now)
    work.announce(rules.changed(ended, replaced_by=new.hold_id), subject=ended.hold_id)
    work.announce(rules.changed(new), subject=new.hold_id)
    return view(new)


async def _own(hold_id: str, agency: str, work: Bookings) -> Hold:
    """A booking of the agency, locked. Raises Refused: whatever is not its own does not exist."""
    hold = await work.lock_hold(hold_id)
    if hold is None or hold.agency != agency:
        raise Refused(No.UNKNOWN, "no_such_booking", "hold_id")
    if hold.was_replaced:
        raise Refused(No.WRONG_STATE, "changed_meanwhile", "hold_id")
    if hold.is_over(work.now) or hold.state == "EXPIRED":
        raise Refused(No.TOO_LATE, "hold_has_run_out", "hold_id")
    return hold


async def _asked(
    command: v1.Reserve | v1.ReplaceBooking, agency: str, work: Bookings, *, alone: bool = False
) -> tuple[Situation, Items, AgreementTerms]:
    """What the items are decided in, the items with their starts, and the terms in force."""
    plausible(command.items, work)
    terms = await work.share_rules_with(work.acting, agency, alone=alone)
    situation, items = await started(command.items, work)
    return situation, items, rules.in_force(terms, situation.host, work.now)


def _decide(
    command: v1.ChangeBooking, hold: Hold, terms: AgreementTerms | None, situation: Situation, work: Bookings
) -> Decision:
    host = situation.host
    if command.act == "cancel":
        return rules.cancelled(hold, "agency", host, work.now)
    counting = rules.in_force(terms, host, work.now)
    if command.act == "confirm":
        return rules.confirmed(hold, counting, host, work.now)
    return rules.extended(hold, command.expires_at, counting, host, work.now)
