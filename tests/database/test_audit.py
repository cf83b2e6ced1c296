"""The audit on a real database: written with the commit, readable by its community, changeable by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
import pytest

from services.booking.adapters.postgres import BookingWork
from services.chassis.store import Store
from tests.support.database import Databases


def scene(url: str, act: Callable[[Store[BookingWork]], Awaitable[None]]) -> None:
    """Let booking act on its database."""

    async def play() -> None:
        store = Store(url, BookingWork)
        try:
            await act(store)
        finally:
            await store.close()

    asyncio.run(play())


def test_what_was_done_is_in_the_audit_with_its_commit_and_not_without(
    server: Databases, booking_database: str
) -> None:
    async def act(store: Store[BookingWork]) -> None:
        async with store.work("tha-li") as work:
            work.audit("tha-li", "key_made", "k1")
            work.audit("bo-taen", "part_read", "r1", result="refused", who="door")
            work.audit("tha-li", "part_read", "r1")
        with suppress(RuntimeError):
            async with store.work("tha-li") as work:
                work.audit("tha-li", "never", "r2")
                raise RuntimeError

    scene(booking_database, act)
    lines = server.execute("SELECT community, n, who, what, result FROM node.audit ORDER BY 1, 2", booking_database)
    assert lines.splitlines() == [
        "bo-taen|1|door|part_read|refused",
        "tha-li|1|tha-li|key_made|done",
        "tha-li|2|tha-li|part_read|done",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE node.audit SET who = 'nobody'",
        "DELETE FROM node.audit",
        "TRUNCATE node.audit",
        "INSERT INTO node.audit SELECT community, n + 1, at, who, what, about, result, trace, '', '' FROM node.audit",
    ],
)
def test_a_service_can_neither_change_nor_take_away_nor_slip_in_a_line(statement: str, booking_database: str) -> None:
    async def act(store: Store[BookingWork]) -> None:
        async with store.work("tha-li") as work:
            work.audit("tha-li", "part_read", "r1")
        async with store.work("*") as work:
            assert await work.connection.fetchval("SELECT count(*) FROM node.audit") == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with work.connection.transaction():
                    await work.connection.execute(statement)
            assert await work.connection.fetchval("SELECT who FROM node.audit") == "tha-li"

    scene(booking_database, act)
