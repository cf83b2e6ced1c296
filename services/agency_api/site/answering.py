"""Turns what operations return or raise into answers of HTTP, in OCTO's words."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.agency_api.v1 import KeyScope
from services.agency_api.site import bodies
from services.agency_api.site.asking import Asking, echoed
from services.agency_api.site.problem import OctoProblem
from services.chassis.storage.failures import DatabaseUnavailable

log = logging.getLogger(__name__)
_KEPT: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(asking: Asking, body: Any, status: int = 200) -> Response:
    """An answer, with the headers that say what was heeded."""
    return _json(body, status, echoed(asking))


def in_pieces(asking: Asking, pieces: AsyncIterator[bytes]) -> Response:
    """The same of a text that is too long to be held at once."""
    return StreamingResponse(pieces, headers={**_KEPT, **echoed(asking)}, media_type="application/json")


def problem(found: OctoProblem, asking: Asking | None = None) -> Response:
    """An error of OCTO."""
    headers = dict(echoed(asking)) if asking else {}
    if found.retry_after is not None:
        headers["Retry-After"] = str(found.retry_after)
    if found.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _json(found.problem.model_dump(by_alias=True, exclude_none=True), found.status, headers)


def _json(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, {**_KEPT, **headers}, media_type="application/json")


def answers_problems(app: FastAPI) -> None:
    """Every way in which a request can fail is an error of OCTO, and none quotes what was sent."""
    app.add_exception_handler(OctoProblem, _octo)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(DatabaseUnavailable, _away)
    app.add_exception_handler(HTTPException, _no_such_path)
    app.add_middleware(Failing)


async def refuse(found: OctoProblem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whoever is not let in."""
    asking = scope.get("state", {}).get("asking")
    await problem(found, asking)(scope, receive, send)


def unauthorized() -> OctoProblem:
    """No key came with it."""
    message = "Give your key in the header Authorization, as: Bearer prefix.secret"
    return OctoProblem("UNAUTHORIZED", message, HTTPStatus.UNAUTHORIZED)


def forbidden() -> OctoProblem:
    """The key opens nothing."""
    message = "This key is unknown, revoked or over: ask the operator of the system for another"
    return OctoProblem("FORBIDDEN", message, HTTPStatus.FORBIDDEN)


def does_not_open(need: KeyScope) -> OctoProblem:
    """The key is for less."""
    message = "This key only reads: to book, ask the operator of the system for one with the scope book"
    if need == "hand-over":
        message = "This key hands nobody over: ask the operator of the system for one with the scope hand-over"
    return OctoProblem("FORBIDDEN", message, HTTPStatus.FORBIDDEN)


def no_such_env() -> OctoProblem:
    """A slip in this header would book for real."""
    return OctoProblem("BAD_REQUEST", "Octo-Env: say test or live, or leave it out")


def too_large() -> OctoProblem:
    """More was sent than any operation takes."""
    message = "The body is larger than any operation takes: 256 KB"
    return OctoProblem("BAD_REQUEST", message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _asking(request: Request) -> Asking | None:
    return getattr(request.state, "asking", None)


async def _octo(request: Request, found: Exception) -> Response:
    assert isinstance(found, OctoProblem)
    return problem(found, _asking(request))


async def _unreadable(request: Request, found: Exception) -> Response:
    assert isinstance(found, RequestValidationError)
    errors = found.errors()
    if bodies.is_untyped(request.headers) and any(each["loc"] == ("body",) for each in errors):
        return problem(OctoProblem("BAD_REQUEST", f"Content-Type: {bodies.SEND_JSON}"), _asking(request))
    said = "; ".join(_said(each) for each in errors[:5])
    return problem(OctoProblem("BAD_REQUEST", said or "The body cannot be read"), _asking(request))


def _said(error: Mapping[str, Any]) -> str:
    """The field and what is wrong, never what was sent."""
    where: Sequence[Any] = [part for part in error["loc"] if part not in ("body", "query", "path")]
    if error["type"] == "json_invalid":
        return f"The body is not JSON, at sign {where[0]}" if where else "The body is not JSON"
    field = ".".join(str(part) if isinstance(part, int) or part.isidentifier() else "?" for part in where[:6])
    return f"{field or 'body'}: {_wrong(error)}"


def _wrong(error: Mapping[str, Any]) -> str:
    """What is wrong with a field, with the limit or an example of what would do."""
    about = error.get("ctx", {})
    if found := EXAMPLES.get(about.get("pattern", "")):
        return found
    return WORDS.get(error["type"], "is not as the operation says: see /openapi.json").format_map(about)


#: pydantic's kinds of errors, in words that say what to do.
WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "has to be text",
    "string_too_long": "has at most {max_length} signs",
    "too_long": "has at most {max_length} entries",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "greater_than_equal": "has to be {ge} or more",
    "less_than_equal": "has to be {le} or less",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "date_type": "has to be a date, such as 2027-01-14",
    "date_parsing": "has to be a date, such as 2027-01-14",
    "date_from_datetime_parsing": "has to be a date, such as 2027-01-14",
    "date_from_datetime_inexact": "has to be a date, such as 2027-01-14",
    "list_type": "has to be a list",
    "tuple_type": "has to be a list",
    "model_attributes_type": "has to be an object",
    "dict_type": "has to be an object",
    "string_pattern_mismatch": "has signs that cannot be kept: send printed text",
}
#: Pattern that is not met → the same with an example.
EXAMPLES: Mapping[str, str] = {
    bodies.EMAIL: "has to be an e-mail address, such as anna@example.com",
}


async def _away(request: Request, _: Exception) -> Response:
    return problem(away(), _asking(request))


def away(seconds: int = 2) -> OctoProblem:
    """A part of the node does not answer: nothing is half done, the same may be asked again."""
    message = "This cannot be answered right now. Ask again with the same uuid: it is done once"
    return OctoProblem("INTERNAL_SERVER_ERROR", message, HTTPStatus.SERVICE_UNAVAILABLE, retry_after=seconds)


async def _no_such_path(request: Request, found: Exception) -> Response:
    assert isinstance(found, HTTPException)
    if found.status_code == HTTPStatus.BAD_REQUEST:
        return problem(OctoProblem("BAD_REQUEST", "The body is not JSON in UTF-8"), _asking(request))
    if found.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = "This path is not asked that way: see /openapi.json"
        response = problem(OctoProblem("BAD_REQUEST", message, HTTPStatus.METHOD_NOT_ALLOWED), _asking(request))
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
        return response
    status = HTTPStatus(found.status_code)
    return problem(OctoProblem("NOT_FOUND", "There is no such path: see /openapi.json", status), _asking(request))


def _methods(request: Request) -> set[str]:
    """How a path may be asked; several routes stand on one path."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    fitting = [route for route in routes if route.matches({**request.scope, "method": "?"})[0] is not Match.NONE]
    return {method for route in fitting for method in route.methods or ()}


class Failing:
    """Whatever no other handler knows: noted, and answered as an error of ours, if nothing was answered yet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_answered = False

        async def noting(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            log.exception("an operation failed", extra={"service": "agency_api"})
            if not is_answered:
                await problem(ours())(scope, receive, send)


def ours() -> OctoProblem:
    """Something is wrong on our side."""
    message = "Something is wrong on our side; it was noted. Ask again later with the same uuid"
    return OctoProblem("INTERNAL_SERVER_ERROR", message, HTTPStatus.INTERNAL_SERVER_ERROR)
