"""Takes raw messages from queues and acks them when told: nothing is decoded here, so nothing undecodable is lost.

One connection and one green thread. `pause` closes the connection until the world is well again: what was not acked
goes back to its queue by itself, without a requeue loop.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection, Queue

from services.chassis.topology import EXCHANGES

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 10
#: A connection that died under us shows itself as any of these, depending on where it was caught.
Broken = (OSError, EOFError, ConnectionError)


class Receipt:
    """One delivered message; `done` acks it. On a connection that died meanwhile it does nothing: it comes again."""

    __slots__ = ("_consumer", "_message", "queue")

    def __init__(self, consumer: Consumer, message: Any, queue: str) -> None:
        self._consumer = consumer
        self._message = message
        self.queue = queue

    @property
    def body(self) -> bytes:
        """The body as it came."""
        body = self._message.body
        return body.encode() if isinstance(body, str) else bytes(body)

    @property
    def properties(self) -> dict[str, Any]:
        """`reply_to`, `correlation_id`, `message_id`."""
        return dict(self._message.properties)

    @property
    def headers(self) -> dict[str, str]:
        """Headers as text."""
        return {str(key): str(value)[:500] for key, value in (self._message.headers or {}).items()}

    def done(self) -> None:
        """Ack."""
        self._consumer.acknowledge(self._message)

    def returned(self) -> None:
        """Do not ack: it goes back to its queue when the connection closes."""
        self._consumer.forget()


class Consumer:
    """Consumes `queues` with `prefetch` each, calling `on_receipt(receipt)` for every message; it must not block."""

    def __init__(
        self, url: str, queues: Sequence[Queue], on_receipt: Callable[[Receipt], None], *, prefetch: int
    ) -> None:
        self._url = url
        self._queues = queues
        self._on_receipt = on_receipt
        self._prefetch = prefetch
        self._writing = Semaphore()
        self._stopping = False
        self._wanted = True  # False while paused
        self._thread: Any = None
        self._in_flight = 0
        self._idle = Event()
        self.ready = Event()
        self.connected = False

    def start(self) -> None:
        """Start consuming; `ready` is sent once the queues are declared."""
        self._thread = eventlet.spawn(self._run)

    def stop(self, seconds: float) -> bool:
        """Take no more, wait at most `seconds` until all in flight is acked, close. False if some was left."""
        self._stopping = True
        deadline = time.monotonic() + seconds
        while self._in_flight and time.monotonic() < deadline:
            eventlet.sleep(0.02)
        self._wanted = False
        if self._thread is not None:
            with eventlet.Timeout(2, False):
                self._thread.wait()
            self._thread.kill()
        return not self._in_flight

    def pause(self, well: Callable[[], bool]) -> None:
        """Close the connection until `well()`; unacked messages return to their queues meanwhile."""
        if self._wanted and not self._stopping:
            self._wanted = False
            log.warning("consumers paused until the database answers")
            eventlet.spawn(self._resume_when, well)

    def acknowledge(self, message: Any) -> None:
        """Ack on the connection that it came by, if that still lives; else it is delivered again, and de-duplicated."""
        try:
            with self._writing:
                message.ack()
        except Exception as problem:  # noqa: BLE001 - whatever a dying connection raises must not kill the service
            log.info("an ack found its connection gone", extra={"error": type(problem).__name__})
        finally:
            self._in_flight -= 1

    def forget(self) -> None:
        """A receipt will not be acked: it returns with the connection."""
        self._in_flight -= 1

    def _resume_when(self, well: Callable[[], bool]) -> None:
        pause = 0.2
        while not self._stopping and not well():
            eventlet.sleep(pause)
            pause = min(pause * 2, 5.0)
        self._wanted = True

    def _run(self) -> None:
        pause = 0.1
        while not self._stopping:
            if not self._wanted:
                eventlet.sleep(0.05)
                continue
            try:
                self._consume()
                pause = 0.1
            except Exception as problem:  # noqa: BLE001 - any broken link: connect again, the broker kept our messages
                log.warning("the bus is out of reach, trying again", extra={"error": type(problem).__name__})
                eventlet.sleep(pause)
                pause = min(pause * 2, 5.0)
            finally:
                self.connected = False

    def _consume(self) -> None:
        with Connection(self._url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=5) as connection:
            channel = connection.channel()
            for exchange in EXCHANGES:  # also those we only publish to: whoever comes first makes them
                exchange(channel).declare()
            tags = [self._subscribe(channel, queue) for queue in self._queues]
            self.connected = True
            if not self.ready.ready():
                self.ready.send(None)
            beat = time.monotonic()
            cancelled = False
            while self._wanted:
                if self._stopping and not cancelled:
                    with self._writing:
                        for tag in tags:
                            channel.basic_cancel(tag)
                    cancelled = True
                with suppress(TimeoutError):
                    connection.drain_events(timeout=0.25 if self._stopping else 1)
                if time.monotonic() - beat > HEARTBEAT_SECONDS / 4:
                    beat = time.monotonic()
                    if connection.supports_heartbeats:
                        with self._writing:
                            connection.heartbeat_check()

    def _subscribe(self, channel: Any, queue: Queue) -> str:
        bound = queue(channel)
        bound.declare()
        tag = f"{queue.name}-{id(self):x}"
        channel.basic_qos(0, self._prefetch, False)

        def receive(message: Any) -> None:
            if self._stopping or not self._wanted:
                return  # not ours any more: unacked, it goes to whoever consumes next
            self._in_flight += 1
            self._on_receipt(Receipt(self, message, queue.name))

        channel.basic_consume(queue=queue.name, callback=lambda raw: receive(_kombu(channel, raw)), consumer_tag=tag)
        return tag


def _kombu(channel: Any, raw: Any) -> Any:
    """py-amqp hands its own message to callbacks; kombu's has the same face on every transport."""
    return channel.message_to_python(raw) if hasattr(channel, "message_to_python") else raw
