"""Serves an ASGI app in the process of the services, on the hub's own loop.

Connections without a complete request cannot block others: each has a time limit, and when too many wait, the one that
has waited longest is closed.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)
#: First what has come with a new connection is read, in seconds: many are accepted at once.
THIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLimits:
    """The limits of one listener; another has its own."""

    #: A request, head and body, must be complete within this time.
    read_seconds: float = 12.0
    #: So many connections wait for a request at once, and so many are served; more are answered with 503.
    most_waiting: int = 200
    most_served: int = 600


class Site:
    """One listener; on loopback by default."""

    def __init__(
        self, app: ASGIApp, port: int, *, host: str = "127.0.0.1", limits: ListenerLimits | None = None
    ) -> None:
        config = _Config(
            limits or ListenerLimits(),
            app,
            host=host,
            port=port,
            http=_Timely,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._task = asyncio.get_running_loop().create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise OSError("the port is taken")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Accept no more requests, finish those under way."""
        self._server.should_exit = True
        if self._task is not None:
            try:
                await asyncio.wait_for(self._task, 5)
            except TimeoutError:
                log.warning("requests were cut at the end")


class _Config(uvicorn.Config):
    """One listener's, with its connections that have not sent a whole request, the longest wait first."""

    def __init__(self, limits: ListenerLimits, app: ASGIApp, **settings: Any) -> None:
        super().__init__(app, **settings)
        self.limits = limits
        self.waiting: dict[_Timely, asyncio.TimerHandle] = {}
        self.thinning = False

    def thin(self) -> None:
        """Close the connections that have waited longest, until no more wait than the limit."""
        self.thinning = False
        while len(self.waiting) > self.limits.most_waiting:
            next(iter(self.waiting)).give_way()


class _Timely(H11Protocol):
    """A connection that is closed when no complete request arrives in time."""

    config: _Config

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._look()

    def handle_events(self) -> None:
        # Requests under way are counted, not connections: one that waits, or is being closed, does not count.
        has_room = len(self.tasks) < self.config.limits.most_served + len(self.config.waiting)
        self.limit_concurrency = max(len(self.connections), len(self.tasks)) + 1 if has_room else 0
        super().handle_events()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def _look(self) -> None:
        """A wait ends with the last byte of a request; no earlier byte extends it."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY) or self.transport.is_closing():
            self._leave()
            return
        waiting = self.config.waiting
        if self not in waiting:
            waiting[self] = self.loop.call_later(self.config.limits.read_seconds, self.transport.abort)
            if len(waiting) > self.config.limits.most_waiting and not self.config.thinning:
                self.config.thinning = True
                self.loop.call_later(THIN_SECONDS, self.config.thin)

    def give_way(self) -> None:
        """Close this connection in favour of others."""
        self._leave()
        self.transport.abort()

    def _leave(self) -> None:
        if (timer := self.config.waiting.pop(self, None)) is not None:
            timer.cancel()


class _Server(uvicorn.Server):
    """Signals belong to the runner."""

    def capture_signals(self):  # type: ignore[no-untyped-def]  # a context manager that does nothing
        """Nothing."""
        from contextlib import nullcontext

        return nullcontext()
