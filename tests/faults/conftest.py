"""Processes as they are deployed: one for each service, on RabbitMQ and PostgreSQL, driven through the local API."""

import os
import warnings

os.environ["EVENTLET_HUB"] = "asyncio"  # as in tests/integration: both run in one process of pytest
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eventlet
eventlet.monkey_patch()

from collections.abc import Iterator  # noqa: E402 - after the patch
from pathlib import Path  # noqa: E402 - after the patch

import pytest  # noqa: E402 - after the patch

from tests.faults.deployment import SERVICES, Deployment, seed  # noqa: E402 - after the patch
from tests.support.buses import rabbitmq_bus, rabbitmq_node  # noqa: E402 - after the patch
from tests.support.database import Databases, databases  # noqa: E402 - after the patch

__all__ = ["rabbitmq_bus", "rabbitmq_node"]


@pytest.fixture(scope="session")
def server() -> Iterator[Databases]:
    """PostgreSQL of this session."""
    with databases() as started:
        yield started


@pytest.fixture(scope="session")
def seeded(server: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database in which Tha Li and Bo Taen are partners, to be copied."""
    url = server.fresh()
    seed(Deployment(url, "inproc://node/", tmp_path_factory.mktemp("seed")))
    server.execute("DELETE FROM node.keys_in_force WHERE what = 'record'", url)  # each test has a folder of its own
    return url


@pytest.fixture
def database(server: Databases, seeded: str) -> Iterator[str]:
    """A fresh copy."""
    url = server.fresh(seeded)
    yield url
    server.drop(url)


@pytest.fixture
def deployment(database: str, rabbitmq_bus: str, tmp_path: Path) -> Iterator[Deployment]:
    """Nothing runs yet."""
    made = Deployment(database, rabbitmq_bus, tmp_path)
    yield made
    made.close()


@pytest.fixture
def running(deployment: Deployment) -> Deployment:
    """Every service in a process of its own."""
    deployment.start(*SERVICES)
    deployment.wait_ready(*SERVICES)
    return deployment
