"""What border messages and booking's facts make of a record: never a refusal, at most no change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.border.v1 import EndReason, State
from contracts.community.v1 import Offering
from contracts.messages import BorderMessage
from contracts.passes.codec import Issued
from contracts.personal.v1 import PublicKey
from contracts.referral.codes import PartnerAct, StoryAct
from services.referral.domain.handoff import acts, deadlines
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import ACTS, BROUGHT, ENDED, EXPIRES, FACTS, LIVE, SAID_BY, rank
from services.referral.domain.personal import decisions

#: What a message brings into the record beside its state: record field ← message field.
CARRIED: Mapping[type[BorderMessage], Mapping[str, str]] = {
    border.HandoffHeld: {"quote": "quote", "held_until": "expires_at"},
    border.HandoffCountered: {"quote": "quote", "held_until": "expires_at", "countered_items": "items"},
    border.HandoffAccepted: {"quote": "quote", "consent_by": "consent_by", "one_time_key": "one_time_key"},
    border.HandoffConfirmed: {"short_code": "short_code", "pass_token": "pass_token"},
    border.HandoffDeclined: {"reason": "reason", "alternatives": "alternatives"},
    border.HandoffCancelled: {"reason": "reason", "alternatives": "alternatives"},
    border.HandoffWithdrawn: {"reason": "reason", "withdrawn_from": "seen"},
    border.PartyTurnedBack: {"reason": "reason"},
    border.PartyArrived: {"party": "party"},
    border.VisitCompleted: {"amounts": "amounts"},
}

#: The second word of a border message's type → the act that it is in a story.
PARTNER_ACTS: Mapping[str, PartnerAct] = {act: act for act in get_args(PartnerAct)}

# border messages


def apply_message(record: Record, message: BorderMessage, moment: Moment, *, gone: bool = False) -> Transition:
    """Apply a message of the counterpart; `gone`: its personal part was here before and was erased.

    Raises ValueError, which parks it, when the counterpart may not send it.
    """
    kind = type(message)
    speaker = SAID_BY.get(kind)
    if speaker is None or speaker == record.side:
        raise ValueError(f"{message.type} is not the counterpart's to say")
    if isinstance(message, border.CounterTaken):
        return _counter_taken(record, message, moment)
    if isinstance(message, border.PartyReleased):
        return _released(record, message, moment, gone)
    if isinstance(message, border.PartyDelayed):
        return _delayed(record, message)
    if isinstance(message, border.PersonalDataErased):
        return _erased(record, message, moment)
    if isinstance(message, border.ConsentWithdrawn):
        return decisions.erased(_merge(record, message, "withdrawn"), "consent_withdrawn", moment)
    return _merge(record, message, BROUGHT[kind])


def _merge(record: Record, message: BorderMessage, state: State) -> Transition:
    """`state = the higher`; a lower one is only added to the story."""
    round_ = message.round if isinstance(message, border.HandoffCountered) else record.round
    if rank(state, round_) <= rank(record.state, record.round):
        return _by_partner(record, message, record, ignored=rank(state, round_) < rank(record.state, record.round))
    agreed = record.agreed_on(message.items) if isinstance(message, border.HandoffAccepted) else record
    after = agreed.replace(state=state, round=round_, attention=None, **_carried(message))
    if isinstance(message, border.PartyArrived) and message.party.heads > record.party.heads:
        after = after.replace(party=record.party, attention=needed("more_arrived_than_were_booked"))
    if record.side == "receiver" and state in ENDED:
        return _by_partner(record, message, after.replace(pending_request=""), booking=acts.give_back(record))
    if isinstance(message, border.HandoffAccepted) and not _as_offered(record, message):
        return _by_partner(record, message, after.replace(attention=needed("accepted_on_other_terms")))
    transition = _by_partner(record, message, after)
    if state == "accepted" and record.decided:
        return decisions.release(transition)
    return replace(transition, supersedes=record.replaces) if state == "confirmed" else transition


def _as_offered(record: Record, message: border.HandoffAccepted) -> bool:
    """Whether the yes is to what was held or countered; to anything else nobody has consented yet."""
    return message.items == record.on_offer and message.quote == record.quote


def _carried(message: BorderMessage) -> dict[str, Any]:
    fixed = {"reason": "consent_withdrawn"} if isinstance(message, border.ConsentWithdrawn) else {}
    return fixed | {field: getattr(message, name) for field, name in CARRIED.get(type(message), {}).items()}


def _counter_taken(record: Record, message: border.CounterTaken, moment: Moment) -> Transition:
    """Taken: hold on for consent. While another counter-offer waits for booking, it is only noted: this one binds."""
    if record.state != "countered" or record.round != message.round or record.pending_request not in ("", "counter"):
        return _by_partner(record, message, record, ignored=True)
    until = deadlines.consent_by(record, moment.now)
    if record.pending_request:
        return _by_partner(record, message, record.replace(taken_round=message.round, consent_by=until))
    return acts.ask_to_extend(_act(message), record, until, by=record.partner)


def _released(record: Record, message: border.PartyReleased, moment: Moment, gone: bool) -> Transition:
    if record.state != "accepted" or record.pending_request:
        return _by_partner(record, message, record, ignored=True)
    wanted = booking.ConfirmHold(hold_id=record.hold_id or "")
    after = record.replace(pending_request="confirm", released=True, **decisions.received(message))
    if gone:
        return decisions.erased(_by_partner(record, message, after, booking=(wanted,)), "restored_backup", moment)
    return _by_partner(record, message, after, booking=(wanted,), receives=message.sealed)


def _erased(record: Record, message: border.PersonalDataErased, moment: Moment) -> Transition:
    """Their copy is gone. If the lead traveller asked for it, erase ours; otherwise each side keeps its own date."""
    transition = _by_partner(record, message, record.replace(partner_erased_at=message.at))
    if message.why == "asked" and record.personal == "held":
        return decisions.erased(transition, "asked", moment)
    return transition


def _delayed(record: Record, message: border.PartyDelayed) -> Transition:
    """They will be late. What fits no item, or is no later than they are expected, changes nothing."""
    later = message.arrival.is_later_than(record.arrival) and record.may_arrive(message.arrival)
    if record.state not in ACTS["arrive"].when or not later:
        return _by_partner(record, message, record, ignored=True)
    return _by_partner(record, message, record.replace(arrival=message.arrival, delayed=True))


def _by_partner(record: Record, message: BorderMessage, after: Record, **details: Any) -> Transition:
    return Transition(record=after, act=_act(message), by=record.partner, **details)


def _act(message: BorderMessage) -> StoryAct:
    act: StoryAct = PARTNER_ACTS[message.type.split(".")[1]]
    return act


def differs(record: Record, stated: border.RecordStated, sent: int, seen: int) -> Transition | None:
    """Both have applied everything and the partner's record still differs: people must settle that."""
    heard_all = (stated.sent, stated.seen) == (seen, sent)
    if not heard_all or record.attention or rank(stated.state, stated.round) == rank(record.state, record.round):
        return None
    after = record.replace(attention=needed("records_differ", theirs=stated.state))
    return Transition(record=after, act="record_stated", by=record.partner)


# booking's facts, receiver only


def hold_placed(record: Record, fact: booking.HoldPlaced, moment: Moment) -> Transition | None:
    """Capacity is held: for the offer, or for a counter-offer. Auto-accept never takes more than was expected."""
    wanted = record.pending_hold_id if record.pending_request == "counter" else record.hold_id
    if fact.hold_id != wanted or not (moved := _moved("placed", record)):
        return None
    if moved == "countered":
        return _countered(record, fact)
    held = record.replace(state="held", pending_request="", quote=fact.quote, held_until=fact.expires_at)
    message = border.HandoffHeld(expires_at=fact.expires_at, quote=fact.quote)
    transition = Transition(record=held, act="hold_placed", by=record.community, border=(message,))
    if not (record.auto_accept and _within_expected(held)):
        return transition
    until = deadlines.consent_by(held, moment.now)
    return replace(acts.ask_to_extend("hold_placed_accepted_by_itself", held, until), border=(message,))


def _countered(record: Record, fact: booking.HoldPlaced) -> Transition:
    items = record.pending_items or record.items
    after = record.replace(
        state="countered",
        round=record.round + 1,
        pending_request="",
        hold_id=fact.hold_id,
        pending_hold_id=None,
        pending_items=None,
        countered_items=items,
        quote=fact.quote,
        held_until=fact.expires_at,
    )
    message = border.HandoffCountered(round=after.round, items=items, expires_at=fact.expires_at, quote=fact.quote)
    return Transition(record=after, act="hold_placed", by=record.community, border=(message,))


def _within_expected(record: Record) -> bool:
    if record.expected_total is None or record.quote is None:
        return False
    same = record.expected_total.currency == record.quote.total.currency
    return same and record.quote.total.minor <= record.expected_total.minor


def hold_refused(record: Record, fact: booking.HoldRefused) -> Transition | None:
    """No room: the offer stays and needs a person, who may still find a way. A rule that forbids it: declined."""
    if record.pending_request == "counter" and fact.hold_id == record.pending_hold_id:
        return _counter_refused(record, fact)
    if record.pending_request != "hold" or fact.hold_id != record.hold_id or record.state != "offered":
        return None
    after = record.replace(pending_request="", hold_id=None, alternatives=fact.alternatives)
    if fact.reason == "no_room":
        return Transition(record=after.replace(attention=needed("no_room")), act="hold_refused", by=record.community)
    message = border.HandoffDeclined(reason=fact.reason, alternatives=fact.alternatives)
    after = after.replace(state="declined", reason=fact.reason)
    return Transition(record=after, act="hold_refused", by=record.community, border=(message,))


def _counter_refused(record: Record, fact: booking.HoldRefused) -> Transition:
    """The earlier state stays; if it was a counter-offer that the sender has taken meanwhile, it is agreed."""
    trouble = needed("counter_refused", reason=fact.reason)
    after = record.replace(pending_request="", pending_hold_id=None, pending_items=None, attention=trouble)
    if record.state == "countered" and record.taken_round == record.round and record.consent_by:
        return acts.ask_to_extend("hold_refused", after, record.consent_by)
    return Transition(record=after, act="hold_refused", by=record.community)


def hold_extended(
    record: Record, fact: booking.HoldExtended, one_time_key: PublicKey, host: Offering | None = None
) -> Transition | None:
    """The place is held until consent: accepted. From now on the dates of what is agreed count, by our own schedule."""
    if not awaits("extended", record, fact) or record.quote is None:
        return None
    agreed = record.agreed_on(record.on_offer)
    ends_at = deadlines.ends_at(agreed.items, host) if host else None
    after = agreed.replace(
        state="accepted", pending_request="", consent_by=fact.expires_at, ends_at=ends_at, one_time_key=one_time_key
    )
    message = border.HandoffAccepted(
        consent_by=fact.expires_at, items=agreed.items, quote=record.quote, one_time_key=one_time_key
    )
    return Transition(record=after, act="hold_extended", by=record.community, border=(message,))


def hold_confirmed(record: Record, fact: booking.HoldConfirmed, moment: Moment, issued: Issued) -> Transition | None:
    """The booking stands: confirmed, with the pass that was issued for it."""
    if not awaits("confirmed", record, fact):
        return None
    code, token = issued
    after = record.replace(state="confirmed", pending_request="", short_code=code, pass_token=token)
    message = border.HandoffConfirmed(at=moment.now, short_code=code, pass_token=token)
    return Transition(record=after, act="hold_confirmed", by=record.community, border=(message,))


def awaits(what: str, record: Record, fact: booking.HoldFact) -> bool:
    """Whether it is what the record waits for: no key is made and no pass is issued for anything else."""
    return fact.hold_id == record.hold_id and _moved(what, record) is not None


def hold_over(record: Record, fact: booking.HoldExpired | booking.HoldReleased, moment: Moment) -> Transition | None:
    """Our hold is gone: it ran out, or somebody at booking gave it back. What else we asked for is given back."""
    if fact.hold_id != record.hold_id:
        return None
    rest = tuple(release for release in acts.give_back(record) if release.hold_id != fact.hold_id)
    if isinstance(fact, booking.HoldExpired) and record.state in EXPIRES:
        after = record.replace(state="expired", pending_request="", attention=None)
        message: BorderMessage = border.HandoffExpired(at=moment.now)
        return Transition(record=after, act="hold_expired", by=record.community, border=(message,), booking=rest)
    if isinstance(fact, booking.HoldReleased) and record.state in LIVE - {"arrived"}:
        reason: EndReason = "replaced" if record.replaces and record.state == "accepted" else "closed"
        after = record.replace(state="cancelled", pending_request="", attention=None, reason=reason)
        message = border.HandoffCancelled(reason=reason)
        return Transition(record=after, act="hold_released", by=record.community, border=(message,), booking=rest)
    return None


def _moved(fact: str, record: Record) -> State | None:
    rule = FACTS.get((fact, record.pending_request))
    return rule[1] if rule and record.state in rule[0] else None
