"""What people do to their own record, and what happens by itself. Each returns a Transition or raises Refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.border.v1 import DeclineReason, EndReason, State
from contracts.messages import Message
from contracts.referral.codes import OwnAct, StoryAct
from contracts.referral.v1 import Side
from contracts.refusals import No, Refused
from contracts.values import Items, Party, Quote, Window
from services.referral.domain.handoff import deadlines, money
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import ACTS, MAX_ROUNDS


def may(act: OwnAct, record: Record) -> None:
    """Raises Refused with what the act needs, when the table does not allow it now."""
    if allows(act, record):
        return
    rule = ACTS[act]
    if record.side != rule.side:
        raise Refused(No.NOT_ALLOWED, "only_one_side_may", "referral", side=rule.side, act=act)
    if record.state not in rule.when:
        allowed = tuple(sorted(rule.when))
        raise Refused(No.WRONG_STATE, "not_in_this_state", "referral", state=record.state, act=act, allowed=allowed)
    raise Refused(No.WRONG_STATE, "booking_still_works", "referral", request=record.pending_request)


def allows(act: OwnAct, record: Record) -> bool:
    """Whether the table allows the act now."""
    rule = ACTS[act]
    return record.side == rule.side and record.state in rule.when and not (rule.alone and record.pending_request)


def own_transition(act: OwnAct, record: Record, changes: dict[str, Any] | None = None, **details: Any) -> Transition:
    """The transition of an own act: the state that the table gives, and what else changes."""
    becomes = ACTS[act].becomes
    after = record.replace(**({"state": becomes, "attention": None} if becomes else {}), **(changes or {}))
    return Transition(record=after, act=act, by=record.community, **details)


def give_back(record: Record) -> tuple[booking.ReleaseHold, ...]:
    """Give back everything that was ever asked for and may still be held."""
    held = dict.fromkeys(h for h in (record.hold_id, record.pending_hold_id) if h)
    return tuple(booking.ReleaseHold(hold_id=hold) for hold in held)


def withdraw(record: Record, reason: EndReason) -> Transition:
    """The sender takes it back; below accepted it is free of charge, so it says what it had seen."""
    may("withdraw", record)
    message = border.HandoffWithdrawn(reason=reason, seen=record.state)
    return own_transition("withdraw", record, {"reason": reason, "withdrawn_from": record.state}, border=(message,))


def take_counter(record: Record, round_: int) -> Transition:
    """The sender asks for the counter-offer of this round."""
    may("take_counter", record)
    if round_ != record.round:
        raise Refused(No.WRONG_STATE, "another_round_is_live", "round", round=record.round)
    if record.taken_round == round_:
        return own_transition("take_counter", record)
    return own_transition("take_counter", record, {"taken_round": round_}, border=(border.CounterTaken(round=round_),))


def depart(record: Record, moment: Moment) -> Transition:
    """On the way."""
    may("depart", record)
    return own_transition("depart", record, border=(border.PartyDeparted(at=moment.now),))


def delay(record: Record, arrival: Window) -> Transition:
    """They will be late; no state changes. Earlier than they are expected is no delay: nobody would wait for them."""
    may("delay", record)
    if not arrival.is_later_than(record.arrival):
        expected = record.arrival
        raise Refused(No.INVALID, "delay_is_not_later", "arrival", day=expected.day, time=expected.earliest)
    if not record.may_arrive(arrival):
        raise Refused(No.INVALID, "delay_does_not_fit", "arrival.day")
    changes = {"arrival": arrival, "delayed": True}
    return own_transition("delay", record, changes, border=(border.PartyDelayed(arrival=arrival),))


def turn_back(record: Record, reason: str | None, moment: Moment) -> Transition:
    """The border did not let them through: nobody's fault."""
    may("turn_back", record)
    message = border.PartyTurnedBack(at=moment.now, reason=reason)
    return own_transition("turn_back", record, {"reason": reason or "border"}, border=(message,))


def accept(record: Record, moment: Moment) -> Transition:
    """The receiver says yes: asks booking to hold on until consent; accepted when booking has."""
    may("accept", record)
    return ask_to_extend("accept", record, deadlines.consent_by(record, moment.now))


def ask_to_extend(act: StoryAct, record: Record, until: datetime, by: str | None = None) -> Transition:
    """Ask booking to hold on until the consent deadline."""
    wanted = booking.ExtendHold(hold_id=record.hold_id or "", expires_at=until)
    after = record.replace(pending_request="extend", consent_by=until, attention=None)
    return Transition(record=after, act=act, by=by or record.community, booking=(wanted,))


def decline(record: Record, reason: DeclineReason) -> Transition:
    """The receiver says no."""
    may("decline", record)
    message = border.HandoffDeclined(reason=reason, alternatives=record.alternatives)
    ended = {"reason": reason, "pending_request": ""}
    return own_transition("decline", record, ended, border=(message,), booking=give_back(record))


def counter(record: Record, items: Items, moment: Moment) -> Transition:
    """The receiver offers something else: countered when booking holds it, in place of what it held before."""
    may("counter", record)
    may_counter(record, moment.now)
    if any(item.experience_id.partition(".")[0] != record.community for item in items):
        raise Refused(No.INVALID, "counter_with_own_experiences", "items", community=record.community)
    place = hold_for(record, items, moment, until=deadlines.countered_until(record, moment.now))
    wanted: Message = place
    if record.hold_id:
        wanted = booking.ReplaceHold(old_hold_id=record.hold_id, place=place)
    changes = {
        "pending_request": "counter",
        "pending_hold_id": place.hold_id,
        "pending_items": items,
        "attention": None,
    }
    return own_transition("counter", record, changes, booking=(wanted,))


def may_counter(record: Record, now: datetime) -> None:
    """Raises Refused after the last round, and when places would be asked for too late."""
    if record.round >= MAX_ROUNDS:
        raise Refused(No.WRONG_STATE, "rounds_are_used_up", "referral", rounds=MAX_ROUNDS)
    if deadlines.too_late_to_hold(record, now):
        raise Refused(No.TOO_LATE, "answer_is_due", "referral")


def hold_for(
    record: Record, items: Items, moment: Moment, *, until: datetime, share_percent: int = 100
) -> booking.PlaceHold:
    """What to ask of booking for these items; the cut-off is judged now."""
    return booking.PlaceHold(
        hold_id=moment.ids[0],
        referral_id=record.referral_id,
        community=record.community,
        partner=record.partner,
        party=record.party,
        items=items,
        asked_at=moment.now,
        expires_at=until,
        share_percent=share_percent,
        replaces=record.replaced_hold_id,
    )


def cancel(record: Record, reason: EndReason) -> Transition:
    """The receiver cannot take them after all."""
    may("cancel", record)
    message = border.HandoffCancelled(reason=reason)
    ended = {"reason": reason, "pending_request": ""}
    return own_transition("cancel", record, ended, border=(message,), booking=give_back(record))


def no_show(record: Record, moment: Moment) -> Transition:
    """They did not come. The places are kept while it can be put right: a late party must not find them sold."""
    may("no_show", record)
    may_miss(record, moment.now)
    message = border.PartyNoShow(at=moment.now)
    return own_transition("no_show", record, {"no_show_at": moment.now}, border=(message,))


def may_miss(record: Record, now: datetime) -> None:
    """Raises Refused before the arrival window opens."""
    if now < deadlines.may_miss_from(record):
        arrival = record.arrival
        raise Refused(No.TOO_EARLY, "nobody_is_missing_yet", "referral", day=arrival.day, time=arrival.earliest)


def give_up(record: Record, _: Moment) -> Transition:
    """A no-show can no longer be put right: the places go back."""
    after = record.replace(hold_id=None)
    return Transition(record=after, act="give_places_back", by=record.community, booking=give_back(record))


def is_taken_over(change: Record | None) -> bool:
    """Whether the live handoff that changes another one stands, or is being confirmed now: the party travels by it."""
    return change is not None and (
        change.pending_request == "confirm" or change.state in ("confirmed", "departed", "arrived")
    )


def fits(record: Record, party: Party | None) -> None:
    """Raises Refused when more have come than were booked: nothing is held for the others, and nothing agreed."""
    booked = record.party.heads
    if party is not None and party.heads > booked:
        rest = party.heads - booked
        raise Refused(No.INVALID, "more_have_come", "party", come=party.heads, booked=booked, rest=rest)


def arrive(record: Record, party: Party | None, moment: Moment, since: datetime | None = None) -> Transition:
    """They are here, from the eve of the arrival day on, or `since` when a pass promised them an earlier one.

    Fewer than were booked may come, never more. After a no-show it can be put right for 48 hours.
    """
    may("arrive", record)
    fits(record, party)
    may_arrive(record, moment.now, since)
    message = border.PartyArrived(at=moment.now, party=party or record.party)
    redeemed = booking.RedeemHold(hold_id=record.hold_id)
    return own_transition("arrive", record, {"party": party or record.party}, border=(message,), booking=(redeemed,))


def may_arrive(record: Record, now: datetime, since: datetime | None = None) -> None:
    """Raises Refused before the eve of the arrival day, or `since`, and when nothing is held for the party any more."""
    if record.state != "no_show" and now < (since or deadlines.may_arrive_from(record)):
        raise Refused(No.TOO_EARLY, "receive_from_the_eve_on", "referral", day=record.arrival.day)
    if record.hold_id is None or deadlines.no_show_is_final(record, now):
        raise Refused(No.TOO_LATE, "no_show_is_final", "referral")


def complete(record: Record, moment: Moment) -> Transition:
    """The visit is over; the amounts are what was quoted and what the terms make of it."""
    may("complete", record)
    amounts = money.amounts(may_complete(record), record.fee_percent)
    return own_transition(
        "complete", record, {"amounts": amounts}, border=(border.VisitCompleted(at=moment.now, amounts=amounts),)
    )


def may_complete(record: Record) -> Quote:
    """What the visit was quoted at. Raises Refused when it never was."""
    if record.quote is None:
        raise Refused(No.WRONG_STATE, "no_quote", "referral")
    return record.quote


def by_itself(record: Record, moment: Moment) -> Transition:
    """What a deadline that has passed does. Raises Refused when the rules do not allow it."""
    return BY_ITSELF[record.side, record.state].act(record, moment)


def due_at(record: Record) -> datetime | None:
    """When the next thing happens by itself, or None."""
    due = BY_ITSELF.get((record.side, record.state))
    return due.when(record) if due else None


class Due(NamedTuple):
    """What happens by itself, and when."""

    when: Callable[[Record], datetime | None]
    act: Callable[[Record, Moment], Transition]


BY_ITSELF: Mapping[tuple[Side, State], Due] = {
    ("sender", "offered"): Due(deadlines.unanswered_at, lambda record, _: withdraw(record, "no_answer")),
    ("receiver", "confirmed"): Due(deadlines.missing_at, no_show),
    ("receiver", "departed"): Due(deadlines.missing_at, no_show),
    ("receiver", "no_show"): Due(deadlines.final_at, give_up),
    ("receiver", "arrived"): Due(deadlines.over_at, complete),
}
