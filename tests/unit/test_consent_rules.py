"""The lead traveller's word as rules: when it may be asked, what passes on, what a withdrawal ends, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.personal.v1 import ErasedFor, GiveConsent, PersonalPart
from contracts.refusals import No, Refused
from services.referral.domain.handoff import deadlines, transitions
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import RANK
from services.referral.domain.personal import consent, decisions
from tests.support.booking import HOMESTAY, item_of, offering
from tests.support.referral import DAY, FRESH, KEY, MALEE, NOW, RECEIPT, RELEASED, moment, quote, record

STATES: tuple[State, ...] = get_args(State)
SEALED = "c2VhbGVk"
BEFORE_ARRIVAL = [state for state in STATES if RANK[state] < RANK["withdrawn"]]
AFTER = [state for state in STATES if RANK[state] > RANK["withdrawn"]]
ACCEPTED = border.HandoffAccepted(consent_by=NOW, items=record().items, quote=quote(), one_time_key=KEY)


def refusal(act: Callable[[], Any]) -> Any:
    with pytest.raises(Refused) as no:
        act()
    return no.value.refusal


def consented(state: State = "held", **given: Any) -> Record:
    """Malee has said yes."""
    return record("sender", state, consent=RECEIPT, personal="held", delete_by=RECEIPT.delete_by, **given)


# when what is allowed passes on


def test_consent_is_passed_on_at_the_later_of_itself_and_acceptance() -> None:
    early = decisions.give(record("sender", "held"), RECEIPT, SEALED)
    assert (early.receives, early.releases, early.record.released) == (SEALED, False, False)
    heard = transitions.apply_message(early.record.replace(quote=quote()), ACCEPTED, moment())
    assert (heard.releases, heard.record.released, heard.record.one_time_key) == (True, True, KEY)
    late = decisions.give(record("sender", "accepted"), RECEIPT, SEALED)
    assert (late.receives, late.releases, late.record.released) == (SEALED, True, True)


def test_without_a_word_nothing_passes_on() -> None:
    heard = transitions.apply_message(record("sender", "held"), ACCEPTED, moment())
    assert (heard.record.state, heard.releases, heard.record.released) == ("accepted", False, False)


def test_what_was_erased_before_acceptance_is_not_passed_on_until_it_is_allowed_again() -> None:
    gone = decisions.erase(consented(), "asked", moment()).record
    heard = transitions.apply_message(gone, ACCEPTED, moment())
    assert (heard.record.state, heard.releases) == ("accepted", False)
    assert decisions.give(heard.record, RECEIPT, SEALED).releases


def test_what_is_passed_on_is_passed_on_once_and_asked_for_no_more() -> None:
    released = decisions.give(record("sender", "accepted"), RECEIPT, SEALED).record
    for again in (
        lambda: decisions.may_ask(released),
        lambda: decisions.give(released, RECEIPT, SEALED),
        lambda: decisions.refuse(released, moment()),
    ):
        assert refusal(again).code is No.WRONG_STATE


def test_refused_consent_passes_on_that_nothing_is_allowed() -> None:
    step = decisions.refuse(record("sender", "accepted"), moment())
    assert (step.releases, step.receives, step.erases) == (True, None, None)
    assert (step.record.consent, step.record.personal, step.record.consent_refused) == (None, "none", True)


def test_a_no_after_a_yes_destroys_what_was_given_and_a_yes_after_a_no_counts() -> None:
    no = decisions.refuse(consented(), moment())
    assert (no.erases, no.record.personal, no.record.consent_refused) == ("consent_withdrawn", "erased", True)
    yes = decisions.give(no.record, RECEIPT, SEALED)
    assert (yes.record.personal, yes.record.consent_refused, yes.record.erased_at) == ("held", False, None)


# what is consented to


def yes(**given: Any) -> GiveConsent:
    usual = {"referral": FRESH, "text_digest": consent.digest("the text"), "language": "th", "said": "screen"}
    return GiveConsent.model_validate(usual | {"fields": ("name",), "sealed": SEALED} | given)


def test_a_receipt_proves_the_text_that_was_shown_and_no_other() -> None:
    receipt = decisions.receipt(yes(fields=("channel", "name", "name")), "the text", DAY, moment())
    assert (receipt.text_digest, receipt.text_version) == (consent.digest("the text"), consent.VERSION)
    assert (receipt.fields, receipt.given_at, receipt.delete_by) == (("name", "channel"), NOW, DAY)
    no = refusal(lambda: decisions.receipt(yes(), "the text, changed", DAY, moment()))
    assert (no.code, no.field) == (No.WRONG_STATE, "text_digest")
    assert "prepare it again" in no.message


def test_a_part_holds_something_and_nothing_that_was_not_consented_to() -> None:
    assert decisions.within(MALEE, ("name", "channel", "food")) is MALEE
    with pytest.raises(ValueError, match="nobody has consented to: channel") as problem:
        decisions.within(MALEE, ("name",))
    assert "5555" not in str(problem.value)
    with pytest.raises(ValueError, match="empty"):
        decisions.within(PersonalPart(), ("name",))


@pytest.mark.parametrize(("nights", "last"), [(1, DAY), (3, DAY + timedelta(days=2))])
def test_it_is_to_be_deleted_the_receivers_retention_after_the_last_day_of_the_visit(nights: int, last: date) -> None:
    host = offering()
    asked = record("sender", items=(item_of(HOMESTAY, DAY, nights=nights),))
    assert deadlines.delete_by(asked, host) == last + timedelta(days=30)
    short = host.model_copy(update={"community": host.community.model_copy(update={"retention_days": 7})})
    assert deadlines.delete_by(asked, short) == last + timedelta(days=7)


def test_the_day_is_the_one_it_is_in_both_countries() -> None:
    assert deadlines.today(datetime(2027, 1, 4, 16, 59, tzinfo=UTC)) == date(2027, 1, 4)
    assert deadlines.today(datetime(2027, 1, 4, 17, tzinfo=UTC)) == date(2027, 1, 5)


# taken back


@pytest.mark.parametrize("state", BEFORE_ARRIVAL)
def test_consent_that_is_taken_back_before_arrival_ends_the_handoff_on_both_sides(state: State) -> None:
    step = decisions.withdraw(consented(state, released=True), moment())
    assert (step.record.state, step.record.reason, step.record.withdrawn_from) == (
        "withdrawn",
        "consent_withdrawn",
        state,
    )
    assert (step.border, step.erases) == ((border.ConsentWithdrawn(at=NOW),), "consent_withdrawn")
    heard = transitions.apply_message(record(state=state, personal="held"), step.border[0], moment())
    assert (heard.record.state, heard.record.reason, heard.record.personal) == (
        "withdrawn",
        "consent_withdrawn",
        "erased",
    )


@pytest.mark.parametrize("state", AFTER)
def test_after_that_it_only_erases_also_when_the_two_cross(state: State) -> None:
    step = decisions.withdraw(consented(state, released=True), moment())
    assert (step.record.state, step.record.personal, step.erases) == (state, "erased", "consent_withdrawn")
    heard = transitions.apply_message(record(state=state, personal="held"), step.border[0], moment())
    assert (heard.record.state, heard.record.personal, heard.erases) == (state, "erased", "consent_withdrawn")
    crossed = transitions.apply_message(
        decisions.withdraw(consented("departed"), moment()).record, _arrived(), moment()
    )
    assert (crossed.record.state, crossed.record.personal) == ("arrived", "erased")


def _arrived() -> border.PartyArrived:
    return border.PartyArrived(at=NOW, party=record().party)


@pytest.mark.parametrize("state", ["expired", "declined"])
def test_of_an_end_before_anything_was_passed_on_the_receiver_hears_nothing(state: State) -> None:
    step = decisions.withdraw(consented(state), moment())
    assert (step.record.state, step.border, step.erases) == (state, (), "consent_withdrawn")


def test_there_is_nothing_to_take_back_without_consent_nor_a_second_time() -> None:
    assert refusal(lambda: decisions.withdraw(record("sender", "accepted"), moment())).code is No.WRONG_STATE
    once = decisions.withdraw(consented("arrived"), moment()).record
    assert refusal(lambda: decisions.withdraw(once, moment())).code is No.WRONG_STATE
    refused = decisions.refuse(consented("accepted"), moment()).record
    assert refusal(lambda: decisions.withdraw(refused, moment())).code is No.WRONG_STATE, "a no costs nothing"
    assert refusal(lambda: decisions.withdraw(record("receiver", "accepted"), moment())).code is No.NOT_ALLOWED


# erased


@pytest.mark.parametrize("why", get_args(ErasedFor))
def test_a_receiver_that_erases_tells_so_and_the_sender_shows_it(why: ErasedFor) -> None:
    step = decisions.erase(record(state="completed", personal="held"), why, moment())
    assert step.border == (border.PersonalDataErased(at=NOW, why=why, receipt=FRESH),)
    assert (step.erases, step.receipt, step.record.personal, step.record.erased_at) == (why, FRESH, "erased", NOW)
    heard = transitions.apply_message(consented("completed"), step.border[0], moment())
    assert (heard.record.partner_erased_at, heard.record.state) == (NOW, "completed")
    assert heard.record.personal == ("erased" if why == "asked" else "held"), "only the traveller's wish is for both"


@pytest.mark.parametrize("why", get_args(ErasedFor))
@pytest.mark.parametrize("released", [True, False])
def test_a_sender_that_is_asked_to_erase_tells_the_receiver_what_it_may_hold(why: ErasedFor, released: bool) -> None:
    step = decisions.erase(consented("completed").replace(released=released), why, moment())
    said = (border.PersonalDataErased(at=NOW, why="asked", receipt=FRESH),)
    assert step.border == (said if why == "asked" and released else ())
    assert (step.record.personal, step.record.consent) == ("erased", RECEIPT), "the receipt of consent stays"
    assert refusal(lambda: decisions.erase(step.record, "asked", moment())).code is No.WRONG_STATE


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_wish_to_be_forgotten_is_followed_on_both_sides_with_a_receipt_back_and_said_no_third_time(side: Any) -> None:
    said = border.PersonalDataErased(at=NOW, why="asked", receipt=FRESH)
    holder = record(side, "confirmed", consent=RECEIPT, personal="held", released=True)
    step = transitions.apply_message(holder, said, moment())
    assert (step.erases, step.record.personal, step.record.state) == ("asked", "erased", "confirmed")
    assert step.border == (said,)
    again = transitions.apply_message(step.record, said, moment())
    assert (again.erases, again.border, again.record.partner_erased_at) == (None, (), NOW)


def test_a_receiver_keeps_the_receipt_of_what_it_is_allowed_or_that_nothing_is() -> None:
    allowed = transitions.apply_message(record(state="accepted"), RELEASED, moment())
    assert (allowed.receives, allowed.record.consent, allowed.record.personal) == (RELEASED.sealed, RECEIPT, "held")
    assert allowed.record.delete_by == RECEIPT.delete_by
    nothing = transitions.apply_message(record(state="accepted"), border.PartyReleased(), moment())
    assert (nothing.receives, nothing.record.consent, nothing.record.personal) == (None, None, "none")
    assert nothing.record.consent_refused
    assert allowed.booking == nothing.booking != (), "either way the booking is asked for"
