"""Connections, and the entry point for kombu."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
from amqp.exceptions import RecoverableConnectionError
from eventlet.queue import Empty, LightQueue
from kombu.transport import TRANSPORT_ALIASES, base

from services.chassis.bus.inproc.broker import Broker
from services.chassis.bus.inproc.channel import Channel

_brokers: defaultdict[str, Broker] = defaultdict(Broker)


def register() -> None:
    """Make kombu know ``inproc://``; call once at start, before the first connection."""
    TRANSPORT_ALIASES["inproc"] = "services.chassis.bus.inproc.transport:Transport"


class Connection:
    """What ``amqp.Connection`` is to RabbitMQ: channels, and one inbox for whatever happens on them."""

    def __init__(self, client: Any, broker: Broker, confirm_publish: bool) -> None:
        self.client = client
        self.user = client.userid
        self.broker = broker
        self.connected = True
        self.heartbeat = 0
        self.channels: set[Channel] = set()
        self._confirm_publish = confirm_publish
        self._inbox = LightQueue()

    def channel(self) -> Channel:
        """Open a channel. Raises RecoverableConnectionError when closed."""
        if not self.connected:
            raise RecoverableConnectionError("connection is closed")
        channel = Channel(self, self._confirm_publish)
        self.channels.add(channel)
        return channel

    def post(self, event: Callable[[], Any]) -> None:
        """Let whoever drains this connection run ``event``; wakes it at once."""
        self._inbox.put(event)

    def drain_events(self, timeout: float | None = None) -> None:
        """Run one event, waiting for it up to ``timeout`` seconds (None: for ever).

        Raises socket.timeout, RecoverableConnectionError when closed, and what a consumer's callback raises.
        """
        if self.connected:
            try:
                event = self._inbox.get(block=timeout is None or timeout > 0, timeout=timeout or None)
            except Empty:
                raise TimeoutError("timed out") from None
            event()
        if not self.connected:
            raise RecoverableConnectionError("connection is closed")
        if self._inbox.qsize():
            eventlet.sleep(0)  # a socket would let others run; a busy inbox must do so too

    def close(self) -> None:
        """Close the channels and remove what was declared for this connection only."""
        if self.connected:
            self.connected = False
            for channel in list(self.channels):
                channel.close()
            self.broker.disconnected(self)
            self.post(lambda: None)  # wakes a waiting drain

    collect = close


class Transport(base.Transport):
    """The entry point for kombu."""

    driver_type = "inproc"
    driver_name = "inproc"
    implements = base.Transport.implements.extend(exchange_type=frozenset(["direct", "topic", "fanout"]))
    connection_errors = amqp.Connection.connection_errors
    channel_errors = amqp.Connection.channel_errors
    recoverable_connection_errors = amqp.Connection.recoverable_connection_errors
    recoverable_channel_errors = amqp.Connection.recoverable_channel_errors

    def establish_connection(self) -> Connection:
        """Connect to the broker of that name, which comes into being with its first connection."""
        client: Any = self.client
        options = client.transport_options or {}
        return Connection(client, _brokers[client.hostname], bool(options.get("confirm_publish")))

    def create_channel(self, connection: Connection) -> Channel:
        return connection.channel()

    def drain_events(self, connection: Connection, timeout: float | None = None, **_: Any) -> None:
        connection.drain_events(timeout)

    def close_connection(self, connection: Connection) -> None:
        connection.close()

    def verify_connection(self, connection: Connection) -> bool:
        return connection.connected

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {"port": None, "hostname": "localhost"}
