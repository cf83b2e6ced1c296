"""Two ways to load: so many clients, each with one request at a time; or so many requests a second, whatever comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

from tests.bench.figures import percentile

#: Does something once, and tells whether it was answered as it should be.
Act = Callable[[], Awaitable[bool]]


@dataclass
class Taken:
    """What a load came to: how long each took, in seconds, and how many were answered wrongly or not at all."""

    seconds: float = 0.0
    failed: int = 0
    each: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return (len(self.each) - self.failed) / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, float]:
        """Rate and percentiles."""
        return {
            "number": len(self.each),
            "failed": self.failed,
            "per_second": round(self.rate, 1),
            "p50_ms": round(1000 * percentile(self.each, 0.5), 2),
            "p99_ms": round(1000 * percentile(self.each, 0.99), 2),
        }

    def add(self, other: Taken) -> None:
        """The same load went on."""
        self.seconds += other.seconds
        self.failed += other.failed
        self.each += other.each

    async def note(self, act: Act, since: float) -> None:
        """Do it, and note how long after `since` it was done."""
        try:
            went = await act()
        except OSError:
            went = False
        self.each.append(time.monotonic() - since)
        self.failed += not went


async def closed(act: Act, clients: int, *, seconds: float = 0.0, number: int = 0) -> Taken:
    """Each client asks again as soon as it is answered, for so long or so many times in all."""
    taken, begin, turns = Taken(), time.monotonic(), count()

    async def again() -> None:
        while time.monotonic() - begin < seconds or next(turns) < number:
            await taken.note(act, time.monotonic())

    await asyncio.gather(*(again() for _ in range(clients)))
    taken.seconds = time.monotonic() - begin
    return taken


async def at_rate(act: Act, rate: float, seconds: float) -> Taken:
    """Each is timed from the moment at which it was due, so that one that is late for others counts as slow."""
    taken, begin = Taken(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n in range(max(1, int(rate * seconds))):
            due = begin + n / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(taken.note(act, due))
    taken.seconds = time.monotonic() - begin
    return taken
