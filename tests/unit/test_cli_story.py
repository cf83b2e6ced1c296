"""A handoff is told as a story, and what each side can do next is what the rules allow."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from contracts.border.v1 import State
from contracts.referral.codes import ABOUT, Attention, AttentionCode, OwnAct, StoryAct
from contracts.referral.v1 import HandoffView
from services.cli.views import acts, layout, story
from services.cli.views.naming import Names
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import Phrases
from services.referral.domain.handoff import next_acts
from services.referral.domain.handoff.record import Record
from tests.support.referral import record as kept

NOW = datetime(2027, 1, 4, 3, tzinfo=UTC)
NAMES = Names({"tha-li": "Tha Li", "bo-taen": "Bo Taen", "bo-taen.homestay": "Homestay"})
#: Acts that are options of `consent`, not verbs of their own.
OPTIONS = {"refuse_consent", "withdraw_consent"}
#: When nothing of a record that `kept` makes is too early or too late.
MET = datetime(2027, 1, 14, 4, tzinfo=UTC)


def lak(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "LAK"}


def line(act: str, by: str, state: str, minute: int, **more: Any) -> dict[str, Any]:
    return {"at": f"2027-01-04T02:{minute:02}:00Z", "act": act, "by": by, "state": state, **more}


def view(**changes: Any) -> HandoffView:
    """A record as the local API gives it; `changes` over one that is held."""
    quoted = {"experience_id": "bo-taen.homestay", "unit": "adult", "quantity": 2}
    record = {
        "referral_id": "01a1fb8e-2bdd-78ff-b0e6-3151275262fc", "community": "tha-li", "side": "sender",
        "partner": "bo-taen", "state": "held", "round": 0, "wish": "", "marked": None,
        "party": {"adult": 2, "child": 1}, "items": [{"experience_id": "bo-taen.homestay", "day": "2027-01-14"}],
        "needs": ["step_free"], "language": "th", "crossing": "na-kraseng", "who_drives": "sender",
        "arrival": {"day": "2027-01-14", "earliest": "10:00", "latest": "16:30"},
        "expected_total": lak("500000.00"), "answer_by": "2027-01-04T14:00:00Z",
        "held_until": "2027-01-04T14:00:00Z", "consent_by": None,
        "quote": {
            "lines": [quoted | {"unit_price": lak("250000.00"), "total": lak("500000.00")}],
            "total": lak("500000.00"),
        },
        "countered_items": None, "alternatives": [], "reason": None, "amounts": None,
        "personal": "none", "consent": None, "consent_refused": False, "erased_at": None, "partner_erased_at": None,
        "short_code": None, "pass_token": None, "hold_id": None, "sent": 1, "seen": 1, "partner_seen": 1,
        "story": [
            line("offer", "tha-li", "offered", 0),
            line("handoff_held", "bo-taen", "held", 1, took_ms=1234, message_id="01a1fb8e-2bdd-78ff-b0e6-3151275262fd"),
        ],
    }  # fmt: skip
    can = next_acts.choices(_kept(record | changes), MET if "state" in changes else NOW)
    said = {"next_acts": can.ours, "their_acts": can.theirs, "whose_move": can.move}
    return HandoffView.model_validate(said | record | changes)


def _kept(shown: dict[str, Any]) -> Record:
    """The record that is shown so, as far as the rules of what comes next go by it."""
    consent = {name: shown[name] for name in ("consent", "consent_refused", "personal")}
    round_ = shown["round"] or (1 if shown["state"] == "countered" else 0)
    held = {"answer_by": MET, "released": bool(shown["consent"] or shown["consent_refused"])}
    made = kept(shown["side"], shown["state"], round=round_, no_show_at=MET, **held)
    return Record.read(made.stored() | consent | {"wish": shown["wish"]})


def told(**changes: Any) -> str:
    return story.tell(view(**changes), NAMES, NOW, lambda *words: " ".join(("./handoff", *words)))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_LANG", "en")


def test_the_story_names_both_parties_what_holds_and_what_to_do() -> None:
    assert told() == STORY.strip("\n")


STORY = """
Handoff …5262fc   HELD
Tha Li → Bo Taen
01a1fb8e-2bdd-78ff-b0e6-3151275262fc

What happened, as Tha Li (you) saw it
  2027-01-04
    09:00:00 you offered the party → offered
    09:01:00 Bo Taen held the places → held (1.2 s)

What holds now
  Bo Taen holds the places while people decide.
  party    2 adults, 1 child
  wants    2027-01-14  Homestay
  arrives  2027-01-14 10:00-16:30
  needs    step free
  speaks   th
  crossing na-kraseng
  drives   sender

Money: binding price
  Homestay
    2 adult x 250,000.00 = 500,000.00
  total 500,000.00 LAK

Deadlines
  answer by  2027-01-04 21:00 (in 11 h)
  held until 2027-01-04 21:00 (in 11 h)

What you can do next
  ./handoff consent 5262fc --as tha-li
  ./handoff withdraw 5262fc --as tha-li
Bo Taen can: accept, counter, decline.
"""


def test_a_message_that_changed_nothing_is_told_as_crossed() -> None:
    crossed = line("handoff_withdrawn", "bo-taen", "confirmed", 2, crossed=True, took_ms=8)
    assert "Bo Taen took the offer back crossed, changed\n             nothing (8 ms)" in told(story=[crossed])


def test_trouble_is_told_in_words() -> None:
    trouble = {"code": "counter_refused", "about": {"reason": "no_room"}}
    text = told(state="offered", attention=trouble, wish="hold", quote=None)
    assert "Needs a person: counter refused: no places left." in text
    assert "Booking was asked to hold the places and has not" in text
    assert "expected 500,000.00 LAK" in text
    assert "Reason: closed on that weekday." in told(state="declined", reason="closed_weekday")


RECEIPT = {
    "id": "01a1fb8e-2bdd-78ff-b0e6-0000000a1b2c", "text_version": 1, "text_digest": "0" * 64, "language": "lo",
    "said": "spoken", "guardian": True, "fields": ["name", "document_class"], "given_at": "2027-01-04T03:00:00Z",
    "delete_by": "2027-02-14",
}  # fmt: skip


def test_consent_is_asked_for_once_and_told_by_its_receipt_and_never_by_what_it_allows() -> None:
    text = " ".join(told(state="accepted", consent=RECEIPT, personal="held").split())
    assert "It is said and on its way." in text
    assert "Consent to: name, kind of document; spoken before a witness, a guardian deciding." in text
    assert "Receipt …0a1b2c of 2027-01-04, text 1 in lo; to be deleted by 2027-02-14." in text
    assert "You hold it. Reading it is noted in the audit." in text
    assert "./handoff consent 5262fc --as" not in text
    assert "./handoff party 5262fc --as tha-li" in text
    assert "./handoff consent 5262fc --withdraw --as tha-li" in text


def test_a_refusal_is_told_and_not_asked_again() -> None:
    text = told(state="accepted", consent_refused=True)
    assert "The lead traveller allowed nothing to be passed on." in text
    assert "./handoff consent" not in text


def test_an_erasure_is_told_with_its_dates_on_both_sides() -> None:
    both = {"erased_at": "2027-01-05T03:00:00Z", "partner_erased_at": "2027-01-05T03:01:00Z"}
    story = [
        line("handoff_accepted", "bo-taen", "accepted", 2),
        line("personal_data_erased", "bo-taen", "completed", 3),
    ]
    text = told(state="completed", consent=RECEIPT, personal="erased", story=story, **both)
    assert "You have erased it on 2027-01-05 10:00." in text
    assert "Bo Taen has erased it on 2027-01-05 10:01." in text
    assert "Bo Taen destroyed what it knew of the party" in text
    assert "./handoff party" not in text
    assert "You held nothing; it was closed on" in told(state="withdrawn", **both)


def test_a_partner_that_never_held_it_is_not_said_to_have_erased_it() -> None:
    story = [line("personal_data_erased", "bo-taen", "withdrawn", 3)]
    for known in ({"personal": "none"}, {"personal": "erased", "consent": RECEIPT}):
        text = told(state="withdrawn", story=story, partner_erased_at="2027-01-05T03:01:00Z", **known)
        assert "has erased it" not in text
        assert "destroyed" not in text
        assert "Bo Taen said that it knows nothing of the" in text


def test_a_refusal_after_a_consent_is_not_told_as_both() -> None:
    passed_on = line("handoff_accepted", "bo-taen", "accepted", 2)
    erased = {"erased_at": "2027-01-05T03:00:00Z", "partner_erased_at": "2027-01-05T03:01:00Z", "personal": "erased"}
    text = told(state="confirmed", consent=RECEIPT, consent_refused=True, story=[passed_on], **erased)
    assert "The lead traveller allowed nothing to be passed on." in text
    assert "An earlier consent was taken back: receipt …0a1b2c" in text
    assert "Consent to:" not in text
    assert "Bo Taen has erased it" not in text, "it was passed nothing"


@pytest.mark.parametrize("act", sorted(vocabulary.TAKEN_BACK))
def test_a_consent_taken_back_on_a_visit_that_stands_is_told_by_what_went(act: str) -> None:
    crossed = line(act, "tha-li", "completed", 3, crossed=act == "consent_withdrawn")
    text = " ".join(told(state="completed", consent=RECEIPT, personal="erased", story=[crossed]).split())
    assert "changed nothing" not in text
    assert "consent back → completed, the part was erased" in text
    assert "Taken back: consent to: name" in text
    assert "to be deleted by" not in text
    assert "nothing was held" in told(state="completed", story=[crossed])


@pytest.mark.parametrize("state", ["arrived", "completed", "withdrawn", "cancelled", "turned_back"])
def test_a_code_that_can_no_longer_be_used_is_not_shown(state: str) -> None:
    for side in ("sender", "receiver"):
        assert "K7M" not in told(state=state, side=side, short_code="K7M3PX")


def test_the_receiver_of_a_personal_part_may_read_and_erase_it() -> None:
    text = told(state="confirmed", community="bo-taen", partner="tha-li", side="receiver", personal="held")
    assert "./handoff party 5262fc --as bo-taen" in text
    assert "./handoff erase 5262fc --as bo-taen" in text


def test_the_code_is_shown_to_be_given_or_to_be_heard() -> None:
    assert "Code K7M 3PX: give it" in told(state="confirmed", short_code="K7M3PX")
    heard = told(state="confirmed", community="bo-taen", partner="tha-li", side="receiver", short_code="K7M3PX")
    assert "Code K7M 3PX: the lead traveller says it" in heard


def test_a_third_counter_offer_is_the_last() -> None:
    assert "counter" in story.our_acts(view(state="countered", round=2, side="receiver"))
    assert "counter" in story.their_acts(view(state="countered", round=2))
    assert "counter" not in story.our_acts(view(state="countered", round=3, side="receiver"))
    assert "counter" not in story.their_acts(view(state="countered", round=3))


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_is_told_on_both_sides_and_fits_a_phone(state: str) -> None:
    for community, partner, side in (("tha-li", "bo-taen", "sender"), ("bo-taen", "tha-li", "receiver")):
        text = told(state=state, community=community, partner=partner, side=side)
        assert state.replace("_", " ").upper() in text
        assert max(map(len, text.splitlines())) <= layout.WIDTH


def test_every_act_of_ones_own_has_a_verb_or_is_an_option_of_one() -> None:
    assert acts.VERBS.keys() | OPTIONS == set(get_args(OwnAct))
    assert set(get_args(OwnAct)) <= vocabulary.OWN_ACTS.keys()


def test_every_code_of_a_story_has_words() -> None:
    assert vocabulary.ACTS.keys() == {act for kind in get_args(StoryAct) for act in get_args(kind)}


def test_whatever_needs_a_person_is_told_in_words_with_what_it_is_about() -> None:
    for code in get_args(AttentionCode):
        about = {name: "no_show" if name == "theirs" else "closed_weekday" for name in ABOUT.get(code, ())}
        words = vocabulary.attention(Phrases.of("en"), Attention(code=code, about=about))
        assert any(said in words for said in ("closed on that weekday", "no show")) == bool(about)
        assert "{" not in words
        assert "_" not in words
        assert words != code


def test_a_window_past_midnight_says_on_which_day_it_ends() -> None:
    late = {"day": "2027-01-14", "earliest": "22:00", "latest": "00:30"}
    assert "arrives  2027-01-14 22:00-00:30 the next day" in told(arrival=late)
