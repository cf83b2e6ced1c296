"""Pages for everybody: the same for all who look, so that they can be kept anywhere. No cookie is read or set."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis.runtime import trace
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import Refused
from services.client.phrases.catalogue import LANGUAGES, Language, Phrases
from services.portal.site import bodies, context, security
from services.portal.site.context import PageContext

if TYPE_CHECKING:
    from services.portal.site.portal_site import PortalSite

log = logging.getLogger(__name__)
#: A minute, and while it is fetched anew the old one for five.
SHORT = "public, max-age=60, stale-while-revalidate=300"
#: What is smaller is sent as it is.
COMPRESSED_FROM = 600
#: Words of a stranger, and a few fields around them.
MOST_BYTES = 16 * 1024
Show = Callable[[PageContext], Awaitable[Response]]


@dataclass(frozen=True)
class PublicRoute:
    """A page or form for everybody."""

    method: Literal["GET", "POST"]
    path: str
    show: Show
    language: Language = "en"

    def route(self, site: PortalSite) -> Route:
        """Where it is."""

        async def answer(request: Request) -> Response:
            with trace.span(f"portal {self.method} {self.path}"):
                return await self._answered(site, bodies.limited(request, MOST_BYTES))

        return Route(self.path, answer, methods=[self.method])

    async def _answered(self, site: PortalSite, request: Request) -> Response:
        page = PageContext(site, request, Phrases.of(self.language), context.machine_now())
        try:
            if self.method == "POST":
                page.data = await _form(site, request)
            return await self.show(page)
        except (Refused, DatabaseUnavailable):
            response = page.render("public_error.html", status=HTTPStatus.SERVICE_UNAVAILABLE, what="away")
            response.headers["Retry-After"] = "5"
            return response
        except (_Unread, security.NoHost):
            return page.render("public_error.html", status=HTTPStatus.BAD_REQUEST, what="form")
        except Exception:
            log.exception("a public page could not be made", extra={"route": self.path})
            return page.render("public_error.html", status=HTTPStatus.INTERNAL_SERVER_ERROR, what="ours")


class _Unread(Exception):
    """What was sent is no form of these pages."""


async def _form(site: PortalSite, request: Request) -> FormData:
    """A small form of one of our pages. Raises _Unread."""
    if not security.is_from_here(request, site.url):
        raise _Unread
    try:
        return await bodies.form(request, MOST_BYTES)
    except (bodies.Unreadable, bodies.TooLarge) as problem:
        raise _Unread from problem


def in_each_language(path: str, show: Show, method: Literal["GET", "POST"] = "GET") -> tuple[PublicRoute, ...]:
    """The same page below `/th`, `/lo` and `/en`, and below nothing else."""
    return tuple(PublicRoute(method, f"/{language}{path}", show, language) for language in LANGUAGES)


def gone(page: PageContext) -> Response:
    """There is no such page, or it is not shown: nobody is told which."""
    return page.render("public_error.html", status=HTTPStatus.NOT_FOUND, what="gone")


def for_everybody(page: PageContext, response: Response, cache: str = SHORT) -> Response:
    """The answer as it may be kept; only that it is as before, to who has it."""
    # Weak: compressed or not, it says the same.
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:20]}"'
    headers = {"Cache-Control": cache, "ETag": tag}
    if tag in page.request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers | {"Vary": "Accept-Encoding"})
    if len(response.body) < COMPRESSED_FROM:
        headers["Vary"] = "Accept-Encoding"  # what compresses says it of larger ones
    response.headers.update(headers)
    return response


def address(page: PageContext) -> str:
    """What addresses of this site begin with, as others reach it."""
    return page.site.address(page.request).rstrip("/")
