"""What was set aside: looked at, tried again, or given up by a person."""

from __future__ import annotations

from typing import Any

import asyncpg

from contracts.messages import Envelope, decode_json
from contracts.refusals import No, Refused
from services.chassis.messaging.authentication import Delivery
from services.chassis.messaging.inbox import LONGEST_GAP, Reading
from services.chassis.messaging.transactions import W, describe
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.storage.failures import DatabaseUnavailable
from services.chassis.trust.signing import Signer, check_still_counts, digest


class Parking(Reading[W]):
    """The parked messages of one service."""

    async def replay(self, parked_id: str) -> str | None:
        """Try a parked message again; None when it was applied, otherwise why not. Raises Refused if not there."""
        stream: str | None = None
        try:
            async with self.database.connection() as connection, connection.transaction():
                row = await self._parked(connection, parked_id)
                envelope = Envelope.read(decode_json(row["body"]))
                message = self._reader(envelope)[0].read(envelope.data)
                place, mark = await self._place(connection, envelope, type(message)), digest(envelope, row["body"])
                stream = row["stream"] or place.stream
                told = (place.message_id, mark, stream, envelope.to, envelope.source)
                head = await connection.fetchrow(CHASSIS["receive"], *told)
                signer = await self._replayed(connection, envelope, row, head)
                if message.ordering == "contiguous" and envelope.seq > head["seq"] + 1:
                    return f"waits for number {head['seq'] + 1} of its stream"
                if envelope.seq > head["seq"]:
                    stream = await self._handle(connection, envelope, message, head["now"], stream, signer) or stream
                await connection.execute(CHASSIS["settle_parked"], parked_id, "replayed")
        except (Refused, DatabaseUnavailable):
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it stays parked and says why
            async with self.database.connection() as connection:
                await connection.execute(CHASSIS["count_replay"], parked_id, describe(problem))
            return describe(problem)
        await self.drain(stream)
        return None

    async def _replayed(
        self, connection: asyncpg.Connection, envelope: Envelope, row: asyncpg.Record, head: asyncpg.Record
    ) -> Signer | None:
        """Who has signed it: what stands in a stream was proven before it was set aside. Raises Doubt."""
        if row["stream"] is not None:
            if envelope.to:  # its key may have been revoked since
                check_still_counts(envelope, await self._known(connection, envelope))
            return await self._signer(connection, envelope)
        self._check_way(Delivery(body=row["body"], queue=row["queue"], headers=row["headers"]), envelope)
        return self._judged(envelope, row["body"], head["keys"])

    async def discard(self, parked_id: str) -> None:
        """Give a parked message up; what waited behind it goes on. Raises Refused if not there, or before its turn."""
        async with self.database.connection() as connection, connection.transaction():
            row = await self._parked(connection, parked_id)
            await connection.execute(CHASSIS["settle_parked"], parked_id, "discarded")
            stream = row["stream"] if _numbered(row) else None
            if stream:
                await self._skip(connection, stream, row["seq"])
        if stream:
            await self.drain(stream)

    async def _skip(self, connection: asyncpg.Connection, stream: str, seq: int) -> None:
        """Count it as applied. Raises Refused before its turn: its number would be missing in the stream for ever."""
        reached = await connection.fetchval(CHASSIS["skip"], stream, seq)
        if reached < seq <= reached + LONGEST_GAP:
            raise Refused(No.WRONG_STATE, "settle_earlier_first", "id", seq=reached + 1)

    async def parked(self, limit: int = 100) -> list[dict[str, Any]]:
        """What is set aside, oldest first, without bodies."""
        async with self.database.connection() as connection:
            return [dict(row) for row in await connection.fetch(CHASSIS["parked_list"], limit)]

    async def parked_one(self, parked_id: str) -> dict[str, Any] | None:
        """One parked message, whole."""
        async with self.database.connection() as connection:
            row = await connection.fetchrow(CHASSIS["parked_show"], parked_id)
        return dict(row) if row else None

    async def _parked(self, connection: asyncpg.Connection, parked_id: str) -> asyncpg.Record:
        row = await connection.fetchrow(CHASSIS["parked_one"], parked_id)
        if row is None:
            raise Refused(No.UNKNOWN, "not_parked_any_more", "id")
        return row


def _numbered(row: asyncpg.Record) -> bool:
    """Whether it stands in a stream that goes on one by one; in a statement's own a number may be left out."""
    stream, _, _ = (row["stream"] or "").partition("#")
    return bool(stream) and not stream.endswith(f"|{row['type']}")
