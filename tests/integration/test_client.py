"""One typed call for everybody: over the bus for edges, over HTTP for this machine, with the same three ends."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts import described
from contracts.messages import Asked
from contracts.node.v1 import AskStanding, ShowParked, Standing
from contracts.refusals import No
from services.chassis.runtime import bridge
from services.chassis.runtime.ids import new_id
from services.client.answers import NotKnownYet, OpenEnd, Refused, Unavailable
from services.client.bus import BusClient
from services.client.local_api import LocalApi
from services.local_api.service import LocalApi as LocalApiService
from tests.support.engine import AskCounted, Counted, Engine, Tally, Tell, running, until
from tests.support.principals import OPERATOR, member

Send = Callable[..., Any]


@pytest.fixture
def engine(database: str, bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A node of the test's service, with a local API."""
    monkeypatch.setattr("services.local_api.routes.SERVICES", (*described.SERVICES, "tally", "nobody"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(database, bus, (Tally, LocalApiService), port=port, folder=tmp_path) as engine:
        yield engine


@pytest.fixture(params=["bus", "http"])
def send(request: pytest.FixtureRequest, engine: Engine) -> Send:
    """Both ways to ask, as the test sees them: what is asked, and what comes back or is raised."""
    if request.param == "bus":
        client = BusClient(engine.rpc_client, "local_api", OPERATOR)
        return lambda asked, **how: bridge.run(client.send(asked, **how), seconds=20)
    api = LocalApi.of(engine.settings.port, engine.settings.folder)
    return lambda asked, **how: in_a_thread(lambda: api.send(asked, patience=0, **how))


def in_a_thread(ask: Callable[[], Any]) -> Any:
    """As another process would: the local API answers on this one's loop."""
    done: list[Any] = []

    def run() -> None:
        try:
            done.append(ask())
        except Exception as problem:  # noqa: BLE001 - handed over
            done.append(problem)

    eventlet.patcher.original("threading").Thread(target=run).start()
    until(lambda: bool(done), 20, "an answer")
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]


def test_a_command_and_a_question_are_answered_in_their_contracts_classes(send: Send, engine: Engine) -> None:
    send(Tell(keys=("one",)))
    until(lambda: engine.counted() == ["one"])
    counted = send(AskCounted())
    assert isinstance(counted, Counted)
    assert counted.keys == ("one",)
    standing = send(AskStanding(), service="tally")
    assert isinstance(standing, Standing)
    assert standing.service == "tally"


@pytest.mark.parametrize(
    ("asked", "how", "end", "code"),
    [
        (ShowParked(id=new_id()), {"service": "tally"}, Refused, No.UNKNOWN),
        (AskStanding(), {"service": "nobody"}, Unavailable, No.UNAVAILABLE),
        (AskCounted(seconds=3.0), {"seconds": 0.5}, NotKnownYet, No.NOT_KNOWN_YET),
    ],
)
def test_what_is_no_result_is_one_of_three_ends(
    send: Send, asked: Asked[Any], how: dict[str, Any], end: type[Refused], code: No
) -> None:
    with pytest.raises(Refused) as no:
        send(asked, **how)
    assert type(no.value) is end
    assert no.value.code is code
    assert isinstance(no.value, OpenEnd) is (code is not No.UNKNOWN)


def test_a_command_sent_twice_with_its_id_is_done_once(engine: Engine) -> None:
    client, command_id = BusClient(engine.rpc_client, "local_api", OPERATOR), new_id()
    for _ in range(2):
        bridge.run(client.send(Tell(keys=("once",)), command_id=command_id), seconds=20)
    until(lambda: engine.counted() == ["once"])
    with pytest.raises(Refused) as no:
        bridge.run(client.send(Tell(keys=("other",)), command_id=command_id), seconds=20)
    assert no.value.code is No.CONFLICT


def test_whoever_an_edge_speaks_for_is_judged_by_the_service(engine: Engine) -> None:
    client = BusClient(engine.rpc_client, "local_api", member("tha-li", "observer"), acting="tha-li")
    with pytest.raises(Refused) as no:
        bridge.run(client.send(Tell(keys=("no",))), seconds=20)
    assert no.value.code is No.NOT_ALLOWED
    assert engine.counted() == []
