"""The part of a channel that declares exchanges and queues, with amqp's names and arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from amqp.exceptions import PreconditionFailed
from amqp.protocol import queue_declare_ok_t
from kombu.transport import base

from services.chassis.bus.inproc.broker import Broker


class Declaring(base.StdChannel):
    """Declares, binds and deletes on the broker of its connection."""

    connection: Any
    broker: Broker

    def exchange_declare(
        self,
        exchange: str,
        type: str = "direct",  # noqa: A002 - amqp's signature
        passive: bool = False,
        **_: Any,
    ) -> None:
        """As AMQP. Raises NotFound if passive and missing, PreconditionFailed if it has another type."""
        if passive:
            self.broker.exchange(exchange)
        else:
            self.broker.declare_exchange(exchange, type)

    def exchange_delete(self, exchange: str, **_: Any) -> None:
        self.broker.exchanges.pop(exchange, None)

    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        exclusive: bool = False,
        auto_delete: bool = True,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> queue_declare_ok_t:
        """As AMQP. Raises NotFound if passive and missing, PreconditionFailed if declared otherwise before."""
        if passive:
            found = self.broker.queue(queue, self.connection)
        else:
            name = queue or f"amq.gen-{uuid4().hex}"
            found = self.broker.declare_queue(name, self.connection, exclusive, auto_delete, dict(arguments or {}))
        return queue_declare_ok_t(found.name, len(found.ready), len(found.consumers))

    def queue_bind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        """As AMQP. Raises NotFound."""
        self.broker.exchange(exchange).bindings[routing_key, self.broker.queue(queue, self.connection)] = None

    def queue_unbind(self, queue: str, exchange: str, routing_key: str = "", **_: Any) -> None:
        """As AMQP. Raises NotFound."""
        self.broker.exchange(exchange).bindings.pop((routing_key, self.broker.queue(queue, self.connection)), None)

    def queue_purge(self, queue: str, **_: Any) -> int:
        """As AMQP; returns how many messages went. Raises NotFound."""
        return self.broker.queue(queue, self.connection).purge()

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **_: Any) -> int:
        """As AMQP; returns how many messages went with it. Raises PreconditionFailed if in use or not empty."""
        if queue not in self.broker.queues:
            return 0
        found = self.broker.queue(queue, self.connection)
        if (if_unused and found.consumers) or (if_empty and found.ready):
            raise PreconditionFailed(f"PRECONDITION_FAILED - queue {queue!r} is in use", (50, 40), reply_code=406)
        waiting = len(found.ready)
        self.broker.delete(found)
        return waiting
