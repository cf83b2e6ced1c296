"""Whose turn it is: of each key only so many requests are served at once, and fewer reads while others ask as well."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

#: Requests of one key at once: fewer than half of the connections to the database, so that the others have some too.
AT_ONCE = 3
#: Reads of one key at once while others ask as well: what others wait for is then one request, and not many.
SHARED = 1
#: Another asks as well when it has within so many seconds.
LATELY = 1.0
#: So many more of a key may wait for their turn, for so long.
WAITING, WAIT_SECONDS = 61, 1.0
MOST_REMEMBERED = 10_000


#: What a request is counted as.
Kind = Literal["read", "book"]


@dataclass
class _Row:
    inside: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Counts who is served now, in this process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: dict[tuple[str, Kind], _Row] = {}
        self._asked: OrderedDict[str, float] = OrderedDict()

    @asynccontextmanager
    async def turn(self, key: str, kind: Kind) -> AsyncIterator[bool]:
        """A place among those of this key that are served; False when there was none in time."""
        self._asked[key] = self._clock()
        self._asked.move_to_end(key)
        if len(self._asked) > MOST_REMEMBERED:
            self._asked.popitem(last=False)
        row = self._rows.setdefault((key, kind), _Row())
        has_turn = await self._has_turn(row, key, kind)
        try:
            yield has_turn
        finally:
            if has_turn:
                self._leave(row, key, kind)
            if not row.inside and not row.waiting and self._rows.get((key, kind)) is row:
                del self._rows[key, kind]

    def _most(self, key: str, kind: Kind) -> int:
        if kind == "book":
            return AT_ONCE
        other = next((at for one, at in reversed(self._asked.items()) if one != key), None)
        return AT_ONCE if other is None or self._clock() - other > LATELY else SHARED

    async def _has_turn(self, row: _Row, key: str, kind: Kind) -> bool:
        if row.inside < self._most(key, kind) and not row.waiting:
            row.inside += 1
            return True
        if len(row.waiting) >= WAITING:
            return False
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        row.waiting.append(mine)
        try:
            await asyncio.wait((mine,), timeout=WAIT_SECONDS)
        except asyncio.CancelledError:
            if mine.done():
                self._leave(row, key, kind)
            raise
        finally:
            if mine in row.waiting:
                row.waiting.remove(mine)
        return mine.done()

    def _leave(self, row: _Row, key: str, kind: Kind) -> None:
        row.inside -= 1
        while row.waiting and row.inside < self._most(key, kind):
            row.inside += 1
            row.waiting.popleft().set_result(None)
