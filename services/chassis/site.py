"""Serves an ASGI app in the process of the services, on the hub's own loop."""

from __future__ import annotations

import asyncio
import logging

import uvicorn
from starlette.types import ASGIApp

log = logging.getLogger(__name__)


class Site:
    """One listener; loopback unless told otherwise."""

    def __init__(self, app: ASGIApp, port: int, *, host: str = "127.0.0.1") -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            limit_concurrency=500,
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
        """Take no more requests, finish those under way."""
        self._server.should_exit = True
        if self._task is not None:
            try:
                await asyncio.wait_for(self._task, 5)
            except TimeoutError:
                log.warning("requests were cut at the end")


class _Server(uvicorn.Server):
    """Signals belong to the runner."""

    def capture_signals(self):  # type: ignore[no-untyped-def]  # a context manager that does nothing
        """Nothing."""
        from contextlib import nullcontext

        return nullcontext()
