"""How an operation is run: read at once, or done once under its Idempotency-Key."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.agency_api.domain.repeats import said
from services.agency_api.octo import problems, showing
from services.agency_api.octo.showing import Echo
from services.agency_api.site import answering, repeating
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.chassis.runtime import trace


@dataclass(frozen=True, slots=True)
class Done:
    """Something to be done, not begun yet, and what of the request is told back with its answer."""

    echo: Echo
    work: Coroutine[Any, Any, dict[str, Any]]


async def read(asking: Asking, work: Coroutine[Any, Any, Any]) -> Response:
    """Answer a read."""
    with trace.span(f"agency_api {_name(work)}"):
        return answering.answer(asking, await work)


async def done(asking: Asking, request: Request, what: Done) -> Response:
    """Do it, once for each Idempotency-Key."""
    with trace.span(f"agency_api {_name(what.work)}"):
        if request.headers.get("idempotency-key") is None:
            return answering.answer(asking, await what.work)
        return answering.answer(asking, showing.echoed(await once(asking, request, what.work), what.echo))


async def once(asking: Asking, request: Request, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """What comes of it, or came of it when it was asked under this Idempotency-Key before."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return await work
    try:
        if not repeating.KEY.fullmatch(key):
            raise problems.bad_request("Idempotency-Key: give 1 to 255 visible ASCII characters")
        heeded = f"{asking.url}{request.url.path} {sorted(asking.capabilities)} {asking.is_test}"
        whole = said(request.method, heeded, await request.body())
        kept: dict[str, Any] = await repeating.once(asking, key, whole, lambda: work)
    except repeating.OtherRequest:
        raise problems.unprocessable("Idempotency-Key: you have used it for another request") from None
    except repeating.InFlight:
        message = "The first request with this Idempotency-Key is not answered yet: ask again in a moment"
        raise OctoProblem("UNPROCESSABLE_ENTITY", message, HTTPStatus.CONFLICT, retry_after=1) from None
    finally:
        work.close()  # where it was answered before, it is not begun
    return kept


def _name(work: Coroutine[Any, Any, Any]) -> str:
    """The operation's own; a span holds nothing of what was asked."""
    return str(getattr(work, "__name__", "operation"))
