"""The room's browser, started once; each test opens phones of its own in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.browser.planted import Site, site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="module")
def planted() -> Iterator[Site]:
    with site() as serving:
        yield serving
