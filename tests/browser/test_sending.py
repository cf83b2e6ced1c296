"""Sending a party and following it, on phones whose browsers run no scripts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from contracts.referral.v1 import AskPartnerAvailability, CounterHandoff, HandoffSummary, ListHandoffs, ShowHandoff
from contracts.values import Item, Party
from deploy.demo import queries
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Phone
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import STAYS, Playing

MORNING = datetime(2027, 1, 8, 2, tzinfo=UTC)
DAY = date(2027, 1, 14)
PAIR = Party(adult=2)
HANDOFF = re.compile(r"/handoffs/([0-9a-f-]{36})$")


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def playing(portal: Portal) -> Playing:
    play = Playing(portal.client)
    play.clock(MORNING)
    play.knows("tha-li", "bo-taen")
    return play


@pytest.fixture
def thali(portal: Portal, browser: Browser) -> Iterator[Phone]:
    with on_a_phone(portal, browser) as phone:
        yield phone


@contextmanager
def on_a_phone(portal: Portal, browser: Browser) -> Iterator[Phone]:
    """One more phone of the same person in Tha Li."""
    with portal.phone(browser, "thali", Device(scripts=False)) as phone:
        yield phone


def begin(phone: Phone, people: int = 2) -> None:
    phone.open("/send").page.fill("#people", str(people))
    phone.page.click("button[name=to][value=bo-taen]")


def choose(phone: Phone, day: date, *ids: str) -> None:
    for one in ids:
        phone.page.check(f"input[name=experiences][value='{one}']")
    phone.page.check(f"input[name=day][value='{day}']")
    phone.tap("Next")


def say_who(phone: Phone, adults: int = 2) -> None:
    page = phone.page
    page.fill("#adult", str(adults))
    page.check("input[name=language][value=en]")
    page.locator("input[name=window]").first.check()
    page.check("input[name=driver][value=sender]")
    page.check("input[name=nationality][value=third_country]")
    page.check("input[name=document][value=passport]")
    phone.tap("Next")


def hidden(phone: Phone) -> dict[str, str | float | bool]:
    """What the form carries that nobody sees."""
    fields = phone.page.locator("form.act input[type=hidden]").all()
    return {str(one.get_attribute("name")): str(one.get_attribute("value")) for one in fields}


def sent(portal: Portal) -> list[HandoffSummary]:
    return list(portal.client.send(ListHandoffs(side="sender", limit=200), acting="tha-li").items)


def test_an_offer_is_left_taken_up_on_another_phone_and_made_once(
    portal: Portal, thali: Phone, browser: Browser
) -> None:
    before = len(sent(portal))
    begin(thali)
    choose(thali, DAY, "bo-taen.homestay", "bo-taen.morning-market")
    thali.sees("When exactly?").tap("Next").sees("Who travels?")
    with on_a_phone(portal, browser) as other:
        other.open("/send").sees("Begun and not sent").page.click(".card.row a.g")
        say_who(other.sees("Who travels?"))
        other.sees("Na Kraseng").sees("not confirmed by officials").tap("Next").sees("Check and ask")
        assert "No name is sent" in other.read()
        check, form = other.page.url, hidden(other)
        other.tap("Ask Bo Taen (Botene) community").sees("The story so far")
        (handoff,) = HANDOFF.findall(other.page.url)
        again = other.context.request.post(check, form=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert again.url.endswith(handoff), "sent twice, it leads to the same handoff"
        assert "Begun and not sent" not in other.open("/send").read()
    view = portal.client.send(ShowHandoff(referral=handoff), acting="tha-li")
    assert [(item.experience_id, item.day) for item in view.items] == [
        ("bo-taen.homestay", DAY), ("bo-taen.morning-market", DAY + timedelta(days=1))
    ]  # fmt: skip
    assert (view.crossing, view.who_drives, view.language) == ("na-kraseng", "sender", "en")
    assert len(sent(portal)) == before + 1


def test_two_phones_that_send_the_same_draft_offer_it_once(portal: Portal, thali: Phone, browser: Browser) -> None:
    before = len(sent(portal))
    begin(thali)
    choose(thali, DAY, "bo-taen.homestay")
    say_who(thali)
    thali.tap("Next").sees("Check and ask")
    with on_a_phone(portal, browser) as other:
        other.open(thali.page.url.removeprefix(portal.base_url))
        thali.tap("Ask Bo Taen (Botene) community").sees("The story so far")
        other.tap("Ask Bo Taen (Botene) community").sees("The story so far")
        assert other.page.url == thali.page.url
    assert len(sent(portal)) == before + 1


def test_where_it_is_full_other_days_are_shown(portal: Portal, playing: Playing, thali: Phone) -> None:
    full = DAY + timedelta(days=4)
    playing.taken("bo-taen", full, but=3)
    asked = AskPartnerAvailability(partner="bo-taen", first=full, last=full)

    def known() -> bool:
        told = portal.client.send(asked, acting="tha-li").days
        return any(one.left == 3 for one in told if one.experience_id == STAYS["bo-taen"])

    assert queries.holds(known, 30)
    begin(thali)
    choose(thali, full, "bo-taen.homestay")
    say_who(thali, adults=5)
    thali.sees("Not enough places that day").sees("Days with room for 5")
    thali.tap("Next").sees("Who travels?")
    assert "14 Jan" not in thali.read()


def test_a_draft_is_discarded(thali: Phone) -> None:
    begin(thali)
    drafts = thali.open("/send").page.locator("form[action$=discard] button")
    kept = drafts.count()
    drafts.first.click()
    assert thali.page.locator("form[action$=discard]").count() == kept - 1


def test_nothing_chosen_is_said_at_the_page_and_nothing_is_lost(thali: Phone) -> None:
    begin(thali, 3)
    thali.page.check("input[value='bo-taen.homestay']")
    thali.tap("Next").sees("There is a problem").sees("Choose a day")
    assert thali.page.locator("input[value='bo-taen.homestay']").is_checked()


def test_what_is_ticked_is_kept_when_another_month_is_looked_at(thali: Phone) -> None:
    begin(thali)
    ticked = "bo-taen.homestay", "bo-taen.morning-market"
    for one in ticked:
        thali.page.check(f"input[name=experiences][value='{one}']")
    thali.page.fill("#stay", "2")
    thali.tap("Month after").sees("February 2027").sees("For 2 people: ")
    thali.tap("Next").sees("Choose a day").sees("February 2027")
    thali.tap("Month before").sees("January 2027")
    checked = thali.page.locator("input[name=experiences]:checked").all()
    assert {one.get_attribute("value") for one in checked} == set(ticked)
    assert thali.page.input_value("#stay") == "2"


def test_a_month_is_turned_before_anything_is_ticked(thali: Phone) -> None:
    begin(thali)
    thali.tap("Month after").sees("February 2027")
    assert "There is a problem" not in thali.read()


def test_all_mistakes_are_told_at_once_each_with_its_field(thali: Phone) -> None:
    begin(thali)
    thali.tap("Next").sees("Choose what they want to do").sees("Choose a day")
    choose(thali, DAY + timedelta(days=2), "bo-taen.homestay")
    thali.page.fill("#adult", "0")
    thali.tap("Next").sees("There is a problem").sees("Adults: a party needs at least one adult")
    thali.sees("Language they speak: is missing").sees("They arrive between: is missing")


def test_a_line_that_is_sent_empty_is_asked_for_again(thali: Phone) -> None:
    begin(thali)
    choose(thali, DAY, "bo-taen.homestay", "bo-taen.morning-market")
    thali.sees("When exactly?")
    csrf = str(thali.page.locator("input[name=csrf]").first.get_attribute("value"))
    lines = (("days", f"{DAY}"), ("days", f"{DAY + timedelta(days=1)}"), ("starts", "15:00"), ("starts", "06:00"))
    body = urlencode([("csrf", csrf), *lines, ("nights", ""), ("nights", "1")])
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    answer = thali.context.request.post(thali.page.url, data=body, headers=headers)
    assert answer.status == 422
    assert "Nights: is missing" in answer.text()


def test_where_papers_are_from_need_not_be_said(portal: Portal, thali: Phone) -> None:
    begin(thali)
    choose(thali, DAY + timedelta(days=2), "bo-taen.homestay")
    thali.page.check("input[name=language][value=en]")
    thali.page.locator("input[name=window]").first.check()
    thali.tap("Next").sees("You have not said yet where their papers are from.").sees("Na Kraseng")
    thali.tap("Next").sees("Check and ask")
    assert "Not said yet" in thali.page.locator(".chk2 > div").filter(has_text="Papers").inner_text()
    thali.tap("Ask Bo Taen (Botene) community").sees("Sent. Now they decide.").sees("They answer by")
    (handoff,) = HANDOFF.findall(thali.page.url)
    view = portal.client.send(ShowHandoff(referral=handoff), acting="tha-li")
    assert (view.travel, view.crossing) == (None, "na-kraseng")
    assert "They answer by" in thali.open("/requests/out").page.locator(f"a[href='/handoffs/{handoff}']").inner_text()


def test_a_partner_for_larger_parties_says_so(thali: Phone) -> None:
    partner = thali.open("/send?people=2").page.locator("button[value=kok-sathon]")
    assert "The party is too small (4 at least)" in partner.inner_text()
    assert "too small" not in thali.open("/send?people=4").page.locator("button[value=kok-sathon]").inner_text()


def test_of_another_community_there_is_no_such_draft(portal: Portal, thali: Phone, browser: Browser) -> None:
    begin(thali)
    path = thali.page.url.removeprefix(portal.base_url)
    with portal.phone(browser, "botaen", Device(scripts=False)) as stranger:
        stranger.open(path, 404).sees("This page is not here")


def test_the_door_may_not_offer(portal: Portal, browser: Browser) -> None:
    with portal.phone(browser, "botaen-door", Device(scripts=False)) as door:
        door.open("/send", 403).sees("Your role does not allow this")
        assert door.open("/today").page.locator("nav a[href='/send']").count() == 0
        assert door.page.locator("nav a").count() == 4


def test_who_may_offer_finds_it_in_the_menu(thali: Phone) -> None:
    thali.open("/today").page.locator("nav a[href='/send']").click()
    thali.sees("Who could take them?")


def test_a_party_is_taken_back_with_a_reason_and_only_once(playing: Playing, thali: Phone) -> None:
    playing.offered("back", "bo-taen", DAY + timedelta(days=8), PAIR)
    path = f"/handoffs/{playing.ids['back']}"
    thali.open(path).tap("Take it back").sees("Take it back?").sees("What is sent cannot be called back.")
    thali.page.check("input[name=reason][value=illness]")
    thali.tap("Yes, take it back").sees("Taken back").sees("illness")
    playing.becomes("back", "withdrawn")
    thali.open(f"{path}/withdraw").sees("It stands differently now").sees("This page has changed nothing.")


def test_a_delay_is_told_and_the_window_that_misses_the_bridge_says_so(playing: Playing, thali: Phone) -> None:
    window = {"day": DAY + timedelta(days=9), "earliest": "14:00", "latest": "16:00"}
    playing.offered("late", "bo-taen", DAY + timedelta(days=9), PAIR, arrival=window)
    playing.confirmed("late")
    thali.open(f"/handoffs/{playing.ids['late']}").tap("They will be late").sees("Planned: ")
    closing = thali.page.locator("label.opt").filter(has_text="The crossing closes at 18:00")
    assert closing.count() == 1
    assert "17:00–18:00" in closing.inner_text()
    thali.page.locator("input[name=window]").nth(1).check()
    thali.tap("Tell Bo Taen (Botene) community").sees("said that the party will be late")
    assert f"{playing.view('late').arrival.earliest:%H:%M}" == "16:00"


def test_what_they_offer_instead_is_taken(portal: Portal, playing: Playing, thali: Phone) -> None:
    asked, offered = DAY + timedelta(days=11), DAY + timedelta(days=12)
    playing.offered("other", "bo-taen", asked, PAIR)
    item = Item(experience_id=STAYS["bo-taen"], day=offered)
    portal.client.send(CounterHandoff(referral=playing.ids["other"], items=(item,)), acting="bo-taen")
    playing.becomes("other", "countered")
    thali.open(f"/handoffs/{playing.ids['other']}").sees("Your turn").tap("See what they offer")
    thali.sees("Mon 25 Jan").sees("Tue 26 Jan").tap("Take Tue 26 Jan").sees("The story so far")
    playing.becomes("other", "accepted")
    assert playing.view("other").items[0].day == offered


def test_a_change_begins_a_draft_of_all_that_is_known_and_replaces_the_old(
    portal: Portal, playing: Playing, thali: Phone, browser: Browser
) -> None:
    day = DAY + timedelta(days=14)
    playing.offered("changed", "bo-taen", day, PAIR, language="en", who_drives="sender")
    playing.confirmed("changed")
    thali.open(f"/handoffs/{playing.ids['changed']}").tap("Change party or day").tap("Begin the change")
    assert thali.page.locator("input[value='bo-taen.homestay']").is_checked()
    choose(thali, day + timedelta(days=1))
    thali.sees("Who travels?")
    assert thali.page.locator("input[name=language][value=en]").is_checked()
    say_who(thali, adults=3)
    thali.tap("Next").sees("This changes an earlier handoff").tap("Ask Bo Taen (Botene) community")
    (new,) = HANDOFF.findall(thali.sees("The story so far").page.url)
    view = portal.client.send(ShowHandoff(referral=new), acting="tha-li")
    assert (view.party, view.items[0].day) == (Party(adult=3), day + timedelta(days=1))
    assert playing.view("changed").state == "confirmed", "what is booked stays"
    old = f"{portal.base_url}/handoffs/{playing.ids['changed']}"
    assert thali.sees("This changes an earlier handoff").tap("See it").page.url == old
    with portal.phone(browser, "botaen", Device(scripts=False)) as receiver:
        playing.ids["change"] = new
        playing.becomes("change", "held")
        receiver.open(f"/handoffs/{new}/answer").sees("This changes what you have agreed to")
        assert receiver.tap("See it").page.url == old


def test_each_side_sees_only_what_it_can_do(portal: Portal, playing: Playing, thali: Phone, browser: Browser) -> None:
    playing.offered("seen", "bo-taen", DAY + timedelta(days=16), PAIR)
    path = f"/handoffs/{playing.ids['seen']}"
    assert "Your turn" not in thali.open(path).read()
    with portal.phone(browser, "botaen", Device(scripts=False)) as receiver:
        receiver.open(path).sees("Your turn").sees("See and answer")
        assert "Take it back" not in receiver.read()
    with portal.phone(browser, "botaen-door", Device(scripts=False)) as door:
        assert "See and answer" not in door.open(path).read(), "a helper does not answer"


def test_at_the_end_of_a_month_the_days_begin_where_there_is_room(playing: Playing, thali: Phone) -> None:
    playing.clock(datetime(2027, 1, 30, 2, tzinfo=UTC))  # a homestay wants to know three days before
    begin(thali)
    thali.sees("February 2027").tap("Month before").sees("January 2027").tap("Month after").sees("February 2027")
