"""A handoff over real databases, from the offer to its end, as both records and booking tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

import pytest

from contracts.personal.v1 import PersonalPart
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import Money, Party, Window
from services.referral.handlers.handoff import acts, queries
from tests.support.booking import HOMESTAY, MARKET, experience, in_days, item_of, offering
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, TERMS, Network, Play, playing, wanted

HOUR, DAYS = timedelta(hours=1), timedelta(days=1)
MORNING = item_of(MARKET, in_days(25), start=time(6))


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


def acts_of(view: v1.HandoffView) -> list[tuple[str, str]]:
    return [(line.act, line.state) for line in view.story]


def test_a_party_is_handed_over_from_the_offer_to_the_amounts(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        assert (await net.view(SENDER, ref)).quote == (await net.view(RECEIVER, ref)).quote is not None
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        await net.consented(ref)
        ours, theirs = await net.both(ref)
        assert ours.short_code == theirs.short_code is not None
        assert ours.pass_token == theirs.pass_token is not None
        await net.says(SENDER, acts.depart, v1.DepartParty(referral=ref))
        await net.pass_time(19 * DAYS)
        await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref, party=Party(adult=1)))
        await net.says(RECEIVER, acts.complete, v1.CompleteVisit(referral=ref))
        ours, theirs = await net.both(ref)
        assert ours.amounts == theirs.amounts
        assert ours.amounts is not None
        assert (ours.amounts.total.amount, ours.amounts.referral_fee.amount) == ("500000.00", "25000.00")
        assert ours.party == Party(adult=1)
        assert acts_of(theirs) == [
            ("handoff_offered", "offered"),
            ("hold_placed", "held"),
            ("accept", "held"),
            ("hold_extended", "accepted"),
            ("party_released", "accepted"),
            ("hold_confirmed", "confirmed"),
            ("party_departed", "departed"),
            ("arrive", "arrived"),
            ("complete", "completed"),
        ]
        assert [state for _, state in acts_of(ours)][-3:] == ["departed", "arrived", "completed"]

    play(story)


def test_consent_given_early_is_released_when_the_receiver_accepts_and_then_stands(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.consented(ref)
        assert (await net.view(RECEIVER, ref)).personal == "none"
        other = PersonalPart(name="Somsak")
        await net.consented(ref, other)
        await net.act(acts.accept, v1.AcceptHandoff(referral=ref), RECEIVER)
        while (await net.view(SENDER, ref)).state != "accepted":
            await net.carry_once()
        with pytest.raises(Refused):
            await net.prepared(ref)
        await net.carry()
        assert await net.state(ref) == "confirmed"
        assert await net.read(RECEIVER, ref) == other

    play(story)


def test_a_taken_counter_offer_is_what_both_agree_on_also_its_dates(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer(arrival=Window(day=in_days(19), earliest=time(17), latest=time(19)))
        await net.says(RECEIVER, acts.counter, v1.CounterHandoff(referral=ref, items=(MORNING,)))
        ours, theirs = await net.both(ref)
        assert (ours.state, ours.round, ours.countered_items) == ("countered", 1, (MORNING,))
        assert ours.arrival.day == in_days(24), "the arrival that is shown belongs to what is on offer"
        (listed,) = await net.says(SENDER, queries.list_handoffs, v1.ListHandoffs())
        assert listed.arrival_day == in_days(24)
        assert ours.quote == theirs.quote
        await net.says(SENDER, acts.take_counter, v1.TakeCounter(referral=ref, round=1))
        for view in await net.both(ref):
            assert (view.state, view.items, view.countered_items) == ("accepted", (MORNING,), None)
            assert view.arrival.day == in_days(24), "the evening before, as it was meant"
        await net.consented(ref)
        await net.pass_time(23 * DAYS)
        assert await net.state(ref) == "confirmed", "the date first asked for has passed, the agreed one has not"
        await net.pass_time(4 * DAYS)
        assert await net.state(ref) == "no_show"

    play(story)


def test_a_visit_completes_by_itself_a_day_after_the_agreed_last_item(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        nights = item_of(HOMESTAY, in_days(22), nights=4)
        await net.says(RECEIVER, acts.counter, v1.CounterHandoff(referral=ref, items=(nights,)))
        await net.says(SENDER, acts.take_counter, v1.TakeCounter(referral=ref, round=1))
        await net.consented(ref)
        await net.pass_time(22 * DAYS)
        await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref))
        await net.pass_time(3 * DAYS)
        assert await net.state(ref) == "arrived", "they stay for four nights"
        await net.pass_time(3 * DAYS)
        assert await net.state(ref) == "completed"

    play(story)


def test_a_withdrawal_that_crosses_a_counter_offer_ends_it_on_both_sides(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.act(acts.counter, v1.CounterHandoff(referral=ref, items=(MORNING,)), RECEIVER)
        await net.carry_once()  # booking hears of it
        await net.carry_once()  # and grants it
        await net.act(acts.withdraw, v1.WithdrawHandoff(referral=ref), SENDER)
        assert (await net.view(RECEIVER, ref)).state == "countered"
        await net.carry()
        ours, theirs = await net.both(ref)
        assert (ours.state, ours.round) == ("withdrawn", 0)
        assert (theirs.state, theirs.round) == ("withdrawn", 1)
        assert [line.act for line in ours.story if line.crossed] == ["handoff_countered"]

    play(story)


def test_a_counter_offer_that_finds_no_places_leaves_the_one_before_it_standing(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.says(RECEIVER, acts.counter, v1.CounterHandoff(referral=ref, items=(MORNING,)))
        nothing = item_of("bo-taen.nothing", in_days(25))
        await net.act(acts.counter, v1.CounterHandoff(referral=ref, items=(nothing,)), RECEIVER)
        await net.act(acts.take_counter, v1.TakeCounter(referral=ref, round=1), SENDER)
        await net.carry()
        ours, theirs = await net.both(ref)
        assert (ours.state, ours.items) == (theirs.state, theirs.items) == ("accepted", (MORNING,))

    play(story)


def test_a_later_counter_offer_gives_the_earlier_places_back_and_takes_no_old_yes(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        later = item_of(MARKET, in_days(26), start=time(6))
        await net.says(RECEIVER, acts.counter, v1.CounterHandoff(referral=ref, items=(MORNING,)))
        await net.act(acts.take_counter, v1.TakeCounter(referral=ref, round=1), SENDER)
        await net.act(acts.counter, v1.CounterHandoff(referral=ref, items=(later,)), RECEIVER)
        await net.carry()
        assert (await net.view(SENDER, ref)).round == 2
        assert await net.state(ref) == "countered"
        await net.says(SENDER, acts.take_counter, v1.TakeCounter(referral=ref, round=2))
        assert (await net.view(SENDER, ref)).items == (later,)

    play(story)


def test_a_rule_that_forbids_it_declines_with_what_would_go(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.publish(offering(experience(MARKET, weekdays=(in_days(21).isoweekday(),))))
        ref = await net.offer(item_of(MARKET, in_days(20)))
        ours = await net.view(SENDER, ref)
        assert (await net.state(ref), ours.reason) == ("declined", "closed_weekday")
        assert ours.alternatives[0].day == in_days(21)

    play(story)


def test_no_room_stays_offered_until_the_sender_takes_it_back_by_the_clock(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.offer(item_of(MARKET, in_days(20)), party=Party(adult=15))
        ref = await net.offer(item_of(MARKET, in_days(20)), party=Party(adult=15))
        assert (await net.state(ref), (await net.view(RECEIVER, ref)).marked) == ("offered", "no_room")
        await net.pass_time(12 * HOUR + timedelta(minutes=14))
        assert await net.state(ref) == "offered"
        await net.pass_time(timedelta(minutes=2))
        assert (await net.state(ref), (await net.view(RECEIVER, ref)).reason) == ("withdrawn", "no_answer")

    play(story)


def test_a_person_declines_with_the_alternatives_that_booking_named(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.offer(item_of(MARKET, in_days(20)), party=Party(adult=15))
        ref = await net.offer(item_of(MARKET, in_days(20)), party=Party(adult=15))
        named = (await net.view(RECEIVER, ref)).alternatives
        await net.says(RECEIVER, acts.decline, v1.DeclineHandoff(referral=ref, reason="no_room"))
        ours, theirs = await net.both(ref)
        assert (ours.alternatives, theirs.marked) == (named, None)
        assert await net.state(ref) == "declined"

    play(story)


def test_a_hold_that_nobody_answers_expires_on_both_sides(play: Play) -> None:
    async def story(net: Network) -> None:
        held, agreed = await net.offer(), await net.accepted()
        await net.pass_time(12 * HOUR)
        assert (await net.state(held), await net.state(agreed)) == ("expired", "accepted")
        await net.pass_time(12 * HOUR)
        assert await net.state(agreed) == "expired", "a day for consent is over"

    play(story)


def test_an_offer_whose_answer_is_nearly_due_gets_no_hold(play: Play) -> None:
    async def story(net: Network) -> None:
        answer = await net.act(acts.offer, wanted(), SENDER)
        await net.pass_time(12 * HOUR - timedelta(minutes=9))
        theirs = await net.view(RECEIVER, answer.referral_id)
        assert (theirs.state, theirs.marked, theirs.hold_id) == ("offered", "late", None)
        with pytest.raises(Refused) as no:
            await net.act(acts.counter, v1.CounterHandoff(referral=theirs.referral_id, items=(MORNING,)), RECEIVER)
        assert no.value.refusal.code is No.TOO_LATE

    play(story)


def test_a_suspended_partnership_takes_no_new_offer_and_goes_on_with_the_old(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        crossing = (await net.act(acts.offer, wanted(), SENDER)).referral_id
        await net.partners("suspended")
        with pytest.raises(Refused) as no:
            await net.offer()
        assert (no.value.refusal.code, no.value.refusal.field) == (No.NOT_PARTNERS, "to")
        await net.carry()
        assert (await net.state(crossing), (await net.view(SENDER, crossing)).reason) == (
            "declined",
            "not_partners",
        )
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        await net.partners("ended")
        await net.consented(ref)
        assert await net.state(ref) == "confirmed"

    play(story)


def test_more_unanswered_offers_than_agreed_are_declined_until_one_is_answered(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.partners(terms=TERMS.model_copy(update={"max_open_handoffs": 2}))
        first, second, third = [await net.offer() for _ in range(3)]
        assert [await net.state(ref) for ref in (first, second, third)] == ["held", "held", "declined"]
        assert (await net.view(SENDER, third)).reason == "too_many_open"
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=first))
        assert await net.state(await net.offer()) == "held"

    play(story)


def test_terms_may_accept_by_themselves_up_to_what_was_expected_and_no_more(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.partners(terms=TERMS.model_copy(update={"auto_accept": True}))
        cheap = Money(amount="499999.99", currency="LAK")
        assert await net.state(await net.offer()) == "accepted"
        assert await net.state(await net.offer(expected_total=cheap)) == "held"

    play(story)


def test_a_change_after_confirmation_takes_the_place_of_the_old_once_it_is_confirmed(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        new = await net.accepted(item_of(HOMESTAY, in_days(21)), replaces=old)
        assert await net.state(old) == "confirmed", "until the new one stands"
        await net.consented(new)
        assert (await net.state(new), await net.state(old)) == ("confirmed", "withdrawn")
        assert (await net.view(RECEIVER, old)).reason == "replaced"

    play(story)


def test_a_no_show_can_be_put_right_for_two_days_and_then_gives_its_places_back(play: Play) -> None:
    async def story(net: Network) -> None:
        late, never = await net.confirmed(), await net.confirmed()
        await net.pass_time(22 * DAYS)
        assert (await net.state(late), await net.state(never)) == ("no_show", "no_show")
        await net.pass_time(47 * HOUR)
        await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=late))
        assert await net.state(late) == "arrived"
        await net.pass_time(2 * HOUR)
        with pytest.raises(Refused) as no:
            await net.act(acts.arrive, v1.ArriveParty(referral=never), RECEIVER)
        assert no.value.refusal.code is No.TOO_LATE
        assert await net.state(never) == "no_show"

    play(story)


def test_a_party_that_is_late_is_no_no_show_on_the_day_it_was_first_expected(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        window = Window(day=in_days(22), earliest=time(8), latest=time(18))
        await net.says(SENDER, acts.delay, v1.DelayParty(referral=ref, arrival=window))
        await net.pass_time(22 * DAYS)
        assert await net.state(ref) == "confirmed"
        await net.pass_time(3 * DAYS)
        assert await net.state(ref) == "no_show"

    play(story)
