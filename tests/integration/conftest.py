"""These tests run on the engine: eventlet on its asyncio hub, patched before anything else is imported."""

import os
import warnings

os.environ["EVENTLET_HUB"] = "asyncio"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet announces its retirement on import
    import eventlet
eventlet.monkey_patch()

from collections.abc import Iterator  # noqa: E402 - after the patch

import pytest  # noqa: E402 - after the patch

from services.chassis.runtime import bridge  # noqa: E402 - after the patch
from services.chassis.storage.migrations import migrate  # noqa: E402 - after the patch
from tests.support.buses import bus, inproc_bus, rabbitmq_bus, rabbitmq_node  # noqa: E402 - after the patch
from tests.support.database import Databases, databases  # noqa: E402 - after the patch
from tests.support.engine import MIGRATIONS, Mood  # noqa: E402 - after the patch

__all__ = ["bus", "inproc_bus", "rabbitmq_bus", "rabbitmq_node"]


@pytest.fixture(scope="session")
def server() -> Iterator[Databases]:
    """PostgreSQL of this session."""
    with databases() as started:
        yield started


@pytest.fixture(scope="session")
def tally_template(server: Databases) -> str:
    """A database with the tables of the test's service, to be copied."""
    url = server.fresh()
    bridge.run(migrate(url, {"tally": MIGRATIONS}))
    return url


@pytest.fixture
def database(server: Databases, tally_template: str) -> Iterator[str]:
    """A fresh database for the test's service."""
    Mood.raises.clear()
    Mood.handled.clear()
    Mood.before = Mood.nothing
    url = server.fresh(tally_template)
    yield url
    server.drop(url)
