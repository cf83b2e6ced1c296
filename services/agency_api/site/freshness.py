"""How far the read model is behind what community and booking have said; beyond a bound the process is not ready.

They are asked every few seconds what they have told this service that may not have arrived; how far it has got stands
in its own tables. So it is seen that a relay or the bus stands still, although nothing comes. No request waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from contracts.node.v1 import AskOwed
from contracts.principal import Reader
from services.chassis.edge.health import Probe
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.arrivals import behind
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import Refused
from services.client.bus import BusClient

log = logging.getLogger(__name__)

HEADER = "Read-Model-Lag"
#: Whose facts the read model is made of.
SPEAKERS = ("community", "booking")
READER = "agency_api"
ITSELF = Reader(account="agency-api")
#: So often they are asked, and for so long an answer is waited for.
EVERY_SECONDS, ANSWER_SECONDS = 5.0, 2.0
#: The process is not ready while what is shown may be older than this.
BOUND_SECONDS = 30.0


class Freshness:
    """All that was said until some moment is in the read model; `lag` is how long ago that moment was."""

    def __init__(self, parts: EdgeParts, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts, self._clock = parts, clock
        self._began, self._looked = clock(), -math.inf
        self._through: float | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def lag(self) -> float | None:
        """What is shown is at most so many seconds old; None before anybody was asked."""
        return None if self._through is None else max(0.0, self._clock() - self._through)

    async def problem(self) -> str | None:
        """For a probe: look again where it is time to, without waiting, and say whether it is too far behind."""
        if self._clock() - self._looked >= EVERY_SECONDS and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_once())
        lag = self._clock() - self._began if self.lag is None else self.lag
        return f"may be {lag:.0f} s behind what was said" if lag > BOUND_SECONDS else None

    async def _look_once(self) -> None:
        try:
            await self.look()
        except (Refused, DatabaseUnavailable, TimeoutError):
            log.info("how far the read model is behind is not known now")

    async def look(self) -> None:
        """Ask them. Raises when one of them, or the database, does not answer; then it counts on from before."""
        self._looked = began = self._clock()
        ages = await asyncio.gather(*(self._age(speaker) for speaker in SPEAKERS))
        self._through = began - max(ages)

    async def _age(self, speaker: str) -> float:
        """For how many seconds something that this one said has not been applied."""
        asked = BusClient(self._parts.rpc, READER, ITSELF)
        said = await asked.send(AskOwed(reader=READER), service=speaker, seconds=ANSWER_SECONDS)
        if not said.streams or self._parts.store is None:
            return 0.0
        async with self._parts.store.work(EVERYONE, readonly=True) as work:
            lacking = await behind(said.streams, work)
        if not lacking:
            return 0.0
        wanted = AskOwed(reader=READER, applied=lacking)
        return (await asked.send(wanted, service=speaker, seconds=ANSWER_SECONDS)).seconds or 0.0

    def telling(self, send: Send) -> Send:
        """Send with the header, where the lag is known."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and self.lag is not None:
                MutableHeaders(scope=message)[HEADER] = str(math.ceil(self.lag))
            await send(message)

        return told


_OF: WeakKeyDictionary[Store[Any], Freshness] = WeakKeyDictionary()


def freshness(parts: EdgeParts) -> Freshness:
    """The one of this process: requests tell what its probe finds."""
    if parts.store is None:
        return Freshness(parts)
    return _OF.setdefault(parts.store, Freshness(parts))


def probe(parts: EdgeParts) -> Probe:
    """Whether the read model is near enough to what was said."""
    return freshness(parts).problem
