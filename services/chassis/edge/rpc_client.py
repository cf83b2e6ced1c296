"""Calls a service and waits no longer than the deadline; for edges only, never between domain services.

The request expires in its queue at the deadline; an answer that comes too late is ignored. After a time-out the outcome
is unknown: the command may be sent again under the same id, and is answered with its outcome.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import DependencyProvider
from starlette.routing import BaseRoute

from contracts.messages import Answer, Call, Message
from contracts.principal import Principal
from contracts.refusals import No, Refusal, refusal
from services.chassis.bus.consumer import Consumer, IncomingMessage
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.bus.topology import reply_queue
from services.chassis.edge.health import Probe
from services.chassis.edge.site import ListenerLimits
from services.chassis.messaging.desk import Desk
from services.chassis.messaging.store import Store
from services.chassis.runtime import bridge, trace
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.trust.speakers import Logins, login_of, url_of

log = logging.getLogger(__name__)


class RpcClient:
    """One reply queue, one publisher, any number of green threads."""

    def __init__(self, url: str, name: str) -> None:
        """`name` is the service that calls; one of the edges."""
        self._bus, url = url, url_of(url, name)
        self._login = login_of(url)
        self._logins = Logins.at(url, name)
        self._waiting: dict[str, tuple[str, Event]] = {}
        self._asked: dict[str, Outgoing] = {}
        self._name = f"replies.{uuid.uuid4()}"
        self._consumer = Consumer(
            url, [reply_queue(self._name)], self._on_reply, prefetch=100, on_connected=self._ask_again
        )
        self._publisher = Publisher(url)

    def start(self) -> None:
        """Listen for answers."""
        self._consumer.start()

    def stop(self) -> None:
        """Stop listening; calls that still wait end at their deadline."""
        self._consumer.stop(0)
        self._publisher.close()

    @property
    def connected(self) -> bool:
        """Whether answers can reach us now."""
        return self._consumer.connected

    def call(
        self,
        service: str,
        contract: type[Message],
        data: dict[str, Any],
        *,
        caller: str,
        principal: Principal,
        acting: str | None,
        command_id: str | None = None,
        seconds: float = 5.0,
    ) -> Answer:
        """Ask `service`; an Answer in at most `seconds`. Never raises for what the other side or the bus does."""
        who = {"caller": caller, "principal": principal, "acting": acting}
        call_id = new_id()
        call = _call(contract, data, id=command_id or call_id, seconds=seconds, **who)
        return self._exchange(service, call, call_id, seconds)

    async def ask(
        self,
        service: str,
        contract: type[Message],
        data: dict[str, Any],
        *,
        command_id: str | None = None,
        seconds: float = 5.0,
        **who: Any,
    ) -> Answer:
        """The same from a coroutine; without the bus between where the service is in this process."""
        if (desk := Desk.of(self._bus, service)) is not None:
            call = _call(contract, data, id=command_id or new_id(), seconds=seconds, **who)
            return await desk.ask(call, self._login, seconds)
        how = {"command_id": command_id, "seconds": seconds, **who}
        return await bridge.green(lambda: self.call(service, contract, data, **how))

    def _exchange(self, service: str, call: Call, call_id: str, seconds: float) -> Answer:
        answered = Event()
        self._waiting[call_id] = service, answered
        asked = False
        try:
            with eventlet.Timeout(seconds, False):
                while not self._consumer.connected:  # nowhere to answer to
                    eventlet.sleep(0.02)
                asked = True
                if refused := self._ask(service, call, call_id, seconds):
                    return Answer(refusal=refused)
                return Answer.read(json.loads(answered.wait()))
            if not asked:
                return Answer(refusal=refusal(No.UNAVAILABLE, "bus_not_there"))
            waited = f"{seconds:g}"
            return Answer(refusal=refusal(No.NOT_KNOWN_YET, "no_answer_in_time", service=service, seconds=waited))
        finally:
            del self._waiting[call_id]
            self._asked.pop(call_id, None)

    def _ask(self, service: str, call: Call, call_id: str, seconds: float) -> Refusal | None:
        request = Outgoing(
            message_id=call_id,
            exchange="calls",
            routing_key=service,
            body=call.model_dump_json().encode(),
            headers={},
            expiration_ms=int(seconds * 1000),
            reply_to=self._name,
            correlation_id=call_id,
        )
        self._asked[call_id] = request
        (outcome,) = self._publisher.publish([request])
        if outcome is PublishOutcome.UNKNOWN:
            # An idle connection may have died unnoticed; the id makes a second request safe.
            (outcome,) = self._publisher.publish([request])
        if outcome in (PublishOutcome.CONFIRMED, PublishOutcome.UNKNOWN):
            return None  # unknown: it may have arrived, the deadline will tell
        return refusal(No.UNAVAILABLE, "service_not_there", service=service)

    def _ask_again(self) -> None:
        """Our reply queue was deleted with its connection, and answers sent meanwhile with it: ask again."""
        if self._asked:
            eventlet.spawn(self._publisher.publish, list(self._asked.values()))

    def _on_reply(self, incoming: IncomingMessage) -> None:
        incoming.done()
        service, waiting = self._waiting.get(incoming.properties.get("correlation_id", ""), ("", None))
        if waiting is None or waiting.ready():
            return
        if not self._logins.is_of(incoming.login, service):
            log.error("an answer of another than the service that was asked was let go", extra={"service": service})
            return
        waiting.send(incoming.body)


def _call(contract: type[Message], data: dict[str, Any], *, seconds: float, **about: Any) -> Call:
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    return Call(type=contract.type, deadline=deadline, traceparent=trace.current(), data=data, **about)


class RpcClientProvider(DependencyProvider):
    """Gives a service its RpcClient."""

    def setup(self) -> None:
        """Name the reply queue."""
        settings: Settings = self.container.config["settings"]
        self.rpc_client = RpcClient(settings.amqp_url, self.container.service_name)

    def start(self) -> None:
        """Listen."""
        self.rpc_client.start()

    def stop(self) -> None:
        """Stop listening."""
        self.rpc_client.stop()

    def kill(self) -> None:
        """As stop."""
        self.rpc_client.stop()

    @property
    def connected(self) -> bool:
        """Whether answers can reach us now; read by a probe."""
        return self.rpc_client.connected

    def get_dependency(self, _worker: object) -> RpcClient:
        """The RPC client; cannot fail."""
        return self.rpc_client


@dataclass(frozen=True, kw_only=True)
class EdgeParts:
    """What an edge makes its routes of."""

    rpc: RpcClient
    settings: Settings
    #: Its own tables, if it has any.
    store: Store[Any] | None = None


class Edge(RpcClientProvider):
    """An RpcClientProvider whose service serves people or machines over HTTP, on a listener of its own.

    The runner serves its routes on the edge's own port and within its own limits: access to one edge, or a flood of
    it, does not affect another.
    """

    def __init__(
        self,
        make_routes: Callable[[EdgeParts], Sequence[BaseRoute]],
        *,
        limits: ListenerLimits | None = None,
        probes: Mapping[str, Callable[[EdgeParts], Probe]] | None = None,
    ) -> None:
        self._make_routes = make_routes
        self.limits = limits or ListenerLimits()
        self._probes = probes or {}
        super().__init__()

    @property
    def port(self) -> int:
        """Where it listens. Raises ValueError naming the variable that does not say it."""
        settings: Settings = self.container.config["settings"]
        return settings.port_of(self.container.service_name)

    @property
    def host(self) -> str:
        """The address on which it listens."""
        settings: Settings = self.container.config["settings"]
        return settings.host_of(self.container.service_name)

    def routes(self, store: Store[Any] | None) -> Sequence[BaseRoute]:
        """The routes, made once the bus is known; `store` is the edge's own."""
        return self._make_routes(self._parts(store))

    def probes(self, store: Store[Any] | None) -> Mapping[str, Probe]:
        """What of its own has to work as well for the process to be ready, by name."""
        return {name: make(self._parts(store)) for name, make in self._probes.items()}

    def _parts(self, store: Store[Any] | None) -> EdgeParts:
        settings: Settings = self.container.config["settings"]
        return EdgeParts(rpc=self.rpc_client, settings=settings, store=store)
