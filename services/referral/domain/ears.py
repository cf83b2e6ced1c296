"""What a record makes of a border message and of booking's facts: never a refusal, at most nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.messages import BorderMessage
from contracts.values import Contact
from services.referral.domain import acts, deadlines
from services.referral.domain.record import Moment, Record, Step
from services.referral.domain.states import ENDED, EXPIRES, FACTS, HEARD, LIVE, SAID_BY, rank

#: What a message brings into the record beside its state: record field ← message field.
CARRIED: Mapping[type[BorderMessage], Mapping[str, str]] = {
    border.HandoffHeld: {"quote": "quote", "held_until": "expires_at"},
    border.HandoffCountered: {"quote": "quote", "held_until": "expires_at", "wished_items": "items"},
    border.HandoffAccepted: {"quote": "quote", "items": "items", "consent_by": "consent_by"},
    border.HandoffDeclined: {"reason": "reason", "alternatives": "alternatives"},
    border.HandoffCancelled: {"reason": "reason", "alternatives": "alternatives"},
    border.HandoffWithdrawn: {"reason": "reason"},
    border.PartyTurnedBack: {"reason": "reason"},
    border.PartyArrived: {"party": "party"},
    border.VisitCompleted: {"amounts": "amounts"},
}

# border messages


def hear(record: Record, message: BorderMessage, moment: Moment, contact: Contact | None = None) -> Step:
    """Apply what the counterpart said. `contact` is what the sender's side keeps for release."""
    kind = type(message)
    speaker = SAID_BY.get(kind)
    if speaker is None or speaker == record.side:
        raise ValueError(f"{message.type} is not the counterpart's to say")
    if isinstance(message, border.CounterTaken):
        return _counter_taken(record, message, moment)
    if isinstance(message, border.PartyReleased):
        return _released(record, message)
    if isinstance(message, border.PartyDelayed):
        return _heard(record, message, record.but(arrival=message.arrival))
    return _merge(record, message, HEARD[kind], contact)


def _merge(record: Record, message: BorderMessage, state: State, contact: Contact | None) -> Step:
    """`state = the higher`; what comes with a lower one is only told."""
    round_ = message.round if isinstance(message, border.HandoffCountered) else record.round
    if rank(state, round_) <= rank(record.state, record.round):
        return _heard(record, message, record, crossed=rank(state, round_) < rank(record.state, record.round))
    after = record.but(state=state, round=round_, marked=None, **_carried(message))
    if record.side == "receiver" and state in ENDED:
        return _heard(record, message, after.but(wish=""), booking=acts.give_back(record))
    step = _heard(record, message, after)
    if state == "accepted" and record.consented and contact is not None:
        return acts.release(step, contact)
    if state == "confirmed" and record.replaces:
        return Step(record=after, act=step.act, by=step.by, supersedes=record.replaces)
    return step


def _carried(message: BorderMessage) -> dict[str, Any]:
    return {field: getattr(message, name) for field, name in CARRIED.get(type(message), {}).items()}


def _counter_taken(record: Record, message: border.CounterTaken, moment: Moment) -> Step:
    if record.state != "countered" or record.round != message.round or record.wish:
        return _heard(record, message, record, crossed=True)
    return acts.ask_to_extend(_act(message), record, moment, by=record.partner)


def _released(record: Record, message: border.PartyReleased) -> Step:
    if record.state != "accepted" or record.wish:
        return _heard(record, message, record, crossed=True)
    wanted = booking.ConfirmHold(hold_id=record.hold_id or "")
    after = record.but(wish="confirm", released=True)
    return _heard(record, message, after, booking=(wanted,), contact=message.contact)


def _heard(record: Record, message: BorderMessage, after: Record, **told: Any) -> Step:
    return Step(record=after, act=_act(message), by=record.partner, **told)


def _act(message: BorderMessage) -> str:
    return message.type.split(".")[1].replace("_", " ")


# booking's facts, receiver only


def hold_placed(record: Record, fact: booking.HoldPlaced, moment: Moment) -> Step | None:
    """Capacity is held: for the offer, or for a counter-offer. Auto-accept never takes more than was expected."""
    wanted = record.wished_hold_id if record.wish == "counter" else record.hold_id
    if fact.hold_id != wanted or not (moved := _moved("placed", record)):
        return None
    if moved == "countered":
        return _countered(record, fact)
    held = record.but(state="held", wish="", quote=fact.quote, held_until=fact.expires_at)
    told = border.HandoffHeld(expires_at=fact.expires_at, quote=fact.quote)
    step = Step(record=held, act="hold placed", by=record.community, border=(told,))
    if not (record.auto_accept and _within_expected(held)):
        return step
    asked = acts.ask_to_extend("hold placed, accepted by itself", held, moment)
    return Step(record=asked.record, act=asked.act, by=asked.by, border=(told,), booking=asked.booking)


def _countered(record: Record, fact: booking.HoldPlaced) -> Step:
    items = record.wished_items or record.items
    after = record.but(
        state="countered",
        round=record.round + 1,
        wish="",
        hold_id=fact.hold_id,
        wished_hold_id=None,
        quote=fact.quote,
        held_until=fact.expires_at,
    )
    told = border.HandoffCountered(round=after.round, items=items, expires_at=fact.expires_at, quote=fact.quote)
    return Step(record=after, act="hold placed", by=record.community, border=(told,))


def _within_expected(record: Record) -> bool:
    if record.expected_total is None or record.quote is None:
        return False
    same = record.expected_total.currency == record.quote.total.currency
    return same and record.quote.total.minor <= record.expected_total.minor


def hold_refused(record: Record, fact: booking.HoldRefused) -> Step | None:
    """No room: the offer stays, marked, for people may still find a way. A rule that forbids it: declined."""
    if record.wish == "counter" and fact.hold_id == record.wished_hold_id:
        after = record.but(wish="", wished_hold_id=None, wished_items=None, marked=f"counter refused: {fact.reason}")
        return Step(record=after, act="hold refused", by=record.community)
    if record.wish != "hold" or fact.hold_id != record.hold_id or record.state != "offered":
        return None
    after = record.but(wish="", hold_id=None, alternatives=fact.alternatives)
    if fact.reason == "no_room":
        return Step(record=after.but(marked="no_room"), act="hold refused", by=record.community)
    told = border.HandoffDeclined(reason=fact.reason, alternatives=fact.alternatives)
    after = after.but(state="declined", reason=fact.reason)
    return Step(record=after, act="hold refused", by=record.community, border=(told,))


def hold_extended(record: Record, fact: booking.HoldExtended) -> Step | None:
    """The place is held until consent: accepted. A taken counter-offer's items are now what is agreed."""
    if fact.hold_id != record.hold_id or not _moved("extended", record) or record.quote is None:
        return None
    items = record.wished_items if record.state == "countered" and record.wished_items else record.items
    after = record.but(state="accepted", wish="", consent_by=fact.expires_at, items=items)
    told = border.HandoffAccepted(consent_by=fact.expires_at, items=items, quote=record.quote)
    return Step(record=after, act="hold extended", by=record.community, border=(told,))


def hold_confirmed(record: Record, fact: booking.HoldConfirmed, moment: Moment) -> Step | None:
    """The booking stands: confirmed."""
    if fact.hold_id != record.hold_id or not _moved("confirmed", record):
        return None
    told = border.HandoffConfirmed(at=moment.now)
    return Step(
        record=record.but(state="confirmed", wish=""), act="hold confirmed", by=record.community, border=(told,)
    )


def hold_over(record: Record, fact: booking.HoldExpired | booking.HoldReleased, moment: Moment) -> Step | None:
    """Our hold is gone: it ran out, or somebody at booking gave it back. What else we asked for is given back."""
    if fact.hold_id != record.hold_id:
        return None
    rest = tuple(r for r in acts.give_back(record) if r.hold_id != fact.hold_id)  # type: ignore[attr-defined]  # all are ReleaseHold
    if isinstance(fact, booking.HoldExpired) and record.state in EXPIRES:
        after = record.but(state="expired", wish="")
        told: BorderMessage = border.HandoffExpired(at=moment.now)
        return Step(record=after, act="hold expired", by=record.community, border=(told,), booking=rest)
    if isinstance(fact, booking.HoldReleased) and record.state in LIVE - {"arrived"}:
        after = record.but(state="cancelled", wish="", reason="closed")
        told = border.HandoffCancelled(reason="closed")
        return Step(record=after, act="hold released", by=record.community, border=(told,), booking=rest)
    return None


def _moved(fact: str, record: Record) -> State | None:
    rule = FACTS.get((fact, record.wish))
    return rule[1] if rule and record.state in rule[0] else None


# a first offer


def offered(
    record: Record, *, partners: bool, open_offers: int, max_open: int, share_percent: int, moment: Moment
) -> Step:
    """Judge an offer at its receipt: partners? too many open? time enough? Then ask booking for a hold."""
    refusal = "not_partners" if not partners else "too_many_open" if open_offers >= max_open else None
    if refusal:
        told = border.HandoffDeclined.model_validate({"reason": refusal})
        after = record.but(state="declined", reason=refusal)
        return Step(record=after, act="handoff offered", by=record.partner, border=(told,))
    if moment.now > record.answer_by - deadlines.LAST_HOLD:
        return Step(record=record.but(marked="late"), act="handoff offered", by=record.partner)
    place = booking.PlaceHold(
        hold_id=moment.ids[0],
        referral_id=record.referral_id,
        community=record.community,
        partner=record.partner,
        party=record.party,
        items=record.items,
        asked_at=moment.now,
        expires_at=record.answer_by,
        share_percent=share_percent,
    )
    after = record.but(wish="hold", hold_id=place.hold_id)
    return Step(record=after, act="handoff offered", by=record.partner, booking=(place,))
