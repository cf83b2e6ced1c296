"""Exchanges and queues, declared from what a service listens to. Dead-lettering is broker policy, not code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from amqp.exceptions import NotFound
from kombu import Exchange, Queue, binding

from contracts.messages import BorderMessage, Message

# Passive: declaring a queue only checks that they exist; `make` creates them.
INTERNAL = Exchange("internal", type="topic", durable=True, passive=True)
BORDER = Exchange("border", type="topic", durable=True, passive=True)
CALLS = Exchange("calls", type="direct", durable=True, passive=True)
REPLIES = Exchange("replies", type="direct", durable=True, passive=True)
EXCHANGES = (INTERNAL, BORDER, CALLS, REPLIES)
_QUORUM = {"x-queue-type": "quorum"}


def make(link: Any, exchange: Exchange) -> None:
    """Create it unless it exists: a service's own login may not, and need not where the definitions were imported."""
    channel = link.channel()
    try:
        exchange(channel).declare()
    except NotFound:  # the channel is closed by now
        channel = link.channel()
        exchange(channel).declare(passive=False)
    channel.close()


def message_queues(service: str, listens_to: Iterable[type[Message]]) -> list[Queue]:
    """One queue per exchange that the service listens to, bound by message type; on the border, to any community."""
    internal = sorted(m.type for m in listens_to if not issubclass(m, BorderMessage))
    border = sorted(f"*.{m.type}" for m in listens_to if issubclass(m, BorderMessage))
    return [
        Queue(f"{service}.{exchange.name}", bindings=_bindings(exchange, keys), queue_arguments=_QUORUM, durable=True)
        for exchange, keys in ((INTERNAL, internal), (BORDER, border))
        if keys
    ]


def dead_queue(service: str) -> Queue:
    """Where the broker's policy puts what it gives up; the service drains it into its own `parked` table."""
    return Queue(f"{service}.dead", durable=True, queue_arguments=_QUORUM)


def call_queue(service: str) -> Queue:
    """Commands and queries to a service; they expire at their deadline, so they need not survive the broker."""
    return Queue(f"{service}.calls", exchange=CALLS, routing_key=service, durable=True)


def reply_queue(name: str) -> Queue:
    """The queue of one caller's answers, for as long as it is connected."""
    return Queue(name, exchange=REPLIES, routing_key=name, exclusive=True, auto_delete=True, durable=False)


def _bindings(exchange: Exchange, keys: list[str]) -> list[object]:
    return [binding(exchange, routing_key=key) for key in keys]
