"""Every page, as each person sees it: in three languages, light and dark, small, and with larger text."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from deploy.demo import data
from services.client.phrases.catalogue import LANGUAGES
from tests.support.browser.accessibility import violations
from tests.support.browser.chromium import Device
from tests.support.browser.glyphs import missing_glyphs
from tests.support.browser.keyboard import out_of_reach
from tests.support.browser.looks import broken_names, overflow
from tests.support.browser.phone import Phone
from tests.support.browser.words import untranslated
from tests.support.portal import scene
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing
from tests.support.portal.views import VIEWS, View

#: First visit with fonts, and a later page: what the village's line carries.
FIRST_VISIT, LATER_PAGE = 60_000, 5_000
DARK = {"light": False, "dark": True}
ON_THE_DAY = [view for view in VIEWS if view.moment == "day"]


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def ids(portal: Portal) -> dict[str, str]:
    """The handoffs of the scene, by name, once it is played."""
    playing = Playing(portal.client)
    scene.begin(playing)
    scene.play(playing)
    return playing.ids


@pytest.fixture(scope="module")
def places() -> list[str]:
    """Names that are never broken over lines."""
    return [
        name
        for offer in data.communities().offerings
        for name in offer.offering.community.names.model_dump(exclude_none=True).values()
    ]


@pytest.fixture(params=ON_THE_DAY, ids=lambda view: view.name)
def view(request: pytest.FixtureRequest) -> View:
    chosen: View = request.param
    return chosen


def wrong(phone: Phone, names: list[str]) -> list[str]:
    """Everything that all checks find on the page that is open."""
    page = phone.page
    complaints = [said for said in phone.watch.complaints if "the server responded with a status of" not in said]
    found = [*violations(page), *overflow(page), *broken_names(page, names), *missing_glyphs(page)]
    return [*found, *untranslated(page, names), *out_of_reach(page), *complaints, *phone.watch.foreign]


@pytest.mark.parametrize("look", DARK)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wrong_with_a_page(
    portal: Portal, browser: Browser, ids: dict[str, str], places: list[str], view: View, language: str, look: str
) -> None:
    with portal.phone(browser, view.who, Device(language=language, dark=DARK[look])) as phone:
        view.show(phone, ids)
        assert wrong(phone, places) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "text"), [(320, 100), (360, 130), (1280, 100)])
def test_a_page_keeps_within_any_window(
    portal: Portal, browser: Browser, ids: dict[str, str], places: list[str], view: View, language: str,
    width: int, text: int,
) -> None:  # fmt: skip
    with portal.phone(browser, view.who, Device(language=language, width=width, text=text)) as phone:
        view.show(phone, ids)
        assert [*overflow(phone.page), *broken_names(phone.page, places)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_light(portal: Portal, browser: Browser, ids: dict[str, str], view: View, language: str) -> None:
    with portal.phone(browser, view.who, Device(language=language)) as phone:
        with phone.watch.one_visit() as first:
            view.show(phone, ids)
            phone.page.wait_for_load_state("networkidle")
        with phone.watch.one_visit() as later:
            view.show(phone, ids)
            phone.page.wait_for_load_state("networkidle")
    print(f"{view.name} {language}: {first.weight} bytes, later {later.weight}")
    assert first.weight <= FIRST_VISIT, first.heaviest
    assert later.weight <= LATER_PAGE, later.heaviest
