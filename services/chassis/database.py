"""A lazy pool with time-outs: a service starts without its database, and says so instead of waiting for ever.

Only two kinds of failure leave this module with a meaning: `Away` (the database is out of reach, nothing was done)
and `AGAIN` (the transaction lost a race and may be run again as it was).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.chassis.work import jsonb_settings

ACQUIRE_SECONDS = 2.0
#: Serialization failure, deadlock, a lock waited for too long, a cached plan that a migration has outdated.
AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


class Away(Exception):
    """The database is out of reach; nothing was done."""


class Database:
    """One service's connections: its role, its schema, its limits."""

    def __init__(self, url: str, service: str, *, size: int = 8, role: bool = True) -> None:
        self.url = url
        self.service = service
        self.size = size
        self._role = role
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @property
    def settings(self) -> dict[str, str]:
        """Session settings of every connection; `role` drops what the login may do beyond this service."""
        settings = {
            "search_path": self.service,
            "application_name": f"handoff-{self.service}",
            "timezone": "UTC",
            "statement_timeout": "5000",
            "lock_timeout": "3000",
            "idle_in_transaction_session_timeout": "10000",
            # A process that vanished without a word must not keep its locks, above all a relay's election.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }
        return settings | ({"role": f"handoff_{self.service}"} if self._role else {})

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own, for an election or for listening. Raises Away."""
        try:
            return await asyncpg.connect(self.url, timeout=ACQUIRE_SECONDS, server_settings=self.settings)
        except _AWAY as problem:
            raise Away(type(problem).__name__) from problem

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A pooled connection within ACQUIRE_SECONDS. Raises Away when there is none, or when it is lost in use."""
        ours = False
        try:
            pool = await self._open()
            async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                try:
                    yield connection
                except asyncpg.InterfaceError:
                    ours = not connection.is_closed()  # asked now: once it is given back it cannot be asked any more
                    raise
        except _AWAY as problem:
            raise Away(type(problem).__name__) from problem
        except asyncpg.InterfaceError as problem:
            if ours:
                raise  # a fault of ours, not of the link
            raise Away(type(problem).__name__) from problem

    async def answers(self) -> bool:
        """Whether `SELECT 1` works now."""
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS), self.connection() as connection:
                return bool(await connection.fetchval("SELECT 1"))
        except (Away, TimeoutError, asyncpg.PostgresError):
            return False

    async def close(self) -> None:
        """Give connections back; those still busy are cut after two seconds."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), 2)
            except (TimeoutError, asyncpg.InterfaceError, OSError):
                pool.terminate()

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self.url,
                    min_size=0,
                    max_size=self.size,
                    timeout=ACQUIRE_SECONDS,
                    command_timeout=10,
                    max_inactive_connection_lifetime=60,
                    server_settings=self.settings,
                    init=_on_connect,
                    reset=_on_return,
                )
        return self._pool


async def _on_connect(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", **jsonb_settings())


async def _on_return(connection: asyncpg.Connection) -> None:
    """Nothing to reset: settings are local to transactions, and locks and listening have connections of their own."""
