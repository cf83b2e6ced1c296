"""Start a node, play the day of the scene, and write every view as a picture: three languages, dark ones, one sheet."""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from services.client.phrases.catalogue import LANGUAGES
from tests.screens import sheet
from tests.support.browser.chromium import Device, launched
from tests.support.browser.phone import Phone
from tests.support.portal import scene
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing
from tests.support.portal.showing import ask, switch_on
from tests.support.portal.views import VIEWS, Moment, View, views_of


@dataclass(frozen=True)
class Taken:
    """What a run has to do and where it writes."""

    folder: Path
    only: str
    began: float

    def say(self, what: str) -> None:
        """Progress, with the seconds since the start."""
        print(f"screens: {time.monotonic() - self.began:4.0f} s  {what}", flush=True)


def main() -> int:
    """Write the pictures; 1 if a page could not be shown, which is said of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.screens")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    taken = Taken(args.folder, args.only, time.monotonic())
    taken.say("starting a node")
    with running_portal() as portal, launched() as browser:
        playing, failed = Playing(portal.client), list[str]()
        scene.begin(playing)
        failed += _pictures(taken, browser, portal, playing, "empty")
        scene.play(playing, taken.say)
        switch_on(portal, browser)
        ask(portal, browser)
        failed += _pictures(taken, browser, portal, playing, "day")
    written = sheet.write(taken.folder, [view.name for view in VIEWS if view.name.startswith(taken.only)])
    taken.say(f"{written} pictures; look at them in {taken.folder / sheet.NAME}")
    print("\n".join(failed) or "screens: every page was shown", flush=True)
    return 1 if failed else 0


def _pictures(taken: Taken, browser: Browser, portal: Portal, playing: Playing, moment: Moment) -> Iterator[str]:
    """Show each view of a moment in each look; yields what could not be shown."""
    for device, look in _looks():
        for who, views in views_of(moment):
            if chosen := [view for view in views if view.name.startswith(taken.only)]:
                taken.say(f"{look}: {', '.join(view.name for view in chosen)}")
                yield from _of_one_person(taken.folder / look, browser, portal, device, who, chosen, playing.ids)


def _looks() -> Iterator[tuple[Device, str]]:
    """Each language, light and dark, with the name of its folder."""
    for dark in (False, True):
        for language in LANGUAGES:
            yield Device(language=language, dark=dark), f"{language}-dark" if dark else language


def _of_one_person(
    folder: Path, browser: Browser, portal: Portal, device: Device, who: str, views: list[View], ids: dict[str, str]
) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    with portal.phone(browser, who, device) as held:
        for view in views:
            try:
                view.show(held, ids)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other pages are shown
                yield f"{folder.name}/{view.name}: {str(error).splitlines()[0]}"
            _picture(held, folder / f"{view.name}.png")


def _picture(held: Phone, path: Path) -> None:
    """The whole page, in a window as high as it is: what sticks to the lower edge stays there."""
    height = held.page.evaluate("() => document.documentElement.scrollHeight")
    held.page.set_viewport_size({"width": held.device.width, "height": max(int(height), held.device.height)})
    held.page.screenshot(path=path)
    held.page.set_viewport_size(held.device.viewport)


if __name__ == "__main__":
    sys.exit(main())
