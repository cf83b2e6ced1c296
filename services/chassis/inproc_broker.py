"""The broker inside the process: exchanges, queues, routes, dead letters. It knows no connection and no kombu.

Everything runs in the green threads of one OS thread and nothing here switches between them, so no step needs a lock.
Used by the transport in ``inproc``; a broker lives as long as the process.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import amqp
from amqp.exceptions import NotFound, PreconditionFailed, ResourceLocked
from eventlet import hubs


@dataclass(frozen=True, slots=True)
class Mail:
    """A published message. Properties stay encoded: each delivery decodes its own copy, and what AMQP refuses fails."""

    exchange: str
    routing_key: str
    body: bytes
    properties: bytes
    lifetime: float | None = None  # seconds

    @classmethod
    def of(cls, message: Any, exchange: str, routing_key: str) -> Mail:
        """Take a copy of an ``amqp.Message`` when it is published. Raises what AMQP's own encoder raises."""
        body = message.body
        if isinstance(body, str):
            body = body.encode(message.properties.get("content_encoding") or "utf-8")
        expiration = message.properties.get("expiration")  # milliseconds, as text
        lifetime = None if expiration is None else int(expiration) / 1000
        properties = message._serialize_properties()  # noqa: SLF001 - the library has no public name for it
        return cls(exchange, routing_key, bytes(body), properties, lifetime)

    def message(self) -> Any:
        """A fresh ``amqp.Message``, for one delivery."""
        message = amqp.Message(self.body)
        message._load_properties(message.CLASS_ID, self.properties, 0)  # noqa: SLF001 - as above
        return message

    def dead(self, queue: Queue, reason: str) -> Mail:
        """What goes to the dead-letter exchange of ``queue``: without expiration, with the header ``x-death``."""
        message = self.message()
        message.properties.pop("expiration", None)
        headers = message.properties.setdefault("application_headers", {})
        death = {"queue": queue.name, "reason": reason, "exchange": self.exchange, "routing-keys": [self.routing_key]}
        headers["x-death"] = [death | {"count": 1}, *headers.get("x-death", [])]
        key = queue.arguments.get("x-dead-letter-routing-key", self.routing_key)
        return Mail.of(message, queue.arguments["x-dead-letter-exchange"], key)


class Consumer(Protocol):
    """What a queue asks of a consumer."""

    def has_room(self) -> bool:
        """Whether its prefetch allows one more."""

    def deliver(self, parcel: Parcel) -> None:
        """Take it; must not switch green threads."""


@dataclass(eq=False, slots=True)
class Parcel:
    """One message in one queue, until the queue is through with it."""

    mail: Mail
    queue: Queue
    settled: Callable[[Queue], None]
    redelivered: bool = False
    expires_at: float | None = None
    _timer: Any = None

    def __post_init__(self) -> None:
        if self.mail.lifetime is not None:
            self.expires_at = time.monotonic() + self.mail.lifetime
            self._timer = hubs.get_hub().schedule_call_global(self.mail.lifetime, self._expire)

    def expired(self) -> bool:
        """Whether its time is over: then it must not be delivered."""
        return self.expires_at is not None and time.monotonic() >= self.expires_at

    def done(self) -> None:
        """The queue is through with it: processed, dead-lettered, expired or dropped."""
        self.forget()
        self.settled(self.queue)

    def forget(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self) -> None:
        if self in self.queue.ready:  # a parcel in delivery is looked at when it is handed over or comes back
            self.queue.ready.remove(self)
            self.queue.drop(self, "expired")


@dataclass(eq=False)
class Queue:
    """Messages in order, given in turn to the consumers that have room."""

    broker: Broker
    name: str
    owner: object
    exclusive: bool
    auto_delete: bool
    arguments: Mapping[str, Any]
    ready: deque[Parcel] = field(default_factory=deque)
    consumers: deque[Consumer] = field(default_factory=deque)

    def put(self, parcel: Parcel) -> None:
        """Append a new message."""
        self.ready.append(parcel)
        self.pump()

    def put_back(self, parcels: Sequence[Parcel]) -> None:
        """Return unacknowledged messages to the front, in their order, marked as redelivered."""
        for parcel in reversed(parcels):
            parcel.redelivered = True
            self.ready.appendleft(parcel)
        for parcel in [parcel for parcel in parcels if parcel.expired()]:
            self.ready.remove(parcel)
            self.drop(parcel, "expired")
        if self.broker.queues.get(self.name) is not self:
            self.purge()
        self.pump()

    def drop(self, parcel: Parcel, reason: str) -> None:
        """Be through with a message without processing: to the dead-letter exchange if the queue has one."""
        if self.arguments.get("x-dead-letter-exchange") in self.broker.exchanges:  # else it is gone, as in RabbitMQ
            mail = parcel.mail.dead(self, reason)
            self.broker.put(mail, self.broker.route(mail.exchange, mail.routing_key))
        self.finish(parcel)

    def finish(self, parcel: Parcel) -> None:
        """Be through with a message; its consumer may have room for the next."""
        parcel.done()
        self.pump()

    def purge(self) -> int:
        """Drop all that waits; returns how many."""
        gone = list(self.ready)
        self.ready.clear()
        for parcel in gone:
            parcel.done()
        return len(gone)

    def pump(self) -> None:
        """Hand out what waits. Call whenever a message or room has come."""
        while self.ready and (consumer := self._next_consumer()):
            consumer.deliver(self.ready.popleft())

    def _next_consumer(self) -> Consumer | None:
        for _ in range(len(self.consumers)):
            self.consumers.rotate(-1)
            if self.consumers[-1].has_room():
                return self.consumers[-1]
        return None

    def leave(self, consumer: Consumer) -> None:
        """Remove a consumer. A queue for replies goes with its last one."""
        if consumer in self.consumers:
            self.consumers.remove(consumer)
        if not self.consumers and (self.auto_delete or "x-expires" in self.arguments):
            self.broker.delete(self)


@dataclass(eq=False)
class Exchange:
    """Its type and its bindings: pairs of binding key and queue."""

    type: str
    bindings: dict[tuple[str, Queue], None] = field(default_factory=dict)  # a set that keeps its order

    def matches(self, binding_key: str, routing_key: str) -> bool:
        """Whether a message with that routing key passes."""
        if self.type == "topic":
            return _topic(binding_key, routing_key)
        return self.type == "fanout" or binding_key == routing_key


class Broker:
    """One node's exchanges and queues."""

    def __init__(self) -> None:
        self.exchanges: dict[str, Exchange] = {}
        self.queues: dict[str, Queue] = {}

    def exchange(self, name: str) -> Exchange:
        """The exchange. Raises NotFound (404)."""
        if name not in self.exchanges:
            raise NotFound(f"NOT_FOUND - no exchange {name!r}", (40, 10), reply_code=404)
        return self.exchanges[name]

    def queue(self, name: str, connection: object) -> Queue:
        """The queue. Raises NotFound (404), or ResourceLocked (405) if it belongs to another connection alone."""
        if name not in self.queues:
            raise NotFound(f"NOT_FOUND - no queue {name!r}", (50, 10), reply_code=404)
        queue = self.queues[name]
        if queue.exclusive and queue.owner is not connection:
            raise ResourceLocked(f"RESOURCE_LOCKED - queue {name!r} is exclusive", (50, 10), reply_code=405)
        return queue

    def declare_exchange(self, name: str, kind: str) -> None:
        """Create it unless it exists. Raises PreconditionFailed (406) for another or an unknown type."""
        if kind not in {"direct", "fanout", "topic"} or self.exchanges.setdefault(name, Exchange(kind)).type != kind:
            text = f"PRECONDITION_FAILED - exchange {name!r} cannot have type {kind!r}"
            raise PreconditionFailed(text, (40, 10), reply_code=406)

    def declare_queue(
        self, name: str, owner: object, exclusive: bool, auto_delete: bool, args: Mapping[str, Any]
    ) -> Queue:
        """Create it unless it exists. Raises PreconditionFailed (406) where it exists with other settings."""
        if name not in self.queues:
            self.queues[name] = Queue(self, name, owner, exclusive, auto_delete, args)
        queue = self.queue(name, owner)
        if (queue.exclusive, queue.auto_delete, queue.arguments) != (exclusive, auto_delete, args):
            text = f"PRECONDITION_FAILED - queue {name!r} exists with other settings"
            raise PreconditionFailed(text, (50, 10), reply_code=406)
        return queue

    def delete(self, queue: Queue) -> None:
        """Remove a queue, its bindings and what waits in it."""
        self.queues.pop(queue.name, None)
        for exchange in self.exchanges.values():
            exchange.bindings = {pair: None for pair in exchange.bindings if pair[1] is not queue}
        queue.consumers.clear()
        queue.purge()

    def disconnected(self, connection: object) -> None:
        """Remove what was declared for that connection only."""
        for queue in [queue for queue in self.queues.values() if queue.owner is connection]:
            temporary = queue.auto_delete or "x-expires" in queue.arguments
            if queue.exclusive or (temporary and not queue.consumers):
                self.delete(queue)

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        """The queues that a message goes to, each once. Raises NotFound for an exchange that does not exist."""
        if not exchange:
            return [self.queues[routing_key]] if routing_key in self.queues else []
        source = self.exchange(exchange)
        return list({queue: None for key, queue in source.bindings if source.matches(key, routing_key)})

    def put(self, mail: Mail, queues: Sequence[Queue], processed: Callable[[], None] = lambda: None) -> list[Parcel]:
        """Put a copy on every queue; ``processed`` is called once, when all of them are through with it."""
        owing = set(queues)

        def settled(queue: Queue) -> None:
            owing.discard(queue)
            if not owing:
                processed()

        parcels = [Parcel(mail, queue, settled) for queue in queues]
        for parcel in parcels:
            parcel.queue.put(parcel)
        return parcels

    def withdraw(self, parcels: Iterable[Parcel]) -> None:
        """Take back what no consumer has received yet."""
        gone = set(parcels)
        for queue in {parcel.queue for parcel in gone}:
            queue.ready = deque(parcel for parcel in queue.ready if parcel not in gone)
        for parcel in gone:
            parcel.forget()


@lru_cache(maxsize=4096)
def _topic(binding_key: str, routing_key: str) -> bool:
    return _words_match(binding_key.split("."), routing_key.split("."))


def _words_match(pattern: Sequence[str], words: Sequence[str]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_words_match(pattern[1:], words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and pattern[0] in {"*", words[0]} and _words_match(pattern[1:], words[1:])
