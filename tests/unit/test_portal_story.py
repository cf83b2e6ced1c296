"""What a page tells of a handoff: whose turn it is, the story in words, what is still to come."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import pytest

from contracts.referral.codes import OwnAct, PartAct
from contracts.referral.next_acts import NextAct
from contracts.referral.v1 import HandoffView, StoryLine
from contracts.values import Item, Party, Window
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import Phrase
from services.portal.pages import acting, handoff

AT = datetime(2027, 1, 4, 2, tzinfo=UTC)
DAY = date(2027, 1, 14)
REFERRAL = "01963a5c-0000-7000-8000-00000000c04e"


def line(act: str, by: str = "tha-li", **more: Any) -> StoryLine:
    return StoryLine.model_validate({"at": AT, "act": act, "by": by, "state": "held"} | more)


def view(*acts: NextAct, **more: Any) -> HandoffView:
    known: dict[str, Any] = dict.fromkeys(HandoffView.model_fields)
    known |= {
        "referral_id": REFERRAL, "community": "tha-li", "side": "sender", "partner": "bo-taen", "state": "held",
        "round": 0, "wish": "", "party": Party(adult=2), "needs": (), "language": "th", "who_drives": "sender",
        "items": (Item(experience_id="bo-taen.homestay", day=date(2027, 1, 14)),),
        "arrival": Window(day=date(2027, 1, 14), earliest=time(11), latest=time(13)),
        "answer_by": AT, "alternatives": (), "personal": "none", "consent_refused": False, "sent": 0, "seen": 0,
        "partner_seen": 0, "story": (), "next_acts": acts, "their_acts": (), "late": False,
    }  # fmt: skip
    return HandoffView.model_validate(known | more)


def words(told: handoff.Told) -> str:
    return told.words.text if isinstance(told.words, Phrase) else told.words


def test_every_act_leads_somewhere_and_is_asked_by_a_contract() -> None:
    assert set(handoff.ASKED) == set(get_args(OwnAct)) | set(get_args(PartAct))
    assert set(handoff.ASKED) - set(handoff.PATHS) == {"read_personal_part"}, "a form of its own"


@pytest.mark.parametrize("path", sorted(acting.SHEETS))
def test_a_sheet_asks_what_its_act_is(path: str) -> None:
    sheet = acting.SHEETS[path]
    assert handoff.PATHS[sheet.act] == path
    assert handoff.ASKED[sheet.act] is sheet.asks
    assert set(sheet.reasons) <= set(vocabulary.REASONS)


@pytest.mark.parametrize(
    ("act", "path"),
    [
        ("take_counter", "take"),
        ("consent", "consent"),
        ("depart", "depart"),
        ("arrive", "arrive"),
        ("complete", "complete"),
    ],
)
def test_our_turn_leads_to_what_it_waits_for(act: str, path: str) -> None:
    found = handoff.turn(view(NextAct(act=act, is_move=True, until=AT), whose_move="sender"), frozenset({act}), DAY)
    assert found is not None
    assert (found.path, found.until) == (f"/handoffs/{REFERRAL}/{path}", AT)


@pytest.mark.parametrize(
    ("move", "acts", "is_move"),
    [
        ("receiver", {"withdraw"}, True),
        (None, {"depart"}, True),
        ("sender", set(), True),
        ("sender", {"depart"}, False),
    ],
)
def test_it_is_not_our_turn_when_others_wait_or_we_may_not(move: str | None, acts: set[str], is_move: bool) -> None:
    waiting = view(NextAct(act="depart", is_move=is_move), whose_move=move)
    assert handoff.turn(waiting, frozenset(acts), DAY) is None


@pytest.mark.parametrize(("days", "turns"), [(-1, True), (0, True), (1, False)])
def test_a_visit_is_closed_on_its_last_day(days: int, turns: bool) -> None:
    here = view(
        NextAct(act="complete", is_move=True), state="arrived", side="receiver", whose_move="receiver",
        last_day=DAY + timedelta(days=days),
    )  # fmt: skip
    assert (handoff.turn(here, frozenset({"complete"}), DAY) is not None) is turns


def test_only_our_own_people_are_named() -> None:
    story = (line("offer", account="noy"), line("handoff_held", "bo-taen", account="noy"))
    told = handoff.story(view(story=story), {"noy": "Noy"})
    assert [(one.is_ours, one.by) for one in told] == [(True, "Noy"), (False, "")]


def test_what_services_say_to_each_other_is_left_out() -> None:
    story = (
        line("accept"),
        line("hold_extended"),
        line("hold_released"),
        line("record_stated"),
        line("hold_confirmed"),
    )
    told = handoff.story(view(story=story, side="receiver"), {})
    assert [words(one) for one in told] == ["said yes", "confirmed the booking"]


def test_a_yes_that_came_by_itself_is_told() -> None:
    (told,) = handoff.story(view(story=(line("hold_extended"),)), {})
    assert words(told) == "accepted"


def test_messages_that_crossed_are_told_as_such() -> None:
    (told,) = handoff.story(view(story=(line("handoff_expired", "bo-taen", crossed=True),)), {})
    assert told.crossed
    assert told.icon == "info"


@pytest.mark.parametrize(
    ("reason", "said"), [("cut_off", "declined by rule, nobody was asked"), ("weather", "said no")]
)
def test_a_rule_that_declines_is_not_a_person(reason: str, said: str) -> None:
    story = (line("handoff_declined", "bo-taen", state="declined"),)
    declined = view(story=story, state="declined", reason=reason)
    assert [words(one) for one in handoff.story(declined, {})] == [said]
    assert (handoff.holds(declined) == vocabulary.DECLINED_BY_RULE) == (reason == "cut_off")


def test_an_act_of_a_newer_node_is_told_as_it_is_written() -> None:
    (told,) = handoff.story(view(story=(line("sing_together"),)), {})
    assert words(told) == "sing together"


def test_what_the_traveller_has_decided_is_not_waited_for() -> None:
    assert "agrees" in handoff.coming(view())
    assert "agrees" not in handoff.coming(view(consent_refused=True))
    assert handoff.coming(view(state="completed")) == []


def test_nobody_is_asked_once_more_for_what_they_have_offered_themselves() -> None:
    assert list(handoff.coming(view(state="countered")))[:2] == ["take", "agrees"]


@pytest.mark.parametrize(("today", "is_ours"), [(12, False), (13, True), (14, True), (15, True)])
def test_it_is_said_that_they_left_from_the_eve_of_their_arrival_on(today: int, is_ours: bool) -> None:
    booked = view(NextAct(act="depart"), NextAct(act="turn_back"), state="confirmed", whose_move="receiver")
    day = date(2027, 1, today)
    acts = handoff.in_time(booked, day)
    found = handoff.turn(booked, acts, day)
    assert acts == (frozenset({"depart", "turn_back"}) if is_ours else frozenset())
    assert (found is not None and found.kind == "depart") is is_ours


@pytest.mark.parametrize(("today", "is_ours"), [(14, False), (15, False), (16, True), (17, True)])
def test_the_visit_is_ours_to_close_from_its_last_day_on(today: int, is_ours: bool) -> None:
    here = view(NextAct(act="complete", is_move=True), state="arrived", whose_move="sender", last_day=date(2027, 1, 16))
    found = handoff.turn(here, frozenset({"complete"}), date(2027, 1, today))
    assert (found is not None and found.kind == "complete") is is_ours
    assert "complete" in handoff.MENU, "before, it stands below the story"
