"""Every page, as each person sees it: in three languages, light and dark, small, and with larger text."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from deploy.demo import data
from services.client.phrases.catalogue import LANGUAGES
from tests.support.browser.accessibility import contrasts, violations
from tests.support.browser.chromium import Device
from tests.support.browser.glyphs import missing_glyphs
from tests.support.browser.keyboard import out_of_reach
from tests.support.browser.looks import broken_names, overflow
from tests.support.browser.phone import Phone
from tests.support.browser.words import untranslated
from tests.support.portal import scene
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing
from tests.support.portal.showing import ask, switch_on
from tests.support.portal.views import VIEWS, View

#: First visit with fonts, and a later page: what the village's line carries.
FIRST_VISIT, LATER_PAGE = 60_000, 5_000
Hand = Callable[[str, str], Phone]
ON_THE_DAY = [view for view in VIEWS if view.moment == "day"]


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def ids(portal: Portal, browser: Browser) -> dict[str, str]:
    """The handoffs of the scene, by name, once it is played."""
    playing = Playing(portal.client)
    scene.begin(playing)
    scene.play(playing)
    switch_on(portal, browser)
    ask(portal, browser)
    return playing.ids


@pytest.fixture(scope="module")
def places() -> list[str]:
    """Names that are never broken over lines."""
    return [
        name
        for offer in data.communities().offerings
        for name in offer.offering.community.names.model_dump(exclude_none=True).values()
    ]


@pytest.fixture(scope="module")
def hand(portal: Portal, browser: Browser) -> Iterator[Hand]:
    """The phone of a person in a language; each keeps theirs, with what it has loaded before."""
    held: dict[tuple[str, str], Phone] = {}
    with ExitStack() as phones:

        def given(who: str, language: str) -> Phone:
            if (who, language) not in held:
                device = Device(language=language)
                held[who, language] = phones.enter_context(portal.phone(browser, who, device))
            return held[who, language]

        yield given


@pytest.fixture(params=ON_THE_DAY, ids=lambda view: view.name)
def view(request: pytest.FixtureRequest) -> View:
    chosen: View = request.param
    return chosen


def wrong(phone: Phone, names: list[str]) -> list[str]:
    """Everything that all checks find on the page that is open."""
    page = phone.page
    found = [*violations(page), *overflow(page), *broken_names(page, names), *missing_glyphs(page)]
    said = untranslated(page, [*names, *scene.AGENCIES.values()])
    return [*found, *said, *out_of_reach(page), *phone.watch.wrong]


def wrong_in_the_dark(phone: Phone) -> list[str]:
    """What is wrong with the other colours."""
    phone.page.emulate_media(color_scheme="dark")
    phone.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")  # the keys have moved the focus
    try:
        return [f"dark: {said}" for said in contrasts(phone.page)]
    finally:
        phone.page.emulate_media(color_scheme="light")


def wrong_elsewhere(phone: Phone, names: list[str]) -> list[str]:
    """What does not fit in a narrower window, with larger text, or on a desk."""
    found: list[str] = []
    for width, text in ((320, 100), (360, 130), (1280, 100)):
        phone.fit(width, text)
        found += [f"{width} px, {text} %: {said}" for said in (*overflow(phone.page), *broken_names(phone.page, names))]
    phone.fit(phone.device.width, phone.device.text)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wrong_with_a_page(
    hand: Hand, ids: dict[str, str], places: list[str], view: View, language: str
) -> None:
    phone = hand(view.who, language)
    phone.watch.forget()
    with phone.watch.one_visit() as visit:
        view.show(phone, ids)
    found = [*wrong(phone, places), *wrong_in_the_dark(phone), *wrong_elsewhere(phone, places)]
    print(f"{view.name} {language}: {visit.weight} bytes")
    assert found == []
    assert visit.weight <= visit.pages * LATER_PAGE + visit.once, visit.heaviest


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("who", "path"), [("", "/signin"), ("botaen", "/today")])
def test_a_first_visit_is_light(portal: Portal, browser: Browser, who: str, path: str, language: str) -> None:
    with portal.phone(browser, who, Device(language=language)) as phone, phone.watch.one_visit() as visit:
        phone.open(path).page.wait_for_load_state("networkidle")
    print(f"{path} {language}: {visit.weight} bytes")
    assert visit.weight <= FIRST_VISIT, visit.heaviest
