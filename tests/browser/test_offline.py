"""A real node and phones without a signal: what is kept, what is judged, what is sent later and shown until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from contracts.referral.v1 import DeclineHandoff
from tests.browser.phone import die, lasting, mortal
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.offline import (
    DAY,
    PARTY,
    Door,
    at_bo_taen,
    door,
    forged,
    kept,
    on_the_way,
    seeing,
    token_of,
    until,
    wire_to,
)
from tests.support.portal.playing import Playing

ASKED = ("answered", "raced")
NAMES = ("scanned", "twice", "dies", "listed", "lost", "left", "fewer")
WAITS = "[data-waits]"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def ids(portal: Portal) -> dict[str, str]:
    """Parties on their way, by what becomes of them."""
    playing = Playing(portal.client)
    on_the_way(playing, *NAMES)
    for name in ASKED:
        playing.offered(name, "bo-taen", DAY + timedelta(days=7), PARTY)
    return playing.ids


def received(held: Door, token: str) -> None:
    """Scans a pass without a signal and says that they are here."""
    held.scan(token).sees("Welcome them")
    expect(held.page.locator("#code")).to_be_hidden()  # one question at a time
    held.tap("They are here").sees("Saved on this phone, not yet sent")


def test_a_party_is_received_without_a_signal_and_the_node_hears_it_once(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    token = token_of(portal, ids["scanned"])
    with door(portal, browser) as held:
        held.line.cut()
        received(held, token)
        for path in ("/today", "/receive", "/calendar"):
            held.open(path)
            expect(held.page.locator(WAITS)).to_contain_text("Saved on this phone, not yet sent: 1")
        held.open("/today").sees("This is from").scan(token).sees("This pass was used before")
        assert at_bo_taen(portal, ids["scanned"]).state == "departed"
        held.line.restore()
        held.tries_now().sees("Sent now")
        expect(held.page.locator(WAITS)).to_be_hidden()
        assert at_bo_taen(portal, ids["scanned"]).state == "arrived"
        assert [each.act for each in at_bo_taen(portal, ids["scanned"]).story].count("arrive") == 1
        held.scan(token).sees("This pass was used before")


def test_two_phones_that_scan_one_pass_are_told_of_each_other(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    token = token_of(portal, ids["twice"])
    with door(portal, browser) as one, door(portal, browser, "botaen") as other:
        for held in (one, other):
            held.line.cut()
            received(held, token)
        one.line.restore()
        one.tries_now().sees("Sent now")
        other.line.restore()
        other.tries_now().sees("This pass was used before, at")
        assert (mark := at_bo_taen(portal, ids["twice"]).attention)
        assert mark.code == "pass_used_twice"


def test_a_forged_pass_is_known_without_a_signal(portal: Portal, browser: Browser, ids: dict[str, str]) -> None:
    with door(portal, browser) as held:
        held.line.cut()
        held.scan(forged(token_of(portal, ids["left"]))).sees("This pass was not made by us")
        assert held.page.get_by_role("button", name="They are here").count() == 0


def test_a_party_of_the_list_is_received_without_a_signal(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    with door(portal, browser) as held:
        held.line.cut()
        held.open("/receive")
        held.page.locator(f'[data-arrival="{ids["listed"]}"]').click()
        held.sees("Welcome them").tap("They are here").sees("Saved on this phone")
        held.line.restore()
        held.tries_now().sees("Sent now")
        assert at_bo_taen(portal, ids["listed"]).state == "arrived"


def test_fewer_are_received_with_one_button_and_the_page_says_what_to_do_then(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    with door(portal, browser) as held:
        held.open(f"/handoffs/{ids['fewer']}/arrive").sees("Did all of them come?")
        held.page.get_by_text("Fewer came").click()
        expect(held.page.get_by_role("button", name="Yes, all 2 are here")).to_be_hidden()
        held.tap("Adults: fewer").tap("Only these have come")
        held.sees("They have arrived").sees("1 adult").sees("Stays until")
        expect(held.page.locator("main .btn.main")).to_have_text("Back to today")
        assert at_bo_taen(portal, ids["fewer"]).party.heads == 1
        held.page.reload()
        held.sees("They have arrived")


def test_an_answer_that_is_lost_is_asked_for_again_and_done_once(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    with door(portal, browser) as held:
        held.open(f"/handoffs/{ids['lost']}/arrive").sees("Did all of them come?")
        held.line.loses_answers = True
        held.tap("Yes, all 2 are here").sees("Tell them yourself")
        held.sees("2 adults · Tha Li")
        until(lambda: at_bo_taen(portal, ids["lost"]).state == "arrived", "what was asked to be done")
        held.line.restore()
        held.tries_now().sees("Sent now")
        assert [each.act for each in at_bo_taen(portal, ids["lost"]).story].count("arrive") == 1


def test_an_answer_that_is_saved_is_sent_once_and_what_came_of_it_is_told(
    portal: Portal, browser: Browser, ids: dict[str, str]
) -> None:
    with door(portal, browser, "botaen") as held:
        for name in ASKED:
            path = f"/handoffs/{ids[name]}"
            held.open(f"{path}/answer").keeps(f"page|{path}/answer", f"page|{path}/accept", f"page|{path}/decline")
        held.line.cut()
        for name in ASKED:
            held.open(f"/handoffs/{ids[name]}/answer").sees("This is from")
            held.page.get_by_role("link", name="Accept").click()
            held.tap("Yes, accept").sees("No signal for long? Tell them yourself").sees("Accepted · 2 adults")
        expect(held.page.locator(WAITS)).to_contain_text("not yet sent: 2")
        portal.client.send(DeclineHandoff(referral=ids["raced"], reason="closed"), acting="bo-taen")
        held.line.restore()
        held.tries_now().sees("Sent now").sees("Already answered")
        assert [at_bo_taen(portal, ids[name]).state for name in ASKED] == ["accepted", "declined"]
        assert [each.act for each in at_bo_taen(portal, ids["answered"]).story].count("accept") == 1


@pytest.mark.usefixtures("ids")
def test_all_is_gone_from_a_phone_whose_session_was_ended_elsewhere(portal: Portal, browser: Browser) -> None:
    with door(portal, browser) as held:
        elsewhere = browser.new_context(storage_state=held.page.context.storage_state())
        other = elsewhere.new_page()
        other.goto(f"{portal.base_url}/receive")
        token = other.locator("meta[name=csrf]").get_attribute("content") or ""
        ended = elsewhere.request.post(f"{portal.base_url}/signout", form={"csrf": token})
        elsewhere.close()
        assert ended.url.endswith("/signin")
        assert kept(held.page), "it has not asked yet"
        held.open("/today").sees("Phone number or name")
        until(lambda: kept(held.page) == [], "everything to be gone")
        held.line.cut()
        held.open("/today").sees("There is no signal")


def test_a_phone_that_dies_with_something_unsent_sends_it_when_it_wakes(
    portal: Portal, browser: Browser, ids: dict[str, str], tmp_path: Path
) -> None:
    wire = wire_to(portal)
    with lasting(browser, tmp_path) as context:
        seeing(context, wire).sign_in(portal.account("botaen-door"))
    wire.cut()
    with mortal(browser, tmp_path) as (page, process):
        held = seeing(page.context, wire)
        received(held, token_of(portal, ids["dies"]))
        die(process)
    with mortal(browser, tmp_path) as (page, _):
        held = Door(page, wire).open("/today").sees("This is from")
        expect(page.locator(WAITS)).to_contain_text("Saved on this phone, not yet sent: 1")
        assert at_bo_taen(portal, ids["dies"]).state == "departed"
        wire.restore()
        held.open("/today").sees("Sent now")
        assert at_bo_taen(portal, ids["dies"]).state == "arrived"
    wire.close()
