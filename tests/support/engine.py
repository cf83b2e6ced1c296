"""The engine in the test's own process: real containers of nameko, a real database, either bus.

`Tally` is the smallest service that has everything: a command whose message comes back to it over outbox, relay and
bus, and is counted. The importing process has chosen eventlet's asyncio hub and patched the standard library.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import eventlet

from contracts import permissions
from contracts.messages import Answer, Command, Envelope, Message, Nothing, Query
from contracts.node import v1 as operator
from contracts.permissions import Permission
from contracts.values import Value
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.edge.rpc_client import RpcClient
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.process.operations import Operated
from services.chassis.process.runner import Node
from services.chassis.process.service import Database, command, message, query
from services.chassis.runtime import bridge, trace
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.storage.sql import Queries
from services.chassis.trust.speakers import url_of
from tests.support.principals import OPERATOR
from tests.support.vault import node_keys

#: The test's own types have lines beside those of the contracts.
permissions.PERMISSIONS = {
    **permissions.PERMISSIONS,
    "tally.tell.v1": Permission("either", frozenset({"coordinator"})),
    "tally.ask_counted.v1": Permission("either", frozenset({"coordinator", "observer"})),
}
MIGRATIONS = Path(__file__).resolve().parents[1] / "integration" / "tally"


class Told(Message):
    """Count this key, after so many seconds in PostgreSQL, with these rows locked one after the other."""

    type: ClassVar[str] = "tally.told.v1"
    key: str
    seconds: float = 0.0
    locks: tuple[int, ...] = ()


class Tell(Command[Nothing]):
    """Announce these keys."""

    type: ClassVar[str] = "tally.tell.v1"
    keys: tuple[str, ...]
    subject: str = "all"
    seconds: float = 0.0


class Counted(Value):
    """The answer."""

    keys: tuple[str, ...]
    more: str = ""


class AskCounted(Query[Counted]):
    """What was counted; `size` letters more, `seconds` later."""

    type: ClassVar[str] = "tally.ask_counted.v1"
    size: int = 0
    seconds: float = 0.0


class TallyUnitOfWork(UnitOfWork):
    """One transaction of the test's service."""

    service = "tally"
    queries = Queries(
        {
            "count": "INSERT INTO counted (key, trace) VALUES ($1, $2)",
            "counted": "SELECT key FROM counted ORDER BY n",
            "lock": "UPDATE rows SET n = n + 1 WHERE id = $1",
            "rest": "SELECT pg_sleep($1)",
        }
    )


class Mood:
    """What the handler does to a key; reset for each test."""

    raises: ClassVar[set[str]] = set()
    handled: ClassVar[list[str]] = []  # every time a handler began, also in vain

    @staticmethod
    def nothing(_key: str) -> None:
        """What happens before a key is counted, unless a test wants something else."""

    before: ClassVar[Callable[[str], None]] = nothing


async def tell(wanted: Tell, work: TallyUnitOfWork) -> None:
    for key in wanted.keys:
        work.announce(Told(key=key, seconds=wanted.seconds), subject=wanted.subject)


async def told(fact: Told, work: TallyUnitOfWork) -> None:
    Mood.handled.append(fact.key)
    Mood.before(fact.key)
    if fact.key in Mood.raises:
        raise LookupError(fact.key)
    for row in fact.locks:
        await work.execute("lock", row)
        await work.execute("rest", 0.2)
    if fact.seconds:
        await work.execute("rest", fact.seconds)
    await work.execute("count", fact.key, trace.current_id())


async def ask_counted(wanted: AskCounted, work: TallyUnitOfWork) -> Counted:
    if wanted.seconds:
        await work.execute("rest", wanted.seconds)
    rows = await work.fetch("counted")
    return Counted(keys=tuple(row["key"] for row in rows), more="x" * wanted.size)


class Tally(Operated):
    """Counts what it is told."""

    name = "tally"
    store = Database(TallyUnitOfWork, migrations=MIGRATIONS)

    tell = command(Tell, tell)
    told = message(Told, told)
    ask_counted = query(AskCounted, ask_counted)


class Engine:
    """A running node and somebody who calls its services."""

    def __init__(self, node: Node, rpc_client: RpcClient) -> None:
        self.node = node
        self.rpc_client = rpc_client
        self.settings = node.settings

    def call(self, contract: type[Message], data: dict[str, Any] | None = None, **how: Any) -> Answer:
        """Ask the service that the contract names, or `service`."""
        service = how.pop("service", contract.type.partition(".")[0])
        usual: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "acting": None, "seconds": 5.0}
        return self.rpc_client.call(service, contract, data or {}, **usual | how)

    def result(self, contract: type[Message], data: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
        """What it answers; fails on a refusal."""
        answer = self.call(contract, data, **how)
        assert answer.result is not None, f"{contract.type}: {answer.refusal}"
        return answer.result

    def tell(self, *keys: str, **more: Any) -> None:
        """Let keys be counted, over outbox, relay and bus."""
        self.result(Tell, {"keys": keys, **more})

    def counted(self) -> list[str]:
        """What was counted, in order."""
        return [row["key"] for row in self.sql("SELECT key FROM tally.counted ORDER BY n")]

    def parked(self, service: str = "tally") -> list[dict[str, Any]]:
        """What the service has set aside."""
        return list(self.result(operator.ListParked, service=service)["items"])

    def sql(self, text: str, *arguments: Any) -> list[Any]:
        """Run SQL as the superuser."""
        return bridge.run(sql(self.settings.database_url, text, *arguments), seconds=10)

    def consumers(self, service: str = "tally") -> list[Any]:
        """The consumers of a service."""
        container = self.node.runner.service_map[service]
        dispatchers = [one for one in container.extensions if hasattr(one, "listen")]
        return [each for one in dispatchers for each in one._consumers]  # noqa: SLF001 - tests break its links

    def publish(self, *bodies: bytes, queue: str = "tally.internal", **more: Any) -> None:
        """Put raw bodies on a queue, as a stranger would; returns when the bus has them."""
        publisher = Publisher(url_of(self.settings.amqp_url, "stranger"), timeout=10)
        batch = [Outgoing(new_id(), "", queue, body, more.pop("headers", {}), **more) for body in bodies]
        assert set(publisher.publish(batch)) == {PublishOutcome.CONFIRMED}
        publisher.close()


async def sql(url: str, text: str, *arguments: Any) -> list[Any]:
    """Run SQL on a connection of its own."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return list(await connection.fetch(text, *arguments))
    finally:
        await asyncio.wait_for(connection.close(), 2)


def envelope(key: str, seq: int = 1, **given: Any) -> bytes:
    """A message to the test's service, as another service would write it."""
    usual = {
        "id": new_id(),
        "source": "stranger",
        "type": Told.type,
        "subject": "all",
        "time": "2027-01-04T02:00:00Z",
        "seq": seq,
        "data": {"key": key},
    }
    return json.dumps(usual | given).encode()


def stream_of(*keys: str, **given: Any) -> list[bytes]:
    """Messages that follow one another."""
    return [envelope(key, n, **given) for n, key in enumerate(keys, 1)]


def checked(body: bytes) -> bytes:
    """The same body; fails if it is no envelope, so that a test's own messages are what they claim to be."""
    Envelope.read(json.loads(body))
    return body


def until(reached: Callable[[], object], seconds: float = 20.0, what: str = "it") -> None:
    """Look again until it is so."""
    with eventlet.Timeout(seconds, AssertionError(f"waited {seconds:g} s for {what}")):
        while not reached():
            eventlet.sleep(0.02)


def holds_for(seconds: float, true: Callable[[], object]) -> bool:
    """Whether it stays so."""
    with eventlet.Timeout(seconds, False):
        while true():
            eventlet.sleep(0.02)
        return False
    return True


@contextmanager
def running(
    database_url: str,
    amqp_url: str,
    services: Sequence[type[Any]] = (Tally,),
    *,
    ready: bool = True,
    client: str | None = None,
    **settings: Any,
) -> Iterator[Engine]:
    """Run services in this process; at the end they stop as on SIGTERM. `client` is another address for who calls."""
    usual = {"port": 0, "drain_seconds": 5.0, "clock_settable": True, "node_keys": node_keys()}
    given: dict[str, Any] = usual | settings
    node = Node(Settings(database_url=database_url, amqp_url=amqp_url, **given), services)
    rpc_client = RpcClient(client or amqp_url, "local_api")
    engine = Engine(node, rpc_client)
    node.start()
    rpc_client.start()
    try:
        if ready:
            names = [service.name for service in services if hasattr(service, "store")]
            until(lambda: all(one.connected for name in names for one in engine.consumers(name)), what="consumers")
        yield engine
    finally:
        rpc_client.stop()
        node.stop()
