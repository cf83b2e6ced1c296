"""A phone shows what a person has set, tells what a page does besides, and weighs what comes over the line."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deploy.develop import packages
from tests.support.browser.accessibility import violations
from tests.support.browser.chromium import Device
from tests.support.browser.glyphs import fonts_used, missing_glyphs
from tests.support.browser.looks import overflow
from tests.support.browser.phone import Account, Phone, phone
from tests.support.browser.planted import Answer, Site

OWN_SCRIPTS_ONLY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:"
SHOWS = "<p id='shown'></p><script>document.querySelector('#shown').textContent = {}</script>"
FORM = """<form action="{action}"><label>Name <input name="who" autocomplete="username"></label>
<label>Password <input type="password" autocomplete="current-password"></label>
<button type="button">Show</button> <button>Sign in</button></form>"""


def roboto() -> Path:
    """The file of the font that phones have."""
    found = (file for folder in packages.FONT_FOLDERS for file in Path(folder).rglob("Roboto-Regular.ttf"))
    return next(found)


@pytest.fixture
def held(browser: Browser, planted: Site) -> Iterator[Phone]:
    with phone(browser, planted.base_url) as one:
        yield one


@pytest.mark.parametrize(
    ("device", "asked", "shown"),
    [
        (Device(), "`${innerWidth} × ${innerHeight}`", "360 × 780"),
        (Device(width=320), "`${innerWidth}`", "320"),
        (Device(language="lo"), "navigator.language", "lo-LA"),
        (Device(dark=True), "matchMedia('(prefers-color-scheme: dark)').matches", "true"),
        (Device(), "matchMedia('(prefers-color-scheme: dark)').matches", "false"),
        (Device(text=130), "getComputedStyle(document.body).fontSize", "21px"),
        (Device(), "getComputedStyle(document.body).fontSize", "16px"),
        (Device(), "Intl.DateTimeFormat().resolvedOptions().timeZone", "Asia/Bangkok"),
    ],
)
def test_a_phone_is_set_as_its_person_wants_it(
    browser: Browser, planted: Site, device: Device, asked: str, shown: str
) -> None:
    with phone(browser, planted.base_url, device) as held:
        assert held.open(planted.page(SHOWS.format(asked))).page.locator("#shown").inner_text() == shown


def test_with_scripts_off_none_runs(browser: Browser, planted: Site) -> None:
    with phone(browser, planted.base_url, Device(scripts=False)) as held:
        assert "ran" not in held.open(planted.page(SHOWS.format("'ran'"))).read()


def test_larger_text_makes_a_line_too_long(browser: Browser, planted: Site) -> None:
    path = planted.page("<p style='white-space:nowrap'>This line just fits into the window</p>")
    with phone(browser, planted.base_url, Device(width=300)) as usual:
        assert overflow(usual.open(path).page) == []
    with phone(browser, planted.base_url, Device(width=300, text=130)) as larger:
        assert overflow(larger.open(path).page) != []


def test_two_phones_share_nothing(browser: Browser, planted: Site) -> None:
    path = planted.page(SHOWS.format("localStorage.x = (localStorage.x ?? '') + 'I'"))
    with phone(browser, planted.base_url) as one, phone(browser, planted.base_url) as other:
        assert one.open(path).open(path).page.locator("#shown").inner_text() == "II"
        assert other.open(path).page.locator("#shown").inner_text() == "I"


def test_a_person_signs_in_taps_and_reads(held: Phone, planted: Site) -> None:
    after = planted.page("<p>Welcome</p><a href='/signin'>Sign out</a>")
    planted.answers[f"{after}?who=Noy"] = planted.answers[after]
    planted.answers["/signin"] = planted.answers[planted.page(FORM.format(action=after))]
    held.sign_in(Account("Noy", "a password", "bo-taen"))
    assert "Welcome" in held.read()
    assert held.tap("Sign out").thing("Sign in").is_visible()


def test_a_refused_sign_in_is_not_taken_for_one(held: Phone, planted: Site) -> None:
    planted.answers["/signin"] = planted.answers[planted.page(FORM.format(action="/signin"))]
    planted.answers["/signin?who=Noy"] = planted.answers["/signin"]
    with pytest.raises(AssertionError, match="Noy is not signed in"):
        held.sign_in(Account("Noy", "a wrong one", "bo-taen"))


def test_a_page_that_answers_otherwise_than_expected_is_told(held: Phone) -> None:
    with pytest.raises(AssertionError, match="/none answered 404, not 200"):
        held.open("/none")


def test_a_request_to_another_host_is_seen(held: Phone, planted: Site) -> None:
    held.open(planted.page("<img src='http://127.0.0.1:9/a.png' alt='a'><img src='data:,' alt='b'>"))
    assert held.watch.foreign == ["http://127.0.0.1:9/a.png"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('it went wrong')</script>", "it went wrong"),
        ("<script>nothingOfThisName()</script>", "nothingOfThisName is not defined"),
        ("<img src='/none.png' alt='none'>", "404"),
    ],
)
def test_what_a_page_complains_of_is_seen(held: Phone, planted: Site, body: str, complaint: str) -> None:
    held.open(planted.page(body))
    assert any(complaint in said for said in held.watch.complaints), held.watch.complaints


@pytest.mark.parametrize(
    "body", ["<script>1</script>", "<a href='#' onclick='x()'>a</a>", "<img src='/a.png' alt='a'>"]
)
def test_what_the_policy_of_a_page_forbids_is_seen(held: Phone, planted: Site, body: str) -> None:
    held.open(planted.page(body, Content_Security_Policy=OWN_SCRIPTS_ONLY))
    assert any("Content Security Policy" in said for said in held.watch.complaints), held.watch.complaints


def test_a_strict_policy_does_not_stop_the_checks(held: Phone, planted: Site) -> None:
    held.open(planted.page("<p style='color:#aaa'>faint</p>", Content_Security_Policy=OWN_SCRIPTS_ONLY))
    assert any("color-contrast" in said for said in violations(held.page))
    assert held.watch.complaints == []


def test_a_page_weighs_what_came_compressed_and_what_is_kept_weighs_nothing(held: Phone, planted: Site) -> None:
    text = b"/* easily made smaller */" * 2000
    kept = {"Content-Encoding": "gzip", "Cache-Control": "max-age=3600"}
    planted.answers["/kept.css"] = Answer(gzip.compress(text), "text/css", kept)
    path = planted.page("<p>text</p>", head="<link rel='stylesheet' href='/kept.css'>")
    with held.watch.one_visit() as first:
        held.open(path).page.wait_for_load_state("networkidle")
    with held.watch.one_visit() as later:
        held.open(path).page.wait_for_load_state("networkidle")
    style, page = (len(planted.answers[where].body) for where in ("/kept.css", path))
    assert style + page < first.weight < style + page + 1000 < len(text)
    assert page < later.weight < page + 500
    assert re.fullmatch(r"\d+ /\d+", later.heaviest[0])


def test_a_cut_network_is_cut_and_comes_back(held: Phone, planted: Site) -> None:
    path = planted.page("<p>text</p>")
    held.open(path)
    with held.without_network():
        held.page.evaluate("() => fetch('/').catch(() => { document.title = 'cut' })")
        assert held.page.title() == "cut"
    assert held.watch.complaints == []
    assert "text" in held.open(path).read()


def test_a_slow_line_is_slow(held: Phone, planted: Site) -> None:
    path = planted.page("<p>text</p>")
    took = "performance.getEntriesByType('navigation')[0].responseEnd"
    assert held.open(path).page.evaluate(took) < 300
    held.on_a_slow_line(milliseconds=400)
    assert held.open(path).page.evaluate(took) >= 390


def test_a_font_that_comes_with_the_page_is_told_from_one_of_the_machine(held: Phone, planted: Site) -> None:
    planted.answers["/brought"] = Answer(roboto().read_bytes(), "font/ttf")
    head = "<style>@font-face{font-family:Brought;src:url(/brought)} p{font-family:Brought}</style>"
    held.open(planted.page("<p>text</p>", head=head))
    assert fonts_used(held.page) == {"Roboto", "web:Roboto-Regular"}
    assert missing_glyphs(held.page, fonts=()) == ["Roboto drew 6 of “A page”"]
