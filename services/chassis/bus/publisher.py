"""Publishes batches with confirms, and returns in time whatever the broker does.

One code path for RabbitMQ and for the bus inside the process. Stock kombu cannot be bounded in time: its clean-up waits
for a broker that does not answer. So here one time-out covers every wait, and a doubtful connection is not
closed but dropped: its raw socket is shut, and the next batch opens a new one.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import eventlet
import kombu
from eventlet.semaphore import Semaphore

from services.chassis.trust.speakers import login_of

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

HEARTBEAT = 10  # seconds
PERSISTENT = 2


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish; ``body`` is text in UTF-8. Not ``mandatory``: no queue at all is fine too."""

    message_id: str
    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, str]
    expiration_ms: int | None = None
    content_type: str = "application/json"
    reply_to: str | None = None
    correlation_id: str | None = None
    mandatory: bool = True


class PublishOutcome(StrEnum):
    """What became of a message."""

    CONFIRMED = "confirmed"  # RabbitMQ: stored on every queue; inside the process: processed
    RETURNED = "returned"  # mandatory, and no queue takes it
    NACKED = "nacked"  # the broker refused it: a full queue
    UNKNOWN = "unknown"  # timed out or lost its connection; it may have arrived: send again, the reader de-duplicates


def cut(link: Any) -> None:
    """Drop a connection without closing it properly; does nothing to one that is closed."""
    raw = getattr(getattr(link, "_transport", None), "sock", None)
    with suppress(Exception), eventlet.Timeout(1, False):
        if raw is not None:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)  # from here on nothing waits for the peer, not even TLS
        link.collect()


class Publisher:
    """One connection of its own, opened when needed; one green thread at a time, others wait within their time-out."""

    def __init__(self, url: str, *, timeout: float = 3.0) -> None:
        """Connect to nothing yet. ``timeout`` bounds each call, in seconds."""
        self._url = url
        self._login = login_of(url)
        self._timeout = timeout
        self._lock = Semaphore(1)
        self._link: Any = None
        self._channel: Any = None
        self._sent = 0  # delivery tag of the last message on this channel
        self._pending: dict[int, int] = {}  # delivery tag -> place in the batch
        self._returned: set[tuple[str, str, str]] = set()
        self._batch: Sequence[Outgoing] = ()
        self._outcomes: list[PublishOutcome] = []
        self._blocked = False

    @property
    def blocked(self) -> bool:
        """Whether the broker said last that it takes nothing for now (memory, disk); a confirm proves the contrary."""
        return self._blocked

    def publish(self, batch: Sequence[Outgoing]) -> list[PublishOutcome]:
        """Send all, then await all confirms; returns one outcome per message within the time-out. Raises nothing."""
        outcomes = [PublishOutcome.UNKNOWN] * len(batch)
        deadline = time.monotonic() + self._timeout
        with self._turn(deadline) as mine:
            if not mine or not batch:
                return outcomes
            self._batch, self._outcomes = batch, outcomes
            self._returned.clear()
            sending = False
            try:
                with eventlet.Timeout(deadline - time.monotonic(), False):
                    if self._link is None:
                        self._connect()
                    sending = True
                    self._send()
                    sending = False
                    while self._pending:
                        self._link.drain_events()
                if sending:
                    self._listen(self._link)  # it did not read us, but may have said why
            except Exception as problem:  # noqa: BLE001 - whatever a dying connection raises: the outcome is unknown
                log.warning("publishing failed", extra={"error": repr(problem)})
            finally:
                if PublishOutcome.UNKNOWN in outcomes:
                    self._drop()
        return outcomes

    def close(self) -> None:
        """Close the connection properly if the broker responds within the time-out. The next batch opens a new one."""
        with self._turn(time.monotonic() + self._timeout):
            if self._link is not None:
                with suppress(Exception), eventlet.Timeout(min(1.0, self._timeout), False):
                    self._link.close()
            self._drop()

    @contextmanager
    def _turn(self, deadline: float) -> Iterator[bool]:
        mine = self._lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
        try:
            yield mine
        finally:
            if mine:
                self._lock.release()

    def _send(self) -> None:
        for place, message in enumerate(self._batch):
            self._sent += 1
            self._pending[self._sent] = place
            self._channel.basic_publish(
                self._channel.prepare_message(
                    message.body,
                    content_type=message.content_type,
                    content_encoding="utf-8",
                    headers=dict(message.headers),
                    properties={
                        "delivery_mode": PERSISTENT,
                        "message_id": message.message_id,
                        "expiration": None if message.expiration_ms is None else str(message.expiration_ms),
                        "reply_to": message.reply_to,
                        "correlation_id": message.correlation_id,
                        # What crosses is proven by its signature; a broker that passes it on has another login.
                        "user_id": None if message.exchange == "border" else self._login or None,
                    },
                ),
                exchange=message.exchange,
                routing_key=message.routing_key,
                mandatory=message.mandatory,
            )

    def _connect(self) -> None:
        options = {"on_blocked": self._on_blocked, "on_unblocked": self._on_unblocked}
        client: Any = kombu.Connection(
            self._url, heartbeat=HEARTBEAT, connect_timeout=self._timeout, transport_options=options
        )
        self._link = link = client.transport.establish_connection()
        # py-amqp would look for this notice before each publish, and spin without end on half a frame. We read it
        # while we wait for confirms; the broker has been told already that we understand it.
        getattr(link, "client_properties", {}).get("capabilities", {}).pop("connection.blocked", None)
        self._channel = link.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._sent = 0
        if link.heartbeat:
            eventlet.spawn_n(self._beat, link)

    def _drop(self) -> None:
        link, self._link, self._channel = self._link, None, None
        self._pending.clear()
        if link is not None:
            cut(link)

    def _beat(self, link: Any) -> None:
        """Keep an idle connection alive, notice a dead one, hear that the broker blocks or takes messages again."""
        while self._link is link:
            eventlet.sleep(HEARTBEAT / 4)
            if self._link is not link or not self._lock.acquire(blocking=False):
                continue  # gone, or at work, which is as good
            try:
                with eventlet.Timeout(1):
                    self._listen(link)
                    link.heartbeat_tick()
            except (Exception, eventlet.Timeout) as problem:  # noqa: BLE001 - as in publish
                log.info("an idle connection went away", extra={"error": repr(problem)})
                if self._link is link:
                    self._drop()
            finally:
                self._lock.release()

    @staticmethod
    def _listen(link: Any) -> None:
        """Read what has come, without waiting for more."""
        with suppress(TimeoutError):
            while True:
                link.drain_events(timeout=0.001)

    def _on_blocked(self, _reason: str) -> None:
        self._blocked = True

    def _on_unblocked(self) -> None:
        self._blocked = False

    def _on_return(self, _error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._returned.add((message.properties["message_id"], exchange, routing_key))

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._blocked = False
        self._settle(tag, multiple, PublishOutcome.CONFIRMED)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, PublishOutcome.NACKED)

    def _settle(self, tag: int, multiple: bool, outcome: PublishOutcome) -> None:
        for settled in [earlier for earlier in self._pending if earlier <= tag] if multiple else [tag]:
            place = self._pending.pop(settled, None)
            if place is not None:
                message = self._batch[place]
                back = (message.message_id, message.exchange, message.routing_key) in self._returned
                self._outcomes[place] = PublishOutcome.RETURNED if back else outcome
