"""The traveller's word on a handed phone: asked for when it is due, taken as they say it, in whatever order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from contracts.values import Party
from services.client.phrases.catalogue import Phrases
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Phone
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing

MORNING = datetime(2027, 1, 8, 2, tzinfo=UTC)
DAY = date(2027, 1, 14)
PAIR = Party(adult=2)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def playing(portal: Portal) -> Playing:
    play = Playing(portal.client)
    play.clock(MORNING)
    play.knows("tha-li", "bo-taen")
    return play


@pytest.fixture
def thali(portal: Portal, browser: Browser) -> Iterator[Phone]:
    with portal.phone(browser, "thali", Device(scripts=False)) as phone:
        yield phone


def test_everything_may_be_told_after_a_mistake(
    portal: Portal, playing: Playing, thali: Phone, browser: Browser
) -> None:
    playing.offered("told", "bo-taen", DAY, PAIR, language="en")
    playing.accepted("told")
    path = f"/handoffs/{playing.ids['told']}"
    thali.open(f"{path}/consent")
    for box in thali.page.locator("input[name=fields]").all():
        box.check()
    thali.tap("Yes, read and fill in").sees("Read this, then fill it in")
    assert "- one way to reach you" not in thali.read(), "what is listed is a list"
    for name, value in (("name", "Anna"), ("address", "020 5555 1234"), ("food", "no fish"), ("mobility", "slow")):
        thali.page.fill(f"#{name}", value)
    thali.page.fill("#nationality", "Atlantis")
    thali.page.check("input[name=document_class][value=passport]")
    thali.page.check("input[name=said][value=spoken]")
    thali.tap("Yes, I agree: pass this on").sees(
        "How did you agree? What is read aloud counts when somebody else hears"
    )
    thali.sees("Your nationality: Write the country in Thai, Lao or English")
    thali.page.fill("#nationality", "ประเทศลาว")
    thali.page.check("#witnessed")
    thali.tap("Yes, I agree: pass this on").sees("Thank you")
    playing.becomes("told", "confirmed")
    with portal.phone(browser, "botaen", Device(scripts=False)) as host:
        host.open(path).tap("See who they are").sees("Anna")
        assert "Laos" in host.page.locator("dl.facts > div").filter(has_text="Nationality").inner_text()


def test_who_says_no_is_thanked_in_their_language_and_nothing_is_told(
    portal: Portal, playing: Playing, thali: Phone, browser: Browser
) -> None:
    playing.offered("untold", "bo-taen", DAY + timedelta(days=2), PAIR, language="lo")
    playing.accepted("untold")
    path, lao = f"/handoffs/{playing.ids['untold']}", Phrases.of("lo").gettext
    thali.open(f"{path}/consent").tap(lao("No, only how many we are")).sees(lao("Now give the phone back, please."))
    said = thali.sees(lao("You said no. What you were asked about is not passed on.")).read()
    assert lao("You can take it back at any time: say so to either village.") not in said
    assert thali.page.locator("html").get_attribute("lang") == "lo"
    thali.page.reload()
    thali.sees(lao("Thank you")).tap("I have the phone back").sees("The story so far")
    playing.becomes("untold", "confirmed")
    assert playing.view("untold").consent_refused
    with portal.phone(browser, "botaen", Device(scripts=False)) as host:
        host.open(path).sees("The story so far")
        assert not host.thing("See who they are").count()


def test_nobody_is_asked_once_it_has_come_to_nothing(playing: Playing, thali: Phone) -> None:
    playing.offered("gone", "bo-taen", DAY + timedelta(days=1), PAIR)
    path = f"/handoffs/{playing.ids['gone']}"
    thali.open(f"{path}/withdraw").page.check("input[name=reason][value=illness]")
    thali.tap("Yes, take it back").sees("Taken back")
    thali.open(f"{path}/consent").sees("It stands differently now")
