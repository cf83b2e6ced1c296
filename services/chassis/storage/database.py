"""A lazy pool with time-outs: a service starts without its database, and reports that instead of waiting for ever.

Failures of driver, connection, server or machine (`failures.judge`) leave this module as `DatabaseUnavailable`.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from services.chassis.storage.failures import DatabaseUnavailable, Failure, judge
from services.chassis.storage.sql import CHASSIS

__all__ = ["ConnectionPool", "DatabaseUnavailable"]

ACQUIRE_SECONDS = 2.0
#: A disk that cannot take this many bytes has no room for messages either.
PROBE_BYTES = 64 * 1024


class ConnectionPool:
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
            # A process that vanished must not keep its locks, above all that of an active relay.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }
        return settings | ({"role": f"handoff_{self.service}"} if self._role else {})

    async def connect(self, **more: str) -> asyncpg.Connection:
        """A connection of its own, for a lock or for listening, with `more` settings. Raises DatabaseUnavailable."""
        try:
            settings = self.settings | more
            return await asyncpg.connect(self.url, timeout=ACQUIRE_SECONDS, server_settings=settings)
        except Exception as problem:
            if judge(problem, closed=True) is Failure.AWAY:
                raise DatabaseUnavailable(type(problem).__name__) from problem
            raise

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A pooled connection within ACQUIRE_SECONDS. Raises DatabaseUnavailable without one or when it is lost."""
        closed = True
        try:
            pool = await self._open()
            async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                try:
                    yield connection
                except Exception:
                    closed = connection.is_closed()  # asked now: once it is given back it cannot be asked any more
                    raise
        except Exception as problem:
            if judge(problem, closed=closed) is Failure.AWAY:
                raise DatabaseUnavailable(type(problem).__name__) from problem
            raise

    async def works(self) -> bool:
        """Whether a transaction that writes something commits now: a full disk can still be read."""
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS), self.connection() as connection:
                return bool(await connection.fetchval(CHASSIS["probe"], os.urandom(PROBE_BYTES)))
        except (DatabaseUnavailable, TimeoutError, asyncpg.PostgresError):
            return False

    async def close(self) -> None:
        """Close connections; those still busy are cut off after two seconds."""
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
    await connection.set_type_codec("jsonb", **_jsonb())


async def _on_return(connection: asyncpg.Connection) -> None:
    """Nothing to reset: settings are local to transactions, and locks and listening have connections of their own."""


def _jsonb() -> Mapping[str, Any]:
    """How jsonb travels on every connection of ours: Python values in, Python values out."""
    return {
        "encoder": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        "decoder": json.loads,
        "schema": "pg_catalog",
    }
