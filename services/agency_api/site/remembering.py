"""What was read a moment ago is answered from memory, if the community still stands as it did: that is asked each time.

One statement at a time asks for all communities about which somebody wants to know; whoever comes while it runs is
answered by the next one. So no answer is older than its request, in whatever process the change was made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import date, datetime

from services.agency_api.domain.days_kept import AsOf, KeptDays, in_order
from services.agency_api.domain.products_kept import KeptProducts

#: Tells how often each of some communities has changed, and the node's time.
Standing = Callable[[Sequence[str]], Awaitable[Mapping[str, tuple[int, datetime]]]]
#: After so many parts that are written anew others have their turn.
BREATH = 20


async def _unread(communities: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
    """Where nothing is kept nothing is asked."""
    raise LookupError(communities)


class Memory:
    """Of one process; the door gives it to whoever asks."""

    def __init__(self, standing: Standing = _unread) -> None:
        self._standing = standing
        self._days = KeptDays()
        #: What communities sell, by all that it was written from: of it nothing is asked.
        self.products = KeptProducts()
        self._waiting: dict[str, asyncio.Future[AsOf]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def found(self, asked: Hashable, community: str, days: Sequence[date]) -> list[bytes] | None:
        """The parts of an answer, if all of them are kept and good; raises DatabaseUnavailable."""
        if not self._days.has(asked):
            return None
        return in_order(self._days.parts(asked, await self._as_of(community)), days)

    async def written(
        self, asked: Hashable, as_of: AsOf, days: Sequence[date], write: Callable[[date], bytes]
    ) -> list[bytes]:
        """The parts of an answer, those that are not there written now and kept."""
        parts = {**self._days.parts(asked, as_of)}
        new: dict[date, bytes] = {}
        for day in days:
            if day not in parts:
                parts[day] = new[day] = write(day)
                if not len(new) % BREATH:
                    await asyncio.sleep(0)  # whoever else asks is not held up by a long list
        self._days.keep(asked, as_of, new)
        return [parts[day] for day in days]

    async def _as_of(self, community: str) -> AsOf:
        """How a community stands now, or a moment after."""
        wanted = self._waiting.get(community)
        if wanted is None:
            wanted = self._waiting[community] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(wanted)

    async def _ask(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # those who ask in this very moment share the question
                waiting, self._waiting = self._waiting, {}
                await self._answer(waiting)
        finally:
            self._asking = None

    async def _answer(self, waiting: Mapping[str, asyncio.Future[AsOf]]) -> None:
        try:
            found = await self._standing(list(waiting))
            for community, wanted in waiting.items():
                wanted.set_result(AsOf.of(*found[community]))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is theirs who wait
            for wanted in waiting.values():
                if not wanted.done():
                    wanted.set_exception(problem)
                    wanted.exception()  # they may all have gone
