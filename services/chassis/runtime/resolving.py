"""Finds the addresses of a name in a real thread: asked in the usual way, a slow name server would hold up the loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import eventlet

#: So many questions wait at once; whoever comes later is told at once that it takes too long.
MOST_WAITING = 32
_waiting = 0


async def addresses(host: str, port: int, *, seconds: float) -> Sequence[str]:
    """The IP addresses of a host, at least one, as the system knows them. Raises OSError, or TimeoutError."""
    global _waiting  # noqa: PLW0603 - one count for the process: its threads are what is scarce
    if _waiting >= MOST_WAITING:
        raise TimeoutError("too many names are being looked up")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def end(found: Sequence[str], problem: OSError | None) -> None:
        global _waiting  # noqa: PLW0603 - as above
        _waiting -= 1
        if answer.done():  # nobody waits any more
            return
        if problem is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(found)

    def ask() -> None:
        try:
            found, problem = _asked(host, port), None
        except (OSError, UnicodeError) as failed:  # a name with a label that is too long is a UnicodeError
            found, problem = (), failed if isinstance(failed, OSError) else OSError("no name")
        loop.call_soon_threadsafe(end, found, problem)

    _waiting += 1
    eventlet.patcher.original("threading").Thread(target=ask, daemon=True).start()
    async with asyncio.timeout(seconds):
        return await answer


def _asked(host: str, port: int) -> Sequence[str]:
    real: Any = eventlet.patcher.original("socket")
    found = real.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
