"""The rules of a handoff as tables: who may do what from which state, what happens by itself, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import pytest

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.referral.v1 import Side
from contracts.refusals import No, Refused
from contracts.values import Money, Party, Quote, Window
from services.referral.domain.handoff import acts, deadlines, money, offers, transitions
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.handoff.states import RANK
from services.referral.domain.personal import decisions
from tests.support.booking import HOMESTAY, MARKET, RAFT, item_of, offering
from tests.support.referral import DAY, FRESH, HOLD, KEY, NOW, RECEIPT, RELEASED, WISHED, moment, quote, record
from tests.unit import test_every_interleaving as interleaving

MINUTE, HOUR, JUST = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
STATES: tuple[State, ...] = get_args(State)
OTHER = (item_of(MARKET, DAY + timedelta(days=5)),)
#: The start of the eve of the arrival day, in Laos.
EVE = datetime(2027, 1, 12, 17, tzinfo=UTC)
ARRIVES = datetime(2027, 1, 14, 3, tzinfo=UTC)  # ten in the morning there
WINDOW = Window(day=DAY, earliest=time(12), latest=time(20))

#: Act → (whose, from which states, what becomes of the record at once; None: it only asks).
PERMITTED: Mapping[str, tuple[Side, set[State], State | None]] = {
    "withdraw": ("sender", {"offered", "held", "countered", "accepted", "confirmed"}, "withdrawn"),
    "take_counter": ("sender", {"countered"}, None),
    "consent": ("sender", {"offered", "held", "countered", "accepted"}, None),
    "refuse_consent": ("sender", {"offered", "held", "countered", "accepted"}, None),
    "depart": ("sender", {"confirmed"}, "departed"),
    "delay": ("sender", {"confirmed", "departed"}, None),
    "turn_back": ("sender", {"confirmed", "departed"}, "turned_back"),
    "accept": ("receiver", {"held"}, None),
    "counter": ("receiver", {"offered", "held", "countered"}, None),
    "decline": ("receiver", {"offered", "held", "countered"}, "declined"),
    "cancel": ("receiver", {"accepted", "confirmed", "departed"}, "cancelled"),
    "no_show": ("receiver", {"confirmed", "departed"}, "no_show"),
    "arrive": ("receiver", {"confirmed", "departed", "no_show"}, "arrived"),
    "complete": ("receiver", {"arrived"}, "completed"),
}
DOING: Mapping[str, Callable[[Record], Transition]] = {
    "withdraw": lambda r: acts.withdraw(r, "other"),
    "take_counter": lambda r: acts.take_counter(r, r.round),
    "consent": lambda r: decisions.give(r, RECEIPT, "c2VhbGVk"),
    "refuse_consent": lambda r: decisions.refuse(r, moment()),
    "depart": lambda r: acts.depart(r, moment()),
    "delay": lambda r: acts.delay(r, WINDOW),
    "turn_back": lambda r: acts.turn_back(r, "closed", moment()),
    "accept": lambda r: acts.accept(r, moment()),
    "counter": lambda r: acts.counter(r, OTHER, moment()),
    "decline": lambda r: acts.decline(r, "other"),
    "cancel": lambda r: acts.cancel(r, "other"),
    "no_show": lambda r: acts.no_show(r, moment(ARRIVES)),
    "arrive": lambda r: acts.arrive(r, None, moment(NOW if r.state == "no_show" else EVE)),
    "complete": lambda r: acts.complete(r, moment()),
}
ENDS = {"declined", "cancelled"}


def refusal(act: Callable[[], Any]) -> No:
    with pytest.raises(Refused) as no:
        act()
    assert no.value.refusal.field
    return no.value.refusal.code


# who may do what


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", PERMITTED)
def test_an_act_is_its_sides_own_and_only_from_its_states(act: str, state: State) -> None:
    side, when, becomes = PERMITTED[act]
    other: Side = "receiver" if side == "sender" else "sender"
    assert refusal(lambda: DOING[act](record(other, state))) is No.NOT_ALLOWED
    before = record(side, state)
    if state not in when:
        assert refusal(lambda: DOING[act](before)) is No.WRONG_STATE
        return
    step = DOING[act](before)
    assert step.record.state == (becomes or state)
    assert (step.act, step.by) == (act, before.community)
    assert RANK[step.record.state] >= RANK[before.state]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", sorted(ENDS))
def test_an_end_of_the_receivers_gives_the_places_back_and_waits_for_nothing(act: str, state: State) -> None:
    for name in ("decline", "cancel"):
        if PERMITTED[name][2] == act and state in PERMITTED[name][1]:
            before = record(
                "receiver",
                state,
                hold_id=HOLD,
                pending_hold_id=FRESH,
                pending_request="counter",
                attention=needed("no_room"),
            )
            step = DOING[name](before)
            assert step.booking == (booking.ReleaseHold(hold_id=HOLD), booking.ReleaseHold(hold_id=FRESH))
            assert (step.record.pending_request, step.record.attention) == ("", None)


@pytest.mark.parametrize("act", ["accept", "counter"])
def test_while_booking_owes_an_answer_the_receiver_asks_for_nothing_else(act: str) -> None:
    assert refusal(lambda: DOING[act](record(state="held", pending_request="extend"))) is No.WRONG_STATE


def test_a_withdrawal_says_what_the_sender_had_seen_and_the_receiver_keeps_it() -> None:
    step = acts.withdraw(record("sender", "held"), "other")
    assert step.border == (border.HandoffWithdrawn(reason="other", seen="held"),)
    heard = transitions.apply_message(record(state="accepted"), step.border[0], moment())
    assert (heard.record.state, heard.record.withdrawn_from) == ("withdrawn", "held")
    assert heard.booking == (booking.ReleaseHold(hold_id=HOLD),)


def test_there_are_three_rounds_of_counter_offers_and_no_fourth() -> None:
    assert acts.counter(record(state="countered", round=2), OTHER, moment()).record.pending_request == "counter"
    assert refusal(lambda: acts.counter(record(state="countered", round=3), OTHER, moment())) is No.WRONG_STATE


def test_a_counter_offer_is_of_ones_own_and_takes_the_place_of_what_was_held() -> None:
    theirs = (item_of("tha-li.pha-laeng", DAY),)
    assert refusal(lambda: acts.counter(record(state="held"), theirs, moment())) is No.INVALID
    (first,) = acts.counter(record(state="offered"), OTHER, moment()).booking
    (second,) = acts.counter(record(state="countered"), OTHER, moment()).booking
    assert isinstance(first, booking.PlaceHold)
    assert isinstance(second, booking.ReplaceHold)
    assert second.old_hold_id == HOLD


def test_only_the_live_counter_offer_is_taken_and_it_is_asked_for_once() -> None:
    live = record("sender", "countered", round=2)
    assert refusal(lambda: acts.take_counter(live, 1)) is No.WRONG_STATE
    once = acts.take_counter(live, 2)
    assert once.border == (border.CounterTaken(round=2),)
    assert acts.take_counter(once.record, 2).border == ()


@pytest.mark.parametrize("round_", [1, 3])
def test_an_old_counter_offer_that_is_taken_changes_nothing(round_: int) -> None:
    step = transitions.apply_message(record(state="countered", round=2), border.CounterTaken(round=round_), moment())
    assert (step.ignored, step.record.pending_request, step.booking) == (True, "", ())


@pytest.mark.parametrize("state", [s for s in STATES if s != "accepted"])
def test_a_personal_part_that_comes_when_nobody_waits_for_it_is_not_kept(state: State) -> None:
    before = record(state=state)
    step = transitions.apply_message(before, RELEASED, moment())
    assert (step.receives, step.booking, step.ignored, step.record) == (None, (), True, before)


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_message_that_only_the_other_side_may_send_is_parked(side: Side) -> None:
    said = border.HandoffHeld(expires_at=NOW, quote=quote()) if side == "receiver" else border.PartyDeparted(at=NOW)
    with pytest.raises(ValueError, match="not the counterpart's to say"):
        transitions.apply_message(record(side), said, moment())


# what happens by itself, and when


@pytest.mark.parametrize(
    ("side", "state", "when"),
    [
        ("sender", "offered", NOW + 12 * HOUR + 15 * MINUTE),
        ("receiver", "confirmed", datetime(2027, 1, 15, 5, tzinfo=UTC)),  # noon in Laos
        ("receiver", "departed", datetime(2027, 1, 15, 5, tzinfo=UTC)),
        ("receiver", "no_show", NOW + 48 * HOUR),
        ("receiver", "arrived", datetime(2027, 1, 15, 17, tzinfo=UTC)),
    ],
)
def test_each_deadline_is_where_the_table_says(side: Side, state: State, when: datetime) -> None:
    assert acts.due_at(record(side, state)) == when
    others = [(s, st) for s in get_args(Side) for st in STATES if (s, st) not in acts.BY_ITSELF]
    assert all(acts.due_at(record(s, st)) is None for s, st in others)


@pytest.mark.parametrize(("before", "marked"), [(10 * MINUTE, None), (10 * MINUTE - JUST, "late")])
def test_no_hold_is_begun_later_than_ten_minutes_before_the_answer_is_due(
    before: timedelta, marked: str | None
) -> None:
    received = record()
    at = moment(received.answer_by - before)
    step = offers.judged(received, partners=True, open_offers=0, max_open=1, share_percent=100, moment=at)
    assert (step.record.attention, step.record.state) == (needed("late") if marked else None, "offered")
    assert [type(asked) for asked in step.booking] == ([] if marked else [booking.PlaceHold])
    if marked:
        assert refusal(lambda: acts.counter(step.record, OTHER, at)) is No.TOO_LATE
    assert acts.counter(record(state="held"), OTHER, at).record.pending_request == "counter", (
        "what is held may be countered"
    )


def test_an_offer_holds_until_its_answer_is_due_but_no_partner_holds_places_for_ever() -> None:
    received = record(answer_by=NOW + timedelta(days=400))
    assert deadlines.held_until(record(), NOW) == record().answer_by
    assert deadlines.held_until(received, NOW) == NOW + timedelta(days=14)
    assert deadlines.countered_until(record(), record().answer_by) == record().answer_by + 15 * MINUTE


@pytest.mark.parametrize(
    ("partners", "open_offers", "reason"), [(False, 0, "not_partners"), (True, 2, "too_many_open"), (True, 1, None)]
)
def test_only_partners_hand_over_and_only_so_many_at_once(partners: bool, open_offers: int, reason: str | None) -> None:
    step = offers.judged(
        record(), partners=partners, open_offers=open_offers, max_open=2, share_percent=100, moment=moment()
    )
    assert (step.record.reason, step.record.state) == (reason, "declined" if reason else "offered")
    assert bool(step.border) == bool(reason)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (ARRIVES - 48 * HOUR, ARRIVES - 24 * HOUR),
        (ARRIVES - 24 * HOUR, ARRIVES),
        (ARRIVES - 2 * HOUR, ARRIVES),
        (ARRIVES - 30 * MINUTE, ARRIVES + 30 * MINUTE),
    ],
)
def test_consent_has_a_day_but_no_longer_than_to_the_arrival_and_an_hour_at_least(
    now: datetime, until: datetime
) -> None:
    assert deadlines.consent_by(record(state="held"), now) == until


def test_consent_to_a_counter_offer_has_until_the_arrival_on_its_own_date() -> None:
    now = ARRIVES + 4 * 24 * HOUR
    countered = record(state="countered", countered_items=OTHER)
    assert deadlines.consent_by(countered, now) == now + 24 * HOUR


@pytest.mark.parametrize("state", ["confirmed", "departed"])
def test_a_party_is_received_from_the_eve_of_its_arrival_day_on_and_no_earlier(state: State) -> None:
    expected = record(state=state)
    assert acts.arrive(expected, None, moment(EVE)).record.state == "arrived"
    assert refusal(lambda: acts.arrive(expected, None, moment(EVE - JUST))) is No.TOO_EARLY
    later = record().arrival.model_copy(update={"day": DAY + timedelta(days=2)})
    delayed = transitions.apply_message(expected, border.PartyDelayed(arrival=later), moment()).record
    assert refusal(lambda: acts.arrive(delayed, None, moment(EVE + 48 * HOUR - JUST))) is No.TOO_EARLY
    assert acts.arrive(delayed, None, moment(EVE + 48 * HOUR)).record.state == "arrived"


@pytest.mark.parametrize("state", ["confirmed", "departed"])
def test_nobody_is_missing_before_their_arrival_window_opens(state: State) -> None:
    expected = record(state=state)
    assert acts.no_show(expected, moment(ARRIVES)).record.state == "no_show"
    assert refusal(lambda: acts.no_show(expected, moment(ARRIVES - JUST))) is No.TOO_EARLY
    later = record().arrival.model_copy(update={"day": DAY + timedelta(days=2)})
    delayed = transitions.apply_message(expected, border.PartyDelayed(arrival=later), moment()).record
    assert refusal(lambda: acts.no_show(delayed, moment(ARRIVES + 24 * HOUR))) is No.TOO_EARLY


@pytest.mark.parametrize(
    ("day", "earliest", "latest"),
    [(-1, 20, 22), (0, 9, 18), (0, 10, 15), (0, 10, 16)],
    ids=["on an earlier day", "earlier on its day", "with an earlier end", "as it is"],
)
def test_a_delay_that_is_not_later_is_refused_and_over_the_border_it_changes_nothing(
    day: int, earliest: int, latest: int
) -> None:
    sooner = Window(day=DAY + timedelta(days=day), earliest=time(earliest), latest=time(latest))
    with pytest.raises(Refused) as no:
        acts.delay(record("sender", "confirmed"), sooner)
    assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "arrival")
    step = transitions.apply_message(record(state="confirmed"), border.PartyDelayed(arrival=sooner), moment())
    assert (step.ignored, step.record) == (True, record(state="confirmed"))


def test_a_party_that_arrives_over_midnight_is_missing_after_the_day_on_which_its_window_ends() -> None:
    over = Window(day=DAY, earliest=time(22), latest=time(0, 30))
    late = acts.delay(record("sender", "confirmed"), over).record
    assert late.arrival == over
    assert deadlines.missing_at(late) == deadlines.missing_at(record(state="confirmed")) + 24 * HOUR
    assert deadlines.may_arrive_from(late) == EVE, "they are received from the eve of its first day on"


def test_nobody_is_missing_before_the_first_day_that_they_booked() -> None:
    early = record().arrival.model_copy(update={"day": DAY - timedelta(days=2)})
    assert deadlines.missing_at(record(arrival=early)) == deadlines.missing_at(record())


def test_a_no_show_can_be_put_right_for_exactly_48_hours() -> None:
    absent = record(state="no_show")
    assert acts.arrive(absent, None, moment(NOW + 48 * HOUR)).record.state == "arrived"
    assert refusal(lambda: acts.arrive(absent, None, moment(NOW + 48 * HOUR + JUST))) is No.TOO_LATE
    given_up = acts.by_itself(absent, moment(NOW + 48 * HOUR))
    assert (given_up.record.hold_id, given_up.booking) == (None, (booking.ReleaseHold(hold_id=HOLD),))
    assert acts.due_at(given_up.record) is None


def test_a_visit_ends_with_its_last_item_by_the_hosts_schedule() -> None:
    items = (item_of(MARKET, DAY), item_of(HOMESTAY, DAY, nights=3), item_of(RAFT, DAY + timedelta(days=2)))
    night = datetime(2027, 1, 16, 10, tzinfo=UTC)  # the last night begins at three, and these take two hours
    assert deadlines.ends_at(items, offering()) == night
    assert deadlines.ends_at((item_of("bo-taen.gone", DAY),), offering()) is None


# booking's facts


def fact(kind: type[booking.HoldFact], hold_id: str = HOLD, **given: Any) -> Any:
    return kind.model_validate({"hold_id": hold_id, "community": "bo-taen"} | given)


def test_a_refused_counter_offer_leaves_the_live_one_with_its_own_items() -> None:
    asked = acts.counter(record(state="countered"), OTHER, moment()).record
    refused = transitions.hold_refused(asked, fact(booking.HoldRefused, FRESH, reason="no_room"))
    assert refused is not None
    assert (refused.record.state, refused.record.on_offer) == ("countered", record(state="countered").on_offer)
    taken = transitions.apply_message(refused.record, border.CounterTaken(round=1), moment()).record
    agreed = transitions.hold_extended(taken, fact(booking.HoldExtended, expires_at=NOW), KEY)
    assert agreed is not None
    assert agreed.record.items == record(state="countered").countered_items


@pytest.mark.parametrize("placed", [True, False])
def test_a_yes_to_the_live_counter_offer_counts_unless_the_next_one_comes_first(placed: bool) -> None:
    asked = acts.counter(record(state="countered"), OTHER, moment()).record
    taken = transitions.apply_message(asked, border.CounterTaken(round=1), moment()).record
    assert taken.pending_request == "counter"
    if placed:
        step = transitions.hold_placed(taken, fact(booking.HoldPlaced, FRESH, expires_at=NOW, quote=quote()), moment())
        assert step is not None
        assert (step.record.round, step.record.pending_request, step.record.on_offer) == (2, "", OTHER)
    else:
        step = transitions.hold_refused(taken, fact(booking.HoldRefused, FRESH, reason="no_room"))
        assert step is not None
        assert (step.record.round, step.record.pending_request) == (1, "extend")
        assert [type(asked) for asked in step.booking] == [booking.ExtendHold]


def test_a_hold_that_runs_out_while_a_counter_offer_is_wished_ends_it_and_gives_both_back() -> None:
    asked = acts.counter(record(state="held"), OTHER, moment()).record
    over = transitions.hold_over(asked, fact(booking.HoldExpired), moment())
    assert over is not None
    assert (over.record.state, over.booking) == ("expired", (booking.ReleaseHold(hold_id=FRESH),))
    late = fact(booking.HoldPlaced, FRESH, expires_at=NOW, quote=quote())
    assert transitions.hold_placed(over.record, late, moment()) is None


@pytest.mark.parametrize(
    ("expected", "accepts"),
    [
        (Money(amount="800000.00", currency="LAK"), True),
        (Money(amount="799999.99", currency="LAK"), False),
        (Money(amount="999999.00", currency="THB"), False),
        (None, False),
    ],
)
def test_nothing_is_accepted_by_itself_above_what_was_expected(expected: Money | None, accepts: bool) -> None:
    waiting = record(pending_request="hold", hold_id=HOLD, auto_accept=True, expected_total=expected)
    step = transitions.hold_placed(waiting, fact(booking.HoldPlaced, expires_at=NOW, quote=quote()), moment())
    assert step is not None
    assert (step.record.state, step.record.pending_request) == ("held", "extend" if accepts else "")


def test_a_fact_about_another_hold_changes_nothing() -> None:
    waiting = record(pending_request="hold", hold_id=HOLD)
    assert (
        transitions.hold_placed(waiting, fact(booking.HoldPlaced, WISHED, expires_at=NOW, quote=quote()), moment())
        is None
    )
    assert transitions.hold_over(record(state="held"), fact(booking.HoldExpired, WISHED), moment()) is None


# money


@pytest.mark.parametrize(
    ("amount", "currency", "percent", "fee"),
    [
        ("800000.00", "LAK", "5.00", "40000.00"),
        ("0.10", "THB", "5.00", "0.00"),  # half a satang goes to the even one
        ("0.30", "THB", "5.00", "0.02"),
        ("0.50", "LAK", "5.00", "0.02"),
        ("0.70", "LAK", "5.00", "0.04"),
        ("1234.56", "THB", "0.00", "0.00"),
        ("1234.56", "THB", "12.34", "152.34"),
    ],
)
def test_the_fee_is_exact_and_half_a_unit_goes_to_the_even_one(
    amount: str, currency: str, percent: str, fee: str
) -> None:
    found = money.amounts(quote(amount, currency), percent)
    assert (found.referral_fee.amount, found.referral_fee.currency) == (fee, currency)
    assert found.total.amount == amount


def test_products_carry_no_referral_fee() -> None:
    line = quote("800000.00").lines[0]
    salt = line.model_copy(update={"unit": "item"})
    both = Quote(lines=(line, salt), total=Money(amount="1600000.00", currency="LAK"))
    assert money.amounts(both, "5.00").referral_fee.amount == "40000.00"


# every order of two rounds


def test_through_two_rounds_of_counter_offers_both_records_agree_on_the_same_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = [(item_of(HOMESTAY, date(2027, 1, day)),) for day in (17, 21)]
    counter, wrong = acts.counter, interleaving.wrong

    def differs(world: interleaving.World) -> str | None:
        ours, theirs = world.sender, world.receiver
        agreed = ours.state == theirs.state in ("accepted", "confirmed", "departed", "arrived", "completed")
        if agreed and (ours.items, ours.arrival) != (theirs.items, theirs.arrival):
            return "what was agreed differs"
        return wrong(world)

    monkeypatch.setattr(interleaving, "ROUNDS", 2)
    monkeypatch.setattr(interleaving, "wrong", differs)
    monkeypatch.setattr(acts, "counter", lambda record, _, moment: counter(record, asked[record.round], moment))
    worlds, bad = interleaving.walk()
    assert not bad, bad
    assert worlds > 10_000


def test_the_arrived_party_is_the_one_recorded() -> None:
    step = acts.arrive(record(state="confirmed"), Party(adult=1), moment(EVE))
    assert step.record.party == Party(adult=1)
    assert step.booking == (booking.RedeemHold(hold_id=HOLD),)


def test_more_than_were_booked_do_not_arrive_and_the_operator_hears_what_to_do_with_the_others() -> None:
    booked = record(state="confirmed", party=Party(adult=2))
    with pytest.raises(Refused) as no:
        acts.arrive(booked, Party(adult=30), moment(EVE))
    assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "party")
    assert "30 have come and 2 are booked: receive 2, and book places for the other 28" in no.value.refusal.message
    assert acts.arrive(booked, Party(adult=1, child=1), moment(EVE)).record.state == "arrived"
