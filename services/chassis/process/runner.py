"""Runs services in this process: starts them, answers probes, and stops them so that nothing is lost or half done.

Importers must have chosen eventlet's asyncio hub and patched the standard library first.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.hubs import get_hub
from nameko.runners import ServiceRunner
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from services.chassis.bus import inproc
from services.chassis.edge.health import Health, Probe
from services.chassis.edge.rpc_client import Edge
from services.chassis.edge.site import ListenerLimits, Site
from services.chassis.messaging.dispatcher import MAX_WORKERS
from services.chassis.messaging.store import Store
from services.chassis.process.service import Database
from services.chassis.runtime import bridge, logs, trace
from services.chassis.runtime.settings import LOCAL_API, Settings
from services.chassis.storage import migrations
from services.chassis.storage.failures import Failure, judge
from services.chassis.trust import keys_in_force
from services.chassis.trust.keys_in_force import ForeignKeys
from services.chassis.trust.speakers import Logins, url_of
from services.chassis.trust.vault import Vault

log = logging.getLogger(__name__)
#: A relay's oldest internal message may wait this long before the process says it is not ready.
RELAY_LAG_SECONDS = 30.0


class Node:
    """The services of this process."""

    def __init__(self, settings: Settings, services: Sequence[type[Any]]) -> None:
        inproc.register()
        self.settings = settings
        self.services = services
        self.runner = ServiceRunner(
            {"AMQP_URI": settings.amqp_url, "max_workers": MAX_WORKERS, "settings": settings, "serializer": "json"}
        )
        for service in services:
            self.runner.add_service(service)
        self._sites: list[Site] = []
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._ended = Event()
        self._is_migrated = False
        self._is_ours = settings.node_keys is None
        #: A callback that runs when the node is up may still be running when it ends.
        self.greeting: Any = None
        self.failed = False

    @property
    def databases(self) -> dict[str, Path]:
        """service → its migrations folder."""
        return {name: store.migrations for name, store in self._stores.items()}

    @property
    def _stores(self) -> dict[str, Database]:
        stores = {service.name: getattr(service, "store", None) for service in self.services}
        return {name: store for name, store in stores.items() if isinstance(store, Database)}

    def start(self) -> None:
        """Migrate, start every service, open the sites. Raises OSError when a port is taken, ValueError without one."""
        ports = {edge: edge.port for edge in self._edges}
        if self.settings.migrate and self.databases:
            for applied in bridge.run(
                _until_there(lambda: migrations.migrate(self.settings.database_url, self.databases))
            ):
                log.info("migrated %s", applied)
        if self.databases:
            bridge.run(self._look_at_keys())
        self.runner.start()
        bridge.run(self._open(ports))
        gc.collect()
        gc.freeze()  # these objects stay: the garbage collector need not visit them again and again
        gc.set_threshold(20_000, 20, 50)
        if any(Logins.at(url_of(self.settings.amqp_url, one.name), one.name).shared for one in self.services):
            log.warning("one login of the broker for all services: it does not tell them apart, see deploy/README.md")
        log.info("running %s", ", ".join(service.name for service in self.services))

    async def _look_at_keys(self) -> None:
        """Refuse a database of other keys. Raises ForeignKeys.

        When somebody else migrates, the database may come later: then the probe looks, and ends the process.
        """
        if self.settings.node_keys is None:
            return
        keeps = any(store.work.keeps_records for store in self._stores.values())
        vault = Vault(self.settings.node_keys, self.settings.record_keys if keeps else None)
        try:
            self._is_ours = await keys_in_force.hold(self.settings.database_url, vault)
        except Exception as problem:
            if self.settings.migrate or judge(problem, closed=True) is not Failure.AWAY:
                raise

    @property
    def _edges(self) -> list[Edge]:
        return [d for c in self.runner.containers for d in c.dependencies if isinstance(d, Edge)]

    async def _open(self, ports: Mapping[Edge, int]) -> None:
        health = Health(self._probes())
        self._watch = asyncio.get_running_loop().create_task(health.watch())
        routes: list[BaseRoute] = list(health.routes)
        limits = ListenerLimits()
        for edge in ports:
            if edge.container.service_name == LOCAL_API:
                routes, limits = [*routes, *edge.routes(None)], edge.limits
        self._sites = [Site(Starlette(routes=routes), self.settings.port, host=self.settings.host, limits=limits)]
        self._sites += [
            Site(Starlette(routes=edge.routes(self._store_of(edge))), port, host=edge.host, limits=edge.limits)
            for edge, port in ports.items()
            if edge.container.service_name != LOCAL_API
        ]
        if self.settings.probes_port is not None:
            self._sites.append(Site(Starlette(routes=health.routes), self.settings.probes_port))
        for site in self._sites:
            await site.start()

    @staticmethod
    def _store_of(edge: Edge) -> Store[Any] | None:
        return next((e.store for e in edge.container.extensions if isinstance(e, Database)), None)

    def _probes(self) -> dict[str, Probe]:
        probes: dict[str, Probe] = {}
        for container in self.runner.containers:
            extensions = list(container.extensions)
            dispatchers = [e for e in extensions if hasattr(e, "connected")]
            if dispatchers:
                probes[f"{container.service_name} bus"] = _bus(dispatchers)
            for extension in extensions:
                if isinstance(extension, Database):
                    probes[f"{container.service_name} database"] = _database(extension)
                if isinstance(extension, Edge):
                    own = extension.probes(self._store_of(extension))
                    probes |= {f"{container.service_name} {name}": probe for name, probe in own.items()}
        if self.databases:
            probes["migrations"] = self._migrated
        return probes

    async def _migrated(self) -> str | None:
        if self._is_migrated:  # forward only: what is there does not go away
            return None
        waiting = await migrations.pending(self.settings.database_url, self.databases)
        if not waiting and not self._is_ours:
            await self._look_at_keys_late()
        self._is_migrated = not waiting
        return f"waiting for {', '.join(waiting[:5])}" if waiting else None

    async def _look_at_keys_late(self) -> None:
        try:
            await self._look_at_keys()
        except ForeignKeys as problem:
            log.critical("the process ends: %s", problem)
            self.failed = True
            eventlet.spawn(self.stop)
            raise

    def run(self, healthy: Callable[[], bool] | None = None) -> None:
        """Run until SIGTERM or SIGINT, then drain; a stuck handler is cut off after `drain_seconds`.

        Ends too when a service died, with `failed`: a supervisor starts the process again.
        """
        loop = get_hub().loop
        eventlet.spawn(self._watch_services)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: eventlet.spawn(self.stop))
        while not self._ended.ready():
            with eventlet.Timeout(1.0, False):
                self._ended.wait()
            if healthy is not None and not healthy():
                self.stop()

    def _watch_services(self) -> None:
        try:
            self.runner.wait()
        except Exception as problem:  # noqa: BLE001 - whatever it was: half a node is worse than none
            log.critical("a service died, the process ends", extra={"error": type(problem).__name__})
            self.failed = True
            self.stop()

    def stop(self) -> None:
        """Stop consuming, finish, flush, close. A second call waits for the first."""
        if self._stopping:
            self._ended.wait()
            return
        self._stopping = True
        if self.greeting is not None:
            self.greeting.kill()
        hard_stop = _hard_stop(self.settings.drain_seconds + 5)
        if self._watch is not None:
            self._watch.cancel()
        for site in self._sites:
            bridge.run(site.stop())
        self.runner.stop()
        hard_stop.cancel()
        log.info("stopped")
        self._ended.send(None)


def serve(
    settings: Settings,
    services: Sequence[type[Any]],
    *,
    ready: Callable[[], None] | None = None,
    healthy: Callable[[], bool] | None = None,
) -> None:
    """Run these services until told to stop, or until `healthy()`, called once a second, returns False.

    Raises RuntimeError when one of them died.
    """
    logs.install(settings.log_level)
    trace.install("handoff-" + "-".join(service.name for service in services))
    node = Node(settings, services)
    node.start()
    if ready is not None:
        node.greeting = eventlet.spawn(ready)
    node.run(healthy)
    if node.failed:
        raise RuntimeError("a service died; the log says why")


def _hard_stop(seconds: float) -> Any:
    """A real thread, for the loop itself may be what is stuck."""
    real = eventlet.patcher.original("threading")

    def cut() -> None:
        os.write(2, b'{"level":"error","message":"did not stop in time and was cut; what was not acked comes again"}\n')
        os._exit(70)

    timer = real.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    return timer


def _bus(dispatchers: Sequence[Any]) -> Probe:
    async def probe() -> str | None:
        return None if all(dispatcher.connected for dispatcher in dispatchers) else "not connected"

    return probe


def _database(provider: Database) -> Probe:
    async def probe() -> str | None:
        from services.chassis.messaging.unit_of_work import CHASSIS

        async with provider.store.database.connection() as connection:
            rows = await connection.fetch(CHASSIS["relay_state"])
        late = [row["lane"] for row in rows if row["lane"] == "internal" and row["oldest"] > RELAY_LAG_SECONDS]
        return f"messages wait for the {late[0]} relay" if late else None

    return probe


async def _until_there(attempt: Callable[[], Awaitable[list[str]]]) -> list[str]:
    """Wait for a database that is still starting, as long as an orchestrator would."""
    for left in reversed(range(60)):
        try:
            return await attempt()
        except Exception as problem:
            if not left or judge(problem, closed=True) is not Failure.AWAY:
                raise
            log.warning("waiting for the database", extra={"error": type(problem).__name__})
            await asyncio.sleep(1)
    return []
