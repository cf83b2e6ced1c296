"""Scenarios of the demonstration, tapped through by two people at two phones, and judged as the file writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from contracts.values import Money
from deploy.demo import playing
from deploy.demo.expecting import Expect
from deploy.demo.scenario import OFFER, Act, PassTo, Step
from deploy.demo.scenario_file import DEMO_SCENARIOS, Play, fields_of, read_file
from deploy.demo.stage import Stage
from services.client.phrases.vocabulary import REASONS, STATES, word
from tests.support.portal.clicking import Clicking, written
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.operators import Operator, operator
from tests.support.portal.playing import Playing

PLAYS = {play.scenario.id: play for play in read_file(DEMO_SCENARIOS)}
#: Who works at which phone, and in which language.
AT_WORK = {"tha-li": ("thali", "th"), "bo-taen": ("botaen", "lo")}
#: Of communities and travellers: they are written alike in every language.
NAMES = [
    *(name for offer in PLAYS["s1"].network.offerings for name in offer.offering.community.names.wire().values()),
    *(play.scenario.who.tourist or "" for play in PLAYS.values()),
]
#: A month of whole weeks: the same weekdays, and a statement of its own.
LATER = timedelta(weeks=4)
JANUARY_IS_OVER = datetime.fromisoformat("2027-02-01T08:00+07:00")


@dataclass
class Villages:
    """A node with two villages, and which scenarios were played there."""

    portal: Portal
    browser: Browser
    around: Playing
    ended: dict[str, Expect] = field(default_factory=dict)

    @contextmanager
    def at_work(self, *, scripts: bool = True) -> Iterator[Mapping[str, Operator]]:
        """Both operators at their phones, for the block."""
        with ExitStack() as phones:
            yield {
                community: phones.enter_context(
                    operator(self.portal, self.browser, who, language, NAMES, scripts=scripts)
                )
                for community, (who, language) in AT_WORK.items()
            }

    def clicking(self, operators: Mapping[str, Operator]) -> Clicking:
        """For one scenario."""
        return Clicking(operators, self.portal.client)

    def play(self, play: Play, clicking: Clicking) -> None:
        """Play it by taps; everything is as it is written, and both phones tell the end so."""
        outcome = playing.played(Stage(self.portal.client, play, print, clicking.ask))
        assert outcome.deviations == ()
        tells_the_end(clicking, play.scenario.expect)
        self.ended[play.scenario.id] = play.scenario.expect


@pytest.fixture(scope="module")
def villages(browser: Browser) -> Iterator[Villages]:
    with running_portal() as portal:
        around = Playing(portal.client)
        for one, other in (AT_WORK, reversed(AT_WORK)):
            around.knows(one, other)
        yield Villages(portal, browser, around)


def closed_by_hand(play: Play) -> Play:
    """The same story, but the receiver closes the visit half an hour before it would be closed by itself."""
    scenario = play.scenario
    *before, over, closed = scenario.steps
    assert isinstance(over, PassTo)
    early = (scenario.calendar.moment(over.moment) - timedelta(minutes=31)).isoformat()
    by_hand = Act.model_validate({"as": scenario.who.receiver, "do": "referral.complete_visit"})
    steps: tuple[Step, ...] = (*before, PassTo.model_validate({"pass_to": early}), by_hand, closed)
    return Play(scenario.model_copy(update={"steps": steps}), play.network, play.origin)


def weeks_later(play: Play) -> Play:
    """The same story, begun four weeks later."""
    scenario = play.scenario.model_copy(update={"clock": play.scenario.clock + LATER})
    return Play(scenario, play.network, play.origin)


def tells_the_end(clicking: Clicking, expected: Expect) -> None:
    """On both phones the story ends as it should, with its reason and its sums."""
    sums = [each for each in sums_of(expected) if each]
    for who in clicking.operators.values():
        said = who.opens(clicking.path).reads()
        assert word(who.say, STATES, expected.state or "") in said
        assert expected.reason is None or word(who.say, REASONS, expected.reason) in said
        assert [each for each in sums if written(who, each) not in said] == []


def sums_of(expected: Expect) -> tuple[Money | None, ...]:
    """Quote, total and fee."""
    money = expected.money
    return (money.quote, money.total, money.fee) if money else ()


def both_confirm(villages: Villages, operators: Mapping[str, Operator], month: str, expected: list[Expect]) -> None:
    """Each goes from their community's page to the month's statement, sees what is owed, and confirms it."""
    paths = {one: f"/statements/{other}/{month}" for one, other in zip(AT_WORK, reversed(AT_WORK), strict=True)}
    owed = [money.fee for one in expected if (money := one.money) and money.fee]
    assert owed, "nothing to confirm"
    for community, who in operators.items():
        who.opens("/community").follows("/statements").follows(paths[community]).sees("Waits for your confirmation")
        assert [each for each in owed if written(who, each) not in who.reads()] == []
        who.taps("The sums are right")
        expect(who.page.locator("main button.main")).to_have_count(0)
    for community, who in operators.items():
        villages.around.quiet()
        expect(who.opens(paths[community]).page.locator("main .st.s-confirmed")).to_have_count(len(operators))


def test_s1_from_the_first_question_until_the_visit_is_closed(villages: Villages) -> None:
    with villages.at_work() as operators:
        villages.play(closed_by_hand(PLAYS["s1"]), villages.clicking(operators))


def test_s4_when_consent_is_taken_back_nobody_is_known_any_more(villages: Villages) -> None:
    play = PLAYS["s4"]
    with villages.at_work() as operators:
        clicking = villages.clicking(operators)
        villages.play(play, clicking)
        for who in operators.values():
            for path in ("/today", "/requests", "/requests/out", "/receive", clicking.path):
                assert (play.scenario.who.tourist or "") not in who.opens(path).page.content()


def test_s2_a_night_that_fills_up_meanwhile_is_answered_with_another(villages: Villages) -> None:
    play = PLAYS["s2"]
    scenario = play.scenario
    offer = next(step for step in scenario.steps if isinstance(step, Act) and step.do == OFFER)
    with villages.at_work() as operators:
        clicking = villages.clicking(operators)
        villages.around.clock(scenario.clock - timedelta(hours=1))
        clicking.begin(operators[scenario.who.sender], fields_of(offer, scenario, "", ""))
        villages.play(play, clicking)


def test_what_was_visited_in_january_stands_on_the_statement_that_both_confirm(villages: Villages) -> None:
    with villages.at_work() as operators:
        if "s1" not in villages.ended:
            villages.play(PLAYS["s1"], villages.clicking(operators))
        villages.around.clock(JANUARY_IS_OVER)
        both_confirm(villages, operators, "2027-01", list(villages.ended.values()))


def test_s1_once_more_with_scripts_off(villages: Villages) -> None:
    play = weeks_later(PLAYS["s1"])
    with villages.at_work(scripts=False) as operators:
        villages.play(play, villages.clicking(operators))
        villages.around.clock(JANUARY_IS_OVER + LATER)
        both_confirm(villages, operators, "2027-02", [play.scenario.expect])
