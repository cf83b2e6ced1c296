"""What one key may ask of this process, so that an agency that floods it slows nobody but itself.

Each key has a bucket for reads and one for writes, and so many requests at once. What is too much is answered late: one
who asks again at once would cost as much as one who is served. Addresses that bring wrong keys are limited as well.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from http import HTTPStatus
from typing import TypeVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.agency_api.domain.limits import Bucket, Policy, Taken, level, take
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.turns import Kind, Turns

#: Writes a second for each read a second, and how many of each at once after a pause.
WRITES_SHARE, READS_BURST, WRITES_BURST = 5, 2, 3
#: A refusal is answered after so long; of each key so many wait for theirs, more are answered at once.
REFUSED_AFTER, MOST_REFUSED = 0.5, 64
#: Wrong keys from one address.
WRONG_KEYS = Policy("wrong-keys", 0.5, 30)
MOST_REMEMBERED = 10_000

#: Answers whoever is not served, in the words of the room that was asked.
Refusing = Callable[[OctoProblem, Scope, Receive, Send], Awaitable[None]]
K = TypeVar("K")
V = TypeVar("V")


class Limits:
    """Counts in this process alone. `reads` a second for each key; 0: nothing is limited."""

    def __init__(self, reads: int, refuse: Refusing, clock: Callable[[], float] = time.monotonic) -> None:
        self._refuse, self._clock = refuse, clock
        self.policies: Mapping[Kind, Policy] = {
            "read": Policy("read", reads, reads * READS_BURST),
            "book": Policy("write", reads / WRITES_SHARE, max(1, reads * WRITES_BURST // WRITES_SHARE)),
        }
        self._said = ", ".join(policy.said for policy in self.policies.values())
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._opened: OrderedDict[bytes, None] = OrderedDict()
        self._turns = Turns(clock)
        self._refused: Counter[str] = Counter()

    @property
    def is_on(self) -> bool:
        """Whether anything is limited."""
        return bool(self.policies["read"].rate)

    # keys that open nothing

    def may_try(self, address: str, header: str) -> bool:
        """Whether a key from this address is looked up: one that has opened is, whatever else comes from there."""
        if not self.is_on or not header or _digest(header) in self._opened:
            return True
        return level(WRONG_KEYS, self._buckets.get((WRONG_KEYS.name, address)), self._clock()) >= 1.0

    def failed(self, address: str, header: str) -> None:
        """A key from there opened nothing."""
        self._opened.pop(_digest(header), None)
        self._take(WRONG_KEYS, address)

    def opened(self, header: str) -> None:
        """A key opened."""
        _remember(self._opened, _digest(header), None)

    def telling_wrong_keys(self, address: str, send: Send) -> Send:
        """Send with how many wrong keys may still come from there: to whoever is not let in."""
        if not self.is_on:
            return send
        now = self._clock()
        left = level(WRONG_KEYS, self._buckets.get((WRONG_KEYS.name, address)), now)
        return _telling(WRONG_KEYS.said, Taken(WRONG_KEYS, Bucket(left, now), granted=True), send)

    async def too_many_wrong_keys(self, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whoever tries too many."""
        await self._pause(address)
        message = "Too many keys that open nothing came from your address: wait, and check the key"
        await self._refuse(_too_many(message, 2), scope, receive, send)

    # keys that open

    def telling(self, kind: Kind, key: str, send: Send) -> Send:
        """Send with what this key has left, without taking any of it."""
        if not self.is_on:
            return send
        policy, now = self.policies[kind], self._clock()
        left = level(policy, self._buckets.get((policy.name, key)), now)
        return _telling(self._said, Taken(policy, Bucket(left, now), granted=True), send)

    async def serve(self, app: ASGIApp, kind: Kind, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, in its turn, or say that it is too much."""
        if not self.is_on:
            await app(scope, receive, send)
            return
        asking = scope["state"]["asking"]
        key = asking.signed_in.prefix
        taken = self._take(self.policies[kind], key)
        async with self._turn(key, kind, taken) as problem:
            telling = _telling(self._said, taken, send)
            if problem is None:
                await app(scope, receive, telling)
                return
        await self._pause(key)
        await self._refuse(problem, scope, receive, telling)

    def _take(self, policy: Policy, whose: str) -> Taken:
        at = policy.name, whose
        taken = take(policy, self._buckets.get(at), self._clock())
        _remember(self._buckets, at, taken.bucket)
        return taken

    @asynccontextmanager
    async def _turn(self, key: str, kind: Kind, taken: Taken) -> AsyncIterator[OctoProblem | None]:
        """A place among those of this key that are served; the problem where there is none, or it was too much."""
        if not taken.granted:
            message = f"Your key asks too often: at most {taken.policy.rate:g} {taken.policy.name}s a second"
            yield _too_many(message, taken.retry_after)
            return
        async with self._turns.turn(key, kind) as has_turn:
            yield None if has_turn else _too_many("Your key has too many requests open: wait for their answers", 1)

    async def _pause(self, whose: str) -> None:
        """Whoever is refused waits a moment: asking again at once gains nothing."""
        if self._refused[whose] >= MOST_REFUSED:
            return
        self._refused[whose] += 1
        try:
            await asyncio.sleep(REFUSED_AFTER)
        finally:
            self._refused[whose] -= 1
            if not self._refused[whose]:
                del self._refused[whose]


def _telling(policies: str, taken: Taken, send: Send) -> Send:
    """Send with the headers of what was taken."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"], headers["RateLimit"] = policies, taken.said
        await send(message)

    return telling


def _too_many(message: str, retry_after: int) -> OctoProblem:
    return OctoProblem("TOO_MANY_REQUESTS", message, HTTPStatus.TOO_MANY_REQUESTS, retry_after=retry_after)


def _digest(header: str) -> bytes:
    return sha256(header.encode()).digest()


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)


def address_of(scope: Scope) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else ""
