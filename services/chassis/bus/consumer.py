"""Takes raw messages from queues and acks them on request. Nothing is decoded here, so nothing undecodable is lost.

One connection and one green thread. `pause` closes the connection until the database works again: what was not acked
goes back to its queue by itself, without a requeue loop. Every wait for the broker has a limit: when the
broker does not respond, its connection is cut and a new one opened.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from greenlet import GreenletExit
from kombu import Connection, Queue

from services.chassis.bus import topology
from services.chassis.bus.publisher import cut

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 10
#: What a broker may take to open a connection and its queues, and to close one.
OPEN_SECONDS = 10
CLOSE_SECONDS = 1
#: The pause before consuming again after a failure, in seconds; it doubles until a message is acked. A broker counts
#: deliveries, so a message must not be delivered often while the cause of the failure may still be repaired.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
#: Between two checks of a database that does not work, in seconds.
LONGEST_LOOK = 5.0


class IncomingMessage:
    """One delivered message; `done` acks it. On a dead connection it does nothing: the message is redelivered."""

    __slots__ = ("_channel", "_consumer", "_message", "queue")

    def __init__(self, consumer: Consumer, channel: Any, message: Any, queue: str) -> None:
        self._consumer = consumer
        self._channel = channel
        self._message = message
        self.queue = queue

    @property
    def body(self) -> bytes:
        """The body as it came."""
        body = self._message.body
        return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)

    @property
    def properties(self) -> dict[str, Any]:
        """`reply_to`, `correlation_id`, `message_id`, `content_type`, `user_id`."""
        return dict(self._message.properties)

    @property
    def headers(self) -> dict[str, str]:
        """Headers as text; `user-id` is the sender's login, which the broker vouches for, or empty."""
        given = {str(key): str(value)[:500] for key, value in (self._message.headers or {}).items()}
        return given | {"user-id": self.login}

    @property
    def login(self) -> str:
        """The sender's login, which the broker vouches for; empty when the sender has left it out."""
        return str(self._message.properties.get("user_id") or "")

    def done(self) -> None:
        """Ack."""
        self._consumer.acknowledge(self._channel, self._message.delivery_info["delivery_tag"])

    def returned(self) -> None:
        """Do not ack: it goes back to its queue when the connection closes."""
        self._consumer.forget()


class Consumer:
    """Consumes `queues`, calling `on_message(incoming)` for every message; it must not block.

    `prefetch` is how many of each queue are in hand at once, `ahead` for some queues another number.
    """

    def __init__(
        self,
        url: str,
        queues: Sequence[Queue],
        on_message: Callable[[IncomingMessage], None],
        *,
        prefetch: int,
        ahead: Mapping[str, int] | None = None,
        on_connected: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._ahead = ahead or {}
        self._queues = queues
        self._on_message = on_message
        self._prefetch = prefetch
        self._on_connected = on_connected
        self._writing = Semaphore()
        self._stopping = False
        self._wanted = True  # False while paused
        self._leaving = False  # this connection is to be closed, also when by then we want another
        self._thread: Any = None
        self._in_flight = 0
        self._pause = SHORTEST_PAUSE
        self.ready = Event()
        self.connected = False

    def start(self) -> None:
        """Start consuming; `ready` is sent once the queues are declared."""
        self._thread = eventlet.spawn(self._run)

    def stop(self, seconds: float) -> bool:
        """Stop consuming, wait at most `seconds` until all in flight is acked, close. False if some was left."""
        self._stopping = True
        deadline = time.monotonic() + seconds
        while self._in_flight and time.monotonic() < deadline:
            eventlet.sleep(0.02)
        if self._thread is not None:
            self._thread.kill()
            with suppress(GreenletExit), eventlet.Timeout(CLOSE_SECONDS + 1, False):
                self._thread.wait()
        return not self._in_flight

    def pause(self, healthy: Callable[[], bool]) -> None:
        """Close the connection until `healthy()`; unacked messages return to their queues meanwhile."""
        self._leaving = True
        if self._wanted and not self._stopping:
            self._wanted = False
            log.warning("consumers paused until the database answers")
            eventlet.spawn(self._resume_when, healthy)

    def acknowledge(self, channel: Any, tag: int) -> None:
        """Ack on the connection that delivered it, if that is still open; else it is redelivered, and de-duplicated."""
        self._pause = SHORTEST_PAUSE
        try:
            with self._writing:
                channel.basic_ack(tag)
        except Exception as problem:  # noqa: BLE001 - whatever a dying connection raises must not kill the service
            log.info("an ack found its connection gone", extra={"error": type(problem).__name__})
        finally:
            self._in_flight -= 1

    def forget(self) -> None:
        """A message will not be acked: it returns to its queue when the connection closes."""
        self._in_flight -= 1

    def _resume_when(self, healthy: Callable[[], bool]) -> None:
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self._sleep(pause)
        while not self._stopping and not _holds(healthy):
            pause = min(pause * 2, LONGEST_LOOK)
            self._sleep(pause)
        self._wanted = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            eventlet.sleep(min(0.2, seconds))

    def _run(self) -> None:
        pause = 0.1
        while not self._stopping:
            if not self._wanted:
                eventlet.sleep(0.05)
                continue
            try:
                self._consume()
            except Exception as problem:  # noqa: BLE001 - any broken link: connect again, the broker kept our messages
                log.warning("the bus is out of reach, trying again", extra={"error": type(problem).__name__})
                pause = 0.1 if self.connected else min(pause * 2, 5.0)
                self.connected = False
                eventlet.sleep(pause)
            finally:
                self.connected = False

    def _consume(self) -> None:
        client: Any = Connection(self._url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=5)
        link = None
        try:
            with eventlet.Timeout(OPEN_SECONDS, TimeoutError("the broker did not open a connection")):
                link = client.transport.establish_connection()
                for exchange in topology.EXCHANGES:  # also those we only publish to: the first client creates them
                    topology.make(link, exchange)
                channel = link.channel()
                channel.auto_decode = False  # bodies are taken as they come
                self._leaving = False
                tags = [self._subscribe(channel, queue) for queue in self._queues]
            self.connected = True
            self._on_connected()
            if not self.ready.ready():
                self.ready.send(None)
            self._drain(link, channel, tags)
        finally:
            _close(link)

    def _drain(self, link: Any, channel: Any, tags: list[str]) -> None:
        beat = time.monotonic()
        while not self._leaving:
            if self._stopping and tags:
                with self._writing, eventlet.Timeout(CLOSE_SECONDS, TimeoutError("the broker did not cancel")):
                    while tags:
                        channel.basic_cancel(tags.pop())
            with suppress(TimeoutError):
                link.drain_events(timeout=0.25 if self._stopping else 1)
            if link.heartbeat and time.monotonic() - beat > HEARTBEAT_SECONDS / 4:
                beat = time.monotonic()
                with self._writing:
                    link.heartbeat_tick()

    def _subscribe(self, channel: Any, queue: Queue) -> str:
        queue(channel).declare()
        tag = f"{queue.name}-{id(self):x}"
        channel.basic_qos(0, self._ahead.get(queue.name, self._prefetch), False)

        def receive(message: Any) -> None:
            if self._stopping or self._leaving:
                return  # unacked, it goes to the next consumer
            self._in_flight += 1
            try:
                self._on_message(IncomingMessage(self, channel, message, queue.name))
            except Exception:
                self._in_flight -= 1
                raise

        channel.basic_consume(queue=queue.name, callback=receive, consumer_tag=tag)
        return tag


def _holds(healthy: Callable[[], bool]) -> bool:
    try:
        return healthy()
    except Exception as problem:  # noqa: BLE001 - a check that fails must not leave us paused for ever
        log.warning("could not tell whether the database answers", extra={"error": type(problem).__name__})
        return False


def _close(link: Any) -> None:
    """Close properly if the broker responds; otherwise drop the connection."""
    if link is not None:
        with suppress(Exception), eventlet.Timeout(CLOSE_SECONDS, False):
            link.close()
        cut(link)
