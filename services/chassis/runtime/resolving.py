"""Finds the addresses of a name in a real thread: asked in the usual way, a slow name server would hold up the loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import eventlet

#: So many questions wait at once; whoever comes later is told at once that it takes too long.
MOST_WAITING = 32
_waiting: set[asyncio.Future[Sequence[str]]] = set()


async def addresses(host: str, port: int, *, seconds: float) -> Sequence[str]:
    """The IP addresses of a host, at least one, as the system knows them. Raises OSError, or TimeoutError."""
    if len(_waiting) >= MOST_WAITING:
        raise TimeoutError("too many names are being looked up")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()
    _waiting.add(answer)

    def ask() -> None:
        found, problem = _outcome(host, port)
        loop.call_soon_threadsafe(_end, answer, found, problem)

    eventlet.patcher.original("threading").Thread(target=ask, daemon=True).start()
    async with asyncio.timeout(seconds):
        return await answer


def _outcome(host: str, port: int) -> tuple[Sequence[str], OSError | None]:
    try:
        return _asked(host, port), None
    except OSError as problem:
        return (), problem
    except UnicodeError:  # a name with a label that is too long
        return (), OSError("no name")


def _end(answer: asyncio.Future[Sequence[str]], found: Sequence[str], problem: OSError | None) -> None:
    _waiting.discard(answer)
    if answer.done():  # nobody waits any more
        return
    if problem is not None:
        answer.set_exception(problem)
    else:
        answer.set_result(found)


def _asked(host: str, port: int) -> Sequence[str]:
    real: Any = eventlet.patcher.original("socket")
    found = real.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
