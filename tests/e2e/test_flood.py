"""A node that is flooded with half requests goes on: its probes and its commands are answered meanwhile."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime

from contracts.node.v1 import MoveClock
from services.client.local_api import LocalApi
from tests.support.node import free_port, running_node
from tests.unit.test_chassis_site import HALF_BODY, HALF_HEAD, flooded


def test_a_flooded_node_is_ready_takes_commands_and_closes_the_flood() -> None:
    probes = free_port()
    with (
        running_node("--clock", "settable", "--no-demo", HANDOFF_PROBES=str(probes)) as node,
        flooded(node.port, HALF_HEAD, 250) as heads,
        flooded(node.port, HALF_BODY, 250) as bodies,
    ):
        ports, paths = (node.port, probes), ("/readyz", "/healthz")
        assert [LocalApi(port, "").get(path)[0] for port in ports for path in paths] == [200] * 4
        monday = datetime.fromisoformat("2027-01-04T02:00:00Z")
        assert node.client.send(MoveClock(to=monday), service="referral").now >= monday
        deadline = time.monotonic() + 30
        for one in (*heads, *bodies):
            one.settimeout(max(0.1, deadline - time.monotonic()))
            with suppress(ConnectionError):
                while one.recv(4096):
                    continue
