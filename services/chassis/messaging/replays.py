"""A person tries parked messages again, or discards them."""

from __future__ import annotations

from typing import Generic

import asyncpg

from contracts.messages import Envelope, decode_json
from contracts.refusals import No, Refused
from services.chassis.messaging.authentication import Authentication, Delivery
from services.chassis.messaging.dead_letters import DeadLetters
from services.chassis.messaging.inbox import LONGEST_GAP, Inbox
from services.chassis.messaging.transactions import Transactions, W, describe
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.storage.failures import DatabaseUnavailable
from services.chassis.trust.signing import Signer, check_still_counts, digest


class Replays(Generic[W]):
    """Replays or discards parked messages of one service."""

    def __init__(
        self,
        transactions: Transactions[W],
        authentication: Authentication,
        dead_letters: DeadLetters,
        inbox: Inbox[W],
    ) -> None:
        self._database = transactions.database
        self._authentication = authentication
        self._dead_letters = dead_letters
        self._inbox = inbox

    async def replay(self, parked_id: str) -> str | None:
        """Try a parked message again; None when it was applied, else the reason. Raises Refused if not there."""
        try:
            async with self._database.connection() as connection, connection.transaction():
                row = await self._dead_letters.open_one(connection, parked_id)
                reached, stream = await self._applied(connection, row)
                if reached is not None:
                    return f"waits for number {reached + 1} of its stream"
                await connection.execute(CHASSIS["settle_parked"], parked_id, "replayed")
        except (Refused, DatabaseUnavailable):
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it stays parked and says why
            async with self._database.connection() as connection:
                await connection.execute(CHASSIS["count_replay"], parked_id, describe(problem))
            return describe(problem)
        await self._inbox.drain(stream)
        return None

    async def _applied(self, connection: asyncpg.Connection, row: asyncpg.Record) -> tuple[int | None, str]:
        """The number its stream has reached when it comes too early, else None, and the stream that goes on."""
        envelope = Envelope.read(decode_json(row["body"]))
        message = self._inbox.reader(envelope)[0].read(envelope.data)
        place = await self._authentication.place(connection, envelope, type(message))
        stream = row["stream"] or place.stream
        row_key = (place.message_id, digest(envelope, row["body"]), stream, envelope.to, envelope.source)
        head = await connection.fetchrow(CHASSIS["receive"], *row_key, False)
        signer = await self._replayed(connection, envelope, row, head)
        if message.ordering == "contiguous" and envelope.seq > head["seq"] + 1:
            return head["seq"], stream
        if envelope.seq > head["seq"]:
            stream = await self._inbox.handle(connection, envelope, message, head["now"], stream, signer) or stream
        return None, stream

    async def _replayed(
        self, connection: asyncpg.Connection, envelope: Envelope, row: asyncpg.Record, head: asyncpg.Record
    ) -> Signer | None:
        """Who signed it: what has a place in a stream was verified before it was parked. Raises Doubt."""
        if row["stream"] is not None:
            if envelope.to:  # its key may have been revoked since
                check_still_counts(envelope, await self._authentication.known(connection, envelope))
            return await self._inbox.signer(connection, envelope)
        self._authentication.check_way(Delivery(body=row["body"], queue=row["queue"], headers=row["headers"]), envelope)
        return self._authentication.judged(envelope, row["body"], head["keys"])

    async def discard(self, parked_id: str) -> None:
        """Discard a parked message; what waited behind it goes on. Raises Refused if not there, or before its turn."""
        async with self._database.connection() as connection, connection.transaction():
            row = await self._dead_letters.open_one(connection, parked_id)
            await connection.execute(CHASSIS["settle_parked"], parked_id, "discarded")
            stream = row["stream"] if _numbered(row) else None
            if stream:
                await self._skip(connection, stream, row["seq"])
        if stream:
            await self._inbox.drain(stream)

    async def _skip(self, connection: asyncpg.Connection, stream: str, seq: int) -> None:
        """Count it as applied. Raises Refused before its turn: its number would be missing in the stream for ever."""
        reached = await connection.fetchval(CHASSIS["skip"], stream, seq)
        if reached < seq <= reached + LONGEST_GAP:
            raise Refused(No.WRONG_STATE, "settle_earlier_first", "id", seq=reached + 1)


def _numbered(row: asyncpg.Record) -> bool:
    """Whether its stream is contiguous; in a statement's own stream a number may be missing."""
    stream, _, _ = (row["stream"] or "").partition("#")
    return bool(stream) and not stream.endswith(f"|{row['type']}")
