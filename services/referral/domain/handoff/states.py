"""States by rank: a record's own act and a received message both do `state = the higher`.

What happened in the world ranks above what was intended, so both records end equal, whatever crosses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.messages import BorderMessage
from contracts.referral.codes import OwnAct
from contracts.referral.v1 import Side

RANK: Mapping[str, int] = {state: n for n, state in enumerate(get_args(State))}
ENDED: frozenset[State] = frozenset(
    ("expired", "declined", "withdrawn", "cancelled", "no_show", "turned_back", "completed")
)
#: While in these, capacity is taken for the record.
LIVE: frozenset[State] = frozenset(("held", "countered", "accepted", "confirmed", "departed", "arrived"))
MAX_ROUNDS = 3

#: What the receiver's record waits for booking to answer; nothing when empty.
PendingRequest = Literal["", "hold", "extend", "counter", "confirm"]


def rank(state: State, round_: int) -> tuple[int, int]:
    """The rank of a state; a later counter-offer ranks above an earlier one."""
    return RANK[state], round_ if state == "countered" else 0


@dataclass(frozen=True, slots=True)
class Act:
    """Who may do it, from which states, and what it makes of the record at once (None: it asks for something)."""

    side: Side
    when: frozenset[State]
    becomes: State | None
    #: Not while booking still owes an answer.
    alone: bool = False


def _when(*states: State) -> frozenset[State]:
    return frozenset(states)


ACTS: Mapping[OwnAct, Act] = {
    "take_counter": Act("sender", _when("countered"), None),
    "consent": Act("sender", _when("offered", "held", "countered", "accepted"), None),
    "refuse_consent": Act("sender", _when("offered", "held", "countered", "accepted"), None),
    "withdraw_consent": Act("sender", frozenset(get_args(State)), None),
    "depart": Act("sender", _when("confirmed"), "departed"),
    "delay": Act("sender", _when("confirmed", "departed"), None),
    "turn_back": Act("sender", _when("confirmed", "departed"), "turned_back"),
    "withdraw": Act("sender", _when("offered", "held", "countered", "accepted", "confirmed"), "withdrawn"),
    "accept": Act("receiver", _when("held"), None, alone=True),
    "counter": Act("receiver", _when("offered", "held", "countered"), None, alone=True),
    "decline": Act("receiver", _when("offered", "held", "countered"), "declined"),
    "arrive": Act("receiver", _when("confirmed", "departed", "no_show"), "arrived"),
    "no_show": Act("receiver", _when("confirmed", "departed"), "no_show"),
    "cancel": Act("receiver", _when("accepted", "confirmed", "departed"), "cancelled"),
    "complete": Act("receiver", _when("arrived"), "completed"),
}

#: Whom a record in a state waits for, and to do what. A party that may be received by now counts as departed.
MOVES: Mapping[State, tuple[Side, frozenset[OwnAct]]] = {
    "offered": ("receiver", frozenset(("counter", "decline"))),
    "held": ("receiver", frozenset(("accept", "counter", "decline"))),
    "countered": ("sender", frozenset(("take_counter", "withdraw"))),
    "accepted": ("sender", frozenset(("consent", "refuse_consent"))),
    "confirmed": ("sender", frozenset(("depart",))),
    "departed": ("receiver", frozenset(("arrive", "no_show"))),
    "arrived": ("receiver", frozenset(("complete",))),
}

#: The state that a border message brings; the other messages are requests or statements.
BROUGHT: Mapping[type[BorderMessage], State] = {
    border.HandoffHeld: "held",
    border.HandoffCountered: "countered",
    border.HandoffAccepted: "accepted",
    border.HandoffConfirmed: "confirmed",
    border.HandoffDeclined: "declined",
    border.HandoffExpired: "expired",
    border.HandoffCancelled: "cancelled",
    border.PartyNoShow: "no_show",
    border.PartyArrived: "arrived",
    border.VisitCompleted: "completed",
    border.HandoffWithdrawn: "withdrawn",
    border.PartyDeparted: "departed",
    border.PartyTurnedBack: "turned_back",
    border.ConsentWithdrawn: "withdrawn",
}
#: Which side may say it; anything else from the counterpart is parked.
SAID_BY: Mapping[type[BorderMessage], Side | Literal["both"]] = {
    **dict.fromkeys(
        (
            border.HandoffHeld,
            border.HandoffCountered,
            border.HandoffAccepted,
            border.HandoffConfirmed,
            border.HandoffDeclined,
            border.HandoffExpired,
            border.HandoffCancelled,
            border.PartyNoShow,
            border.PartyArrived,
            border.VisitCompleted,
        ),
        "receiver",
    ),
    **dict.fromkeys(
        (
            border.HandoffOffered,
            border.CounterTaken,
            border.HandoffWithdrawn,
            border.PartyReleased,
            border.PartyDeparted,
            border.PartyDelayed,
            border.PartyTurnedBack,
            border.ConsentWithdrawn,
        ),
        "sender",
    ),
    border.PersonalDataErased: "both",
}

#: Booking's facts that move the receiver's record: (fact, what we had asked for) → from which states, to which.
FACTS: Mapping[tuple[str, PendingRequest], tuple[frozenset[State], State]] = {
    ("placed", "hold"): (_when("offered"), "held"),
    ("placed", "counter"): (_when("offered", "held", "countered"), "countered"),
    ("extended", "extend"): (_when("held", "countered"), "accepted"),
    ("confirmed", "confirm"): (_when("accepted"), "confirmed"),
}
#: A hold that ran out ends the record from these.
EXPIRES: frozenset[State] = _when("offered", "held", "countered", "accepted")
