"""Answers commands, each once per (caller, id), queries, and operators of the system."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import asyncpg
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from contracts.messages import Answer, Asked, Call, Nothing, Several
from contracts.mistakes import mistake
from contracts.permissions import forbids
from contracts.refusals import No, Refusal, Refused, refusal
from contracts.values import Value
from services.chassis.messaging.transactions import Handler, Transactions, W, place, retry
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults, trace
from services.chassis.storage.failures import DatabaseUnavailable

A = TypeVar("A", bound=Asked[Any])


class _InDoubt(Exception):
    """The database became unavailable during the commit: whether it was done is not known."""


class Requests(Generic[W]):
    """Keeps answers, so that the same command gets the same one. A refusal is a value, and nothing was done."""

    def __init__(self, transactions: Transactions[W]) -> None:
        self._transactions = transactions
        self._database = transactions.database

    async def answer(self, call: Call, command: type[Asked[Any]], handler: Handler) -> Answer:
        """Do a command once; the same (caller, id) gets the same answer. Raises DatabaseUnavailable."""
        return await self._call(call, command, lambda: self._command(call, command, handler))

    async def ask(self, call: Call, query: type[Asked[Any]], handler: Handler) -> Answer:
        """Answer a query, in a read-only transaction. Raises DatabaseUnavailable."""

        async def look() -> Answer:
            async with self._transactions.acted_by(call.principal).work(call.acting or EVERYONE, readonly=True) as work:
                return Answer(result=_wire(await handler(query.read(call.data), work), query))

        return await self._call(call, query, look)

    async def _call(self, call: Call, contract: type[Asked[Any]], attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        with trace.span(
            f"process {call.type}", SpanKind.SERVER, parent=call.traceparent, handoff__acting=call.acting
        ) as opened:
            try:
                if forbidden := forbids(call.principal, call.acting, contract.type):
                    raise Refused.by(forbidden)
                async with asyncio.timeout(_seconds_left(call)):
                    return await retry(attempt)
            except Refused as refused:
                opened.set_attribute("handoff.outcome", refused.refusal.code.value)
                return Answer(refusal=refused.refusal)
            except ValidationError as problem:
                return Answer(refusal=invalid(problem))
            except TimeoutError:
                return Answer(refusal=refusal(No.NOT_KNOWN_YET, "took_too_long"))
            except _InDoubt:
                return Answer(refusal=refusal(No.NOT_KNOWN_YET, "in_doubt"))

    async def _command(self, call: Call, command: type[Asked[Any]], handler: Handler) -> Answer:
        """Do it and keep the answer in one commit. Raises DatabaseUnavailable (nothing was done) or _InDoubt."""
        committing = False
        try:
            async with self._database.connection() as connection, connection.transaction():
                answer = await self._answered(connection, call, command, handler)
                committing = True
            return answer
        except DatabaseUnavailable as problem:
            if committing:
                raise _InDoubt from problem
            raise

    async def _answered(
        self, connection: asyncpg.Connection, call: Call, command: type[Asked[Any]], handler: Handler
    ) -> Answer:
        wanted = command.read(call.data)
        asked = _digest(call)
        row = await connection.fetchrow(CHASSIS["claim_answer"], call.acting or EVERYONE, call.caller, call.id, asked)
        if not row["fresh"]:
            before = await connection.fetchrow(CHASSIS["answered"], call.caller, call.id)
            if before["digest"] != asked:
                raise Refused(No.CONFLICT, "id_used_for_other", "id")
            return Answer(result=before["result"])
        acts = {"principal": call.principal, "acting": call.acting or EVERYONE}
        work = self._transactions.unit(connection, **acts, now=row["now"])
        result = _wire(await handler(wanted, work), command)
        await work.finish(answer=(call.caller, call.id, result))
        _seconds_left(call)
        faults.point("before_commit", call.type)
        return Answer(result=result)

    async def operate(self, call: Call, contract: type[A], operation: Callable[[A], Awaitable[Any]]) -> Answer:
        """Answer an operator of the system with what `operation(wanted)` returns, in transactions of its own."""

        async def attempt() -> Answer:
            return Answer(result=_wire(await operation(contract.read(call.data)), contract))

        return await self._call(call, contract, attempt)


def _digest(call: Call) -> bytes:
    """What a command id was used for: by whom, for whom, and what. A role may change between two tries."""
    who = call.principal.model_dump(exclude={"role"}) if call.principal else None
    return hashlib.sha256(json.dumps([who, call.acting, call.type, call.data], sort_keys=True).encode()).digest()


def invalid(problem: ValidationError) -> Refusal:
    """The refusal that names the first wrong field."""
    first = problem.errors(include_input=False, include_url=False)[0]
    field = place(first["loc"])
    wrong = mistake(first)
    return refusal(No.INVALID, wrong.reason, field[:120], quote=f"{field}: {wrong.sentence}", **wrong.params)


def _wire(result: Value | Sequence[Value] | None, contract: type[Asked[Any]]) -> dict[str, Any]:
    """The wire form of what a use case returned. Raises TypeError when it is not what the contract says."""
    answer: type[Value] = contract.answer()
    if result is None and answer is Nothing:
        return {}
    if isinstance(result, answer):
        return result.wire()
    each = answer.each() if issubclass(answer, Several) else None
    if each and isinstance(result, Sequence) and all(isinstance(item, each) for item in result):
        return {"items": [item.wire() for item in result]}
    raise TypeError(f"{contract.__name__} is answered with {answer.__name__}, not {_named(result)}")


def _named(result: Any) -> str:
    if isinstance(result, Sequence) and not isinstance(result, str):
        return "a list of " + (", ".join(sorted({type(item).__name__ for item in result})) or "nothing")
    return type(result).__name__


def _seconds_left(call: Call) -> float:
    left = (call.deadline - datetime.now(UTC)).total_seconds()
    if left <= 0:
        raise Refused(No.TOO_LATE, "deadline_had_passed", "deadline")
    return left
