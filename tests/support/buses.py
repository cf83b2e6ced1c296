"""The two buses of a node, so that one test runs on both: inside the process, and RabbitMQ with the real policies.

RabbitMQ is one private node per test session; each test gets a virtual host of its own, made when the node starts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.chassis.bus import inproc
from tests.support.rabbitmq import DEFINITIONS, RabbitMQ, broker

HOSTS = 100
_hosts = count(1)
_inside = count(1)


@pytest.fixture(scope="session")
def rabbitmq_node() -> Iterator[RabbitMQ]:
    """The broker of this session."""
    with tempfile.TemporaryDirectory() as folder:
        definitions = Path(folder) / "definitions.json"
        definitions.write_text(json.dumps(_with_hosts(json.loads(DEFINITIONS.read_text()))))
        with broker(definitions=definitions) as node:
            yield node


@pytest.fixture
def rabbitmq_bus(rabbitmq_node: RabbitMQ) -> str:
    """A fresh virtual host."""
    number = next(_hosts)
    assert number <= HOSTS, "make more virtual hosts"
    return rabbitmq_node.url.removesuffix("//") + f"/t{number}"


@pytest.fixture
def inproc_bus() -> str:
    """A fresh bus inside the process."""
    inproc.register()
    return f"inproc://test-{next(_inside)}/"


@pytest.fixture(params=["inproc", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh bus, of either kind."""
    return str(request.getfixturevalue(f"{request.param}_bus"))


def _with_hosts(definitions: dict[str, Any]) -> dict[str, Any]:
    """Every virtual host gets the deployed policies, exchanges and rights; policies for the test's own service too."""
    policies = [one for one in definitions["policies"] if one["vhost"] == "/"]
    booking = next(one for one in policies if one["name"] == "booking-parks")
    policies.append(json.loads(json.dumps(booking).replace("booking", "tally")))
    names = [f"t{number}" for number in range(1, HOSTS + 1)]
    return (
        definitions
        | {
            "vhosts": [*definitions["vhosts"], *({"name": name} for name in names)],
            "policies": [*definitions["policies"], *(one | {"vhost": name} for name in names for one in policies)],
        }
        | {
            kind: [*definitions[kind], *(one | {"vhost": name} for name in names for one in definitions[kind])]
            for kind in ("exchanges", "permissions", "topic_permissions")
        }
    )
