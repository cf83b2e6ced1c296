"""Receiving a party: asked of the node, judged on the phone without it, queued, sent once, used once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from contracts.passes.codec import Claims, Days, Draft
from contracts.values import Party
from tests.browser.phone import EYE, open_page, phone, settled, tried_now
from tests.browser.phone_site import REFERRAL, Site, reached
from tests.browser.test_phone_keeps import kept, wait_kept
from tests.vectors import make_passes

KEYID = make_passes.vectors_keyid()
#: Of agencies: one that comes today, and one that was cancelled.
HOLD, ENDED = "0190aaaa-0000-7000-8000-0000000b0c1d", "0190aaaa-0000-7000-8000-0000000b0c1e"


def signed(seed: bytes = make_passes.SEED, days: int = 0, referral: str = REFERRAL, sender: str = "tha-li") -> str:
    """A pass for a day from now on."""
    opens = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1) + timedelta(days=days)
    claims = Claims(
        issuer="bo-taen",
        audience="bo-taen",
        sender=sender,
        referral_id=referral,
        days=Days(opens, opens + timedelta(days=3)),
        party=Party(adult=2),
    )
    draft = Draft(claims=claims, keyid=KEYID)
    return draft.token(Ed25519PrivateKey.from_private_bytes(seed).sign(draft.text))


def pocket() -> dict[str, Any]:
    """What the phone has with it of today."""
    arrival = {
        "referral_id": REFERRAL,
        "code": "ABC234",
        "state": "departed",
        "party": {"adult": 2, "child": 0, "infant": 0},
        "said": {"party": "2 adults", "partner": "Tha Li", "window": "13:00–14:00"},
    }
    booked = {
        "referral_id": HOLD,
        "booked": True,
        "code": "0B0C1D",
        "state": "confirmed",
        "party": arrival["party"],
        "said": {"party": "2 adults", "partner": "Mekong Trails", "window": "09:00"},
    }
    ended = booked | {"referral_id": ENDED, "code": None, "state": "cancelled", "over": "over"}
    keys = [make_passes.written_key()]
    return {"as_of": datetime.now(UTC).isoformat(), "keys": keys, "arrivals": [arrival, booked, ended]}


@contextmanager
def receiving(browser: Browser, token: str = "") -> Iterator[tuple[Site, Page]]:
    """The Receive page, with all that belongs to it kept."""
    with reached() as site, phone(browser) as context:
        site.pocket = pocket()
        context.add_init_script(EYE.replace("TOKEN", f"'{token}'") if token else "delete self.BarcodeDetector")
        page = open_page(context, f"{site.address}/today")
        wait_kept(page, "page|/receive", "page|/receive/pocket.json")
        yield site, page


def shown(page: Page, verdict: str) -> None:
    """What is said of it."""
    expect(page.locator("[data-place] h1")).to_have_text(verdict)


def scanned(site: Site, page: Page) -> None:
    """Opens Receive, which this phone has never shown before, and the camera."""
    page.goto(f"{site.address}/receive")
    page.get_by_role("button", name="Open").click()


def test_with_a_network_the_node_is_asked(browser: Browser) -> None:
    with receiving(browser) as (site, page):
        page.goto(f"{site.address}/receive")
        page.fill("#code", "abc234")
        expect(page.locator("#code")).to_have_value("ABC 234")
        page.get_by_role("button", name="Check").click()
        page.wait_for_url("**/handoffs/1")
        assert [path for path, _, _ in site.posts] == ["/receive"]
        page.goto(f"{site.address}/receive")
        page.locator("[data-arrival]").click()
        page.wait_for_url(f"**/receive/{REFERRAL}")


def test_a_pass_is_verified_without_a_network_queued_and_sent_once(browser: Browser) -> None:
    token = signed()
    with receiving(browser, token) as (site, page):
        site.cut()
        scanned(site, page)
        shown(page, "valid")
        expect(page.locator("[data-place]")).to_contain_text("2 adults")
        before = datetime.now(UTC)
        page.get_by_role("button", name="All are here").click()
        shown(page, "saved")
        expect(page.locator("[data-waits]")).to_contain_text("1 saved on this phone")
        page.get_by_role("button", name="Open").click()
        shown(page, "used")
        site.restore()
        tried_now(page)
        expect(page.locator(".yes")).to_contain_text("2 adults · Tha Li")
        [(path, scan, headers)] = site.posts
        assert (path, scan["pass_token"], headers["X-CSRF-Token"]) == ("/receive/scans", token, "token")
        assert abs(datetime.fromisoformat(scan["seen_at"]) - before) < timedelta(seconds=20)
        assert set(scan) == {"id", "seen_at", "pass_token"}
        assert not [name for name in kept(page) if name.startswith("later|")]


def test_used_twice_is_known_after_a_reload_and_told_by_the_node(browser: Browser) -> None:
    with receiving(browser, signed()) as (site, page):
        site.cut()
        scanned(site, page)
        page.get_by_role("button", name="All are here").click()
        shown(page, "saved")
        scanned(site, page)
        shown(page, "used")
        site.answer = "refused"
        site.restore()
        tried_now(page)
        expect(page.locator(".no")).to_contain_text("2 adults · Tha Li: The node says so")


def test_a_code_and_a_party_of_the_list_are_judged_without_a_network(browser: Browser) -> None:
    with receiving(browser) as (site, page):
        site.cut()
        page.goto(f"{site.address}/receive")
        page.fill("#code", "zzz222")
        page.get_by_role("button", name="Check").click()
        shown(page, "no_code")
        page.locator("[data-arrival]").click()
        shown(page, "valid")
        page.fill("[data-place] [name=adult]", "1")
        page.get_by_role("button", name="All are here").click()
        shown(page, "saved")
        page.fill("#code", "abc234")
        page.get_by_role("button", name="Check").click()
        shown(page, "used")
        site.restore()
        tried_now(page)
        expect(page.locator(".yes")).to_be_visible()
        assert (site.posts[0][1]["referral_id"], "short_code" in site.posts[0][1]) == (REFERRAL, False)
        assert site.posts[0][1]["party"] == {"adult": 1, "child": 0, "infant": 0}


@pytest.mark.parametrize("by", ["pass", "code"])
def test_an_agencys_booking_is_received_without_a_network_and_told_as_one(browser: Browser, by: str) -> None:
    token = signed(referral=HOLD, sender="bo-taen")
    with receiving(browser, token) as (site, page):
        site.cut()
        if by == "pass":
            scanned(site, page)
        else:
            page.goto(f"{site.address}/receive")
            page.fill("#code", "0b0c1d")
            page.get_by_role("button", name="Check").click()
        shown(page, "valid")
        page.get_by_role("button", name="All are here").click()
        shown(page, "saved")
        site.restore()
        tried_now(page)
        expect(page.locator(".yes")).to_contain_text("2 adults · Mekong Trails")
        said = {name: text for name, text in site.posts[0][1].items() if name not in ("id", "seen_at")}
        assert said == (
            {"pass_token": token} if by == "pass" else {"short_code": "0B0C1D", "referral_id": HOLD, "booked": True}
        )


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (signed(referral=ENDED, sender="bo-taen"), "over"),
        (signed(make_passes.OTHER_SEED), "forged"),
        (signed(days=2), "early"),
        (signed(days=-4), "late"),
        ("HELLO", "malformed"),
        (signed(referral="0190aaaa-0000-7000-8000-00000000ffff"), "valid"),
    ],
    ids=["cancelled", "forged", "early", "late", "malformed", "not on the list"],
)
def test_another_pass_is_told_apart_offline(browser: Browser, token: str, reason: str) -> None:
    with receiving(browser, token) as (site, page):
        site.cut()
        scanned(site, page)
        shown(page, reason)
        assert page.get_by_role("button", name="All are here").count() == (reason == "valid")


def test_without_anything_to_read_passes_with_the_camera_is_not_offered(browser: Browser) -> None:
    with receiving(browser) as (site, page):
        page.goto(f"{site.address}/receive")
        settled(page)
        expect(page.locator("[data-camera]")).to_be_hidden()
        expect(page.locator("[data-blind=phone]")).to_be_visible()


def test_a_camera_that_does_not_open_leaves_the_code(browser: Browser) -> None:
    with receiving(browser, signed()) as (site, page):
        page.goto(f"{site.address}/receive")
        page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('denied')); }")
        page.get_by_role("button", name="Open").click()
        expect(page.locator("[data-camera]")).to_be_hidden()
        expect(page.locator("[data-blind=phone]")).to_be_visible()
