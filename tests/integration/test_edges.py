"""Each edge has a listener, a port and limits of its own; the local API shares its own with the probes alone."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.chassis.edge.rpc_client import Edge, EdgeParts
from services.chassis.edge.site import ListenerLimits
from services.chassis.runtime import settings
from services.chassis.runtime.settings import Settings
from services.local_api.service import LocalApi
from tests.support.engine import Tally, running, until


async def page(_: Request) -> Response:
    return PlainTextResponse("a page for people")


def pages(_: EdgeParts) -> Sequence[Route]:
    return [Route("/today", page)]


class Pages:
    """An edge with pages for people."""

    name = "pages"
    site = Edge(pages, limits=ListenerLimits(most_waiting=2, most_served=3))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int, path: str, method: str = "GET") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_listener_of_one_edge_does_not_serve_routes_of_another(
    database: str, inproc_bus: str, tmp_path: Path
) -> None:
    local, people = free_port(), free_port()
    ports: dict[str, Any] = {"port": local, "edge_ports": {"pages": people}, "folder": tmp_path}
    with running(database, inproc_bus, (Tally, LocalApi, Pages), **ports):
        until(lambda: status(local, "/readyz") == 200, what="the node to be ready")
        assert status(people, "/today") == 200
        assert (status(local, "/ask/node.ask_standing.v1", "POST"), status(local, "/today")) == (401, 404)
        assert (status(people, "/ask/node.ask_standing.v1", "POST"), status(people, "/readyz")) == (404, 404)


def test_flooding_one_edge_does_not_block_another(database: str, inproc_bus: str, tmp_path: Path) -> None:
    local, people = free_port(), free_port()
    ports: dict[str, Any] = {"port": local, "edge_ports": {"pages": people}, "folder": tmp_path}
    with running(database, inproc_bus, (Tally, LocalApi, Pages), **ports):
        until(lambda: status(local, "/readyz") == 200, what="the node to be ready")
        held = [socket.create_connection(("127.0.0.1", people)) for _ in range(10)]
        try:
            closed = [one for one in held if not _is_open(one)]
            assert len(closed) >= 10 - Pages.site.limits.most_waiting  # those that waited longest gave way
            assert status(local, "/healthz") == 200
        finally:
            for one in held:
                one.close()


def _is_open(one: socket.socket) -> bool:
    one.settimeout(0.5)
    try:
        return one.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def test_an_edge_without_a_port_of_its_own_does_not_start(database: str, inproc_bus: str, tmp_path: Path) -> None:
    for ports, said in (({}, "HANDOFF_PAGES_PORT is not set"), ({"pages": 8123}, "is the port of another edge")):
        with (
            pytest.raises(ValueError, match=said),
            running(database, inproc_bus, (Tally, Pages), port=8123, edge_ports=ports, folder=tmp_path),
        ):
            raise AssertionError("it runs")


def test_the_ports_of_edges_are_read_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EDGES", {"local_api": ("operator",), "portal": ("member",)})
    given = {"HANDOFF_DATABASE_URL": "postgresql://x", "HANDOFF_PORT": "8000", "HANDOFF_PORTAL_PORT": "8100"}
    given["HANDOFF_ELSE_PORT"] = "tcp://10.0.0.1:80"  # as a cluster sets them
    assert Settings.read(given).port_of("portal") == 8100
    assert Settings.read(given).port_of("local_api") == 8000
