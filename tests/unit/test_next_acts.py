"""What a record lists as its next acts is what the acts themselves take, over all states, sides and moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from contracts.border.v1 import State
from contracts.referral.codes import OwnAct, PartAct
from contracts.referral.v1 import Side
from contracts.refusals import Refused
from contracts.values import Window
from services.referral.domain.handoff import acts, deadlines, next_acts, viewing
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.handoff.states import ACTS, ENDED, MAX_ROUNDS
from services.referral.domain.personal import decisions
from tests.support.booking import MARKET, item_of
from tests.support.referral import DAY, FRESH, NOW, RECEIPT, moment, quote, record

STATES: tuple[State, ...] = get_args(State)
SIDES: tuple[Side, ...] = get_args(Side)
JUST, HOUR = timedelta(microseconds=1), timedelta(hours=1)
NEVER = moment(NOW).now + timedelta(days=400)
OTHER = (item_of(MARKET, DAY + timedelta(days=5)),)
WINDOWS = [
    Window(day=DAY + timedelta(days=later), earliest=earliest, latest=latest)
    for later in (0, 1, 2, 3)
    for earliest, latest in ((time(11), time(20)), (time(23, 59), time(23, 58)))
]


def _delayed_to(window: Window) -> Callable[[Record, datetime], Transition]:
    return lambda before, _: acts.delay(before, window)


#: Act → every way to do it that could be taken.
DOING: Mapping[OwnAct, list[Callable[[Record, datetime], Transition]]] = {
    "take_counter": [lambda r, _: acts.take_counter(r, r.round)],
    "consent": [lambda r, _: decisions.give(r, RECEIPT, "c2VhbGVk")],
    "refuse_consent": [lambda r, now: decisions.refuse(r, moment(now))],
    "withdraw_consent": [lambda r, now: decisions.withdraw(r, moment(now))],
    "depart": [lambda r, now: acts.depart(r, moment(now))],
    "delay": [_delayed_to(window) for window in WINDOWS],
    "turn_back": [lambda r, now: acts.turn_back(r, None, moment(now))],
    "withdraw": [lambda r, _: acts.withdraw(r, "other")],
    "accept": [lambda r, now: acts.accept(r, moment(now))],
    "counter": [lambda r, now: acts.counter(r, OTHER, moment(now))],
    "decline": [lambda r, _: acts.decline(r, "other")],
    "arrive": [lambda r, now: acts.arrive(r, None, moment(now))],
    "no_show": [lambda r, now: acts.no_show(r, moment(now))],
    "cancel": [lambda r, _: acts.cancel(r, "other")],
    "complete": [lambda r, now: acts.complete(r, moment(now))],
}


def does_something(act: OwnAct, before: Record, now: datetime) -> bool:
    """Whether the act is taken now, and says or changes anything."""
    for way in DOING[act]:
        try:
            step = way(before, now)
        except Refused:
            continue
        if step.record != before or step.border or step.booking or step.releases:
            return True
    return False


def edges(before: Record) -> list[datetime]:
    """The moments around each deadline, and far from all of them."""
    at = [
        before.answer_by,
        before.answer_by - deadlines.LAST_HOLD,
        deadlines.unanswered_at(before),
        deadlines.may_arrive_from(before),
        deadlines.may_miss_from(before),
        deadlines.missing_at(before),
        NOW + deadlines.NO_SHOW_CORRECTABLE,
    ]
    return [NOW, NEVER, *(one + by for one in at for by in (-JUST, timedelta(), JUST))]


def test_every_act_of_the_table_can_be_done_here() -> None:
    assert DOING.keys() == ACTS.keys()


@pytest.mark.parametrize(("state", "side"), list(product(STATES, SIDES)))
def test_what_is_listed_at_any_deadline_is_what_is_taken(state: State, side: Side) -> None:
    before = record(side, state)
    for now in edges(before):
        listed = next_acts.possible(before, now)
        assert listed == tuple(act for act in ACTS if does_something(act, before, now))


PLAUSIBLE = some.fixed_dictionaries(
    {
        "round": some.integers(0, MAX_ROUNDS),
        "taken_round": some.integers(0, MAX_ROUNDS),
        "pending_request": some.sampled_from(["", "hold", "extend", "counter", "confirm"]),
        "quote": some.sampled_from([None, quote()]),
        "released": some.booleans(),
        "no_show_at": some.sampled_from([None, NOW]),
        "arrival": some.sampled_from([*WINDOWS, Window(day=DAY, earliest=time(10), latest=time(16))]),
    }
)
#: What the lead traveller has said: nothing, yes, no, no after a yes, and a yes taken back.
WORDS = some.sampled_from(
    [
        {},
        {"consent": RECEIPT, "personal": "held"},
        {"consent_refused": True},
        {"consent": RECEIPT, "consent_refused": True, "personal": "erased"},
        {"consent": RECEIPT, "personal": "erased", "consent_withdrawn_at": NOW},
    ]
)


@settings(max_examples=1500, deadline=None)
@given(
    state=some.sampled_from(STATES),
    side=some.sampled_from(SIDES),
    fields=PLAUSIBLE,
    word=WORDS,
    edge=some.integers(0, 22),
)
def test_what_is_listed_is_what_is_taken(
    state: State, side: Side, fields: dict[str, object], word: dict[str, object], edge: int
) -> None:
    before = record(side, state, **(fields | word))
    if state == "countered":
        before = before.replace(round=max(1, before.round))
    if state in ("confirmed", "departed", "no_show", "arrived") and edge % 2:
        before = before.replace(hold_id=None)
    now = edges(before)[edge]
    assert next_acts.possible(before, now) == tuple(act for act in ACTS if does_something(act, before, now))


def test_a_party_that_travels_by_another_handoff_is_not_received_by_this_one() -> None:
    before, change = record(state="confirmed"), record(state="confirmed", referral_id=FRESH)
    now = deadlines.may_arrive_from(before)
    assert "arrive" in next_acts.possible(before, now)
    assert "arrive" not in next_acts.possible(before, now, change)


@pytest.mark.parametrize(("state", "side"), list(product(STATES, SIDES)))
def test_what_the_other_side_can_do_is_what_it_lists_itself(state: State, side: Side) -> None:
    """Also when this side knows nothing of holds, and of a no-show's moment."""
    other: Side = "receiver" if side == "sender" else "sender"
    ours, theirs = record(side, state), record(other, state)
    for now in edges(ours)[2:]:
        if state == "no_show" and now > NOW + deadlines.NO_SHOW_CORRECTABLE:
            continue
        assert next_acts.choices(ours, now).theirs == next_acts.possible(theirs, now)
        assert next_acts.choices(ours, now).move == next_acts.choices(theirs, now).move


def moves(before: Record, now: datetime = NOW) -> list[str]:
    return [act.act for act in next_acts.choices(before, now).ours if act.is_move]


def test_it_is_the_move_of_whom_the_handoff_waits_for() -> None:
    waiting: dict[State, Side] = {
        **dict.fromkeys(("offered", "held", "departed", "arrived"), "receiver"),
        **dict.fromkeys(("countered", "accepted", "confirmed"), "sender"),
    }
    for state in STATES:
        assert next_acts.choices(record("sender", state), NOW if state != "departed" else NEVER).move == waiting.get(
            state
        )
    assert moves(record(state="held")) == ["accept", "counter", "decline"]
    assert moves(record("sender", "held")) == []
    assert moves(record("sender", "countered")) == ["take_counter", "withdraw"]
    assert moves(record("sender", "accepted")) == ["consent", "refuse_consent"]


def test_nobody_is_waited_for_while_booking_owes_an_answer_or_all_is_said() -> None:
    assert next_acts.choices(record(pending_request="hold"), NOW).move is None
    assert next_acts.choices(record(state="held", pending_request="extend"), NOW).move is None
    assert next_acts.choices(record("sender", "accepted", released=True, consent_refused=True), NOW).move is None
    taken = record("sender", "countered", taken_round=1)
    assert "take_counter" not in [act.act for act in next_acts.choices(taken, NOW).ours]


def test_a_confirmed_party_that_may_be_received_is_the_receivers_move() -> None:
    met = deadlines.may_arrive_from(record(state="confirmed"))
    assert moves(record(state="confirmed"), met) == ["arrive"]
    assert moves(record("sender", "confirmed"), met - JUST) == ["depart"]
    assert moves(record("sender", "confirmed"), met) == []


def test_until_when_is_when_the_state_ends_by_itself() -> None:
    def until(before: Record) -> dict[str, datetime | None]:
        return {act.act: act.until for act in next_acts.choices(before, NOW).ours}

    offered = record()
    assert until(offered)["counter"] == offered.answer_by - deadlines.LAST_HOLD
    assert until(record("sender"))["withdraw"] == deadlines.unanswered_at(offered)
    assert until(record(state="held", held_until=NOW + HOUR))["accept"] == NOW + HOUR
    assert until(record("sender", "accepted", consent_by=NOW + HOUR))["consent"] == NOW + HOUR
    assert until(record(state="no_show"))["arrive"] == NOW + deadlines.NO_SHOW_CORRECTABLE
    confirmed = record("sender", "confirmed", consent=RECEIPT)
    assert until(confirmed)["depart"] == deadlines.missing_at(confirmed)
    assert until(confirmed)["withdraw_consent"] is None


def test_each_act_lists_its_cost() -> None:
    def costs(before: Record) -> dict[str, tuple[str, str | None]]:
        can = next_acts.choices(before, NOW).ours
        return {act.act: (str(act.costs.code), act.costs.amount.amount if act.costs.amount else None) for act in can}

    for state in ("offered", "held", "countered"):
        assert costs(record("sender", state))["withdraw"] == ("free", None)
    assert costs(record("sender", "accepted"))["withdraw"] == ("by_agreement", None)
    assert costs(record("sender", "accepted"))["consent"] == ("price", "800000.00")
    assert costs(record("sender", "held"))["consent"] == ("free", None)
    assert costs(record("sender", "countered"))["take_counter"] == ("price", "800000.00")
    assert costs(record(state="held", fee_percent="5.00"))["accept"] == ("referral_fee", "40000.00")
    assert costs(record(state="held"))["decline"] == ("free", None)
    assert costs(record("sender", "confirmed"))["turn_back"] == ("free", None)


def test_a_second_word_of_the_lead_traveller_takes_the_place_of_the_first() -> None:
    said = record("sender", "held", consent=RECEIPT, personal="held")
    assert {act.act: act.again for act in next_acts.choices(said, NOW).ours}["consent"]
    assert not {act.act: act.again for act in next_acts.choices(record("sender", "held"), NOW).ours}["consent"]
    other_terms = record("sender", "accepted", consent=RECEIPT, personal="held")
    assert not {act.act: act.again for act in next_acts.choices(other_terms, NOW).ours}["consent"]
    assert moves(other_terms) == ["consent", "refuse_consent"]


@pytest.mark.parametrize("side", SIDES)
def test_what_is_held_of_a_lead_traveller_can_be_read_and_erased_until_it_goes(side: Side) -> None:
    holding = record(side, "completed", personal="held", delete_by=DAY)
    part = {act.act: act.until for act in next_acts.choices(holding, NOW).ours}
    assert part == dict.fromkeys(get_args(PartAct), datetime(2027, 1, 14, 17, tzinfo=UTC))
    assert decisions.erase(holding, "asked", moment()).erases == "asked"
    gone = record(side, "completed", personal="erased")
    assert next_acts.choices(gone, NOW).ours == ()
    with pytest.raises(Refused):
        decisions.erase(gone, "asked", moment())


def test_an_ended_handoff_lists_no_acts() -> None:
    for state, side in product(ENDED - {"no_show"}, SIDES):
        assert next_acts.choices(record(side, state), NOW).ours == ()
        assert next_acts.choices(record(side, state), NOW).move is None


def test_a_summary_says_the_same_as_the_view() -> None:
    before = record(state="held")
    view = viewing.view(before, None, NOW, story=(), sent=1, seen=1, partner_seen=1)
    line = viewing.summary(before, None, NOW)
    assert (view.next_acts, view.whose_move) == (line.next_acts, line.whose_move)
    assert view.their_acts == ("consent", "refuse_consent", "withdraw")
