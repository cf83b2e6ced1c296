"""The broker inside the process: exchanges, queues, routes, dead letters. It knows no connection and no kombu.

Everything runs in the green threads of one OS thread and nothing here switches between them, so no step needs a lock.
Used by the transport in ``inproc``; a broker lives as long as the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from amqp.exceptions import NotFound, PreconditionFailed, ResourceLocked

from services.chassis.bus.inproc.queues import Mail, Parcel, Queue


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
        """Put a copy on every queue; ``processed`` is called once, when all of them are done with it."""
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
