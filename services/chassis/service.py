"""What a service is written with: `Database`, and one line per entrypoint — message, command, query, periodic.

    class Booking:
        name = "booking"
        store = Database(BookingWork, migrations=Path(__file__).parent / "migrations")
        place_hold = message(v1.PlaceHold, holding.place_hold)

Each makes a nameko entrypoint on a method that runs one use case in one transaction. The names of the attributes are
for people; what travels is the contract's type.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from nameko.extensions import DependencyProvider, Entrypoint, register_entrypoint
from nameko.timer import Timer

from contracts.messages import Answer, Asked, Call, Command, Message, Query
from contracts.refusals import No, Refusal
from contracts.values import Value
from services.chassis import bridge
from services.chassis.failures import Away
from services.chassis.inlet import Inlet
from services.chassis.relay import Relay
from services.chassis.settings import Settings
from services.chassis.speakers import url_of
from services.chassis.store import Delivery, Handler, Outcome, Store, describe
from services.chassis.vault import Vault
from services.chassis.work import Work

log = logging.getLogger(__name__)
#: A message is given this long; a stuck statement is cut by PostgreSQL much earlier.
MESSAGE_SECONDS = 60.0
SWEEP_SECONDS = 60.0
M = TypeVar("M", bound=Message)
C = TypeVar("C", bound=Command[Any])
Q = TypeVar("Q", bound=Query[Any])
A = TypeVar("A", bound=Asked[Any])
F = TypeVar("F", bound=Callable[..., Any])
Said = Awaitable[Value | Sequence[Value] | None]
Operation = Callable[[Store[Any], A, Settings], Said]
Chore = Callable[[Store[Any], Settings], Coroutine[Any, Any, int]]


class Database(DependencyProvider):
    """The service's own schema: hands out its `Desk`, runs its relays."""

    inlet = Inlet()

    def __init__(self, work: type[Work], *, migrations: Path) -> None:
        self.work = work
        self.migrations = migrations
        super().__init__()

    def setup(self) -> None:
        """Make the lazy pool, read the node's keys, say what is listened to. Touches neither database nor bus."""
        settings: Settings = self.container.config["settings"]
        records = settings.record_keys if self.work.keeps_records else None
        vault = Vault(settings.node_keys, records) if settings.node_keys else None
        self.store = Store(settings.database_url, self.work, size=settings.pool_size, vault=vault)
        self.store.readers = {
            entrypoint.contract.type: (entrypoint.contract, entrypoint.handler)
            for entrypoint in self.container.entrypoints
            if isinstance(entrypoint, _MessageEntrypoint)
        }
        self.desk = Desk(self.store, settings)
        self.inlet.desk = self.desk
        self.relays = [
            Relay(self.store.database, lane, url_of(settings.amqp_url, self.container.service_name), vault=vault)
            for lane in ("internal", "border")
        ]

    def start(self) -> None:
        """Stand for election as relay of each lane."""
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

    def get_dependency(self, _worker: object) -> Desk:
        """The desk; cannot fail, for a provider's failure would kill the container."""
        return self.desk


class Desk:
    """A store as the worker's green thread sees it."""

    def __init__(self, store: Store[Any], settings: Settings) -> None:
        self.store = store
        self.settings = settings

    def receive(self, delivery: Delivery) -> Outcome:
        """Apply a message. Raises Away."""
        return bridge.run(self.store.receive(delivery), seconds=MESSAGE_SECONDS)

    def park_dead(self, delivery: Delivery) -> None:
        """Take over what the broker gave up. Raises Away."""
        reason = delivery.headers.get("x-first-death-reason", "rejected")
        bridge.run(self.store.park_dead(delivery, reason), seconds=MESSAGE_SECONDS)

    def command(self, call: Call, contract: type[Asked[Any]], handler: Handler) -> Answer:
        """Answer a command."""
        return _or_unavailable(lambda: bridge.run(self.store.answer(call, contract, handler)))

    def query(self, call: Call, contract: type[Asked[Any]], handler: Handler) -> Answer:
        """Answer a question."""
        return _or_unavailable(lambda: bridge.run(self.store.ask(call, contract, handler)))

    def operation(self, call: Call, contract: type[A], operation: Operation[A]) -> Answer:
        """Answer an operator of the system, outside of any use case."""
        return _or_unavailable(lambda: bridge.run(self.store.operate(call, contract, operation, self.settings)))

    def recur(self, chore: Chore) -> int:
        """Run what recurs; a database out of reach is for the next time."""
        try:
            return bridge.run(chore(self.store, self.settings), seconds=SWEEP_SECONDS)
        except (Away, TimeoutError) as problem:
            about = {"service": self.store.database.service, "error": describe(problem)}
            log.warning("what recurs was left for the next time", extra=about)
            return 0

    def pinned(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """The keys of all partners of this node. Raises Away."""
        return bridge.run(self.store.pinned(), seconds=5)

    def well(self) -> bool:
        """Whether the database takes what is written."""
        return bridge.run(self.store.database.works())


class _Served(Protocol):
    """A service as nameko makes one for each worker, with the desk in place of its `Database`."""

    store: Desk


def _or_unavailable(attempt: Callable[[], Answer]) -> Answer:
    try:
        return attempt()
    except Away:
        sentence = "the database does not answer: nothing was done, ask again in a moment"
        return Answer(refusal=Refusal(code=No.UNAVAILABLE, message=sentence))


class _MessageEntrypoint(Entrypoint):
    inlet = Inlet()

    def __init__(self, contract: type[Message], handler: Handler) -> None:
        self.contract = contract
        self.handler = handler
        super().__init__(expected_exceptions=(Away, TimeoutError))

    def setup(self) -> None:
        self.inlet.listen(self.contract, self)

    def stop(self) -> None:
        self.inlet.close()


class _CallEntrypoint(Entrypoint):
    inlet = Inlet()

    def __init__(self, contract: type[Asked[Any]]) -> None:
        self.contract = contract
        super().__init__()

    def setup(self) -> None:
        self.inlet.answer(self.contract, self)

    def stop(self) -> None:
        self.inlet.close()


def message(contract: type[M], handler: Callable[[M, Any], Awaitable[None]]) -> Callable[..., Outcome]:
    """Listen to a message; `handler(message, work)` runs once for it, in its stream's order."""
    if issubclass(contract, (Command, Query)):
        raise TypeError(f"{contract.type} is asked through a call, not by message")

    def receive(service: _Served, delivery: Delivery) -> Outcome:
        return service.store.receive(delivery)

    return _entrypoint(receive, _MessageEntrypoint(contract, handler))


def command(contract: type[C], handler: Callable[[C, Any], Said]) -> Callable[..., Answer]:
    """Answer a command; `handler(command, work)` returns what it recorded, or raises Refused."""

    def answer(service: _Served, call: Call) -> Answer:
        return service.store.command(call, contract, handler)

    return _entrypoint(answer, _CallEntrypoint(contract))


def query(contract: type[Q], handler: Callable[[Q, Any], Said]) -> Callable[..., Answer]:
    """Answer a question, in a read-only transaction."""

    def ask(service: _Served, call: Call) -> Answer:
        return service.store.query(call, contract, handler)

    return _entrypoint(ask, _CallEntrypoint(contract))


def operation(contract: type[A], handler: Operation[A]) -> Callable[..., Answer]:
    """Answer an operator of the system; refused to everybody who acts for a community."""

    def operate(service: _Served, call: Call) -> Answer:
        return service.store.operation(call, contract, handler)

    return _entrypoint(operate, _CallEntrypoint(contract))


def periodic(seconds: float, handler: Callable[[Any], Awaitable[int]]) -> Callable[..., int]:
    """Run `handler(work)` every so many seconds, and again at once while it finds something to do."""
    return chore(seconds, lambda store, _: store.tick(handler))


def chore(seconds: float, handler: Chore) -> Callable[..., int]:
    """Run `handler(store, settings)` every so many seconds: upkeep of the chassis, in transactions of its own."""

    def tick(service: _Served) -> int:
        return service.store.recur(handler)

    return _entrypoint(tick, Timer(seconds))


def _entrypoint(method: F, entrypoint: Entrypoint) -> F:
    register_entrypoint(method, entrypoint)
    return method
