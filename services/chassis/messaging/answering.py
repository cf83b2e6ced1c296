"""What a service answers when it is asked, whoever has brought the call: the bus, or an edge of the same process."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from contracts.messages import Answer, Asked, Call
from contracts.refusals import No, Refusal, refusal
from contracts.values import Value
from services.chassis.messaging.store import Handler, Store
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
