"""Every code of a record's story and of its attention. Phrases for people are found by code, never here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from contracts.values import Code, Value

#: What a community does to its own record.
OwnAct = Literal[
    "take_counter",
    "consent",
    "refuse_consent",
    "withdraw_consent",
    "depart",
    "delay",
    "turn_back",
    "withdraw",
    "accept",
    "counter",
    "decline",
    "arrive",
    "no_show",
    "cancel",
    "complete",
]
#: What a record hears from its counterpart: the name of the border message.
PartnerAct = Literal[
    "handoff_offered",
    "handoff_held",
    "handoff_countered",
    "counter_taken",
    "handoff_accepted",
    "handoff_confirmed",
    "handoff_declined",
    "handoff_expired",
    "handoff_cancelled",
    "handoff_withdrawn",
    "party_released",
    "consent_withdrawn",
    "party_departed",
    "party_delayed",
    "party_turned_back",
    "party_arrived",
    "party_no_show",
    "visit_completed",
    "personal_data_erased",
    "record_stated",
]
#: What booking's facts make of a record.
BookingAct = Literal[
    "hold_placed",
    "hold_placed_accepted_by_itself",
    "hold_refused",
    "hold_extended",
    "hold_confirmed",
    "hold_expired",
    "hold_released",
]
#: What else is told: how it began, erasures, passes, deadlines.
OtherAct = Literal[
    "offer",
    "erase",
    "erase_by_retention",
    "erase_again",
    "pass_used_twice",
    "give_places_back",
    "deadline",
]
#: What a side can do with the personal part while it holds it; that belongs to no state.
PartAct = Literal["read_personal_part", "erase"]
#: What stands in a line of a story, and what a command is answered with as its intent.
StoryAct = OwnAct | PartnerAct | BookingAct | OtherAct

#: What a receiver may be waiting for booking to answer.
Request = Literal["hold", "extend", "counter", "confirm"]

AttentionCode = Literal[
    "no_room",  # nothing was held; people may still find a way
    "late",  # it came too late to hold places
    "counter_refused",  # booking does not hold the counter-offer; about: reason
    "accepted_on_other_terms",  # the yes is to something else than was held
    "more_arrived_than_were_booked",
    "records_differ",  # both sides have heard everything and yet differ; about: theirs, a state
    "deadline_refused",  # what was to happen by itself did not; about: reason, a code of refusal
    "pass_used_twice",
]
#: What each says beside its code.
ABOUT: Mapping[str, frozenset[str]] = {
    "counter_refused": frozenset({"reason"}),
    "records_differ": frozenset({"theirs"}),
    "deadline_refused": frozenset({"reason"}),
}


class Attention(Value):
    """Why nothing moves by itself and a person is needed: a code, and the codes it is about by name."""

    code: Code
    about: Annotated[dict[Code, Code], Field(max_length=4, default_factory=dict)]

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.about.items()))))
