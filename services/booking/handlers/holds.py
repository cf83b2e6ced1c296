"""Holds for handoffs: what referral asks for, by message. Every answer is a fact; nothing here refuses by raising."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contracts.booking import v1
from contracts.capacity.availability import Clock
from contracts.capacity.pools import Situation
from contracts.values import Alternatives
from services.booking.domain.agencies import changed
from services.booking.domain.hold import (
    Decision,
    Hold,
    confirm,
    confirm_change,
    expired,
    extend,
    redeem,
    release,
)
from services.booking.domain.placing import HOPELESS, LOOK_AHEAD, Miss, PlacePlan, alternatives, implausible, plan, span
from services.booking.handlers.capacity import state_capacity
from services.booking.ports import Bookings, Placed, Request

#: Holds that one transaction of the sweep expires.
BATCH = 500


class UnknownHold(LookupError):
    """A request about a hold that was never placed nor released: a fault, parked for a person."""


async def place_hold(message: v1.PlaceHold, work: Bookings) -> None:
    """Take every item's places or none, and publish the outcome."""
    await _answer(message, work)


async def replace_hold(message: v1.ReplaceHold, work: Bookings) -> None:
    """Take the new and give the old back, or change nothing. An old one that has ended gives nothing back."""
    old = await work.lock_hold(message.old_hold_id)
    placed = await _answer(message.place, work, old)
    if placed and old is None:
        await work.add_tombstone(message.old_hold_id)


async def extend_hold(message: v1.ExtendHold, work: Bookings) -> None:
    """Hold on: the community has answered and waits for consent."""
    await carry_out(extend(await _hold(message.hold_id, work), message.expires_at, work.now), work)


async def confirm_hold(message: v1.ConfirmHold, work: Bookings) -> None:
    """Make it a booking."""
    hold = await _hold(message.hold_id, work)
    if hold.replaces is None:
        await carry_out(confirm(hold, work.now), work)
        return
    replaced = await work.lock_hold(hold.replaces)
    already = await work.is_replaced(hold.replaces)
    await carry_out(confirm_change(hold, replaced, work.now, replaced_already=already), work)


async def redeem_hold(message: v1.RedeemHold, work: Bookings) -> None:
    """The party is here."""
    await carry_out(redeem(await _hold(message.hold_id, work)), work)


async def release_hold(message: v1.ReleaseHold, work: Bookings) -> None:
    """Give the places back; one that has not come yet is refused when it comes."""
    hold = await work.lock_hold(message.hold_id)
    if hold is None and not await work.add_tombstone(message.hold_id):
        hold = await work.lock_hold(message.hold_id)
    if hold is not None:
        await carry_out(release(hold), work)


async def expire_holds(work: Bookings) -> int:
    """Give the places of holds back whose time has run out. Returns how many, at most BATCH."""
    due = await work.due_holds(BATCH)
    if due:
        for community, levels in (await work.end_holds([hold.hold_id for hold in due], "EXPIRED")).items():
            state_capacity(work, community, levels)
    for hold in due:
        fact = changed(replace(hold, state="EXPIRED").dated(work.now)) if hold.agency else expired(hold)
        work.announce(fact, subject=hold.hold_id)
    return len(due)


async def carry_out(decision: Decision, work: Bookings) -> Hold:
    """Write what was decided about a hold, and publish its facts; an agency's has one that says how it stands."""
    hold = decision.hold.dated(work.now) if decision.changes else decision.hold
    if decision.ends:
        for community, levels in (await work.end_holds([hold.hold_id], hold.state, hold.cancelled)).items():
            state_capacity(work, community, levels)
    elif decision.changes:
        await work.change_hold(hold)
    if hold.agency is None:
        for fact in decision.facts:
            work.announce(fact, subject=hold.hold_id)
    elif decision.changes:
        work.announce(changed(hold), subject=hold.hold_id)
    return hold


async def _hold(hold_id: str, work: Bookings) -> Hold:
    hold = await work.lock_hold(hold_id)
    if hold is None:
        raise UnknownHold(hold_id)
    return hold


async def _answer(asked: v1.PlaceHold, work: Bookings, old: Hold | None = None) -> bool:
    """Place the hold and publish it, or publish the refusal; for an id that is held already, publish nothing."""
    miss = await _place(asked, old, work)
    if miss is None:
        return True
    known = await work.known(asked.hold_id)
    if known is not None and not known.is_tombstone:
        return False
    if known is not None:
        miss = Miss(reason="released")
    refused = v1.HoldRefused(
        hold_id=asked.hold_id,
        referral_id=asked.referral_id,
        community=asked.community,
        reason=miss.reason,
        experience_id=miss.experience_id,
        day=miss.day,
        alternatives=await _alternatives(asked, miss, work),
    )
    work.announce(refused, subject=asked.hold_id)
    return False


async def _place(asked: v1.PlaceHold, old: Hold | None, work: Bookings) -> Miss | None:
    """One attempt: decide by the rules, then let the database grant it. None when it is placed and published."""
    today = work.now.date()
    if miss := implausible(asked.items, today) or _too_late(asked, work):
        return miss
    replaced = await _replaced(asked, old, work)
    await work.share_rules(asked.community)
    situation = (await work.situations([asked.community], *span(asked.items))).get(asked.community)
    if situation is None or (old is not None and (old.community not in ("", asked.community) or old.agency)):
        return Miss(reason="not_offered")
    gives_back = old if old is not None and old.state != "REDEEMED" else None
    if gives_back is not None:
        situation = replace(situation, credit=await work.takings(gives_back.hold_id))
    if replaced is not None:
        situation = replace(situation, still_taken=await work.takings(replaced.hold_id))
    found = plan(situation, Clock(work.now, asked.asked_at), asked.party, asked.items)
    return found if isinstance(found, Miss) else await _take(asked, found, situation, gives_back, work)


async def _replaced(asked: v1.PlaceHold, old: Hold | None, work: Bookings) -> Hold | None:
    """The booking that this hold is to replace and whose places it shares, locked; one hold at a time may do so."""
    found = await work.lock_hold(asked.replaces) if asked.replaces else None
    if found is None or found.agency is not None or not found.may_be_replaced:
        return None
    if (found.community, found.partner) != (asked.community, asked.partner):
        return None
    shared = await work.replacement(found.hold_id)
    return found if shared in (None, old and old.hold_id) else None


async def _take(
    asked: v1.PlaceHold, found: PlacePlan, situation: Situation, old: Hold | None, work: Bookings
) -> Miss | None:
    hold = Hold(
        hold_id=asked.hold_id,
        community=asked.community,
        referral_id=asked.referral_id,
        partner=asked.partner,
        state="ON_HOLD",
        party=asked.party,
        expires_at=asked.expires_at,
        replaces=asked.replaces,
    )
    gives_back = old if situation.credit else None
    request = Request(
        hold=hold, plan=found, situation=situation, share_percent=asked.share_percent, replaces=gives_back
    )
    outcome = await work.place(request)
    if outcome.placed is not Placed.DONE:
        item = found.first_item_of(outcome.missing, situation)
        return Miss(reason="no_room", experience_id=item.experience_id, day=item.day)
    state_capacity(work, hold.community, outcome.levels)
    work.announce(_placed(hold, found), subject=hold.hold_id)
    return None


def _placed(hold: Hold, found: PlacePlan) -> v1.HoldPlaced:
    return v1.HoldPlaced(
        hold_id=hold.hold_id,
        referral_id=hold.referral_id,
        community=hold.community,
        expires_at=hold.expires_at,
        quote=found.quote,
    )


def _too_late(asked: v1.PlaceHold, work: Bookings) -> Miss | None:
    """A hold that would be over before it began is not placed."""
    return Miss(reason="past") if asked.expires_at <= work.now else None


async def _alternatives(asked: v1.PlaceHold, miss: Miss, work: Bookings) -> Alternatives:
    today = work.now.date()
    if miss.reason in HOPELESS or implausible(asked.items, today):
        return ()
    first, last = span(asked.items)
    late = max(timedelta(), today - first)
    window = (first, last + late + timedelta(days=LOOK_AHEAD + 1))
    situation = (await work.situations([asked.community], *window)).get(asked.community)
    if situation is None:
        return ()
    return alternatives(situation, Clock(work.now, asked.asked_at), asked.party, asked.items)
