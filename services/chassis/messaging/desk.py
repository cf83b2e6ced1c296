"""Where edges of the same process ask a service: the bus between is spared, nothing else."""

from __future__ import annotations

import asyncio
import logging

from contracts.messages import Answer, Call
from contracts.refusals import No, refusal
from services.chassis.messaging.answering import Answered, Answering, not_let_in
from services.chassis.messaging.store import describe
from services.chassis.trust.speakers import Logins

log = logging.getLogger(__name__)


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
