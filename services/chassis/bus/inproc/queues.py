"""Queues of the bus inside the process, and the messages in them; no kombu."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import amqp
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


class DeadQueues(Protocol):
    """The part of a broker that its queues need: where they send what they drop."""

    queues: dict[str, Queue]
    exchanges: Any

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        """The queues that take it."""

    def put(self, mail: Mail, queues: Sequence[Queue], processed: Callable[[], None] = ...) -> list[Parcel]:
        """Put it there."""

    def delete(self, queue: Queue) -> None:
        """Remove a queue whose last consumer left."""


class QueueConsumer(Protocol):
    """What a queue asks of a consumer."""

    def has_room(self) -> bool:
        """Whether its prefetch allows one more."""

    def deliver(self, parcel: Parcel) -> None:
        """Take it; must not switch green threads."""


@dataclass(eq=False, slots=True)
class Parcel:
    """One message in one queue, until the queue is done with it."""

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
        """The queue is done with it: processed, dead-lettered, expired or dropped."""
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

    broker: DeadQueues
    name: str
    owner: object
    exclusive: bool
    auto_delete: bool
    arguments: Mapping[str, Any]
    ready: deque[Parcel] = field(default_factory=deque)
    consumers: deque[QueueConsumer] = field(default_factory=deque)

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
        """Finish a message without processing it: to the dead-letter exchange if the queue has one."""
        if self.arguments.get("x-dead-letter-exchange") in self.broker.exchanges:  # else it is gone, as in RabbitMQ
            mail = parcel.mail.dead(self, reason)
            self.broker.put(mail, self.broker.route(mail.exchange, mail.routing_key))
        self.finish(parcel)

    def finish(self, parcel: Parcel) -> None:
        """Finish a message; its consumer may have room for the next."""
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

    def _next_consumer(self) -> QueueConsumer | None:
        for _ in range(len(self.consumers)):
            self.consumers.rotate(-1)
            if self.consumers[-1].has_room():
                return self.consumers[-1]
        return None

    def leave(self, consumer: QueueConsumer) -> None:
        """Remove a consumer. A queue for replies goes with its last one."""
        if consumer in self.consumers:
            self.consumers.remove(consumer)
        if not self.consumers and (self.auto_delete or "x-expires" in self.arguments):
            self.broker.delete(self)
