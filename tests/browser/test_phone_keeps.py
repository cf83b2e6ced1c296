"""What the phone keeps, for how long, and what it shows without a network."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.phone import lasting, open_page, phone, settled
from tests.browser.phone_site import PERSONAL, Site, reached

#: All that is in the database of the phone, as a thief with its files would see it, but for the key.
DUMP = """async () => {
  const db = await new Promise((ok) => { const r = indexedDB.open('handoff', 1); r.onsuccess = () => ok(r.result); });
  const read = (table, how) => new Promise((ok) => {
    const r = db.transaction(table).objectStore(table)[how](); r.onsuccess = () => ok(r.result); });
  const text = (x) => new TextDecoder('latin1').decode(x);
  const names = await read('kept', 'getAllKeys'), values = await read('kept', 'getAll');
  const [now] = await read('session', 'getAll');
  const out = now && await crypto.subtle.exportKey('raw', now.key).then(() => true, () => false);
  db.close();
  return { names, values: values.map((v) => text(v.sealed)), session: !!now, exported: !!out };
}"""


def kept(page: Page) -> list[str]:
    """The names of what is kept."""
    names: list[str] = page.evaluate(DUMP)["names"]
    return names


def wait_kept(page: Page, *names: str, gone: bool = False) -> None:
    """Waits until these are kept, or are not."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        if all((name in kept(page)) is not gone for name in names):
            return
        time.sleep(0.05)
    raise TimeoutError(f"of {names} the phone keeps {kept(page)}")


def visited(site: Site, page: Page, *paths: str) -> None:
    """Opens pages until the phone has kept them."""
    for path in paths:
        page.goto(site.address + path)
        wait_kept(page, f"page|{path}")


def test_a_copy_is_shown_with_its_time_and_the_page_is_fresh_again_afterwards(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/today")
        page.goto(f"{site.address}/consent")
        site.cut()
        page.goto(f"{site.address}/today")
        stale = page.locator("[data-stale]")
        expect(stale).to_be_visible()
        expect(page.locator("[data-sync]")).to_have_class("sync off")
        said = stale.inner_text().removeprefix("This is from ")
        now = datetime.now(UTC) + timedelta(hours=7)
        assert said in {f"{now - timedelta(minutes=back):%H:%M}" for back in (0, 1)}
        expect(page.locator("main")).to_contain_text(PERSONAL)
        site.word = "busy"
        site.restore()
        expect(page.locator("#word")).to_have_text("busy")
        expect(stale).to_be_hidden()
        expect(page.locator("[data-sync]")).to_have_class("sync on")


def test_a_slow_network_shows_the_copy_after_three_seconds(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/requests/1")
        visited(site, page, "/requests/1")
        site.slow = 5
        page.goto(f"{site.address}/requests/1")
        expect(page.locator("[data-stale]")).to_be_visible()
        assert page.evaluate("performance.timing.responseStart - performance.timing.navigationStart") < 4500


def test_a_page_that_does_not_say_so_is_not_kept(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        page.goto(f"{site.address}/consent")
        expect(page.locator("main")).to_contain_text(PERSONAL)
        visited(site, page, "/today")
        assert "page|/consent" not in kept(page)
        site.cut()
        page.goto(f"{site.address}/consent")
        expect(page.locator("main")).to_have_text("No signal")


def test_nothing_kept_can_be_read_without_the_key_which_cannot_be_taken_out(browser: Browser, tmp_path: Path) -> None:
    with reached() as site, lasting(browser, tmp_path) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/today", "/requests/1")
        held = page.evaluate(DUMP)
        assert held["session"]
        assert not held["exported"]
        assert len(held["values"]) >= 2
        assert not [value for value in held["values"] if PERSONAL in value or "<html" in value]
        context.close()
        files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert any(b"self.phone" in text for text in files), "assets are kept, so the search would find what is there"
        assert not [text for text in files if PERSONAL.encode() in text]


def test_what_is_kept_is_gone_after_its_time(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        site.keeps = datetime.now(UTC) + timedelta(seconds=4)
        page = open_page(context, f"{site.address}/requests/1")
        visited(site, page, "/requests/1")
        site.cut()
        page.wait_for_timeout(4000)
        page.goto(f"{site.address}/requests/1")
        expect(page.locator("main")).to_have_text("No signal")
        page.evaluate("phone.ask({ say: 'state' })")
        wait_kept(page, "page|/requests/1", gone=True)


def test_all_is_gone_at_sign_out_even_without_a_network(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/requests/1", "/today")
        site.cut()
        page.get_by_role("button", name="Out").click()
        expect(page.locator("main")).to_have_text("No signal")
        held = page.evaluate(DUMP)
        assert (held["names"], held["session"]) == ([], False)
        page.goto(f"{site.address}/today")
        expect(page.locator("main")).to_have_text("No signal")


def test_all_is_gone_when_the_node_says_that_the_session_is_over(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/today")
        site.session = None
        page.goto(f"{site.address}/signin")
        wait_kept(page, "page|/today", gone=True)
        assert not page.evaluate(DUMP)["session"]


def test_all_is_gone_when_the_session_has_ended_by_the_clock(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        site.ends = datetime.now(UTC) + timedelta(seconds=4)
        page = open_page(context, f"{site.address}/requests/1")
        visited(site, page, "/requests/1")
        site.cut()
        expect(page.locator("main")).to_have_text("No signal", timeout=8000)
        held = page.evaluate(DUMP)
        assert (held["names"], held["session"]) == ([], False)


def test_another_session_finds_nothing_of_the_one_before(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/requests/1", "/today")
        site.session = "two"
        page.goto(f"{site.address}/consent")
        settled(page)
        wait_kept(page, "page|/requests/1", "page|/today", gone=True)


def test_today_is_replaced_while_nobody_types_and_the_focus_stays(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        page.focus("#go")
        site.word = "two"
        expect(page.locator("#word")).to_have_text("two")
        expect(page.locator("#go")).to_be_focused()
        page.fill("#typed", "half a sen")
        site.word = "three"
        before = len(site.asked)
        page.wait_for_timeout(1000)
        assert len(site.asked) > before, "it still asks"
        expect(page.locator("#word")).to_have_text("two")
        page.evaluate("document.activeElement.blur()")
        expect(page.locator("#word")).to_have_text("three")
