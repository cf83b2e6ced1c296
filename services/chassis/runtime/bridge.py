"""The one bridge between green threads and asyncio, which share one thread and one loop (eventlet's asyncio hub).

`run` goes from a green thread into a coroutine: the context is carried over, the deadline lies inside the coroutine
(a time-out around the bridge would leave the SQL running), and killing the green thread cancels it. `green` goes the
other way, for a coroutine must never block the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event
from eventlet.hubs import get_hub

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T], *, seconds: float | None = None) -> T:
    """Run a coroutine from a green thread and wait for it. Raises TimeoutError after `seconds`, having cancelled it."""
    task: asyncio.Task[T] = get_hub().loop.create_task(_within(coroutine, seconds), context=contextvars.copy_context())
    done = Event()

    def ended(_: asyncio.Task[T]) -> None:
        coroutine.close()  # of a task that was cancelled before its first step nobody has awaited it
        done.send()

    task.add_done_callback(ended)
    try:
        done.wait()
    except BaseException:  # the green thread is being killed, or timed out from outside
        task.cancel()
        raise
    return task.result()


async def _within(coroutine: Coroutine[Any, Any, T], seconds: float | None) -> T:
    async with asyncio.timeout(seconds):
        return await coroutine


async def green(function: Callable[..., T], *arguments: Any) -> T:
    """Run a blocking function in a green thread of its own and await its result; cancelling kills the thread."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    context = contextvars.copy_context()

    def body() -> None:
        try:
            result = context.run(function, *arguments)
        except Exception as problem:  # noqa: BLE001 - handed to whoever awaits
            if not future.done():
                future.set_exception(problem)
        else:
            if not future.done():
                future.set_result(result)

    thread = eventlet.spawn(body)
    try:
        return await future
    except asyncio.CancelledError:
        thread.kill()
        raise
