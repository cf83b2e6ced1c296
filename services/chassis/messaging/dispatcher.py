"""Where everything enters a service: its messages, its calls, and its dead letters.

Messages and calls come by connections of their own: when the database is unavailable, messages stay in their queues,
while calls are still answered, with "unavailable".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
from eventlet.event import Event
from nameko.extensions import Entrypoint, SharedExtension
from pydantic import ValidationError

from contracts.messages import Answer, Call, Message, decode_json
from contracts.refusals import No, Refusal, refusal
from services.chassis.bus import topology
from services.chassis.bus.consumer import Consumer, IncomingMessage
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.messaging.admission import AHEAD, STRANGERS_AT_ONCE, Admission
from services.chassis.messaging.answering import Answered, not_let_in
from services.chassis.messaging.desk import Desk
from services.chassis.messaging.store import Delivery, describe, invalid
from services.chassis.runtime import bridge, faults
from services.chassis.runtime.settings import Settings
from services.chassis.trust.speakers import Logins, url_of

if TYPE_CHECKING:
    from services.chassis.messaging.sync_store import SyncStore

log = logging.getLogger(__name__)
#: What one service has in hand at once. Their sum, with room for sweeps, is the container's `max_workers`.
MESSAGES_AT_ONCE = 8
CALLS_AT_ONCE = 12
MAX_WORKERS = 2 * MESSAGES_AT_ONCE + STRANGERS_AT_ONCE + CALLS_AT_ONCE + 12


class Dispatcher(SharedExtension):
    """One per service; entrypoints register with it before it starts."""

    sync_store: SyncStore

    def __init__(self) -> None:
        self._messages: dict[str, Entrypoint] = {}
        self._contracts: list[type[Message]] = []
        self._calls: dict[str, Entrypoint] = {}
        self._answered: dict[str, Answered] = {}
        self._consumers: list[Consumer] = []
        self._closed: Event | None = None
        super().__init__()

    def listen(self, contract: type[Message], entrypoint: Entrypoint) -> None:
        """A message entrypoint takes this type."""
        self._messages[contract.type] = entrypoint
        self._contracts.append(contract)

    def answer(self, contract: type[Message], entrypoint: Entrypoint, how: Answered) -> None:
        """A command or query entrypoint takes this type, and answers it like this."""
        self._calls[contract.type] = entrypoint
        self._answered[contract.type] = how

    def start(self) -> None:
        """Consume."""
        settings: Settings = self.container.config["settings"]
        name = self.container.service_name
        url = url_of(settings.amqp_url, name)
        self._logins = self.sync_store.store.authentication.logins = Logins.at(url, name)
        self._replies = Publisher(url)
        self._seconds = settings.drain_seconds
        queues = topology.message_queues(name, self._contracts)
        self._taking = Consumer(
            url,
            [*queues, topology.dead_queue(name)],
            self._on_message,
            prefetch=MESSAGES_AT_ONCE,
            ahead={f"{name}.border": AHEAD},
        )
        self._admission = Admission(self.sync_store.pinned, MESSAGES_AT_ONCE)
        self._admission.start()
        calls = Consumer(url, [topology.call_queue(name)], self._on_call, prefetch=CALLS_AT_ONCE)
        self._consumers = [self._taking, calls]
        for consumer in self._consumers:
            consumer.start()
        self._desk = Desk(self.sync_store.answering, self._answered, self._logins, CALLS_AT_ONCE)
        if settings.amqp_url.startswith("inproc:"):
            Desk.open[settings.amqp_url, name] = self._desk

    @property
    def connected(self) -> bool:
        """Whether both connections consume now."""
        return bool(self._consumers) and all(consumer.connected for consumer in self._consumers)

    def close(self) -> None:
        """Stop consuming and wait for work in hand; every entrypoint calls it, it runs once."""
        if self._closed is None:
            self._closed = Event()
            bridge.run(self._desk.close(self._seconds))
            for stopping in [eventlet.spawn(consumer.stop, self._seconds) for consumer in self._consumers]:
                stopping.wait()
            self._closed.send(None)
        self._closed.wait()

    def stop(self) -> None:
        """After the last worker."""
        self.close()
        self._admission.stop()
        self._replies.close()

    # messages

    def _on_message(self, incoming: IncomingMessage) -> None:
        if incoming.queue.endswith(".dead"):
            self._take_over(incoming, _delivery(incoming))
        elif incoming.queue.endswith(".border"):
            self._admission.take(incoming, partial(self._handle, incoming))
        else:
            self._handle(incoming, lambda _acked: None)

    def _handle(self, incoming: IncomingMessage, after: Callable[[bool], None]) -> None:
        delivery = _delivery(incoming)
        # Any message entrypoint will do: the store finds the handler by the type in the envelope.
        entrypoint = self._messages.get(delivery.headers.get("type", "")) or next(iter(self._messages.values()))

        def settle(_worker: object, result: Any, error: Any) -> tuple[Any, Any]:
            settled = self._settle(incoming, result, error)
            after(error is None)
            return settled

        self.container.spawn_worker(entrypoint, (delivery,), {}, handle_result=settle)

    def _settle(self, incoming: IncomingMessage, result: Any, error: Any) -> tuple[Any, Any]:
        """Ack what is committed; anything else stays in its queue while we wait for the database."""
        if error is None:
            faults.point("after_commit_before_ack", incoming.queue)
            incoming.done()
            return result, None
        incoming.returned()
        self._taking.pause(self.sync_store.healthy)
        return result, None  # nothing of it belongs to nameko: a result callback that sees an error may raise

    def _take_over(self, incoming: IncomingMessage, delivery: Delivery) -> None:
        def park() -> None:
            try:
                self.sync_store.park_dead(delivery)
            except Exception:  # noqa: BLE001 - it stays in the dead queue and is redelivered
                incoming.returned()
                self._taking.pause(self.sync_store.healthy)
            else:
                incoming.done()

        self.container.spawn_managed_thread(park)

    # calls

    def _on_call(self, incoming: IncomingMessage) -> None:
        call = self._read(incoming)
        if isinstance(call, Refusal):
            self._reply(incoming, Answer(refusal=call))
            return
        self.container.spawn_worker(
            self._calls[call.type], (call,), {}, handle_result=lambda _, result, __: self._respond(incoming, result)
        )

    def _read(self, incoming: IncomingMessage) -> Call | Refusal:
        """The call, or why it goes no further."""
        if not self._logins.may_call(incoming.login):
            log.error("a call of a login that may not ask was refused", extra={"queue": incoming.queue})
            return refusal(No.NOT_ALLOWED, "only_an_edge_asks")
        try:
            call = Call.read(decode_json(incoming.body))
        except ValidationError as problem:
            return invalid(problem)
        except Exception as problem:  # noqa: BLE001 - whatever cannot be read must not end the consumer
            return refusal(No.INVALID, "cannot_be_read", "body", quote=describe(problem))
        if refused := not_let_in(self._logins, incoming.login, call):
            return refused
        if call.type not in self._calls:
            name = self.container.service_name
            return refusal(No.UNKNOWN, "not_answered_here", "type", service=name, type=call.type)
        return call

    def _respond(self, incoming: IncomingMessage, result: Answer | None) -> tuple[Any, Any]:
        if result is None:
            result = Answer(refusal=refusal(No.NOT_KNOWN_YET, "something_broke"))
        self._reply(incoming, result)
        return result, None

    def _reply(self, incoming: IncomingMessage, answer: Answer) -> None:
        properties = incoming.properties
        if properties.get("reply_to"):
            reply = Outgoing(
                message_id=str(properties.get("correlation_id")),
                exchange=topology.REPLIES.name,
                routing_key=properties["reply_to"],
                body=answer.model_dump_json().encode(),
                headers={},
                correlation_id=properties.get("correlation_id"),
                mandatory=False,
            )
            if self._replies.publish([reply]) == [PublishOutcome.UNKNOWN]:  # an idle connection may have died unnoticed
                self._replies.publish([reply])
        incoming.done()


def _delivery(incoming: IncomingMessage) -> Delivery:
    return Delivery(
        body=incoming.body,
        queue=incoming.queue,
        headers=incoming.headers,
        content_type=str(incoming.properties.get("content_type")),
    )
