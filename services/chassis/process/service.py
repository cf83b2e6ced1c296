"""How a service is declared: `Database`, and one line per entrypoint: message, command, query, periodic.

    class Booking:
        name = "booking"
        store = Database(BookingUnitOfWork, migrations=Path(__file__).parent / "migrations")
        place_hold = message(v1.PlaceHold, holding.place_hold)

Each makes a nameko entrypoint on a method that runs one use case in one transaction. The names of the attributes are
for people; on the bus only the contract's type counts.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

from eventlet import Timeout
from nameko.extensions import DependencyProvider, Entrypoint, register_entrypoint
from nameko.timer import Timer

from contracts.messages import Answer, Asked, BorderMessage, Call, Command, Message, Query
from services.chassis.edge.rpc_client import EdgeParts, RpcClient
from services.chassis.messaging.answering import A, Answered, Answering, Operation, Said
from services.chassis.messaging.dispatcher import Dispatcher
from services.chassis.messaging.relay import Relay
from services.chassis.messaging.store import Delivery, Handler, Outcome, Store
from services.chassis.messaging.sync_store import Chore, SyncStore
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.runtime import bridge
from services.chassis.runtime.settings import Settings
from services.chassis.storage.failures import DatabaseUnavailable
from services.chassis.trust.speakers import url_of
from services.chassis.trust.vault import Vault

M = TypeVar("M", bound=Message)
C = TypeVar("C", bound=Command[Any])
Q = TypeVar("Q", bound=Query[Any])
F = TypeVar("F", bound=Callable[..., Any])


class Database(DependencyProvider):
    """The service's own schema: hands out its `SyncStore`, runs its relays."""

    dispatcher = Dispatcher()

    def __init__(self, work: type[UnitOfWork], *, migrations: Path) -> None:
        self.work = work
        self.migrations = migrations
        super().__init__()

    def setup(self) -> None:
        """Make the lazy pool, read the node's keys, register the messages. Touches neither database nor bus."""
        settings: Settings = self.container.config["settings"]
        records = settings.record_keys if self.work.keeps_records else None
        vault = Vault(settings.node_keys, records) if settings.node_keys else None
        self.store = Store(settings.database_url, self.work, size=settings.pool_size, vault=vault)
        self.store.readers.update(
            {
                entrypoint.contract.type: (entrypoint.contract, entrypoint.handler)
                for entrypoint in self.container.entrypoints
                if isinstance(entrypoint, _MessageEntrypoint)
            }
        )
        self.store.inbox.relaxed.update(
            entrypoint.contract.type
            for entrypoint in self.container.entrypoints
            if isinstance(entrypoint, _MessageEntrypoint) and entrypoint.is_relaxed
        )
        self.sync_store = SyncStore(self.store, settings)
        self.dispatcher.sync_store = self.sync_store
        self.relays = [
            Relay(self.store.database, lane, url_of(settings.amqp_url, self.container.service_name), vault=vault)
            for lane in ("internal", "border")
        ]

    def start(self) -> None:
        """Start a relay for each lane."""
        for relay in self.relays:
            relay.start()

    def stop(self) -> None:
        """After the last worker: publish what it left, then close."""
        for relay in self.relays:
            relay.stop()
        bridge.run(self.store.close())

    def kill(self) -> None:
        """As stop; what is unpublished stays in the outbox."""
        self.stop()

    def get_dependency(self, _worker: object) -> SyncStore:
        """The sync store; cannot fail, for a provider's failure would kill the container."""
        return self.sync_store


class _Served(Protocol):
    """A service as nameko makes one for each worker, with the sync store in place of its `Database`."""

    store: SyncStore


class _ServedEdge(_Served, Protocol):
    """The same of an edge, with its client in place of its `Edge`."""

    site: RpcClient


class _MessageEntrypoint(Entrypoint):
    dispatcher = Dispatcher()

    def __init__(self, contract: type[Message], handler: Handler, *, is_relaxed: bool) -> None:
        self.contract = contract
        self.handler = handler
        self.is_relaxed = is_relaxed
        super().__init__(expected_exceptions=(DatabaseUnavailable, TimeoutError))

    def setup(self) -> None:
        self.dispatcher.listen(self.contract, self)

    def stop(self) -> None:
        self.dispatcher.close()


class _CallEntrypoint(Entrypoint):
    dispatcher = Dispatcher()

    def __init__(self, contract: type[Asked[Any]], how: Answered) -> None:
        self.contract = contract
        self.how = how
        super().__init__()

    def setup(self) -> None:
        self.dispatcher.answer(self.contract, self, self.how)

    def stop(self) -> None:
        self.dispatcher.close()


def message(
    contract: type[M], handler: Callable[[M, Any], Awaitable[None]], *, is_relaxed: bool = False
) -> Callable[..., Outcome]:
    """Listen to a message; `handler(message, work)` runs once for it, in its stream's order.

    `is_relaxed`: its commit does not wait for the disk. For facts of this node that are only kept: its handler
    announces and audits nothing. When the database server crashes, the last of them may be lost, and come again, for
    they are owed. An errand may send later what the handler has left: its commit stands behind that in the same log.
    """
    if is_relaxed and issubclass(contract, BorderMessage):
        raise TypeError(f"{contract.type} comes over the border: nobody of this node owes it")
    if issubclass(contract, (Command, Query)):
        raise TypeError(f"{contract.type} is asked through a call, not by message")

    def receive(service: _Served, delivery: Delivery) -> Outcome:
        return service.store.receive(delivery)

    return _entrypoint(receive, _MessageEntrypoint(contract, handler, is_relaxed=is_relaxed))


def command(contract: type[C], handler: Callable[[C, Any], Said]) -> Callable[..., Answer]:
    """Answer a command; `handler(command, work)` returns what it recorded, or raises Refused."""

    return _answered(contract, handler, Answering.command)


def query(contract: type[Q], handler: Callable[[Q, Any], Said]) -> Callable[..., Answer]:
    """Answer a query, in a read-only transaction."""

    return _answered(contract, handler, Answering.query)


def operation(contract: type[A], handler: Operation[A]) -> Callable[..., Answer]:
    """Answer an operator of the system; refused to anybody who acts for a community."""

    return _answered(contract, handler, Answering.operation)


def _answered(
    contract: type[Asked[Any]], handler: Any, how: Callable[..., Coroutine[Any, Any, Answer]]
) -> Callable[..., Answer]:
    def answer(service: _Served, call: Call) -> Answer:
        return service.store.answer(call, lambda answering, asked: how(answering, asked, contract, handler))

    return _entrypoint(answer, _CallEntrypoint(contract, lambda at, call: how(at, call, contract, handler)))


def periodic(seconds: float, handler: Callable[[Any], Awaitable[int]]) -> Callable[..., int]:
    """Run `handler(work)` every so many seconds, and again at once while it finds something to do."""
    return chore(seconds, lambda store, _: store.tick(handler))


def chore(seconds: float, handler: Chore) -> Callable[..., int]:
    """Run `handler(store, settings)` every so many seconds: upkeep of the chassis, in transactions of its own."""

    def tick(service: _Served) -> int:
        return service.store.recur(handler)

    return _entrypoint(tick, _Staggered(seconds))


def errand(seconds: float, handler: Callable[[EdgeParts], Coroutine[Any, Any, int]]) -> Callable[..., int]:
    """As `chore`, of an edge whose `Edge` is its `site`: `handler(parts)` may ask the services as well."""

    def run(service: _ServedEdge) -> int:
        rpc = service.site
        return service.store.recur(lambda store, given: handler(EdgeParts(rpc=rpc, settings=given, store=store)))

    return _entrypoint(run, _Staggered(seconds))


class _Staggered(Timer):
    """Fires every so many seconds, at a moment of its own: all at once, they would hold up whoever asks just then."""

    def _run(self) -> None:
        self.eager = True
        with Timeout(self.interval * _share(f"{self.container.service_name}.{self.method_name}"), exception=False):
            self.should_stop.wait()
            return
        super()._run()


def _share(name: str) -> float:
    """A part of 1, always the same for a name."""
    return zlib.crc32(name.encode()) / 2**32


def _entrypoint(method: F, entrypoint: Entrypoint) -> F:
    register_entrypoint(method, entrypoint)
    return method
