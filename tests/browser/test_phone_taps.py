"""What saves taps, what a page without a secure context has, and what the scripts weigh."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from services.portal.site.assets import bare
from tests.browser.phone import lasting, phone
from tests.browser.phone_site import STATIC, Site, reached

#: Which scripts travel for what, and how many bytes they may weigh, without comments.
MOST = {
    "every page": (["portal"], 2750),
    "Today": (["portal", "today"], 3750),
    "Receive": (["portal", "pass", "receive"], 7900),
    "the worker, once": (["sw", "vault", "later"], 5700),
    "being told": (["push"], 900),
    "a phone without Ed25519": (["ed25519"], 1000),
}
TAPS = """<p><button data-step="-1">-</button><input id="n" value="1" min="1" max="2">
<button data-step="1">+</button></p>
<input id="pw" type="password"><input id="see" type="checkbox" data-show="pw"><b id="words">ABC</b>
<button data-copy="words" data-done="Copied">Copy</button>
<button data-share="Welcome" data-url="/p" data-done="Copied">Share</button>
<button data-print>Print</button><input id="c" data-group><p data-js hidden id="only">x</p>
<fieldset data-theme-set><input type="radio" name="t" value="auto">
<input type="radio" name="t" value="dark" id="dk"></fieldset>"""


class Tapped(Site):
    """A site whose every page has all there is to tap."""

    def page(self, title: str, main: str, attributes: str = "", scripts: str = "") -> str:
        """The page with more on it."""
        style = '<link id="dark" rel="stylesheet" href="/static/none.css" media="(prefers-color-scheme:dark)">'
        return super().page(title, main + (TAPS + style if title == "/taps" else ""), attributes, scripts)


def test_taps_are_saved(browser: Browser) -> None:
    with reached(Tapped(0)) as site, phone(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.add_init_script("self.print = () => { self.printed = true }; delete Navigator.prototype.share;")
        page.goto(f"{site.address}/taps")
        for name, count in (("+", "2"), ("+", "2"), ("-", "1"), ("-", "1")):
            page.get_by_role("button", name=name, exact=True).click()
            expect(page.locator("#n")).to_have_value(count)
        page.check("#see")
        expect(page.locator("#pw")).to_have_attribute("type", "text")
        page.get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_role("button", name="Copied")).to_have_count(2)
        assert page.evaluate("navigator.clipboard.readText()") == "Welcome\n/p"
        page.get_by_role("button", name="Print").click()
        assert page.evaluate("self.printed")
        page.fill("#c", "abc2345")
        expect(page.locator("#c")).to_have_value("ABC 234")
        expect(page.locator("#only")).to_be_visible()
        page.check("#dk")
        page.reload()
        expect(page.locator("#dk")).to_be_checked()
        assert page.evaluate("document.getElementById('dark').media") == "all"


def test_without_a_secure_context_the_pages_are_plain_pages(browser: Browser, tmp_path: Path) -> None:
    with (
        reached() as site,
        lasting(browser, tmp_path, "--host-resolver-rules=MAP village.example 127.0.0.1") as context,
    ):
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        plain = f"http://village.example:{site.port}"
        page.goto(f"{plain}/today")
        site.word = "fresh"
        expect(page.locator("#word")).to_have_text("fresh")
        page.goto(f"{plain}/receive")
        assert not page.evaluate("isSecureContext")
        expect(page.locator("[data-camera]")).to_be_hidden()
        expect(page.locator("[data-blind=http]")).to_be_visible()
        expect(page.locator("[data-blind=phone]")).to_be_hidden()
        page.fill("#code", "abc234")
        page.get_by_role("button", name="Check").click()
        page.wait_for_url("**/handoffs/1")
        page.goto(f"{plain}/requests/1")
        page.get_by_role("button", name="Accept").click()
        page.wait_for_url("**/handoffs/1")
        assert (site.done, wrong) == (["look", "a1"], [])


def test_a_page_for_everybody_leaves_nothing_on_the_phone(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        site.session = None
        page = context.new_page()
        page.goto(f"{site.address}/en/bo-taen")
        page.evaluate("phone.settled")
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_the_scripts_are_small_and_reach_for_no_other_host() -> None:
    texts = {path.name: bare(path).decode() for path in STATIC.glob("*.js")}
    assert len(texts) >= 7
    weights = {name: len(gzip.compress(text.encode(), 9)) for name, text in texts.items()}
    for what, (names, most) in MOST.items():
        weight = sum(weights[f"{name}.js"] for name in names)
        print(f"{what}: {weight} of {most} bytes")
        assert weight <= most, what
    assert not [
        name for name, text in texts.items() if re.search(r"https?://|\beval\(|innerHTML|document\.write", text)
    ]
