"""A service's store as a green thread sees it: each call runs a coroutine and waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from contracts.messages import Answer, Call
from services.chassis.messaging.answering import Answered, Answering
from services.chassis.messaging.store import Delivery, Outcome, Store, describe
from services.chassis.runtime import bridge
from services.chassis.runtime.settings import Settings
from services.chassis.storage.failures import DatabaseUnavailable

log = logging.getLogger(__name__)
#: Limit for one message; PostgreSQL cancels a stuck statement much earlier.
MESSAGE_SECONDS = 60.0
SWEEP_SECONDS = 60.0
Chore = Callable[[Store[Any], Settings], Coroutine[Any, Any, int]]


class SyncStore:
    """A store as the worker's green thread sees it."""

    def __init__(self, store: Store[Any], settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.answering = Answering(store, settings)

    def receive(self, delivery: Delivery) -> Outcome:
        """Apply a message. Raises DatabaseUnavailable."""
        return bridge.run(self.store.inbox.receive(delivery), seconds=MESSAGE_SECONDS)

    def park_dead(self, delivery: Delivery) -> None:
        """Park a dead letter of the broker. Raises DatabaseUnavailable."""
        reason = delivery.headers.get("x-first-death-reason", "rejected")
        bridge.run(self.store.dead_letters.take_over(delivery, reason), seconds=MESSAGE_SECONDS)

    def answer(self, call: Call, how: Answered) -> Answer:
        """Answer a call."""
        return bridge.run(how(self.answering, call))

    def recur(self, chore: Chore) -> int:
        """Run a chore; when the database is unavailable, the next run does it."""
        try:
            return bridge.run(chore(self.store, self.settings), seconds=SWEEP_SECONDS)
        except (DatabaseUnavailable, TimeoutError) as problem:
            about = {"service": self.store.database.service, "error": describe(problem)}
            log.warning("what recurs was left for the next time", extra=about)
            return 0

    def pinned(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """The keys of all partners of this node. Raises DatabaseUnavailable."""
        return bridge.run(self.store.authentication.pinned(), seconds=5)

    def healthy(self) -> bool:
        """Whether the database takes what is written."""
        return bridge.run(self.store.database.works())
