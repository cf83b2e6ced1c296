"""Records are compared with the holds that they count on: each kind of damage is found, and nothing else."""

from typing import Any, get_args

import pytest

from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.reconcile.v1 import HoldStanding, ReconcileRecord, RecordStanding, RestateHold
from services.booking.domain.states import LIVE
from services.client.comparing import ALLOWED, ENDED, Difference, differences, missing
from services.client.phrases.catalogue import Phrases
from services.referral.domain.handoff import states

REFERRALS = [f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(4)]
HOLDS = [f"0190bbbb-0000-7000-8000-00000000000{n}" for n in range(4)]
FITTING: dict[State, HoldState] = {state: min(holds) for state, holds in ALLOWED.items() if holds}


def record(n: int = 0, state: State = "confirmed", **given: Any) -> RecordStanding:
    usual = {"referral_id": REFERRALS[n], "community": "bo-taen", "partner": "tha-li", "state": state}
    return RecordStanding(**(usual | {"hold_id": HOLDS[n], "wished_hold_id": None, "replaces": None} | given))


def hold(n: int = 0, state: HoldState = "CONFIRMED", **given: Any) -> HoldStanding:
    usual = {"hold_id": HOLDS[n], "community": "bo-taen", "referral_id": REFERRALS[n], "state": state}
    return HoldStanding(**(usual | given))


def found(*stated: RecordStanding | HoldStanding) -> list[Difference]:
    records = {one.referral_id: one for one in stated if isinstance(one, RecordStanding)}
    holds = {one.hold_id: one for one in stated if isinstance(one, HoldStanding)}
    return list(differences(records, holds))


def only(*stated: RecordStanding | HoldStanding) -> Difference:
    [one] = found(*stated)
    return one


def test_the_table_knows_every_state_of_a_record_and_only_states_of_holds() -> None:
    assert set(ALLOWED) == set(get_args(State))
    assert set().union(*ALLOWED.values()) <= set(get_args(HoldState))
    assert ENDED | {"completed"} == states.ENDED


def test_an_ended_record_takes_no_places_and_a_live_one_does() -> None:
    for state in states.LIVE:
        assert ALLOWED[state] <= LIVE
    for state in ENDED - {"no_show"}:
        assert not ALLOWED[state] & LIVE


@pytest.mark.parametrize("state", FITTING)
def test_what_fits_is_not_told(state: State) -> None:
    assert found(record(0, state), hold(0, FITTING[state])) == []
    assert found(record(0, state, hold_id=None)) == []


@pytest.mark.parametrize("state", get_args(State))
@pytest.mark.parametrize("held", get_args(HoldState))
def test_each_pair_that_does_not_fit_is_told_once_with_what_to_do(state: State, held: HoldState) -> None:
    told = found(record(0, state), hold(0, held))
    assert [one.rule.text for one in told] == ([] if held in ALLOWED[state] else ["a record and its hold fit"])
    assert all(one.advice and one.about == (REFERRALS[0],) for one in told)


@pytest.mark.parametrize("state", ["held", "accepted", "confirmed", "departed"])
def test_a_record_without_its_hold_is_told(state: State) -> None:
    one = only(record(0, state))
    assert one.told()["found"] == f"{state}, no hold"
    assert one.rule.text == "a record has its hold"
    assert one.remedy == RestateHold(hold_id=HOLDS[0], referral_id=REFERRALS[0], community="bo-taen")


def test_a_record_that_ended_needs_no_hold() -> None:
    assert found(*(record(0, state) for state in ENDED)) == []


@pytest.mark.parametrize("held", ["ON_HOLD", "PENDING", "CONFIRMED"])
def test_a_hold_that_no_record_knows_is_told(held: HoldState) -> None:
    for stated in ((), (record(0, hold_id=HOLDS[1]), hold(1, referral_id=REFERRALS[0]))):
        one = only(hold(0, held), *stated)
        assert one.rule.text == "a hold has its record"
        assert isinstance(one.remedy, ReconcileRecord)
        assert one.remedy.hold_state == held


def test_a_hold_that_is_over_or_nobodys_handoff_needs_no_record() -> None:
    assert found(hold(0, "EXPIRED"), hold(1, "CONFIRMED", referral_id=None), hold(2, "CANCELLED", community=None)) == []


def test_a_hold_that_was_asked_for_and_never_heard_of_is_told() -> None:
    asking = record(0, "held", wished_hold_id=HOLDS[1])
    wished = hold(1, "ON_HOLD", referral_id=REFERRALS[0])
    assert isinstance(only(asking, hold(0, "ON_HOLD"), wished).remedy, RestateHold)
    assert found(asking, hold(0, "ON_HOLD")) == []
    ended = record(0, "withdrawn", wished_hold_id=HOLDS[1])
    assert isinstance(only(ended, hold(0, "CANCELLED"), wished).remedy, ReconcileRecord)


def test_a_party_that_is_booked_twice_is_told() -> None:
    first, second = record(0), record(1, replaces=REFERRALS[0])
    assert only(first, hold(0), second, hold(1)).rule.text == "a party is booked once"
    arrived = record(0, "arrived")
    assert only(arrived, hold(0, "REDEEMED"), second, hold(1)).about == (REFERRALS[0], REFERRALS[1])


def test_two_replacements_of_one_that_is_over_are_told_as_well() -> None:
    one = only(record(1, replaces=REFERRALS[0]), hold(1), record(2, replaces=REFERRALS[0]), hold(2))
    assert (one.rule.text, one.remedy) == ("a party is booked once", None)


def test_a_replacement_that_waits_or_whose_first_is_over_is_usual() -> None:
    waits = record(1, "accepted", replaces=REFERRALS[0])
    assert found(record(0), hold(0), waits, hold(1, "ON_HOLD")) == []
    assert found(record(0, "withdrawn"), hold(0, "CANCELLED"), record(1, replaces=REFERRALS[0]), hold(1)) == []


@pytest.mark.parametrize(
    ("language", "said", "advice"),
    [
        ("en", "a record has its hold: {id}: held, no hold", "booking says that nothing is held"),
        ("th", "บันทึกมีที่ที่กันไว้: {id}: held ไม่มีที่ที่กันไว้", "ส่วนการจองจะบอกว่าไม่ได้กันที่ไว้"),
        ("lo", "ບັນທຶກມີບ່ອນທີ່ກັນໄວ້: {id}: held ບໍ່ມີບ່ອນທີ່ກັນໄວ້", "ສ່ວນການຈອງຈະບອກວ່າບໍ່ໄດ້ກັນບ່ອນໄວ້"),
    ],
    ids=["en", "th", "lo"],
)
def test_a_difference_is_said_to_people_in_their_language_and_to_machines_in_english(
    language: str, said: str, advice: str
) -> None:
    one = only(record(0, "held"))
    phrases = Phrases.of(language)
    assert one.said(phrases) == said.format(id=REFERRALS[0])
    assert advice in phrases.say(one.advice)
    assert one.told()["rule"] == "a record has its hold"


def test_what_is_named_and_not_stated_is_asked_for() -> None:
    records = {REFERRALS[0]: record(0, wished_hold_id=HOLDS[2])}
    holds = {HOLDS[1]: hold(1)}
    assert missing(records, holds) == ({REFERRALS[1]}, {HOLDS[0], HOLDS[2]})
