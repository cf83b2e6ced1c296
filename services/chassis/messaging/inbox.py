"""Applies each message once, in its stream's order, in one transaction; parks what it cannot apply."""

from __future__ import annotations

from datetime import datetime
from typing import Generic

import asyncpg
from opentelemetry.trace import SpanKind

from contracts.community.v1 import PartnershipStated
from contracts.messages import Envelope, Message
from services.chassis.messaging.authentication import UNPROVEN_SECONDS, Authentication, Delivery, StreamPlace, opened
from services.chassis.messaging.dead_letters import DeadLetters, Outcome
from services.chassis.messaging.transactions import Reader, Readers, Transactions, W, retry
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults, trace
from services.chassis.storage.failures import DatabaseUnavailable, Failure, judge
from services.chassis.trust import signing
from services.chassis.trust.signing import Doubt, KeyNotKnown, Signer, digest

__all__ = ["Delivery", "Inbox", "Outcome"]

MOST_WAITING = 10_000
#: No genuine sender is further ahead than this; a message that claims to be would wait for ever.
LONGEST_GAP = 10_000
#: Messages that make keys known, or come right after.
TEACHING = signing.BETWEEN | {PartnershipStated.type}


class Inbox(Generic[W]):
    """What was received, the streams, and what waits for its predecessor."""

    def __init__(
        self,
        transactions: Transactions[W],
        authentication: Authentication,
        dead_letters: DeadLetters,
        readers: Readers,
    ) -> None:
        self._transactions = transactions
        self._database = transactions.database
        self._authentication = authentication
        self._dead_letters = dead_letters
        self._readers = readers
        #: Types whose commit does not wait for the disk: the server's crash may undo it, and what is owed comes again.
        self.relaxed: set[str] = set()

    async def receive(self, delivery: Delivery) -> Outcome:
        """Apply a message once, in its stream's order; a faulty one is parked. Raises DatabaseUnavailable."""
        faults.point("after_receive", delivery.queue)
        try:
            envelope = opened(delivery)
        except Exception as problem:  # noqa: BLE001 - whatever cannot be read is parked, never redelivered
            return await self._dead_letters.park(delivery, None, problem)
        with trace.span(
            f"process {envelope.type}",
            SpanKind.CONSUMER,
            parent=envelope.traceparent,
            messaging__message__id=envelope.id,
            messaging__destination__name=delivery.queue,
            messaging__message__conversation_id=envelope.correlationid,
        ) as handling:
            outcome, waiting = await self._settle(delivery, envelope)
            handling.set_attribute("handoff.outcome", outcome.value)
        if waiting:
            await self.drain(waiting)
        if outcome is Outcome.APPLIED and envelope.type in TEACHING:
            await self.prove()
        return outcome

    async def _settle(
        self, delivery: Delivery, envelope: Envelope, *, late: bool = False
    ) -> tuple[Outcome, str | None]:
        """Its outcome, and the stream whose next message waits."""
        try:
            self._authentication.check_way(delivery, envelope)
            reader, _ = self.reader(envelope)
            message = reader.read(envelope.data)
            return await retry(lambda: self._apply(delivery.body, envelope, message))
        except DatabaseUnavailable:
            raise
        except _NumberTakenError:
            return Outcome.STALE, None
        except KeyNotKnown as problem:
            if not late and await self._authentication.keep_unproven(delivery, envelope):
                return Outcome.UNPROVEN, None
            return await self._dead_letters.park(delivery, envelope, problem), None
        except Exception as problem:  # noqa: BLE001 - whatever it is, the message is parked, never lost
            return await self._dead_letters.park(delivery, envelope, problem), None

    async def _apply(self, body: bytes, envelope: Envelope, message: Message) -> tuple[Outcome, str | None]:
        async with self._database.connection() as connection, connection.transaction():
            place, mark = await self._authentication.place(connection, envelope, type(message)), digest(envelope, body)
            row_key = (place.message_id, mark, place.stream, envelope.to, envelope.source)
            row = await connection.fetchrow(CHASSIS["receive"], *row_key, envelope.type in self.relaxed)
            if not row["fresh"] and row["digest"] in (None, mark):
                return Outcome.DUPLICATE, None
            signer = self._authentication.judged(envelope, body, row["keys"])
            if not row["fresh"]:
                raise ValueError("the same message id came with another content")
            if envelope.seq <= row["seq"]:
                return Outcome.STALE, None
            if message.ordering == "contiguous" and envelope.seq > row["seq"] + 1:
                if envelope.seq > row["seq"] + LONGEST_GAP:
                    raise ValueError(f"number {envelope.seq} lies too far ahead of its stream")
                if not await connection.fetchval(CHASSIS["wait"], place.stream, envelope.seq, body):
                    raise _NumberTakenError
                return Outcome.WAITING, None
            waiting = await self.handle(connection, envelope, message, row["now"], place.stream, signer)
            faults.point("before_commit", envelope.type)
        return Outcome.APPLIED, waiting

    async def handle(
        self,
        connection: asyncpg.Connection,
        envelope: Envelope,
        message: Message,
        now: datetime,
        stream: str,
        signer: Signer | None,
    ) -> str | None:
        """Apply it; returns the stream if its next message waits."""
        work = self._transactions.unit(connection, acting=EVERYONE, now=now, cause=envelope, signer=signer)
        _, handler = self.reader(envelope)
        await handler(message, work)
        if envelope.type in self.relaxed and work.has_to_say:
            raise RuntimeError(f"{envelope.type} causes messages or audit: its commit has to wait for the disk")
        stream = work.moved.get(stream, stream)
        return stream if await work.finish(stream, envelope.seq) else None

    async def drain(self, stream: str) -> int:
        """Apply what was waiting behind the message just applied, a transaction each. Returns how many."""
        for done in range(MOST_WAITING):
            goes_on = await self._apply_next(stream)
            if goes_on is None:
                return done
            stream = goes_on
        return MOST_WAITING

    async def _apply_next(self, stream: str) -> str | None:
        """Apply the next one; returns the stream it is in by then, or None when none waits or it was parked."""
        body: bytes | None = None
        envelope: Envelope | None = None
        try:
            async with self._database.connection() as connection, connection.transaction():
                head = await connection.fetchrow(CHASSIS["lock_stream"], stream)
                body = head and await connection.fetchval(CHASSIS["next_waiting"], stream, head["seq"] + 1)
                if body is None:
                    return None
                envelope = opened(_waited(body))
                return await self._apply_waited(connection, envelope, head["now"], stream)
        except DatabaseUnavailable:
            raise
        except Exception as problem:
            if judge(problem) is Failure.RETRY:  # what waits is still there, and comes up again within seconds
                raise DatabaseUnavailable(type(problem).__name__) from problem
            if body is None:
                raise
            place: StreamPlace | None = StreamPlace(None, stream)
            if envelope and isinstance(problem, Doubt):
                await self._give_number_back(envelope, stream)
                place = None
            await self._dead_letters.park(_waited(body), envelope, problem, place)
            return None

    async def _apply_waited(
        self, connection: asyncpg.Connection, envelope: Envelope, now: datetime, stream: str
    ) -> str:
        message = self.reader(envelope)[0].read(envelope.data)
        signer = None
        if envelope.to:
            known = await self._authentication.known(connection, envelope)
            signing.check_still_counts(envelope, known)
            signer = signing.signer_of(envelope, known)
        return await self.handle(connection, envelope, message, now, stream, signer) or stream

    async def _give_number_back(self, envelope: Envelope, stream: str) -> None:
        """A message that is no longer verified must block neither number nor id of the genuine one."""
        async with self._database.connection() as connection, connection.transaction():
            place = await self._authentication.place(connection, envelope, self.reader(envelope)[0])
            await connection.execute(CHASSIS["forget_waiting"], stream, envelope.seq)
            await connection.execute(CHASSIS["forget_received"], place.message_id)

    async def drain_forgotten(self) -> int:
        """Drain every stream whose next message waits: a process died between a commit and its drain."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(CHASSIS["forgotten"])
        return sum([await self.drain(row["stream"]) for row in rows])

    async def prove(self) -> int:
        """Verify again what has waited for its key, where the key is known now or the time is up. Returns how many."""
        between = bool(self._readers.keys() & signing.BETWEEN)
        async with self._database.connection() as connection:
            rows = await connection.fetch(CHASSIS["provable"], UNPROVEN_SECONDS, between)
        done = 0
        for row in rows:
            delivery = Delivery(body=row["body"], queue=row["queue"], headers=row["headers"])
            outcome, waiting = await self._settle(delivery, opened(delivery), late=row["late"])
            if outcome is not Outcome.UNPROVEN:
                async with self._database.connection() as connection:
                    await connection.execute(CHASSIS["forget_unproven"], row["digest"])
                done += 1
            if waiting:
                await self.drain(waiting)
        return done

    async def signer(self, connection: asyncpg.Connection, envelope: Envelope) -> Signer | None:
        """Who has signed a message that has waited in its stream; it was judged when it came."""
        if envelope.type not in signing.BETWEEN:
            return None
        return signing.signer_of(envelope, await self._authentication.known(connection, envelope))

    def reader(self, envelope: Envelope) -> Reader:
        try:
            return self._readers[envelope.type]
        except KeyError:
            raise ValueError(f"{self._database.service} does not listen to {envelope.type}") from None


class _NumberTakenError(Exception):
    """Another message with this number waits already. Which one is genuine shows only in its turn: this one is
    forgotten, and requested again should the other be wrong."""


def _waited(body: bytes) -> Delivery:
    return Delivery(body=body, queue="waiting", headers={})
