"""A person with a phone: opens pages, reads what they say, fills in and taps what is written on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState, expect

from tests.support.browser.chromium import Device, new_page, set_text, window
from tests.support.browser.watching import Watch

NETWORK = re.compile(r"^(?:error|warning): Failed to load resource: net::ERR_INTERNET_DISCONNECTED")


class Account(NamedTuple):
    """Who signs in; `community` is where they work."""

    name: str
    password: str
    community: str


@dataclass
class Phone:
    """One person's phone, with one page open."""

    context: BrowserContext
    page: Page
    watch: Watch
    device: Device
    base_url: str

    def open(self, path: str, status: int = 200) -> Phone:
        """Go to a page of the node, as by its address."""
        answer = self.page.goto(f"{self.base_url}{path}")
        assert answer is not None, f"nothing answered for {path}"
        assert answer.status == status, f"{path} answered {answer.status}, not {status}: {self.read()[:500]}"
        return self

    def fit(self, width: int, text: int) -> None:
        """Another width of the window and another size of text, on the page that is open."""
        self.page.set_viewport_size({"width": width, "height": self.device.height})
        set_text(self.page, text)

    def sign_in(self, account: Account) -> Phone:
        """Sign in as a member of a community, by the form that everybody uses."""
        self.open("/signin").submit_sign_in(account)
        expect(self.page, f"{account.name} is not signed in: {self.read()[:300]}").not_to_have_url(
            re.compile("/signin")
        )
        return self

    def submit_sign_in(self, account: Account) -> None:
        """Fill in the form of the page that is open, and send it."""
        form = self.page.locator("main form:has(input[type=password])")
        form.locator("input[autocomplete=username]").fill(account.name)
        form.locator("input[type=password]").fill(account.password)
        form.locator("button:not([type=button])").click()
        self.page.wait_for_load_state()

    def tap(self, words: str) -> Phone:
        """Tap the one button or link that is called so, and wait for the page that follows."""
        self.thing(words).click()
        self.page.wait_for_load_state()
        return self

    def thing(self, words: str) -> Locator:
        """The button or link that is called so; several are a mistake of the test, or of the page."""
        button, link = (self.page.get_by_role(role, name=words, exact=True) for role in ("button", "link"))
        return button.or_(link)

    def fill(self, label: str, value: str) -> Phone:
        """Write into the field with this label."""
        self.page.get_by_label(label, exact=True).fill(value)
        return self

    def choose(self, label: str) -> Phone:
        """Tick the box, or choose the one of several, with this label."""
        self.page.get_by_label(label).check()
        return self

    def read(self) -> str:
        """What stands on the page, as it is seen."""
        return self.page.locator("body").inner_text()

    def sees(self, words: str, seconds: float = 20.0) -> Phone:
        """Wait until the page says so, with or without loading anew."""
        expect(self.page.locator("body")).to_contain_text(words, timeout=seconds * 1000)
        return self

    @contextmanager
    def without_network(self) -> Iterator[Phone]:
        """The network is cut for the block; that requests fail meanwhile is no complaint."""
        self.context.set_offline(True)
        try:
            yield self
        finally:
            self.context.set_offline(False)
            self.watch.complaints[:] = [said for said in self.watch.complaints if not NETWORK.match(said)]

    def on_a_slow_line(self, *, milliseconds: float = 400, bytes_a_second: float = 50_000) -> None:
        """From now on each answer takes so long, and each second so many bytes."""
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": milliseconds,
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second,
            },
        )


@contextmanager
def phone(
    started: Browser, base_url: str, device: Device | None = None, kept: StorageState | None = None
) -> Iterator[Phone]:
    """A phone for the block: one that nobody has used yet, or with what another has `kept`, such as its session."""
    held = device or Device()
    with window(started, held, kept) as context:
        page = new_page(context, held)
        yield Phone(context, page, Watch.of(page, base_url), held, base_url)
