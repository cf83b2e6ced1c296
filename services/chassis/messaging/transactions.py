"""One service's transactions: on its own role and schema, for a principal, retried when a race was lost."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from copy import copy
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar

import asyncpg
from pydantic import ValidationError

from contracts.messages import Message
from contracts.principal import Principal
from contracts.refusals import Refused
from contracts.sentences import Unfit
from services.chassis.messaging.unit_of_work import CHASSIS, UnitOfWork
from services.chassis.ports import EVERYONE
from services.chassis.storage.database import ConnectionPool
from services.chassis.storage.failures import DatabaseUnavailable, Failure, judge
from services.chassis.trust.signing import Doubt
from services.chassis.trust.vault import Vault

W = TypeVar("W", bound=UnitOfWork)
R = TypeVar("R")
TRIES = 3
#: The time of statements without a transaction.
NO_TIME = datetime.min.replace(tzinfo=UTC)
_NAME = re.compile(r"[a-z][a-z_]{0,40}")
Handler = Callable[[Any, Any], Awaitable[Any]]
Reader = tuple[type[Message], Handler]
#: type → (class, handler): what a service listens to.
Readers = dict[str, Reader]


class Transactions(Generic[W]):
    """Opens units of work; everything that changes state uses it."""

    def __init__(
        self, url: str, work: type[W], *, size: int = 8, role: bool = True, vault: Vault | None = None
    ) -> None:
        self.database = ConnectionPool(url, work.service, size=size, role=role)
        #: What wraps keys; None where nothing is wrapped or signed, and asking it then raises.
        self.vault = vault
        #: Who acts; None: the service itself, in a sweep or because of a message.
        self.principal: Principal | None = None
        self._work_class = work

    @property
    def keeps_records(self) -> bool:
        """Whether this service wraps with the record keys, and there are some."""
        return self._work_class.keeps_records and self.vault is not None and self.vault.record_keys is not None

    def acted_by(self, principal: Principal | None) -> Self:
        """The same, whose units of work belong to this principal."""
        transactions = copy(self)
        transactions.principal = principal
        return transactions

    def unit(self, connection: asyncpg.Connection, **about: Any) -> W:
        """A unit of work on an open transaction."""
        return self._work_class(connection, vault=self.vault, **about)

    async def close(self) -> None:
        """Close the pool."""
        await self.database.close()

    @asynccontextmanager
    async def work(self, acting: str, *, readonly: bool = False) -> AsyncIterator[W]:
        """One transaction for `acting`; commits at the end, with its messages."""
        async with self.database.connection() as connection, connection.transaction(readonly=readonly):
            row = await connection.fetchrow(CHASSIS["bind"], acting)
            work = self.unit(connection, acting=acting, principal=self.principal, now=row["now"])
            yield work
            await work.finish()

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[W]:
        """No transaction: each statement stands alone and is committed, or undone, when it returns.

        For what one statement does or reads, as it costs one round trip. Nobody acts, so what belongs to communities is
        not seen; there is no `now`; and nothing can be announced or audited: raises RuntimeError.
        """
        async with self.database.connection() as connection:
            work = self.unit(connection, acting=EVERYONE, principal=self.principal, now=NO_TIME)
            yield work
            if work.has_to_say:
                raise RuntimeError("what is announced or audited needs a transaction: open one with `work`")

    async def tick(self, handler: Callable[[Any], Awaitable[int]], *, rounds: int = 20) -> int:
        """Run a sweep until it finds nothing more, or `rounds` times; each round is one transaction."""
        total = 0
        for _ in range(rounds):

            async def sweep() -> int:
                async with self.work(EVERYONE) as work:
                    return await handler(work)

            done = await retry(sweep)
            total += done
            if not done:
                break
        return total


def describe(problem: Exception) -> str:
    """What went wrong, without any value of the message: those may be personal."""
    if isinstance(problem, ValidationError):
        places = [f"{place(e['loc'])}: {e['type']}" for e in problem.errors(include_input=False)]
        return "not as the contract says: " + "; ".join(places[:10])
    if isinstance(problem, Refused):
        return f"refused: {problem.refusal.code}"
    if isinstance(problem, asyncpg.PostgresError):
        return f"{type(problem).__name__} {problem.sqlstate} {getattr(problem, 'constraint_name', None) or ''}".strip()
    if isinstance(problem, (Doubt, Unfit)):
        return str(problem)
    if isinstance(problem, DatabaseUnavailable):
        return f"DatabaseUnavailable: {problem}"  # the name of what the driver raised
    if isinstance(problem, (ValueError, RuntimeError)) and type(problem).__module__ == "builtins":
        return f"{type(problem).__name__}: {problem}"
    return type(problem).__name__


def place(where: Sequence[int | str]) -> str:
    """Which field an error is about. A name that no contract could have is left out: it may be personal data."""
    named = [str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "(unknown field)" for part in where]
    return ".".join(named) or "body"


def writable(text: str) -> str:
    """Text as PostgreSQL takes it: without NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


async def retry(attempt: Callable[[], Awaitable[R]]) -> R:
    """Run a transaction; when it loses a race, run it again, at most TRIES times, with jitter between."""
    for left in reversed(range(TRIES)):
        try:
            return await attempt()
        except Exception as problem:
            if judge(problem) is not Failure.RETRY:
                raise
            if not left:  # contention is not the message's fault: it stays in its queue
                raise DatabaseUnavailable(type(problem).__name__) from problem
            await asyncio.sleep(random.uniform(0.005, 0.05) * (TRIES - left))
    raise AssertionError("unreachable")
