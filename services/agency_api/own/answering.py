"""Answers of our own: tagged where they are read, by pages where they are long, problems where there is no answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from services.agency_api.own import paging, problems
from services.agency_api.own.etags import etag, matches
from services.agency_api.own.paging import Page, Place
from services.agency_api.own.problems import METHOD, NOT_FOUND, Failed
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.chassis.runtime import trace
from services.client.phrases.catalogue import Phrases

_ALWAYS = {"X-Content-Type-Options": "nosniff", "Vary": "Authorization, Accept-Language"}
PROBLEM = "application/problem+json"


def read(request: Request, asking: Asking, body: Any) -> Response:
    """An answer with its tag; nothing but the tag for whoever has it already."""
    text = _json(body)
    tag = etag(text)
    headers = {**_ALWAYS, "ETag": tag, "Cache-Control": "private, no-cache", "Content-Language": asking.language}
    if isinstance(body, dict) and body.get("next"):
        headers["Link"] = f'<{body["next"]}>; rel="next"'
    if matches(request.headers.get("if-none-match"), tag):
        return Response(None, 304, headers)
    return Response(text, 200, headers, media_type="application/json")


def told(asking: Asking, body: Any) -> Response:
    """An answer to a POST."""
    headers = {**_ALWAYS, "Cache-Control": "no-store", "Content-Language": asking.language}
    return Response(_json(body), 200, headers, media_type="application/json")


def problem(found: Failed) -> Response:
    """A problem of RFC 9457."""
    body = found.problem.model_dump(exclude_none=True)
    headers = {**_ALWAYS, "Cache-Control": "no-store", **found.headers}
    return Response(_json(body), found.kind.status, headers, media_type=PROBLEM)


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def place_of(request: Request, asked: BaseModel, like: Place) -> Place | None:
    """Behind which place the page begins; None for the first. Raises BadCursor."""
    text: str | None = asked.model_dump()["cursor"]
    return None if text is None else paging.place(_about(request, asked), text, like)


def page(request: Request, asking: Asking, asked: BaseModel, found: Page) -> Response:
    """A page, with the way to the next one in its body and in its header `Link`."""
    address = None
    if found.after is not None:
        said = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        query = urlencode([*said, ("cursor", paging.cursor(_about(request, asked), found.after))])
        address = f"{asking.url}{request.url.path.removeprefix('/v1')}?{query}"
    return read(request, asking, {"items": [each.wire() for each in found.items], "next": address})


def _about(request: Request, asked: BaseModel) -> str:
    return paging.question(request.url.path, asked.model_dump(mode="json", exclude={"cursor", "limit"}))


class OwnRoute(APIRoute):
    """A route whose every failure is answered as a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what it raises turned into an answer."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                with trace.span(f"agency_api {self.name}"):
                    return await handle(request)
            except Exception as found:  # noqa: BLE001 - whatever it is, it is answered here, and noted if unexpected
                unread = problems.untyped(found, request.headers)
                return problem(unread or problems.failure(found, _phrases(request)))

        return handled


def _phrases(request: Request) -> Phrases:
    asking: Asking | None = getattr(request.state, "asking", None)
    return asking.phrases if asking else Phrases.of("en")


async def refuse(found: OctoProblem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whoever is not let in."""
    await problem(problems.at_the_door(found))(scope, receive, send)


class NoSuchPath:
    """Whatever else is asked under `/v1`: a path that there is not, or a method that a path has not."""

    def __init__(self, known: Callable[[], list[Any]]) -> None:
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        allowed = sorted({method for route in self._known() for method in _methods(route, scope)})
        found = Failed(NOT_FOUND, "There is no such path: see /openapi.json")
        if allowed:
            found = Failed(METHOD, f"Ask it with {', '.join(allowed)}", headers={"Allow": ", ".join(allowed)})
        await problem(found)(scope, receive, send)


def _methods(route: Any, scope: Scope) -> Mapping[str, None] | set[str]:
    """The methods of a route that has this path."""
    if not isinstance(route, Route) or isinstance(route.endpoint, NoSuchPath):
        return set()
    return (route.methods or set()) if route.matches(scope)[0] is not Match.NONE else set()
