"""A phone: a window of the room's browser, or Chromium with a profile of its own, put away or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from deploy.develop import packages
from tests.support.browser.chromium import FLAGS

QUIET = [*FLAGS, "--no-sandbox"]
SCREEN = ViewportSize(width=360, height=740)
ZONE = "Asia/Bangkok"
#: What reads codes on a phone, and what it sees; Chromium has neither here. {token} is what the camera is held to.
EYE = """self.BarcodeDetector = class {
  static async getSupportedFormats() { return ['qr_code']; }
  async detect(video) { return video.videoWidth ? [{ rawValue: self.held || TOKEN }] : []; } };
navigator.mediaDevices.getUserMedia = async () => {
  const seen = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  const drawn = seen.getContext('2d');
  setInterval(() => drawn.fillRect(0, 0, Math.random() * 64, 64), 50);
  return seen.captureStream(); };"""


@contextmanager
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used; what it keeps is gone with it."""
    context = browser.new_context(viewport=SCREEN, timezone_id=ZONE)
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def lasting(browser: Browser, profile: Path, *more: str) -> Iterator[BrowserContext]:
    """A phone with what its profile has kept; `browser` is the room's, which drives it."""
    context = browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path=packages.chromium(),
        args=[*QUIET, *more],
        viewport=SCREEN,
        timezone_id=ZONE,
    )
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def mortal(browser: Browser, profile: Path) -> Iterator[tuple[Page, subprocess.Popen[bytes]]]:
    """A phone whose process can be killed with `die`."""
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    command = [
        packages.chromium() or "chromium",
        *QUIET,
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    ]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, "about:blank"], stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        alive = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{_port(told)}")
        page = alive.contexts[0].new_page()
        page.set_default_timeout(10_000)
        yield page, process
    finally:
        die(process)


def die(process: subprocess.Popen[bytes]) -> None:
    """At once, with all its processes: nothing is written any more."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def open_page(context: BrowserContext, address: str) -> Page:
    """A page whose worker has taken over and knows the session."""
    page = context.new_page()
    page.goto(address)
    settled(page)
    return page


def settled(page: Page) -> None:
    """Waits until the worker controls the page and has kept what belongs to the session."""
    assert page.evaluate("phone.settled.then(() => !!navigator.serviceWorker.controller)")


def tried_now(page: Page) -> None:
    """Taps on "Try now"; the phone may have tried by itself just before, and the button be hidden."""
    page.get_by_text("Try now").dispatch_event("click")


def _port(told: Path) -> str:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        if told.exists() and (lines := told.read_text().splitlines()):
            return lines[0]
        time.sleep(0.05)
    raise TimeoutError("Chromium does not say its port")
