"""What a service answers when it is asked, whoever has brought the call: the bus, or an edge of the same process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from contracts.messages import Answer, Asked, Call
from contracts.refusals import No, Refusal, refusal
from contracts.values import Value
from services.chassis.messaging.store import Handler, Store, describe
from services.chassis.runtime.settings import Settings
from services.chassis.storage.failures import DatabaseUnavailable
from services.chassis.trust.speakers import Logins

log = logging.getLogger(__name__)
A = TypeVar("A", bound=Asked[Any])
Said = Awaitable[Value | Sequence[Value] | None]
Operation = Callable[[Store[Any], A, Settings], Said]
#: How one type of call is answered.
Answered = Callable[["Answering", Call], Coroutine[Any, Any, Answer]]


class Answering:
    """Answers on the loop; a database that is not there is a refusal: nothing was done."""

    def __init__(self, store: Store[Any], settings: Settings) -> None:
        self.store = store
        self.settings = settings

    async def command(self, call: Call, contract: type[Asked[Any]], handler: Handler) -> Answer:
        """Do a command once."""
        return await _or_unavailable(self.store.requests.answer(call, contract, handler))

    async def query(self, call: Call, contract: type[Asked[Any]], handler: Handler) -> Answer:
        """Answer a query."""
        return await _or_unavailable(self.store.requests.ask(call, contract, handler))

    async def operation(self, call: Call, contract: type[A], operation: Operation[A]) -> Answer:
        """Answer an operator of the system, outside of any use case."""

        async def operate(wanted: A) -> Any:
            return await operation(self.store.acted_by(call.principal), wanted, self.settings)

        return await _or_unavailable(self.store.requests.operate(call, contract, operate))


async def _or_unavailable(attempt: Awaitable[Answer]) -> Answer:
    try:
        return await attempt
    except DatabaseUnavailable:
        return Answer(refusal=refusal(No.UNAVAILABLE, "database_not_there"))


def not_let_in(logins: Logins, login: str, call: Call) -> Refusal | None:
    """Why a call of this login goes no further: it may not ask for whom, or as whom, it says."""
    if not logins.may_speak_for(login, call.principal):
        log.error("a call for whom its edge does not let in was refused", extra={"type": call.type})
        return refusal(No.NOT_ALLOWED, "edge_speaks_for_others", "principal")
    if not logins.is_of(login, call.caller):  # it would take command ids of the edge that it names
        log.error("a call in the name of another edge was refused", extra={"type": call.type})
        return refusal(No.NOT_ALLOWED, "edge_names_another", "caller")
    return None


class Desk:
    """Where edges of the same process ask one service, without the bus between: the same call, judged the same.

    Only where the bus is inside the process: there whoever is asked is here or nowhere.
    """

    #: The desks of this process, by bus and service.
    open: dict[tuple[str, str], Desk] = {}  # noqa: RUF012 - one of a process

    def __init__(self, answering: Answering, calls: dict[str, Answered], logins: Logins, at_once: int) -> None:
        self._answering, self._calls, self._logins = answering, calls, logins
        self._turns = asyncio.Semaphore(at_once)
        self._under_way: set[asyncio.Task[Answer]] = set()
        self._is_closed = False

    @classmethod
    def of(cls, bus: str, service: str) -> Desk | None:
        """The desk of a service of this process."""
        return cls.open.get((bus, service))

    async def ask(self, call: Call, login: str, seconds: float) -> Answer:
        """An answer in at most `seconds`; what has begun goes on, also when nobody waits for it any more."""
        if self._is_closed:
            return Answer(refusal=refusal(No.UNAVAILABLE, "service_not_there", service=self._name))
        if not self._logins.may_call(login):
            return Answer(refusal=refusal(No.NOT_ALLOWED, "only_an_edge_asks"))
        if refused := not_let_in(self._logins, login, call):
            return Answer(refusal=refused)
        if call.type not in self._calls:
            return Answer(refusal=refusal(No.UNKNOWN, "not_answered_here", "type", service=self._name, type=call.type))
        task = asyncio.create_task(self._answer(call))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait((task,), timeout=seconds)
        if task.done():
            return task.result()
        return Answer(
            refusal=refusal(No.NOT_KNOWN_YET, "no_answer_in_time", service=self._name, seconds=f"{seconds:g}")
        )

    async def close(self, seconds: float) -> None:
        """Take no more, and finish what is under way."""
        self._is_closed = True
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=seconds)

    @property
    def _name(self) -> str:
        return self._answering.store.database.service

    async def _answer(self, call: Call) -> Answer:
        try:
            async with self._turns:
                return await self._calls[call.type](self._answering, call)
        except Exception as problem:
            log.exception("a call broke", extra={"type": call.type, "error": describe(problem)})
            return Answer(refusal=refusal(No.NOT_KNOWN_YET, "something_broke"))
