"""The system's Chromium, and a phone's window in it for each person of a test. Plain processes only, no engine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, sync_playwright

from deploy.develop import packages

#: Nothing of the browser's own goes out while pages are looked at.
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOCALES = {"th": "th-TH", "lo": "lo-LA", "en": "en-GB"}
#: What a browser calls its standard size of text.
STANDARD_TEXT = 16
ACTION_MS = 10_000.0


@dataclass(frozen=True)
class Device:
    """What a person holds in their hand, and how they have set it."""

    language: str = "en"
    width: int = 360
    height: int = 780
    dark: bool = False
    scripts: bool = True
    #: Whether service workers may be installed: most checks are of what the node sends.
    workers: bool = False
    #: In hundredths of the usual size of text.
    text: int = 100
    time_zone: str = "Asia/Bangkok"

    @property
    def viewport(self) -> ViewportSize:
        """Its screen."""
        return {"width": self.width, "height": self.height}


def is_wanted() -> bool:
    """False when the person who runs the tests has no browser and said so."""
    return not os.environ.get("HANDOFF_TEST_WITHOUT_BROWSER")


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a started browser, for a fixture; skips with --without-browser, fails where there is none."""
    if not is_wanted():
        pytest.skip("without a browser")
    if not packages.has_browser():
        pytest.fail(f"there is no browser for these tests: {packages.BROWSER.hint}")
    with launched() as started:
        yield started


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the system's Chromium, and end it with the block."""
    with sync_playwright() as playwright:
        # Its sandbox does not start as root, and what it would shut in are the node's own pages.
        started = playwright.chromium.launch(
            executable_path=packages.chromium(), args=[*FLAGS], chromium_sandbox=False, timeout=60_000
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def window(started: Browser, device: Device, kept: StorageState | None = None) -> Iterator[BrowserContext]:
    """What belongs to one person: own cookies, own storage, own language; gone with the block."""
    context = started.new_context(
        storage_state=kept,
        viewport=device.viewport,
        device_scale_factor=2,
        has_touch=True,
        is_mobile=False,  # a mobile window zooms out over what is too wide, and so hides it
        locale=LOCALES[device.language],
        timezone_id=device.time_zone,
        color_scheme="dark" if device.dark else "light",
        reduced_motion="reduce",
        java_script_enabled=device.scripts,
        service_workers="allow" if device.workers else "block",
    )
    context.set_default_timeout(ACTION_MS)
    try:
        yield context
    finally:
        context.close()


def new_page(context: BrowserContext, device: Device) -> Page:
    """A tab in it, with the person's own size of text, as it is set in a phone's settings."""
    page = context.new_page()
    if device.text != 100:
        set_text(page, device.text)
    return page


def set_text(page: Page, percent: int) -> None:
    """Another size of text, in hundredths of the usual one; it holds as long as what has set it listens."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": round(STANDARD_TEXT * percent / 100)}})
