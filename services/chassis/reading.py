"""How a service reads a message: once, in its stream's order, in one transaction; what it cannot read it sets aside."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg
from opentelemetry.trace import SpanKind

from contracts.messages import Envelope, Message, decode_json
from services.chassis import faults, trace
from services.chassis.database import AGAIN, Away
from services.chassis.ids import new_id
from services.chassis.ports import EVERYONE
from services.chassis.transactions import Handler, Transactions, W, again, describe, writable
from services.chassis.work import OWN

log = logging.getLogger(__name__)
MOST_WAITING = 10_000
#: No sender is further ahead of us than this; what claims to be would wait for ever.
LONGEST_GAP = 10_000
Reader = tuple[type[Message], Handler]


class Outcome(StrEnum):
    """What became of a message; each of them may be acked."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    STALE = "stale"  # too late: changes nothing
    WAITING = "waiting"  # too early: applied with its predecessor
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as the bus gave it to us."""

    body: bytes
    queue: str
    headers: Mapping[str, str]
    content_type: str = "application/json"


class Reading(Transactions[W]):
    """The inbox, the streams, what waits for its predecessor, and what is set aside."""

    def __init__(self, url: str, work: type[W], *, size: int = 8, role: bool = True) -> None:
        super().__init__(url, work, size=size, role=role)
        #: type → (class, handler): what this service listens to.
        self.readers: dict[str, Reader] = {}

    async def receive(self, delivery: Delivery) -> Outcome:
        """Apply a message once, in its stream's order. Raises Away; anything else wrong with it parks it."""
        faults.point("after_receive", delivery.queue)
        try:
            envelope = _opened(delivery)
        except Exception as problem:  # noqa: BLE001 - whatever cannot be read is set aside, never brought back
            return await self._park(delivery, None, problem)
        with trace.span(
            f"process {envelope.type}",
            SpanKind.CONSUMER,
            parent=envelope.traceparent,
            messaging__message__id=envelope.id,
            messaging__destination__name=delivery.queue,
            messaging__message__conversation_id=envelope.correlationid,
        ) as opened:
            outcome, next_waits = await self._settle(delivery, envelope)
            opened.set_attribute("handoff.outcome", outcome.value)
        if next_waits:
            await self.drain(stream_of(envelope, self._reader(envelope)[0]))
        return outcome

    async def _settle(self, delivery: Delivery, envelope: Envelope) -> tuple[Outcome, bool]:
        try:
            reader, _ = self._reader(envelope)
            message = reader.read(envelope.data)
            return await again(lambda: self._apply(delivery.body, envelope, message))
        except Away:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, the message is set aside, never lost
            return await self._park(delivery, envelope, problem), False

    async def _apply(self, body: bytes, envelope: Envelope, message: Message) -> tuple[Outcome, bool]:
        """What became of it, and whether the next message of its stream waits."""
        stream = stream_of(envelope, type(message))
        async with self.database.connection() as connection, connection.transaction():
            row = await connection.fetchrow(OWN["receive"], envelope.id, digest(body), stream, None, None)
            if not row["fresh"]:
                if row["digest"] is not None and row["digest"] != digest(body):
                    raise ValueError("the same message id came with another content")
                return Outcome.DUPLICATE, False
            if envelope.seq <= row["seq"]:
                return Outcome.STALE, False
            if message.ordering == "contiguous" and envelope.seq > row["seq"] + 1:
                if envelope.seq > row["seq"] + LONGEST_GAP:
                    raise ValueError(f"number {envelope.seq} lies too far ahead of its stream")
                await connection.execute(OWN["wait"], stream, envelope.seq, body)
                return Outcome.WAITING, False
            next_waits = await self._handle(connection, envelope, message, row["now"], stream)
            faults.point("before_commit", envelope.type)
        return Outcome.APPLIED, next_waits

    async def _handle(
        self, connection: asyncpg.Connection, envelope: Envelope, message: Message, now: datetime, stream: str
    ) -> bool:
        work = self._work(connection, acting=EVERYONE, now=now, cause=envelope)
        _, handler = self._reader(envelope)
        await handler(message, work)
        return await work.finish(stream, envelope.seq)

    async def drain(self, stream: str) -> int:
        """Apply what was waiting behind the message just applied, a transaction each. Returns how many."""
        done = 0
        while done < MOST_WAITING:
            body: bytes | None = None
            envelope: Envelope | None = None
            try:
                async with self.database.connection() as connection, connection.transaction():
                    head = await connection.fetchrow(OWN["lock_stream"], stream)
                    body = head and await connection.fetchval(OWN["next_waiting"], stream, head["seq"] + 1)
                    if body is None:
                        return done
                    envelope = _opened(Delivery(body=body, queue="waiting", headers={}))
                    message = self._reader(envelope)[0].read(envelope.data)
                    await self._handle(connection, envelope, message, head["now"], stream)
            except Away:
                raise
            except AGAIN as problem:  # what waits is still there, and comes up again within seconds
                raise Away(type(problem).__name__) from problem
            except Exception as problem:
                if body is None:
                    raise
                await self._park(Delivery(body=body, queue="waiting", headers={}), envelope, problem)
                return done
            done += 1
        return done

    async def drain_forgotten(self) -> int:
        """Drain every stream whose next message waits: a process died between a commit and its drain."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(OWN["forgotten"])
        return sum([await self.drain(row["stream"]) for row in rows])

    def _reader(self, envelope: Envelope) -> Reader:
        try:
            return self.readers[envelope.type]
        except KeyError:
            raise ValueError(f"{self.database.service} does not listen to {envelope.type}") from None

    async def _park(self, delivery: Delivery, envelope: Envelope | None, problem: Exception) -> Outcome:
        try:
            await self._set_aside(delivery, envelope, problem)
        except (Away, *AGAIN):
            raise
        except Exception:
            # What it says of itself cannot even be written down (a number too large, a NUL): keep the bare body.
            if envelope is None:
                raise
            envelope = None
            await self._set_aside(delivery, envelope, problem)
        fields = {"service": self.database.service, "queue": delivery.queue, "error": describe(problem)}
        if envelope:
            fields |= {"message_id": envelope.id, "message_type": envelope.type}
        log.error("a message was parked", extra=fields)
        return Outcome.PARKED

    async def _set_aside(self, delivery: Delivery, envelope: Envelope | None, problem: Exception) -> None:
        stream = self._parked_stream(envelope) if envelope else None
        async with self.database.connection() as connection, connection.transaction():
            if envelope:
                await connection.execute(OWN["remember"], envelope.id, digest(delivery.body))
            if envelope and stream:
                await connection.execute(OWN["forget_waiting"], stream, envelope.seq)
            await connection.execute(
                OWN["park"],
                new_id(),
                delivery.queue,
                envelope.id if envelope else None,
                envelope.type if envelope else None,
                stream,
                envelope.seq if envelope else None,
                delivery.body,
                {writable(name): writable(value) for name, value in delivery.headers.items()},
                writable(describe(problem)),
                trace.current(),
            )

    def _parked_stream(self, envelope: Envelope) -> str:
        """The stream a message stands in; of a type we do not know, a version that we do know tells its ordering."""
        name = envelope.type.rpartition(".")[0]
        known = [cls for kind, (cls, _) in self.readers.items() if kind == envelope.type]
        known += [cls for kind, (cls, _) in self.readers.items() if kind.rpartition(".")[0] == name]
        return stream_of(envelope, known[0] if known else Message)

    async def park_dead(self, delivery: Delivery, reason: str) -> None:
        """Take over what the broker set aside (its delivery limit, an unreadable frame) into our own table."""
        try:
            envelope = _opened(delivery)
        except Exception:  # noqa: BLE001 - then it is kept as the bare body
            envelope = None
        await self._park(delivery, envelope, RuntimeError(f"the broker gave it up: {reason}"))


def _opened(delivery: Delivery) -> Envelope:
    if delivery.content_type != "application/json":
        raise ValueError("the content type is not application/json")
    return Envelope.read(decode_json(delivery.body))


def digest(body: bytes) -> bytes:
    """By which a copy is told from another message with its id."""
    return hashlib.sha256(body).digest()


def stream_of(envelope: Envelope, cls: type[Message]) -> str:
    """The stream whose number the message takes; statements have one of their own beside it."""
    return envelope.stream if cls.ordering == "contiguous" else f"{envelope.stream}|{envelope.type}"
