"""Booking over a real database, with the bus played by hand: run a use case, read what it announced, check it all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from contracts.booking import v1
from contracts.community.v1 import Offering, OfferingPublished
from contracts.principal import Principal
from services.booking import adapters
from services.booking.adapters.unit_of_work import BookingUnitOfWork
from services.booking.handlers import queries, rule_changes
from services.booking.ports import EVERYONE
from services.chassis.messaging.store import Store
from tests.support.booking import in_days, offering
from tests.support.vault import vault

#: What agencies learn, by their edge; it is read by itself.
AGENCIES_LEARN = (v1.CapacityChanged.type, v1.BookingChanged.type)
MIGRATIONS = Path(adapters.__file__).parent.parent / "migrations"


class Fact(NamedTuple):
    """A message in the outbox."""

    type: str
    data: dict[str, Any]
    to: str | None


class BookingFixture:
    """Booking of one node."""

    def __init__(self, url: str, connections: int) -> None:
        self.url = url
        self.store = Store(url, BookingUnitOfWork, size=connections, vault=vault())

    async def do(
        self,
        handler: Callable[[Any, Any], Awaitable[Any]],
        message: Any,
        acting: str = EVERYONE,
        now: datetime | None = None,
        principal: Principal | None = None,
    ) -> Any:
        """Run one use case in its transaction, at another moment when `now` is given, for whom `principal` says."""
        async with self.store.work(acting) as work:
            work.now = now or work.now
            work.principal = principal
            return await handler(message, work)

    async def sweep(self, handler: Callable[[Any], Awaitable[int]], now: datetime | None = None) -> int:
        """Run one round of a periodic use case."""
        async with self.store.work(EVERYONE) as work:
            work.now = now or work.now
            return await handler(work)

    async def facts(self) -> list[Fact]:
        """What was announced of holds and sent since the last time, in order."""
        return await self._left("NOT type = ANY ($1)", *AGENCIES_LEARN)

    async def capacity(self) -> list[v1.CapacityChanged]:
        """What was stated of capacity since the last time, in order."""
        found = await self._left("type = ANY ($1)", v1.CapacityChanged.type)
        return [v1.CapacityChanged.read(one.data) for one in found]

    async def changed(self) -> list[v1.BookingChanged]:
        """What was stated of agencies' bookings since the last time, in order."""
        found = await self._left("type = ANY ($1)", v1.BookingChanged.type)
        return [v1.BookingChanged.read(one.data) for one in found]

    async def _left(self, which: str, *types: str) -> list[Fact]:
        gone = f"DELETE FROM outbox WHERE {which} RETURNING id, envelope"
        async with self.store.database.connection() as connection:
            rows = await connection.fetch(f"WITH gone AS ({gone}) SELECT envelope FROM gone ORDER BY id", list(types))
        envelopes = [row["envelope"] for row in rows]
        return [Fact(one["type"].split(".")[1], one["data"], one.get("to")) for one in envelopes]

    async def said(self) -> list[str]:
        """The names alone."""
        return [fact.type for fact in await self.facts()]

    async def pools(self, days: int = 60) -> dict[tuple[str, date], v1.PoolView]:
        """Bo Taen's touched pools."""
        query = v1.AskPools(first=in_days(-1), last=in_days(days))
        found = await self.do(queries.ask_pools, query, "bo-taen")
        return {(one.pool, one.day): one for one in found}

    async def taken(self) -> int:
        """Places taken in all pools together."""
        return sum(one.taken for one in (await self.pools()).values())

    async def state(self, hold_id: str) -> str:
        """Where a hold stands."""
        found = await self.do(queries.ask_booking, v1.AskBooking(hold_id=hold_id))
        return str(found.state)

    async def violations(self) -> list[v1.Violation]:
        """What the checker finds."""
        return list(await self.do(queries.check_invariants, v1.CheckInvariants()))

    async def publish(self, offer: Offering) -> None:
        """Let the community state its offer."""
        await self.do(rule_changes.keep_offering, OfferingPublished(offering=offer))

    async def plant(self, sql: str) -> None:
        """Do as the superuser what no use case does."""
        connection = await asyncpg.connect(self.url, server_settings={"search_path": "booking"})
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@asynccontextmanager
async def booking_fixture(
    url: str, offer: Offering | None = None, *, connections: int = 8
) -> AsyncIterator[BookingFixture]:
    """Booking with Bo Taen's usual offer, unless told otherwise."""
    opened = BookingFixture(url, connections)
    try:
        await opened.publish(offer or offering())
        yield opened
    finally:
        await opened.store.close()
