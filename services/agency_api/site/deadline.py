"""A request is answered within its deadline, whatever stands still behind it: else it is to be asked again.

What waits several times in a row, for its key, its tables and booking, would else be answered after the sum of it. The
answer is sent first; then what was under way is cancelled, so that nothing is done that nobody waits for any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Message, Send

#: A little more than booking has for its answer.
SECONDS = 5.5

Serving = Callable[[Send], Awaitable[None]]


async def in_time(serve: Serving, refuse: Serving, send: Send) -> None:
    """Serve, or, when nothing was answered in time, refuse and let go of it."""
    answer = _Answer(send, refuse, asyncio.current_task())
    timer = asyncio.get_running_loop().call_later(SECONDS, answer.give_up)
    try:
        await serve(answer.send)
    except asyncio.CancelledError:
        if answer.refusing is None:
            raise
    finally:
        timer.cancel()
        await answer.finish()


class _Answer:
    """What is told to whoever asked: by what serves, or once it is late by what refuses."""

    def __init__(self, send: Send, refuse: Serving, task: asyncio.Task[Any] | None) -> None:
        self._send, self._refuse, self._task = send, refuse, task
        self._has_begun = False
        self.refusing: asyncio.Future[None] | None = None

    async def send(self, message: Message) -> None:
        """On behalf of what serves."""
        if self.refusing is None:
            self._has_begun = True
            await self._send(message)

    def give_up(self) -> None:
        """It is late."""
        if not self._has_begun and self._task is not None:
            self.refusing = asyncio.ensure_future(self._refuse(self._send))
            self._task.cancel()

    async def finish(self) -> None:
        """Whoever is refused is told so to the end."""
        if self.refusing is not None and self._task is not None:
            self._task.uncancel()
            await self.refusing
