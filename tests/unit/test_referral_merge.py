"""Whatever arrives, in whatever order and however often: a record stands where the highest word puts it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.messages import BorderMessage
from contracts.referral.v1 import Side
from contracts.values import Party
from services.referral.domain.handoff import money, transitions
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import SAID_BY, rank
from tests.support.booking import COUPLE
from tests.support.referral import CONFIRMED, DAY, FRESH, KEY, NOW, RELEASED, moment, quote, record

ITEMS = record().items
RECEIVER_SAYS: tuple[BorderMessage, ...] = (
    border.HandoffHeld(expires_at=NOW, quote=quote()),
    border.HandoffCountered(round=1, items=ITEMS, expires_at=NOW, quote=quote()),
    border.HandoffCountered(round=2, items=ITEMS, expires_at=NOW, quote=quote()),
    border.HandoffAccepted(consent_by=NOW, items=ITEMS, quote=quote(), one_time_key=KEY),
    CONFIRMED,
    border.HandoffExpired(at=NOW),
    border.HandoffDeclined(reason="other"),
    border.HandoffCancelled(reason="other"),
    border.PartyNoShow(at=NOW),
    border.PartyArrived(at=NOW, party=COUPLE),
    border.VisitCompleted(at=NOW, amounts=money.amounts(quote(), "5.00")),
    border.PersonalDataErased(at=NOW, why="asked", receipt=FRESH),
)
SENDER_SAYS: tuple[BorderMessage, ...] = (
    border.CounterTaken(round=1),
    border.HandoffWithdrawn(reason="other", seen="held"),
    RELEASED,
    border.PartyDeparted(at=NOW),
    border.PartyDelayed(arrival=record().arrival),
    border.PartyTurnedBack(at=NOW),
    border.ConsentWithdrawn(at=NOW),
    border.PersonalDataErased(at=NOW, why="asked", receipt=FRESH),
)
#: What a word makes of a record that stands lower; requests, delays and receipts make nothing of it.
MEANS: dict[type[BorderMessage], State] = {
    border.HandoffHeld: "held",
    border.HandoffCountered: "countered",
    border.HandoffAccepted: "accepted",
    border.HandoffConfirmed: "confirmed",
    border.HandoffExpired: "expired",
    border.HandoffDeclined: "declined",
    border.HandoffCancelled: "cancelled",
    border.PartyNoShow: "no_show",
    border.PartyArrived: "arrived",
    border.VisitCompleted: "completed",
    border.HandoffWithdrawn: "withdrawn",
    border.PartyDeparted: "departed",
    border.PartyTurnedBack: "turned_back",
    border.ConsentWithdrawn: "withdrawn",
}
WORDS = {"sender": RECEIVER_SAYS, "receiver": SENDER_SAYS}
sides = st.sampled_from(get_args(Side))
states = st.sampled_from(get_args(State))


def heard(of: Record, words: Sequence[BorderMessage]) -> Record:
    for word in words:
        of = transitions.apply_message(of, word, moment()).record
    return of


def stands(of: Record) -> tuple[int, int]:
    return rank(of.state, of.round)


def height(word: BorderMessage) -> tuple[int, int]:
    state = MEANS.get(type(word), "offered")
    return rank(state, word.round if isinstance(word, border.HandoffCountered) else 0)


@given(sides, states, st.data())
def test_a_record_takes_the_highest_state_in_any_order_of_messages(
    side: Side, state: State, data: st.DataObject
) -> None:
    before = record(side, state)
    words = data.draw(st.lists(st.sampled_from(WORDS[side]), max_size=12))
    shuffled = data.draw(st.permutations(words))
    highest = max([stands(before), *map(height, words)])
    assert stands(heard(before, words)) == stands(heard(before, shuffled)) == highest


@given(sides, states, st.data())
def test_a_repeated_message_changes_nothing(side: Side, state: State, data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS[side]), max_size=6))
    once = heard(record(side, state), words)
    assert stands(heard(once, words)) == stands(once)


@given(sides, states, st.data())
def test_a_message_with_a_lower_state_is_ignored_and_in_the_story(
    side: Side, state: State, data: st.DataObject
) -> None:
    before = record(side, state)
    word = data.draw(st.sampled_from(WORDS[side]))
    step = transitions.apply_message(before, word, moment())
    assert stands(step.record) >= stands(before)
    if type(word) in MEANS:
        assert step.ignored == (height(word) < stands(before))


def test_every_border_message_has_a_state_or_is_listed_as_a_request() -> None:
    said = {type(word) for word in (*RECEIVER_SAYS, *SENDER_SAYS)}
    changes_nothing = {border.CounterTaken, border.PartyReleased, border.PartyDelayed, border.PersonalDataErased}
    assert {*MEANS} | changes_nothing == said
    assert said | {border.HandoffOffered} == set(SAID_BY)


@pytest.mark.parametrize("state", ["confirmed", "departed", "no_show"])
def test_a_delay_moves_the_arrival_while_the_party_is_still_expected(state: State) -> None:
    later = record().arrival.model_copy(update={"day": DAY + timedelta(days=2)})
    assert heard(record(state=state), [border.PartyDelayed(arrival=later)]).arrival == later
    assert heard(record(state="completed"), [border.PartyDelayed(arrival=later)]).arrival == record().arrival


def test_what_a_partner_counts_beyond_what_was_booked_is_marked_and_not_taken_over() -> None:
    booked = record("sender", "departed", party=COUPLE)
    step = transitions.apply_message(booked, border.PartyArrived(at=NOW, party=Party(adult=30)), moment())
    assert (step.record.state, step.record.party) == ("arrived", COUPLE)
    assert step.record.attention == needed("more_arrived_than_were_booked")
