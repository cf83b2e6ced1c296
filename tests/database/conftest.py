"""These tests run on a real PostgreSQL, one server per session and a fresh database per test, in plain asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.storage import database as storage
from services.chassis.storage.migrations import migrate
from tests.support import portal_pages
from tests.support.booking_fixture import MIGRATIONS
from tests.support.database import Databases, databases
from tests.support.referral import migrated

COMMUNITY, PORTAL, AGENCY_API = (
    Path(__file__).parents[2] / "services" / name / "migrations" for name in ("community", "portal", "agency_api")
)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd of hundreds waits its turn for a connection, however slow the machine: here the rules are judged."""
    monkeypatch.setattr(storage, "ACQUIRE_SECONDS", 60.0)


@pytest.fixture(scope="session")
def server() -> Iterator[Databases]:
    """The server, for tests that make databases themselves."""
    with databases() as started:
        yield started


def _migrated(server: Databases, services: dict[str, Path]) -> str:
    url = server.fresh()
    asyncio.run(migrate(url, services))
    return url


def _copied(server: Databases, template: str) -> Iterator[str]:
    url = server.fresh(template)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def booking_template(server: Databases) -> str:
    """A database with booking's tables, to be copied."""
    return _migrated(server, {"booking": MIGRATIONS})


@pytest.fixture
def booking_database(server: Databases, booking_template: str) -> Iterator[str]:
    """An empty booking database for one test."""
    yield from _copied(server, booking_template)


@pytest.fixture(scope="session")
def template(server: Databases) -> str:
    """A database with the tables of booking and referral, to be copied."""
    return migrated(server)


@pytest.fixture
def database(server: Databases, template: str) -> Iterator[str]:
    """An empty database of booking and referral for one test."""
    yield from _copied(server, template)


@pytest.fixture(scope="session")
def community_template(server: Databases) -> str:
    """A database with the tables of the community service, to be copied."""
    return _migrated(server, {"community": COMMUNITY})


@pytest.fixture
def community_database(server: Databases, community_template: str) -> Iterator[str]:
    """An empty community database for one test."""
    yield from _copied(server, community_template)


@pytest.fixture(scope="session")
def portal_template(server: Databases) -> str:
    """A database with the tables of the portal, to be copied."""
    return _migrated(server, {"portal": PORTAL})


@pytest.fixture
def portal_database(server: Databases, portal_template: str) -> Iterator[str]:
    """An empty portal database for one test."""
    yield from _copied(server, portal_template)


@pytest.fixture(scope="session")
def agency_template(server: Databases) -> str:
    """A database with the tables of the agency API, to be copied."""
    return _migrated(server, {"agency_api": AGENCY_API})


@pytest.fixture
def agency_database(server: Databases, agency_template: str) -> Iterator[str]:
    """An empty database of the agency API for one test."""
    yield from _copied(server, agency_template)


@pytest.fixture(scope="session")
def whole_template(server: Databases) -> str:
    """A database with the tables of all services, to be copied for each story at the portal."""
    return portal_pages.template(server)


@pytest.fixture
def at_portal(
    server: Databases, whole_template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[portal_pages.AtPortal]:
    """Plays a story at a portal of its own."""
    portal_pages.without_bus(monkeypatch)
    yield from portal_pages.played(server, whole_template)
