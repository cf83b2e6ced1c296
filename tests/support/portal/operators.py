"""People who work for a community, each with a phone of their own in their own language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect

from services.client.phrases.catalogue import Phrases
from tests.support.browser.chromium import Device
from tests.support.browser.looks import overflow
from tests.support.browser.phone import Phone
from tests.support.browser.words import untranslated
from tests.support.portal.node import Portal


@dataclass(frozen=True)
class Operator:
    """Somebody at a phone. `places`: names that may stand on a page in Latin letters."""

    phone: Phone
    say: Phrases
    places: Collection[str] = ()
    #: What was on pages that were looked at.
    _read: set[str] = field(default_factory=set, repr=False)

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.phone.page

    def opens(self, path: str) -> Operator:
        """Go to a page by its address."""
        self.phone.open(path)
        return self._looked()

    def taps(self, english: str) -> Operator:
        """Tap what is called so in their language."""
        self.phone.tap(self.say.gettext(english))
        return self

    def follows(self, path: str) -> Operator:
        """Tap what leads there."""
        self.page.locator(f"a[href='{path}']").first.click()
        expect(self.page).to_have_url(self.phone.base_url + path)
        return self._looked()

    def does(self) -> Operator:
        """Tap the one large button of the page."""
        self.page.locator("main .btn.main:visible").click()
        self.page.wait_for_load_state()
        return self

    def sees(self, english: str, context: str = "") -> Operator:
        """Wait for this in their language; then the page is in their language alone, and within its window."""
        self.phone.sees(self.say.pgettext(context, english) if context else self.say.gettext(english))
        return self._looked()

    def reads(self) -> str:
        """What stands on the page, on one line, without what only guides its line breaks."""
        return re.sub(r"\s+", " ", self.phone.read().replace("\u200b", "").replace("\u2060", ""))

    def _looked(self) -> Operator:
        self.page.wait_for_load_state()
        if (said := self.phone.read()) in self._read:
            return self
        self._read.add(said)
        found = [*overflow(self.page), *untranslated(self.page, self.places)]
        assert found == [], f"{self.page.url}: {found}"
        return self


@contextmanager
def operator(
    portal: Portal, started: Browser, who: str, language: str, places: Collection[str], *, scripts: bool
) -> Iterator[Operator]:
    """An operator for the block; whose phone complained of nothing and asked nobody else."""
    with portal.phone(started, who, Device(language=language, scripts=scripts)) as held:
        yield Operator(held, Phrases.of(language), places)
        assert held.watch.wrong == []
