"""The store: how a service changes its state, for a message, a command or query, or a sweep. Plain asyncio, no bus.

Each is one transaction: inbox row (or the command's id) first, load, decide, save, outbox rows, commit. A failure
parks the message; a refusal is a value; a lost race is retried, three tries in all; a database out of
reach is `DatabaseUnavailable`, and nothing was done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from copy import copy
from typing import Any, Generic, Self

from contracts.principal import Principal
from services.chassis.messaging.authentication import Authentication
from services.chassis.messaging.dead_letters import DeadLetters
from services.chassis.messaging.inbox import Delivery, Inbox, Outcome
from services.chassis.messaging.replays import Replays
from services.chassis.messaging.requests import Requests, invalid
from services.chassis.messaging.transactions import Handler, Readers, Transactions, W, describe
from services.chassis.trust.vault import Vault

__all__ = ["Delivery", "Handler", "Outcome", "Store", "describe", "invalid"]


class Store(Generic[W]):
    """Everything that changes one service's state, part by part."""

    def __init__(
        self, url: str, work: type[W], *, size: int = 8, role: bool = True, vault: Vault | None = None
    ) -> None:
        self.transactions = Transactions(url, work, size=size, role=role, vault=vault)
        self.database = self.transactions.database
        #: What this service listens to; all parts share it.
        self.readers: Readers = {}
        self.authentication = Authentication(self.database)
        self.dead_letters = DeadLetters(self.database, self.authentication, self.readers)
        self.inbox = Inbox(self.transactions, self.authentication, self.dead_letters, self.readers)
        self.replays = Replays(self.transactions, self.authentication, self.dead_letters, self.inbox)
        self.requests = Requests(self.transactions)

    def acted_by(self, principal: Principal | None) -> Self:
        """The same store, whose units of work belong to this principal."""
        store = copy(self)
        store.transactions = self.transactions.acted_by(principal)
        return store

    def work(self, acting: str, *, readonly: bool = False) -> AbstractAsyncContextManager[W]:
        """One transaction for `acting`; commits at the end, with its messages."""
        return self.transactions.work(acting, readonly=readonly)

    def statements(self) -> AbstractAsyncContextManager[W]:
        """Statements that stand alone, each committed when it returns."""
        return self.transactions.statements()

    async def tick(self, handler: Callable[[Any], Awaitable[int]]) -> int:
        """Run a sweep until it finds nothing more."""
        return await self.transactions.tick(handler)

    async def close(self) -> None:
        """Close the pool."""
        await self.transactions.close()

    @property
    def vault(self) -> Vault | None:
        """What wraps keys; None where nothing is wrapped or signed."""
        return self.transactions.vault

    @property
    def keeps_records(self) -> bool:
        """Whether this service wraps with the record keys, and there are some."""
        return self.transactions.keeps_records
