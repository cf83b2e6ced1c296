"""How a service changes its state: for a message, for a command, for a question, on a tick. Plain asyncio, no bus.

Each is one transaction: inbox row (or the command's id) first, load, decide, save, outbox rows, commit. A failure
parks the message; a refusal is a value; a lost race runs again, at most three times; a database out of reach is
`Away`, and nothing was done.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import asyncpg
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from contracts.messages import Answer, Call, Envelope, Message, decode_json
from contracts.refusals import No, Refusal, Refused
from contracts.values import Value
from services.chassis import faults, trace
from services.chassis.database import AGAIN, Away, Database
from services.chassis.ids import new_id
from services.chassis.ports import EVERYONE
from services.chassis.work import OWN, Work

log = logging.getLogger(__name__)
W = TypeVar("W", bound=Work)
TRIES = 3
MOST_WAITING = 10_000
Handler = Callable[[Any, Any], Awaitable[Any]]
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


class Store(Generic[W]):
    """One service's transactions."""

    def __init__(self, url: str, work: type[W], *, size: int = 8, role: bool = True) -> None:
        self.database = Database(url, work.service, size=size, role=role)
        self._work = work
        #: type → (class, handler): what this service listens to.
        self.readers: dict[str, Reader] = {}

    async def open(self) -> None:
        """Nothing to do before the first transaction: the pool is lazy. Kept so that open and close are a pair."""

    async def close(self) -> None:
        """Close the pool."""
        await self.database.close()

    @asynccontextmanager
    async def work(self, acting: str, *, readonly: bool = False) -> AsyncIterator[W]:
        """One transaction for `acting`; commits at the end, with its messages."""
        async with self.database.connection() as connection, connection.transaction(readonly=readonly):
            row = await connection.fetchrow(OWN["bind"], acting)
            work = self._work(connection, acting=acting, now=row["now"])
            yield work
            await work.finish()

    # messages

    async def receive(self, delivery: Delivery) -> Outcome:
        """Apply a message once, in its stream's order. Raises Away; anything else wrong with it parks it."""
        faults.point("after_receive", delivery.queue)
        try:
            if delivery.content_type != "application/json":
                raise ValueError("the content type is not application/json")
            envelope = Envelope.read(decode_json(delivery.body))
        except ValueError as problem:
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
            await self.drain(_stream(envelope, self._reader(envelope)[0]))
        return outcome

    async def _settle(self, delivery: Delivery, envelope: Envelope) -> tuple[Outcome, bool]:
        try:
            reader, _ = self._reader(envelope)
            message = reader.read(envelope.data)
            return await _again(lambda: self._apply(delivery.body, envelope, message))
        except Away:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, the message is set aside, never lost
            return await self._park(delivery, envelope, problem), False

    async def _apply(self, body: bytes, envelope: Envelope, message: Message) -> tuple[Outcome, bool]:
        """What became of it, and whether the next message of its stream waits."""
        stream = _stream(envelope, type(message))
        async with self.database.connection() as connection, connection.transaction():
            row = await connection.fetchrow(OWN["receive"], envelope.id, _digest(body), stream)
            if not row["fresh"]:
                if row["digest"] is not None and row["digest"] != _digest(body):
                    raise ValueError("the same message id came with another content")
                return Outcome.DUPLICATE, False
            if envelope.seq <= row["seq"]:
                return Outcome.STALE, False
            if message.ordering == "contiguous" and envelope.seq > row["seq"] + 1:
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
            try:
                async with self.database.connection() as connection, connection.transaction():
                    head = await connection.fetchrow(OWN["lock_stream"], stream)
                    body = head and await connection.fetchval(OWN["next_waiting"], stream, head["seq"] + 1)
                    if body is None:
                        return done
                    envelope = Envelope.read(decode_json(body))
                    message = self._reader(envelope)[0].read(envelope.data)
                    await self._handle(connection, envelope, message, head["now"], stream)
            except AGAIN:
                continue
            except Away:
                raise
            except Exception as problem:
                if body is None:
                    raise
                envelope = Envelope.read(decode_json(body))
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

    # parking

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
                await connection.execute(OWN["remember"], envelope.id, _digest(delivery.body))
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
                {_writable(name): _writable(value) for name, value in delivery.headers.items()},
                _writable(describe(problem)),
                trace.current(),
            )

    def _parked_stream(self, envelope: Envelope) -> str:
        """The stream a message stands in; of a type we do not know, a version that we do know tells its ordering."""
        name = envelope.type.rpartition(".")[0]
        known = [cls for kind, (cls, _) in self.readers.items() if kind == envelope.type]
        known += [cls for kind, (cls, _) in self.readers.items() if kind.rpartition(".")[0] == name]
        return _stream(envelope, known[0] if known else Message)

    async def park_dead(self, delivery: Delivery, reason: str) -> None:
        """Take over what the broker set aside (its delivery limit, an unreadable frame) into our own table."""
        try:
            envelope = Envelope.read(decode_json(delivery.body))
        except ValueError:
            envelope = None
        await self._park(delivery, envelope, RuntimeError(f"the broker gave it up: {reason}"))

    async def replay(self, parked_id: str) -> str | None:
        """Try a parked message again; None when it was applied, otherwise why not. Raises Refused if not there."""
        stream: str | None = None
        try:
            async with self.database.connection() as connection, connection.transaction():
                row = await self._parked(connection, parked_id)
                envelope = Envelope.read(decode_json(row["body"]))
                message = self._reader(envelope)[0].read(envelope.data)
                stream = _stream(envelope, type(message))
                head = await connection.fetchrow(OWN["receive"], envelope.id, _digest(row["body"]), stream)
                if message.ordering == "contiguous" and envelope.seq > head["seq"] + 1:
                    return f"waits for number {head['seq'] + 1} of its stream"
                if envelope.seq > head["seq"]:
                    await self._handle(connection, envelope, message, head["now"], stream)
                await connection.execute(OWN["settle_parked"], parked_id, "replayed")
        except (Refused, Away):
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it stays parked and says why
            async with self.database.connection() as connection:
                await connection.execute(OWN["count_replay"], parked_id, describe(problem))
            return describe(problem)
        await self.drain(stream)
        return None

    async def discard(self, parked_id: str) -> None:
        """Give a parked message up; what waited behind it goes on. Raises Refused if it is not there."""
        async with self.database.connection() as connection, connection.transaction():
            row = await self._parked(connection, parked_id)
            await connection.execute(OWN["settle_parked"], parked_id, "discarded")
            stream, seq = row["stream"], row["seq"]
            if stream:
                await connection.execute(OWN["skip"], stream, seq)
        if stream:
            await self.drain(stream)

    async def parked(self, limit: int = 100) -> list[dict[str, Any]]:
        """What is set aside, oldest first, without bodies."""
        async with self.database.connection() as connection:
            return [dict(row) for row in await connection.fetch(OWN["parked_list"], limit)]

    async def parked_one(self, parked_id: str) -> dict[str, Any] | None:
        """One parked message, whole."""
        async with self.database.connection() as connection:
            row = await connection.fetchrow(OWN["parked_show"], parked_id)
        return dict(row) if row else None

    async def _parked(self, connection: asyncpg.Connection, parked_id: str) -> asyncpg.Record:
        row = await connection.fetchrow(OWN["parked_one"], parked_id)
        if row is None:
            raise Refused(No.UNKNOWN, "no such parked message, or it is settled already", "id")
        return row

    # calls

    async def answer(self, call: Call, command: type[Value], handler: Handler) -> Answer:
        """Do a command once; the same (caller, id) gets the same answer. Raises Away."""
        return await self._call(call, lambda: self._command(call, command, handler))

    async def ask(self, call: Call, query: type[Value], handler: Handler) -> Answer:
        """Answer a question, in a read-only transaction. Raises Away."""

        async def look() -> Answer:
            async with self.work(call.acting or EVERYONE, readonly=True) as work:
                return Answer(result=_wire(await handler(query.read(call.data), work)))

        return await self._call(call, look)

    async def _call(self, call: Call, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        with trace.span(
            f"process {call.type}", SpanKind.SERVER, parent=call.traceparent, handoff__acting=call.acting
        ) as opened:
            try:
                async with asyncio.timeout(_seconds_left(call)):
                    return await _again(attempt)
            except Refused as no:
                opened.set_attribute("handoff.outcome", no.refusal.code.value)
                return Answer(refusal=no.refusal)
            except ValidationError as problem:
                return Answer(refusal=invalid(problem))
            except TimeoutError:
                return Answer(refusal=Refusal(code=No.NOT_KNOWN_YET, message="it took too long: ask what became of it"))

    async def _command(self, call: Call, command: type[Value], handler: Handler) -> Answer:
        wanted = command.read(call.data)
        digest = _digest(json.dumps([call.acting, call.type, call.data], sort_keys=True).encode())
        async with self.database.connection() as connection, connection.transaction():
            row = await connection.fetchrow(OWN["claim_answer"], call.acting or EVERYONE, call.caller, call.id, digest)
            if not row["fresh"]:
                before = await connection.fetchrow(OWN["answered"], call.caller, call.id)
                if before["digest"] != digest:
                    raise Refused(No.CONFLICT, "this command id was used for something else: take a new one", "id")
                return Answer(result=before["result"])
            work = self._work(connection, acting=call.acting or EVERYONE, now=row["now"])
            result = _wire(await handler(wanted, work))
            await connection.execute(OWN["answer"], call.caller, call.id, result)
            await work.finish()
            _seconds_left(call)
            faults.point("before_commit", call.type)
        return Answer(result=result)

    async def operate(self, call: Call, contract: type[Value], operation: Any, *about: Any) -> Answer:
        """Answer an operator of the system with what `operation(store, wanted, *about)` returns."""

        async def attempt() -> Answer:
            if call.acting is not None:
                raise Refused(No.NOT_ALLOWED, "only operators of the system may ask this", "acting")
            return Answer(result=_wire(await operation(self, contract.read(call.data), *about)))

        return await self._call(call, attempt)

    # ticks

    async def tick(self, handler: Callable[[Any], Awaitable[int]], *, rounds: int = 20) -> int:
        """Run a sweep until it finds nothing more, or `rounds` times; each round is one transaction."""
        total = 0
        for _ in range(rounds):

            async def sweep() -> int:
                async with self.work(EVERYONE) as work:
                    return await handler(work)

            done = await _again(sweep)
            total += done
            if not done:
                break
        return total


def describe(problem: Exception) -> str:
    """What went wrong, without any value that was in the message: those may be personal."""
    if isinstance(problem, ValidationError):
        places = [f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['type']}" for e in problem.errors(include_input=False)]
        return "not as the contract says: " + "; ".join(places[:10])
    if isinstance(problem, Refused):
        return f"refused: {problem.refusal.code}"
    if isinstance(problem, asyncpg.PostgresError):
        return f"{type(problem).__name__} {problem.sqlstate} {getattr(problem, 'constraint_name', None) or ''}".strip()
    if isinstance(problem, (ValueError, RuntimeError)) and type(problem).__module__ == "builtins":
        return f"{type(problem).__name__}: {problem}"
    return type(problem).__name__


def invalid(problem: ValidationError) -> Refusal:
    """The refusal that names the first wrong field."""
    first = problem.errors(include_input=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "body"
    return Refusal(code=No.INVALID, message=f"{place}: {first['msg']}", field=place[:120])


def _writable(text: str) -> str:
    """Text as PostgreSQL takes it: without NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def _stream(envelope: Envelope, cls: type[Message]) -> str:
    return envelope.stream if cls.ordering == "contiguous" else f"{envelope.stream}|{envelope.type}"


def _wire(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    if isinstance(result, Value):
        return result.wire()
    if isinstance(result, Sequence):
        return {"items": [item.wire() for item in result]}
    raise TypeError(f"a use case answers with values, not {type(result).__name__}")


def _seconds_left(call: Call) -> float:
    left = (call.deadline - datetime.now(UTC)).total_seconds()
    if left <= 0:
        raise Refused(No.TOO_LATE, "the deadline had passed: nothing was done, ask again", "deadline")
    return left


R = TypeVar("R")


async def _again(attempt: Callable[[], Awaitable[R]]) -> R:
    """Run a transaction; when it loses a race, the same again, at most TRIES times, with jitter between."""
    for left in reversed(range(TRIES)):
        try:
            return await attempt()
        except AGAIN as problem:
            if not left:  # contention is not the message's fault: it stays where it is
                raise Away(type(problem).__name__) from problem
            await asyncio.sleep(random.uniform(0.005, 0.05) * (TRIES - left))
    raise AssertionError("unreachable")
