"""Runs work that would keep the loop busy, such as hashing a password, in a real thread.

The standard library's own way is no way here: eventlet has patched it, and its threads share the loop's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import eventlet

T = TypeVar("T")
#: So many at once; more wait for their turn.
AT_ONCE = 2
_turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that releases the interpreter's lock and touches nothing of the loop; raises what it raises."""
    loop = asyncio.get_running_loop()
    turn = _turns.setdefault(loop, asyncio.Semaphore(AT_ONCE))
    async with turn:
        return await _called(loop, function, arguments)


async def _called(loop: asyncio.AbstractEventLoop, function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    future: asyncio.Future[T] = loop.create_future()

    def end(result: T | None, problem: Exception | None) -> None:
        if future.done():  # whoever waited has gone
            return
        if problem is not None:
            future.set_exception(problem)
        else:
            future.set_result(result)  # type: ignore[arg-type] # None only beside a problem, or when T is None

    def body() -> None:
        try:
            done: tuple[T | None, Exception | None] = (function(*arguments), None)
        except Exception as problem:  # noqa: BLE001 - handed to whoever awaits
            done = (None, problem)
        loop.call_soon_threadsafe(end, *done)

    threading = eventlet.patcher.original("threading")
    threading.Thread(target=body, daemon=True).start()
    return await future
