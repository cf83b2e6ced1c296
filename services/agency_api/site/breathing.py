"""A long computation lets others have their turn as often as time tells, however much or little each step of it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

#: For so long nothing else runs.
SECONDS = 0.005


class Breath:
    """Of one computation, from now on."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._since = clock()

    @property
    def is_due(self) -> bool:
        """Whether others have waited long enough."""
        return self._clock() - self._since >= SECONDS

    async def take(self) -> None:
        """Let others have their turn, if it is due."""
        if self.is_due:
            await asyncio.sleep(0)
            self._since = self._clock()
