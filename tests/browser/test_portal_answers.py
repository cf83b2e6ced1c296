"""A receiver answers on a phone: yes, no, another day, another time; and what is so when somebody was faster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from contracts.referral.v1 import DeclineHandoff, HandoffView, WithdrawHandoff
from contracts.values import Party
from deploy.demo import queries
from services.client import formatting
from services.client.phrases.catalogue import Phrases
from services.client.phrases.vocabulary import NEXT_ACTS, word
from services.portal.site.writing import NO_BREAK
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Phone
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing
from tests.support.portal.scene import BEGINS, DAY, FAMILY, PAIR, begin

BAKING = "bo-taen.rice-cracker"


@dataclass
class Village:
    """Bo Taen, with requests from Tha Li, and phones of its members."""

    portal: Portal
    browser: Browser
    playing: Playing
    days: Iterator[date] = field(default_factory=lambda: (DAY + timedelta(days=n) for n in range(100)))

    def asked(self, name: str, party: Party = FAMILY, **more: Any) -> date:
        """A request comes in for a day on which nothing else is asked; its path is known by `name`."""
        day = next(self.days)
        self.playing.offered(name, "bo-taen", day, party, **more)
        return day

    def path(self, name: str, page: str) -> str:
        """A page of the request."""
        return f"/handoffs/{self.playing.ids[name]}/{page}"

    def record(self, name: str, community: str = "bo-taen") -> HandoffView:
        """How it stands there."""
        view = queries.record(self.playing.client, community, self.playing.ids[name])
        assert view is not None
        return view

    @contextmanager
    def phone(self, language: str = "en", who: str = "botaen", *, scripts: bool = False) -> Iterator[Phone]:
        """A member's phone; as a rule with scripts off, for every page must do without."""
        device = Device(language=language, scripts=scripts)
        with self.portal.phone(self.browser, who, device) as held:
            yield held
            complaints = [said for said in held.watch.complaints if "the server responded with" not in said]
            assert [*complaints, *held.watch.foreign] == []


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Portal, Playing]]:
    with running_portal() as portal:
        playing = Playing(portal.client)
        begin(playing)
        yield portal, playing


@pytest.fixture(scope="module")
def village(running: tuple[Portal, Playing], browser: Browser) -> Village:
    return Village(running[0], browser, running[1])


def sure(phone: Phone) -> None:
    """Tap the one large button of the page."""
    phone.page.locator("main button.main").click()
    phone.page.wait_for_load_state()


@pytest.mark.parametrize("language", ["th", "lo"])
def test_a_yes_is_asked_twice_and_then_sent(village: Village, language: str) -> None:
    village.asked("yes")
    say = Phrases.of(language)
    with village.phone(language) as phone:
        phone.open("/today").page.locator(f"a[href='{village.path('yes', 'answer')}']").click()
        kept = say.gettext("Kept for them: {kept}. Still free: {left}.", kept=3, left=17)
        expect(phone.page.locator(".eff")).to_have_text(kept)
        phone.tap(word(say, NEXT_ACTS, "accept")).sees(say.gettext("Accept this party?"))
        assert village.record("yes").state == "held"
        sure(phone)
        phone.sees(say.gettext("Your yes is sent"))
        assert phone.page.url.endswith(village.path("yes", "sent"))
        assert village.playing.ids["yes"][-6:] in phone.page.locator("#msg").inner_text()
        links = phone.page.locator(".msg + .two a").evaluate_all("found => found.map(each => each.href)")
        assert [urlsplit(link)[:2] for link in links] == [("https", "line.me"), ("https", "wa.me")]
    village.playing.becomes("yes", "accepted")


def test_a_form_that_is_sent_twice_is_done_once(village: Village) -> None:
    village.asked("twice")
    with village.phone() as phone:
        phone.open(village.path("twice", "accept"))
        sent = phone.page.locator("form.act").evaluate("form => Object.fromEntries(new FormData(form))")
        for _ in range(2):
            answer = phone.page.request.post(phone.page.url, form=sent, max_redirects=0)
            assert (answer.status, answer.headers["location"]) == (303, village.path("twice", "sent"))
        again = phone.page.request.post(phone.page.url, form=sent | {"id": "0" * 8 + sent["id"][8:]}, max_redirects=0)
        assert again.status == 409  # the control: another tap is another command
    assert [line.act for line in village.record("twice").story].count("accept") == 1


@pytest.mark.parametrize("language", ["lo", "en"])
def test_a_no_needs_its_reason_and_gives_the_places_back(village: Village, language: str) -> None:
    day = village.asked("no")
    say = Phrases.of(language)
    with village.phone(language) as phone:
        phone.open(village.path("no", "answer")).tap(word(say, NEXT_ACTS, "decline"))
        sure(phone)
        phone.sees(say.gettext("Choose one reason."))
        assert village.record("no").state == "held"
        phone.choose(say.gettext("We are closed that day"))
        sure(phone)
        phone.sees(say.gettext("Your answer is sent"))
    village.playing.becomes("no", "declined")
    assert village.record("no", "tha-li").reason == "closed"
    village.playing.offered("after no", "bo-taen", day, Party(adult=20))  # every bed of that night is free again


def test_another_day_is_offered_from_the_month_of_days_that_have_room(village: Village) -> None:
    day, full = village.asked("day"), next(village.days)
    village.playing.taken("bo-taen", full, but=2)
    wished = next(village.days)
    with village.phone() as phone:
        phone.open(village.path("day", "answer")).tap("Offer another day")
        chosen = phone.page.locator("input[name=day]")
        sure(phone)
        phone.sees("Choose a day.")
        values = chosen.evaluate_all("found => found.map(each => each.value)")
        assert str(wished) in values
        assert {str(day), str(full)}.isdisjoint(values)
        phone.page.locator(f"input[value='{wished}']").check(force=True)
        sure(phone)
        phone.sees("we offer").sees("20 free · 17 left after")
        assert village.record("day").state == "held"
        sure(phone)
        phone.sees("Your offer is sent").sees("The new places are held until")
    village.playing.becomes("day", "countered")
    assert [item.day for item in village.record("day", "tha-li").countered_items or ()] == [wished]
    arrives = formatting.named_day(Phrases.of("en"), wished, weekday=True).rpartition(" ")[0].replace(" ", NO_BREAK)
    with village.phone(who="thali") as sender:
        sender.open(village.path("day", "take")).sees(f"Arrives: {arrives}")


def test_another_time_on_the_same_day_is_offered(village: Village) -> None:
    day = next(village.days)
    village.asked("time", PAIR, items=({"experience_id": BAKING, "day": day, "start": "09:30"},))
    with village.phone("th") as phone:
        say = Phrases.of("th")
        phone.open(village.path("time", "counter")).tap(say.gettext("The same day at another time"))
        expect(phone.page.locator("input[value='14:00']")).to_be_checked()
        sure(phone)
        phone.sees("09:30").sees("14:00")
        sure(phone)
        phone.sees(say.gettext("Your offer is sent"))
    village.playing.becomes("time", "countered")
    items = village.record("time", "tha-li").countered_items or ()
    assert [(item.day, f"{item.start:%H:%M}") for item in items] == [(day, "14:00")]


def test_what_was_asked_for_is_no_other_offer_and_a_day_without_room_is_none(village: Village) -> None:
    day, full = village.asked("same"), next(village.days)
    village.playing.taken("bo-taen", full, but=2)
    with village.phone() as phone:
        phone.open(village.path("same", f"counter/check?day={day}"), 422).sees("That is what they asked for.")
        phone.open(village.path("same", f"counter/check?day={full}"), 422).sees("There is no room for them then.")
        phone.open(village.path("same", "counter/check?day=soon"), 422).sees("Choose a day.")


def test_where_nothing_is_held_the_next_days_with_room_are_the_answer(village: Village) -> None:
    full, _ = next(village.days), next(village.days)
    village.playing.taken("bo-taen", full, but=2)
    village.playing.offered("full", "bo-taen", full, FAMILY, becomes="offered")
    with village.phone("lo") as phone:
        say = Phrases.of("lo")
        phone.open(village.path("full", "answer"))
        expect(phone.page.locator(".eff")).to_have_text(
            say.gettext("{left} free, they are {heads}: not enough", left=2, heads=3)
        )
        assert not phone.thing(word(say, NEXT_ACTS, "accept")).count()
        assert phone.page.locator("input[name=day]").count() == 3
        phone.tap(word(say, NEXT_ACTS, "counter"))
        sure(phone)
        phone.sees(say.gettext("Your offer is sent"))
    village.playing.becomes("full", "countered")


def test_whoever_comes_second_is_told_who_answered_and_changes_nothing(village: Village) -> None:
    village.asked("raced")
    with village.phone("en") as slow, village.phone("th") as fast:
        slow.open(village.path("raced", "accept"))
        fast.open(village.path("raced", "decline")).choose(Phrases.of("th").gettext("We are closed that day"))
        sure(fast)
        village.playing.becomes("raced", "declined")
        sure(slow)
        slow.sees("botaen-th already answered").sees("botaen-th said no. Your tap changed nothing.")
        slow.open(village.path("raced", "answer"))
        assert "Your tap" not in slow.read()
        fast.open(village.path("raced", "answer")).sees(Phrases.of("th").gettext("You answered already"))
    assert [line.act for line in village.record("raced").story][-1] == "decline"


def test_a_request_that_was_taken_back_meanwhile_is_told_as_that(village: Village) -> None:
    village.asked("taken back")
    with village.phone() as phone:
        phone.open(village.path("taken back", "accept"))
        asked = WithdrawHandoff(referral=village.playing.ids["taken back"])
        village.playing.client.send(asked, acting="tha-li")
        village.playing.becomes("taken back", "withdrawn")
        sure(phone)
        phone.sees("It was taken back").sees("Tha Li community does not ask any more").sees("Your tap changed nothing.")


def test_the_story_and_what_was_sent_keep_themselves_fresh(village: Village) -> None:
    village.asked("fresh")
    with village.portal.phone(village.browser, "thali", Device(language="en")) as sender, village.phone() as receiver:
        sender.open(village.path("fresh", "")[:-1]).sees("holds the places while people decide")
        receiver.open(village.path("fresh", "accept"))
        sure(receiver)
        assert receiver.page.locator("main[data-fresh]").count(), "what was sent asks anew, too"
        village.playing.becomes("fresh", "accepted")
        sender.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        sender.sees("said yes").sees("Ask the traveller")


def test_a_helper_reads_the_question_and_is_shown_no_answer(village: Village) -> None:
    village.asked("helper")
    with village.phone(who="botaen-door") as phone:
        phone.open(village.path("helper", "answer")).sees("A coordinator of your community answers.")
        assert not phone.page.locator("main .act").count()
        for page in ("accept", "decline", "counter"):
            phone.open(village.path("helper", page), 403)


def test_what_others_are_asked_is_not_here(village: Village) -> None:
    village.asked("theirs")
    with village.phone(who="thali") as sender:
        for page in ("answer", "accept", "decline", "counter", "sent"):
            sender.open(village.path("theirs", page), 404)


def test_requests_are_sorted_by_what_they_wait_for(village: Village) -> None:
    village.asked("waits")
    village.asked("ended")
    asked = DeclineHandoff(referral=village.playing.ids["ended"], reason="other")
    village.playing.client.send(asked, acting="bo-taen")
    village.playing.becomes("ended", "declined")
    with village.phone() as phone:
        phone.open("/requests")
        sections = phone.page.locator("section")
        waiting, ended = sections.filter(has_text="Waiting"), sections.filter(has_text="Ended")
        assert waiting.locator(f"a[href='{village.path('waits', 'answer')}']").count() == 1
        assert ended.locator(f"a[href='{village.path('ended', '')[:-1]}']").count() == 1
    with village.phone(who="thali") as sender:
        sender.open("/requests/out").sees("Under way").sees("Places held").sees("Ended").sees("Declined")


def test_the_deadline_that_passes_meanwhile_is_told_as_that(village: Village) -> None:
    village.asked("late")
    with village.phone() as phone:
        phone.open(village.path("late", "accept"))
        village.playing.clock(BEGINS + timedelta(days=2))
        village.playing.becomes("late", "expired")
        sure(phone)
        phone.sees("The time ran out").sees("Your tap changed nothing.")
