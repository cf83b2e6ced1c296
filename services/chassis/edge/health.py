"""Probes that answer with the last result, so that they are fast while everything else is busy.

`/healthz`: the event loop runs. `/readyz`: database, bus, migrations and relays work, checked once a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

#: Each names what is wrong in a few words, or None.
Probe = Callable[[], Awaitable[str | None]]
LOOK_SECONDS = 1.0
STALE_SECONDS = 5.0


class Health:
    """Runs its probes in the background."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._seen: dict[str, str | None] = dict.fromkeys(probes, "not looked at yet")
        self._at = time.monotonic()

    async def watch(self) -> None:
        """Run the probes, for ever."""
        while True:
            await asyncio.gather(*(self._look(name, probe) for name, probe in self._probes.items()))
            self._at = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, name: str, probe: Probe) -> None:
        try:
            async with asyncio.timeout(STALE_SECONDS - LOOK_SECONDS):
                self._seen[name] = await probe()
        except Exception as problem:  # noqa: BLE001 - a probe that fails is a part that does not work
            self._seen[name] = type(problem).__name__

    @property
    def routes(self) -> list[Route]:
        """The routes of the probes."""
        return [Route("/healthz", self._alive), Route("/readyz", self._ready)]

    async def _alive(self, _: Request) -> JSONResponse:
        return JSONResponse({"alive": True})

    async def _ready(self, _: Request) -> JSONResponse:
        wrong = {name: problem for name, problem in self._seen.items() if problem}
        if time.monotonic() - self._at > STALE_SECONDS + LOOK_SECONDS:
            wrong["probes"] = "have not been looked at lately"
        seen = {name: problem or "well" for name, problem in self._seen.items()} | wrong
        return JSONResponse({"ready": not wrong, "parts": seen}, status_code=503 if wrong else 200)
