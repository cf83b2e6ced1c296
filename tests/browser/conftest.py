"""The room's browser, started once; each test opens phones of its own in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import chromium
from tests.support.browser.planted import Site, site

#: Milliseconds until a page is taken to be wrong; a busy machine needs them.
PATIENCE = 20_000


@pytest.fixture(scope="session", autouse=True)
def patient() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="module")
def planted() -> Iterator[Site]:
    with site() as serving:
        yield serving
