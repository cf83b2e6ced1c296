"""A day at Bo Taen with parties on their way, and phones of which each has a line of its own to the node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, BrowserContext, Page, expect

from contracts.passes import codec
from contracts.passes.codec import Draft
from contracts.referral.v1 import HandoffView, ShowHandoff
from contracts.values import Party
from tests.browser.phone import EYE, settled
from tests.browser.phone import phone as window
from tests.support.browser.line import Line, line
from tests.support.browser.phone import Account
from tests.support.portal.node import Portal
from tests.support.portal.playing import Playing

#: The homestay wants to know three days before; the node's clock goes on to the day, the phones' stays.
DAY = datetime.now(UTC).date() + timedelta(days=5)
#: Nine in the morning there.
MORNING = datetime.combine(DAY, time(2), UTC)
PARTY = Party(adult=2)


@dataclass
class Door:
    """A phone at the door of a village."""

    page: Page
    line: Line

    def open(self, path: str) -> Door:
        """A page, by its address."""
        self.page.goto(self.line.base_url + path)
        return self

    def scan(self, token: str) -> Door:
        """Hold the camera to a pass."""
        self.open("/receive")
        self.page.evaluate("(token) => { self.held = token; }", token)
        self.tap("Open the camera")
        return self

    def tap(self, words: str) -> Door:
        """A button that is called so."""
        self.page.get_by_role("button", name=words).click()
        return self

    def sees(self, words: str) -> Door:
        """Wait until the page says so; what it hides does not count."""
        expect(self.page.locator("body")).to_contain_text(words, use_inner_text=True)
        return self

    def tries_now(self) -> Door:
        """Tap on the button for it; the phone may have tried by itself just before."""
        self.page.get_by_text("Try now").dispatch_event("click")
        return self

    def sign_in(self, account: Account) -> Door:
        """By the form, and wait until the phone has what it needs to work without a signal."""
        self.open("/signin")
        self.page.fill("#name", account.name)
        self.page.fill("#password", account.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/today")
        settled(self.page)
        self.keeps("page|/today", "page|/receive", "page|/receive/pocket.json")
        return self

    def keeps(self, *names: str) -> None:
        """Wait until it has these."""
        until(lambda: set(names) <= set(kept(self.page)), f"{names} to be kept")


def kept(page: Page) -> list[str]:
    """The names of what the phone keeps."""
    names: list[str] = page.evaluate(
        """() => new Promise((done) => { const ask = indexedDB.open('handoff', 1); ask.onsuccess = () => {
        const db = ask.result, names = db.transaction('kept').objectStore('kept').getAllKeys();
        names.onsuccess = () => { db.close(); done(names.result); }; }; })"""
    )
    return names


def until(so: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    """Wait until something is so."""
    limit = monotonic() + seconds
    while not so():
        assert monotonic() < limit, f"waited {seconds:g} s for {what}"
        sleep(0.05)


def on_the_way(playing: Playing, *names: str) -> None:
    """Parties of this morning, each confirmed and departed, with a pass."""
    for community, partner in (("tha-li", "bo-taen"), ("bo-taen", "tha-li")):
        playing.knows(community, partner)
    for name in names:
        playing.offered(name, "bo-taen", DAY, PARTY, language="en")
        playing.confirmed(name)
    playing.clock(MORNING)
    for name in names:
        playing.departed(name)


def at_bo_taen(portal: Portal, referral: str) -> HandoffView:
    """The receiver's record, as the node has it."""
    return portal.client.send(ShowHandoff(referral=referral), acting="bo-taen")


def token_of(portal: Portal, referral: str) -> str:
    """What the camera reads."""
    return at_bo_taen(portal, referral).pass_token or ""


def forged(token: str) -> str:
    """The same pass, signed by somebody else."""
    shown = codec.read(token)
    draft = Draft(claims=shown.claims, keyid=shown.keyid)
    return draft.token(Ed25519PrivateKey.generate().sign(draft.text))


@contextmanager
def door(portal: Portal, browser: Browser, who: str = "botaen-door") -> Iterator[Door]:
    """A phone on which somebody has just signed in."""
    with line(_port(portal)) as wire, window(browser) as context:
        yield seeing(context, wire).sign_in(portal.account(who))


def seeing(context: BrowserContext, wire: Line) -> Door:
    """A phone with a camera."""
    context.add_init_script(EYE.replace("TOKEN", "''"))
    return Door(context.new_page(), wire)


def wire_to(portal: Portal) -> Line:
    """A line for a phone that outlives one window."""
    return Line(_port(portal))


def _port(portal: Portal) -> int:
    return int(portal.base_url.rpartition(":")[2])
