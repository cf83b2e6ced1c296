"""What each side can do now: the table of acts, and the rules that refuse an act, checked before anybody acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, get_args

from contracts.referral.codes import OwnAct, PartAct
from contracts.referral.next_acts import Costs, NextAct
from contracts.referral.v1 import Side
from contracts.refusals import Refused
from services.referral.domain.handoff import acts, deadlines, money
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ACTS, MOVES
from services.referral.domain.personal import decisions

#: What an act needs beside its side and its states; each raises Refused, as it does when the act is done.
ALSO: Mapping[OwnAct, Callable[[Record, datetime], object]] = {
    "consent": lambda record, _: decisions.may_ask(record),
    "refuse_consent": lambda record, _: decisions.may_ask(record),
    "withdraw_consent": lambda record, _: decisions.may_take_back(record),
    "counter": acts.may_counter,
    "no_show": acts.may_miss,
    "arrive": acts.may_arrive,
    "complete": lambda record, _: acts.may_complete(record),
}
#: When an act would be taken and change nothing, or has nothing left to say.
IDLE: Mapping[OwnAct, Callable[[Record], bool]] = {
    "take_counter": lambda record: record.taken_round == record.round,
    "refuse_consent": lambda record: record.consent_refused and record.state != "accepted",
    "delay": lambda record: not record.latest_arrival.is_later_than(record.arrival),
}
#: The state ends by itself then, and with it what can be done in it.
ENDS: Mapping[str, Callable[[Record], datetime | None]] = {
    "offered": deadlines.unanswered_at,
    "held": lambda record: record.held_until,
    "countered": lambda record: record.held_until,
    "accepted": lambda record: record.consent_by,
    "confirmed": deadlines.missing_at,
    "departed": deadlines.missing_at,
    "no_show": deadlines.final_at,
    "arrived": deadlines.over_at,
}


class Choices(NamedTuple):
    """What the own side can do, what the other side can as far as is known here, and for whom the handoff waits."""

    ours: tuple[NextAct, ...]
    theirs: tuple[OwnAct, ...]
    move: Side | None


def choices(record: Record, now: datetime, change: Record | None = None) -> Choices:
    """By the rules at this moment; `change` is the live handoff that is to replace this one."""
    ours, theirs = possible(record, now, change), possible(_of_partner(record), now, change)
    move = _move(record, now, ours, theirs)
    waited_for = _waited_for(record, now)[1] if move == record.side else frozenset()
    next_acts = tuple(
        NextAct(
            act=act,
            until=_until(act, record),
            costs=_costs(act, record),
            is_move=act in waited_for,
            again=act == "consent" and _said(record),
        )
        for act in ours
    )
    return Choices(next_acts + _of_the_part(record), theirs, move)


def _of_the_part(record: Record) -> tuple[NextAct, ...]:
    """What can be done with the personal part, until it goes by itself."""
    if record.personal != "held":
        return ()
    until = deadlines.kept_until(record)
    return tuple(NextAct(act=act, until=until) for act in get_args(PartAct))


def possible(record: Record, now: datetime, change: Record | None = None) -> tuple[OwnAct, ...]:
    """The acts of the record's own side that would be taken now, in the order of the table."""
    return tuple(act for act in ACTS if acts.allows(act, record) and _takes(act, record, now, change))


def _takes(act: OwnAct, record: Record, now: datetime, change: Record | None) -> bool:
    if act in IDLE and IDLE[act](record):
        return False
    if act == "arrive" and acts.is_taken_over(change):
        return False
    try:
        if act in ALSO:
            ALSO[act](record, now)
    except Refused:
        return False
    return True


def _of_partner(record: Record) -> Record:
    """The other side's record, as far as this one shows it; what only that side knows is assumed to be in order."""
    other: Side = "receiver" if record.side == "sender" else "sender"
    return record.replace(
        side=other,
        community=record.partner,
        partner=record.community,
        pending_request="",
        hold_id=record.hold_id or record.referral_id,
    )


def _waited_for(record: Record, now: datetime) -> tuple[Side | None, frozenset[OwnAct]]:
    """Whom the handoff waits for, and for which acts. Once a party may be received, it is received."""
    met = record.state == "confirmed" and now >= deadlines.may_arrive_from(record)
    return MOVES.get("departed" if met else record.state, (None, frozenset()))


def _move(record: Record, now: datetime, ours: tuple[OwnAct, ...], theirs: tuple[OwnAct, ...]) -> Side | None:
    """None while booking owes an answer that people wait for, and when nobody has to do anything."""
    side, wanted = _waited_for(record, now)
    if record.pending_request in ("extend", "confirm") or (record.pending_request and side == "receiver"):
        return None
    can = ours if side == record.side else theirs
    return side if wanted.intersection(can) else None


def _said(record: Record) -> bool:
    """Whether the lead traveller's word need not be asked for: a yes on other terms than they heard of asks again."""
    return record.state != "accepted" and (record.consent is not None or record.consent_refused)


def _until(act: OwnAct, record: Record) -> datetime | None:
    if act == "withdraw_consent":
        return None
    if act == "counter" and record.state == "offered":
        return record.answer_by - deadlines.LAST_HOLD
    ends = ENDS.get(record.state)
    return ends(record) if ends else None


def _costs(act: OwnAct, record: Record) -> Costs:
    """Below accepted nothing costs anything but a yes."""
    if act == "withdraw" and record.state in ("accepted", "confirmed"):
        return Costs(code="by_agreement")
    if record.quote is None:
        return Costs()
    if act == "take_counter" or (act in ("consent", "refuse_consent") and record.state == "accepted"):
        return Costs(code="price", amount=record.quote.total)
    if act in ("accept", "complete"):
        return Costs(code="referral_fee", amount=money.amounts(record.quote, record.fee_percent).referral_fee)
    return Costs()
