"""Parks what cannot be applied in a table: messages of partners and of this node always, others within limits.

A message that is verified, or comes from this node, is always parked. One that may come from anybody is parked once
however often it arrives, and up to a total; beyond that it is only logged.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from enum import StrEnum
from typing import Any

import asyncpg

from contracts.messages import Envelope, Message
from contracts.refusals import No, Refused
from services.chassis.messaging.authentication import Authentication, Delivery, StreamPlace, opened, stream_of
from services.chassis.messaging.transactions import Readers, describe, retry, writable
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.runtime import trace
from services.chassis.runtime.ids import new_id
from services.chassis.storage.database import ConnectionPool
from services.chassis.storage.failures import DatabaseUnavailable
from services.chassis.trust.signing import Doubt, digest

log = logging.getLogger(__name__)
#: How many unproven messages are parked that name the same two communities, and in all.
MOST_OF_ONE, MOST_DOUBTFUL = 500, 5_000
_SAYS = {
    "new": (logging.ERROR, "a message was parked"),
    "again": (logging.WARNING, "a message that is parked came again"),
    "no": (logging.ERROR, "a message that nobody has proven was let go, too many such are parked"),
}


class Outcome(StrEnum):
    """What became of a message; each of them may be acked."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    STALE = "stale"  # too late: changes nothing
    WAITING = "waiting"  # too early: applied with its predecessor
    UNPROVEN = "unproven"  # its key is not known yet: tried again when it is
    PARKED = "parked"
    LET_GO = "let_go"  # not verified, and too many such are parked


class DeadLetters:
    """Parks messages for a person, and shows them."""

    def __init__(self, database: ConnectionPool, authentication: Authentication, readers: Readers) -> None:
        self._database = database
        self._authentication = authentication
        self._readers = readers

    async def park(
        self, delivery: Delivery, envelope: Envelope | None, problem: Exception, place: StreamPlace | None = None
    ) -> Outcome:
        """Park it with the error. Raises DatabaseUnavailable: then it stays in its queue."""
        try:
            kept = await retry(lambda: self._set_aside(delivery, envelope, problem, place))
        except DatabaseUnavailable:  # it stays in its queue
            raise
        except Exception:
            # Its own fields cannot be stored (a number too large, a NUL): keep the bare body.
            if envelope is None:
                raise
            envelope = None
            kept = await retry(lambda: self._set_aside(delivery, None, problem, None))
        fields = {"service": self._database.service, "queue": delivery.queue, "error": describe(problem)}
        if envelope:
            fields |= {"message_id": envelope.id, "message_type": envelope.type}
        level, says = _SAYS[kept]
        log.log(level, says, extra=fields)
        return Outcome.LET_GO if kept == "no" else Outcome.PARKED

    async def _set_aside(
        self, delivery: Delivery, envelope: Envelope | None, problem: Exception, place: StreamPlace | None
    ) -> str:
        """Whether it has a row now: `new`, `again` when it had one, or `no`."""
        async with self._database.connection() as connection, connection.transaction():
            if envelope and place is None:
                place = await self._authentication.counted(
                    connection, delivery, envelope, self._kind(envelope), problem
                )
            if envelope and place and place.message_id:
                await connection.execute(CHASSIS["remember"], place.message_id, digest(envelope, delivery.body))
            if envelope and place:
                await connection.execute(CHASSIS["forget_waiting"], place.stream, envelope.seq)
            row = _row(delivery, envelope, problem, place)
            if place is None and _from_anybody(delivery, envelope, problem):
                return await self._doubtful(connection, delivery, envelope, row)
            await connection.execute(CHASSIS["park"], *row)
        return "new"

    async def _doubtful(
        self, connection: asyncpg.Connection, delivery: Delivery, envelope: Envelope | None, row: tuple[Any, ...]
    ) -> str:
        """One row for all its copies; statements are repeated, so one row stands for those after it."""
        about, said = [delivery.queue], delivery.body
        claimed = delivery.queue
        if envelope:
            kind = self._kind(envelope)
            about += [stream_of(envelope, kind), envelope.keyid or ""]
            said = b"" if kind.ordering == "latest" else said
            claimed = f"{envelope.source}>{envelope.to or ''}"
        mark = hashlib.sha256(writable("\n".join(about)).encode() + b"\n" + said).digest()
        limits = writable(claimed), MOST_OF_ONE, MOST_DOUBTFUL
        return str(await connection.fetchval(CHASSIS["park_doubtful"], *row, mark, *limits))

    def _kind(self, envelope: Envelope) -> type[Message]:
        """What the message is; of a type we do not know, a version that we do know tells its ordering."""
        name = envelope.type.rpartition(".")[0]
        known = [cls for kind, (cls, _) in self._readers.items() if kind == envelope.type]
        known += [cls for kind, (cls, _) in self._readers.items() if kind.rpartition(".")[0] == name]
        return known[0] if known else Message

    async def take_over(self, delivery: Delivery, reason: str) -> None:
        """Move what the broker dead-lettered (its delivery limit, an unreadable frame) into our own table.

        It keeps the name of its original queue: that is the lane by which it is judged when it is replayed.
        """
        delivery = replace(delivery, queue=delivery.headers.get("x-first-death-queue", delivery.queue))
        try:
            envelope = opened(delivery)
        except Exception:  # noqa: BLE001 - then it is kept as the bare body
            envelope = None
        await self.park(delivery, envelope, RuntimeError(f"the broker gave it up: {reason}"))

    async def listed(self, limit: int = 100) -> list[dict[str, Any]]:
        """Parked messages, oldest first, without bodies."""
        async with self._database.connection() as connection:
            return [dict(row) for row in await connection.fetch(CHASSIS["parked_list"], limit)]

    async def one(self, parked_id: str) -> dict[str, Any] | None:
        """One parked message, whole."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(CHASSIS["parked_show"], parked_id)
        return dict(row) if row else None

    async def open_one(self, connection: asyncpg.Connection, parked_id: str) -> asyncpg.Record:
        """The row of one that is not settled, locked. Raises Refused."""
        row = await connection.fetchrow(CHASSIS["parked_one"], parked_id)
        if row is None:
            raise Refused(No.UNKNOWN, "not_parked_any_more", "id")
        return row


def _row(
    delivery: Delivery, envelope: Envelope | None, problem: Exception, place: StreamPlace | None
) -> tuple[Any, ...]:
    """Everything a person needs to judge it."""
    return (
        new_id(),
        delivery.queue,
        envelope.id if envelope else None,
        envelope.type if envelope else None,
        place.stream if place else None,
        envelope.seq if envelope and place else None,
        delivery.body,
        {writable(name): writable(value) for name, value in delivery.headers.items()},
        writable(describe(problem)),
        trace.current(),
    )


def _from_anybody(delivery: Delivery, envelope: Envelope | None, problem: Exception) -> bool:
    """Whether it came over the border; dead letters of the node's own lanes are its own."""
    addressed = envelope is not None and envelope.to is not None
    return addressed or isinstance(problem, Doubt) or delivery.queue.endswith(".border")
