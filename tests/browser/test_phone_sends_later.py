"""What could not be sent: saved, shown on every page, sent once, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.phone import die, mortal, open_page, phone, settled, tried_now
from tests.browser.phone_site import Site, reached
from tests.browser.test_phone_keeps import kept, visited


def accepted_offline(site: Site, page: Page) -> None:
    """Opens a request, loses the network and accepts."""
    visited(site, page, "/today", "/requests/1")
    site.cut()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/offline/saved?id=a1")


def test_a_form_that_cannot_be_sent_is_saved_shown_everywhere_and_sent_once(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        expect(page.locator("main")).to_have_text("Saved on this phone: Accept & go")
        page.goto(f"{site.address}/today")
        expect(page.locator("[data-waits]")).to_contain_text("1 saved on this phone, not yet sent")
        expect(page.get_by_role("button", name="Try now")).to_be_visible()
        site.restore()
        tried_now(page)
        expect(page.locator(".yes")).to_contain_text("Accept & go sent")
        expect(page.locator("[data-waits]")).to_be_hidden()
        assert [(path, sent["id"]) for path, sent, _ in site.posts] == [("/handoffs/1/accept", "a1")]
        assert site.posts[0][2]["Handoff-Made-At"] < page.evaluate("new Date().toISOString()")
        assert not [name for name in kept(page) if name.startswith("later|")], "what was sent is removed"
        page.get_by_role("button", name="OK").click()
        expect(page.locator(".yes")).to_have_count(0)
        assert not [name for name in kept(page) if name.startswith("came|")]


def test_a_lost_answer_is_asked_for_again_and_the_node_has_done_it_once(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        visited(site, page, "/today", "/requests/1")
        site.answer = "lost"
        page.get_by_role("button", name="Accept").click()
        page.wait_for_url("**/offline/saved?id=a1")
        for _ in range(2):
            page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")
        asked = len(site.posts)
        assert asked >= 3
        site.answer = "done"
        page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")
        page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")
        assert (site.done, len(site.posts)) == (["a1"], asked + 1)


def test_several_who_try_at_once_send_it_once(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")  # what the page tries by itself is over
        site.restore()
        page.evaluate("Promise.all([1, 2, 3, 4].map(() => phone.ask({ say: 'send' })))")
        assert len(site.posts) == 1


@pytest.mark.parametrize("answer", ["busy", "refused"])
def test_what_came_of_it_is_told(browser: Browser, answer: str) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        site.answer = answer
        site.restore()
        page.goto(f"{site.address}/today")
        page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")
        assert site.done == []
        if answer == "busy":
            expect(page.locator("[data-waits]")).to_be_visible()
            return
        page.get_by_role("link", name="Somebody else answered").click()
        expect(page.locator("h1")).to_have_text("Raced")
        expect(page.locator("[data-waits]")).to_be_hidden()


def test_nothing_overtakes_what_waits(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        site.answer = "busy"  # else it goes as soon as the page opens
        site.restore()
        page.goto(f"{site.address}/requests/1")
        page.evaluate("phone.settled.then(() => phone.ask({ say: 'send' }))")
        assert site.done == []
        site.answer = "done"
        page.evaluate("document.querySelector('main [name=id]').value = 'b2'")
        page.get_by_role("button", name="Accept").click()
        page.wait_for_url("**/handoffs/1")
        assert site.done == ["a1", "b2"]


def test_it_goes_by_itself_when_the_network_is_back(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        site.restore()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".yes")).to_be_visible()
        assert site.done == ["a1"]


def test_signing_out_tells_of_what_waits_and_then_takes_it_away(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        page = open_page(context, f"{site.address}/today")
        accepted_offline(site, page)
        page.goto(f"{site.address}/today")
        expect(page.locator("[data-waits]")).to_be_visible()
        page.get_by_role("button", name="Out").click()
        expect(page.locator("[data-unsent]")).to_be_visible()
        page.get_by_role("button", name="Out").click()
        expect(page.locator("main")).to_have_text("No signal")
        assert kept(page) == []


def test_a_phone_that_dies_with_something_unsent_sends_it_once_when_it_wakes(browser: Browser, tmp_path: Path) -> None:
    with reached() as site:
        with mortal(browser, tmp_path) as (page, process):
            page.goto(f"{site.address}/today")
            settled(page)
            accepted_offline(site, page)
            die(process)
        assert site.posts == []
        with mortal(browser, tmp_path) as (page, _):
            page.goto(f"{site.address}/today")
            expect(page.locator("[data-waits]")).to_contain_text("1 saved on this phone")
            site.restore()
            page.goto(f"{site.address}/today")
            expect(page.locator(".yes")).to_be_visible()
            assert (site.done, len(site.posts)) == (["a1"], 1)
            assert not [name for name in kept(page) if name.startswith("later|")]
