"""Admission of border messages: what a pinned key has signed goes first, everything else waits apart.

A flood is in the same queue as genuine messages, so each is checked as it arrives, before any transaction. The check
decides only the order; authentication follows, as always.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Any

import eventlet

from contracts.messages import decode_json
from services.chassis.bus.consumer import IncomingMessage
from services.chassis.trust.signing import holds, signed_text

log = logging.getLogger(__name__)
#: How many strangers' messages wait at once, in all and with one `source`; more are dropped.
MOST_STRANGERS, MOST_OF_ONE_SOURCE = 128, 32
#: Prefetch of a border queue: room for partners behind all the strangers that may wait.
AHEAD = 2 * MOST_STRANGERS
STRANGERS_AT_ONCE = 1
#: So many handled messages are recognised; a copy waits with the strangers.
REMEMBERED = 10_000
#: Between two reads of the pinned keys, and after how long a flood yields to others, in seconds.
LOOK_SECONDS, TURN_SECONDS = 1.0, 0.005
#: The pause between two handled strangers while others are dropped: it limits the transactions and log lines of a
#: flood.
REST_SECONDS = 0.05
#: (to, source) → keyid → public key.
Pinned = Mapping[tuple[str, str], Mapping[str, str]]
#: Handles a message and tells whether it is acked then.
Handle = Callable[[Callable[[bool], None]], None]


class Admission:
    """The border messages of one service that wait for a worker; `at_once` limits those of partners in hand."""

    def __init__(self, look: Callable[[], Pinned], at_once: int) -> None:
        self._look = look
        self._pinned: Pinned | None = None  # not read yet: then everybody counts as a partner
        self._partners: deque[tuple[str, IncomingMessage, Handle]] = deque()
        self._strangers: deque[tuple[str, IncomingMessage, Handle]] = deque()
        self._room = {"partner": at_once, "stranger": STRANGERS_AT_ONCE}
        self._waiting: Counter[str] = Counter()  # strangers, by the source they claim
        self._handled: OrderedDict[bytes, None] = OrderedDict()
        self._let_go = 0
        self._turned = time.monotonic()
        self._thread: Any = None

    def start(self) -> None:
        """Start reading the pinned keys at intervals."""
        self._thread = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Stop reading them."""
        if self._thread is not None:
            self._thread.kill()

    def take(self, incoming: IncomingMessage, handle: Handle) -> None:
        """Handle it in its turn, or drop it when too many strangers wait."""
        source, proven = self._who(incoming.body)
        if proven:
            self._partners.append((source, incoming, handle))
        elif len(self._strangers) < MOST_STRANGERS and self._waiting[source] < MOST_OF_ONE_SOURCE:
            self._waiting[source] += 1
            self._strangers.append((source, incoming, handle))
        else:
            self._let_go += 1
            incoming.done()
        self._next()
        if time.monotonic() - self._turned > TURN_SECONDS:
            eventlet.sleep(0)
            self._turned = time.monotonic()

    def leave(self) -> None:
        """Nothing can be handled for now: what waits goes back to its queue."""
        while self._partners:
            self._partners.popleft()[1].returned()
        while self._strangers:
            self._strangers.popleft()[1].returned()
        self._waiting.clear()

    def _who(self, body: bytes) -> tuple[str, bool]:
        """The source that it claims, and whether a pinned key of that source has signed it, for the first time."""
        if self._pinned is None:
            return "", True
        try:
            content = decode_json(body)
            source, keys = str(content["source"])[:80], self._pinned.get((content["to"], content["source"]), {})
            key = keys.get(content["keyid"])
            proven = key is not None and holds(key, content["signature"], signed_text(content))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return "", False
        return source, proven and hashlib.sha256(body).digest() not in self._handled

    def _next(self) -> None:
        while self._partners and self._room["partner"]:
            self._begin("partner", *self._partners.popleft())
        while self._strangers and self._room["stranger"]:
            source, incoming, handle = self._strangers.popleft()
            self._waiting -= Counter((source,))
            self._begin("stranger", source, incoming, handle)

    def _begin(self, whose: str, _source: str, incoming: IncomingMessage, handle: Handle) -> None:
        self._room[whose] -= 1
        mark = hashlib.sha256(incoming.body).digest()

        def after(acked: bool) -> None:
            if acked and whose == "partner":
                self._remember(mark)
            if not acked:
                self.leave()
            if whose == "stranger" and self._let_go:
                eventlet.spawn_after(REST_SECONDS, self._free, whose)
            else:
                self._free(whose)

        handle(after)

    def _free(self, whose: str) -> None:
        self._room[whose] += 1
        self._next()

    def _remember(self, mark: bytes) -> None:
        self._handled[mark] = None
        if len(self._handled) > REMEMBERED:
            self._handled.popitem(last=False)

    def _run(self) -> None:
        while True:
            try:
                self._pinned = self._look()
            except Exception as problem:  # noqa: BLE001 - with the keys of before; whoever waits longer is judged alike
                log.info("could not look which keys are pinned", extra={"error": type(problem).__name__})
            if self._let_go:
                said, self._let_go = self._let_go, 0
                log.error("messages that nobody has proven were let go, too many of them wait", extra={"count": said})
            eventlet.sleep(LOOK_SECONDS)
