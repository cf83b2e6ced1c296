"""How a service answers: a command once, under (caller, id); a question; an operator of the system."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from contracts.messages import Answer, Asked, Call
from contracts.mistakes import mistake
from contracts.refusals import No, Refusal, Refused, refusal
from contracts.values import Value
from services.chassis.messaging.transactions import Handler, Transactions, W, place, retry
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults, trace
from services.chassis.storage.failures import DatabaseUnavailable


class _InDoubt(Exception):
    """The database went away while it committed: whether it did is not known."""


class Calls(Transactions[W]):
    """Answers, kept so that the same command gets the same one. A refusal is a value, and nothing was done."""

    async def answer(self, call: Call, command: type[Asked], handler: Handler) -> Answer:
        """Do a command once; the same (caller, id) gets the same answer. Raises DatabaseUnavailable."""
        return await self._call(call, command, lambda: self._command(call, command, handler))

    async def ask(self, call: Call, query: type[Asked], handler: Handler) -> Answer:
        """Answer a question, in a read-only transaction. Raises DatabaseUnavailable."""

        async def look() -> Answer:
            async with self.work(call.acting or EVERYONE, readonly=True) as work:
                return Answer(result=_wire(await handler(query.read(call.data), work)))

        return await self._call(call, query, look)

    async def _call(self, call: Call, contract: type[Asked], attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        with trace.span(
            f"process {call.type}", SpanKind.SERVER, parent=call.traceparent, handoff__acting=call.acting
        ) as opened:
            try:
                _may_ask(call, contract)
                async with asyncio.timeout(_seconds_left(call)):
                    return await retry(attempt)
            except Refused as no:
                opened.set_attribute("handoff.outcome", no.refusal.code.value)
                return Answer(refusal=no.refusal)
            except ValidationError as problem:
                return Answer(refusal=invalid(problem))
            except TimeoutError:
                return Answer(refusal=refusal(No.NOT_KNOWN_YET, "took_too_long"))
            except _InDoubt:
                return Answer(refusal=refusal(No.NOT_KNOWN_YET, "in_doubt"))

    async def _command(self, call: Call, command: type[Asked], handler: Handler) -> Answer:
        """Do it and keep the answer in one commit. Raises DatabaseUnavailable (nothing was done) or _InDoubt."""
        committing = False
        try:
            async with self.database.connection() as connection, connection.transaction():
                answer = await self._answered(connection, call, command, handler)
                committing = True
            return answer
        except DatabaseUnavailable as problem:
            if committing:
                raise _InDoubt from problem
            raise

    async def _answered(
        self, connection: asyncpg.Connection, call: Call, command: type[Asked], handler: Handler
    ) -> Answer:
        wanted = command.read(call.data)
        asked = hashlib.sha256(json.dumps([call.acting, call.type, call.data], sort_keys=True).encode()).digest()
        row = await connection.fetchrow(CHASSIS["claim_answer"], call.acting or EVERYONE, call.caller, call.id, asked)
        if not row["fresh"]:
            before = await connection.fetchrow(CHASSIS["answered"], call.caller, call.id)
            if before["digest"] != asked:
                raise Refused(No.CONFLICT, "id_used_for_other", "id")
            return Answer(result=before["result"])
        work = self._work(connection, acting=call.acting or EVERYONE, now=row["now"])
        result = _wire(await handler(wanted, work))
        await connection.execute(CHASSIS["answer"], call.caller, call.id, result)
        await work.finish()
        _seconds_left(call)
        faults.point("before_commit", call.type)
        return Answer(result=result)

    async def operate(self, call: Call, contract: type[Asked], operation: Any, *about: Any) -> Answer:
        """Answer an operator of the system with what `operation(store, wanted, *about)` returns."""

        async def attempt() -> Answer:
            return Answer(result=_wire(await operation(self, contract.read(call.data), *about)))

        return await self._call(call, contract, attempt)


def _may_ask(call: Call, contract: type[Asked]) -> None:
    """Raises Refused when the contract is not for whoever asks."""
    if contract.asked_by == "operator" and call.acting is not None:
        raise Refused(No.NOT_ALLOWED, "only_operators_ask", "acting")
    if contract.asked_by == "community" and call.acting is None:
        raise Refused(No.INVALID, "say_for_whom", "acting")


def invalid(problem: ValidationError) -> Refusal:
    """The refusal that names the first wrong field."""
    first = problem.errors(include_input=False, include_url=False)[0]
    field = place(first["loc"])
    wrong = mistake(first)
    return refusal(No.INVALID, wrong.reason, field[:120], quote=f"{field}: {wrong.sentence}", **wrong.params)


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
        raise Refused(No.TOO_LATE, "deadline_had_passed", "deadline")
    return left
