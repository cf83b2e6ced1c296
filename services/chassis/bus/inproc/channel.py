"""Channels of the bus inside the process: publishing with confirms, consuming with acks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import amqp
from amqp.exceptions import AMQPNotImplementedError, PreconditionFailed, RecoverableConnectionError, error_for_code
from kombu.transport import pyamqp

from services.chassis.bus.inproc.declaring import Declaring
from services.chassis.bus.inproc.queues import Mail, Parcel, Queue


class _Consumer:
    """A subscription of one channel to one queue; messages travel through the inbox of the connection."""

    def __init__(self, channel: Channel, queue: Queue, tag: str, no_ack: bool, callback: Callable[[Any], Any]) -> None:
        self.channel, self.queue, self.tag, self.no_ack, self.callback = channel, queue, tag, no_ack, callback
        self.limit = channel.prefetch
        self.held: dict[int, Parcel] = {}  # delivered or on the way, not acknowledged
        self.underway: set[int] = set()  # the part of them that is still in the inbox

    def has_room(self) -> bool:
        return not self.limit or len(self.held) < self.limit

    def deliver(self, parcel: Parcel) -> None:
        tag = self.channel.hold(parcel, self)
        self.underway.add(tag)
        self.channel.connection.post(partial(self._hand_over, tag))

    def _hand_over(self, tag: int) -> None:
        if tag not in self.underway:  # cancelled meanwhile: it went back to its queue
            return
        self.underway.remove(tag)
        parcel = self.held[tag]
        if parcel.expired():
            self.queue.drop(self.channel.release(tag), "expired")
            return
        message = self.channel.message(parcel, tag, consumer_tag=self.tag)
        if self.no_ack:
            self.channel.basic_ack(tag)
        self.callback(message)


class Channel(Declaring):
    """The part of ``amqp.Channel`` that kombu, nameko and our publisher use, with its names, arguments and events."""

    Message = pyamqp.Message
    prepare_message = pyamqp.Channel.prepare_message
    prepare_queue_arguments = pyamqp.Channel.prepare_queue_arguments
    message_to_python = pyamqp.Channel.message_to_python

    def __init__(self, connection: Any, confirm_publish: bool) -> None:
        self.connection: Any = connection  # None when closed
        self.broker = connection.broker
        self.events: defaultdict[str, set[Callable[..., Any]]] = defaultdict(set)
        self.no_ack_consumers: Any = set()
        self.prefetch = 0
        self._raise_returned = confirm_publish
        self._confirming = False
        self._published = count(1)
        self._delivered = count(1)
        self._unconfirmed: dict[int, list[Parcel]] = {}
        self._unacked: dict[int, tuple[Parcel, _Consumer | None]] = {}
        self._consumers: dict[str, _Consumer] = {}

    @property
    def is_open(self) -> bool:
        return self.connection is not None

    def close(self) -> None:
        """Cancel the consumers, return what is not acknowledged to its queue, withdraw what is not confirmed."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        connection.channels.discard(self)
        unconfirmed, self._unconfirmed = self._unconfirmed, {}
        self.broker.withdraw(parcel for parcels in unconfirmed.values() for parcel in parcels)
        consumers, self._consumers = self._consumers, {}
        for consumer in consumers.values():
            consumer.underway.clear()
            consumer.queue.leave(consumer)
        self._return(list(self._unacked))
        self.events.clear()

    # -- publishing --

    def confirm_select(self, nowait: bool = False) -> None:  # noqa: ARG002 - amqp's signature
        """From now on every message gets a ``basic_ack`` event when all its queues have processed it."""
        self._confirming = True

    def basic_publish(
        self, msg: Any, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        """As AMQP; never waits. Raises NotFound for a missing exchange, PreconditionFailed for another's `user_id`,
        RecoverableConnectionError when closed.
        """
        if self.connection is None:
            raise RecoverableConnectionError("channel is closed")
        if (msg.properties.get("user_id") or self.connection.user) != self.connection.user:
            raise PreconditionFailed("PRECONDITION_FAILED - user_id is not the connection's", (60, 40), reply_code=406)
        mail = Mail.of(msg, exchange, routing_key)
        tag = next(self._published) if self._confirming else 0
        queues = self.broker.route(exchange, routing_key)
        if mandatory and not queues:
            self._give_back(mail)
        if tag and queues and not msg.properties.get("reply_to"):
            self._unconfirmed[tag] = self.broker.put(mail, queues, partial(self._confirm, tag))
            return
        self.broker.put(mail, queues)
        if tag:
            self._confirm(tag)

    def _confirm(self, tag: int) -> None:
        self._unconfirmed.pop(tag, None)
        if self.connection is not None:
            self.connection.post(partial(self._emit, "basic_ack", tag, False))

    def _give_back(self, mail: Mail) -> None:
        error = error_for_code(312, "NO_ROUTE", (60, 50), amqp.ChannelError)
        if self._raise_returned and not self.events["basic_return"]:
            raise error
        self.connection.post(
            partial(self._emit, "basic_return", error, mail.exchange, mail.routing_key, mail.message())
        )

    def _emit(self, event: str, *args: Any) -> None:
        for callback in list(self.events[event]):
            callback(*args)

    # -- consuming --

    def basic_qos(
        self,
        prefetch_size: int = 0,  # noqa: ARG002 - amqp's signature
        prefetch_count: int = 0,
        a_global: bool = False,
    ) -> None:
        """How many unacknowledged messages each later consumer may hold; 0 is no limit. Per channel is refused."""
        if a_global:
            raise AMQPNotImplementedError("NOT_IMPLEMENTED - global qos, as for quorum queues", (60, 10))
        self.prefetch = prefetch_count

    def basic_consume(
        self,
        queue: str,
        consumer_tag: str = "",
        no_ack: bool = False,
        callback: Callable[[Any], Any] = lambda _message: None,
        **_: Any,
    ) -> str:
        """As AMQP; returns the consumer tag. Raises NotFound, ResourceLocked."""
        found = self.broker.queue(queue, self.connection)
        tag = consumer_tag or f"amq.ctag-{uuid4().hex}"
        consumer = self._consumers[tag] = _Consumer(self, found, tag, no_ack, callback)
        if no_ack:
            self.no_ack_consumers.add(tag)
        found.consumers.append(consumer)
        found.pump()
        return tag

    def basic_cancel(self, consumer_tag: str, **_: Any) -> None:
        """End a subscription. What it has received stays with it; what was on the way returns to the queue."""
        consumer = self._consumers.pop(consumer_tag, None)
        if consumer is not None:
            underway, consumer.underway = sorted(consumer.underway), set()
            consumer.queue.leave(consumer)
            self._return(underway)

    def basic_get(self, queue: str = "", no_ack: bool = False, **_: Any) -> Any:
        """Take one message, or None. Raises NotFound, ResourceLocked."""
        found = self.broker.queue(queue, self.connection)
        if not found.ready:
            return None
        parcel = found.ready.popleft()
        tag = self.hold(parcel, None)
        message = self.message(parcel, tag, message_count=len(found.ready))
        if no_ack:
            self.basic_ack(tag)
        return message

    def basic_ack(self, delivery_tag: int, multiple: bool = False, **_: Any) -> None:
        """Processed. Raises PreconditionFailed for an unknown tag, RecoverableConnectionError when closed."""
        self._known(delivery_tag)
        for tag in [tag for tag in self._unacked if tag <= delivery_tag] if multiple else [delivery_tag]:
            parcel = self.release(tag)
            parcel.queue.finish(parcel)

    def basic_reject(self, delivery_tag: int, requeue: bool, **_: Any) -> None:
        """Not processed: back to the front of its queue, or dropped (dead-lettered). Raises as ``basic_ack``."""
        self._known(delivery_tag)
        if requeue:
            self._return([delivery_tag])
        else:
            parcel = self.release(delivery_tag)
            parcel.queue.drop(parcel, "rejected")

    def hold(self, parcel: Parcel, consumer: _Consumer | None) -> int:
        """Note a delivery until it is acknowledged; returns its delivery tag."""
        tag = next(self._delivered)
        self._unacked[tag] = parcel, consumer
        if consumer is not None:
            consumer.held[tag] = parcel
        return tag

    def release(self, tag: int) -> Parcel:
        """Forget a delivery; the caller handles the parcel and its queue."""
        parcel, consumer = self._unacked.pop(tag)
        if consumer is not None:
            del consumer.held[tag]
        return parcel

    def message(self, parcel: Parcel, tag: int, **info: Any) -> Any:
        """The parcel as an ``amqp.Message`` of this channel."""
        message = parcel.mail.message()
        message.channel = self
        with suppress(LookupError, ValueError, TypeError):  # text arrives as text where it says how it is encoded
            message.body = message.body.decode(message.properties.get("content_encoding"))
        message.delivery_info = info | {
            "delivery_tag": tag,
            "redelivered": parcel.redelivered,
            "exchange": parcel.mail.exchange,
            "routing_key": parcel.mail.routing_key,
        }
        return message

    def _known(self, tag: int) -> None:
        if self.connection is None:
            raise RecoverableConnectionError("channel is closed")
        if tag not in self._unacked:
            raise PreconditionFailed(f"PRECONDITION_FAILED - unknown delivery tag {tag}", (60, 80), reply_code=406)

    def _return(self, tags: list[int]) -> None:
        back: defaultdict[Queue, list[Parcel]] = defaultdict(list)
        for tag in tags:
            parcel = self.release(tag)
            back[parcel.queue].append(parcel)
        for queue, parcels in back.items():
            queue.put_back(parcels)
