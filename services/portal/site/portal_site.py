"""The portal's HTTP side: every page behind the same checks, and what happens when a page cannot be answered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.messages import Asked
from contracts.refusals import No
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime import trace
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import OpenEnd, Refused
from services.client.phrases.catalogue import Phrases
from services.client.refusals import told
from services.portal.domain.accounts import Session
from services.portal.site import context, security
from services.portal.site.assets import Assets
from services.portal.site.context import PageContext
from services.portal.site.directory import Directory
from services.portal.site.public_book import PublicBook
from services.portal.site.public_site import COMPRESSED_FROM, PublicRoute
from services.portal.site.rendering import Renderer
from services.portal.site.sessions import Sessions

log = logging.getLogger(__name__)
#: A form with photos is the largest thing that is sent here.
MOST_BYTES = 8 * 1024 * 1024
MOST_FIELDS = 200
STATUS = {
    No.UNKNOWN: HTTPStatus.NOT_FOUND,
    No.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    No.NOT_PARTNERS: HTTPStatus.FORBIDDEN,
    No.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    No.NOT_KNOWN_YET: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class PageRoute:
    """One page or form. `asks` says who may open it: whoever may ask that; `anybody` needs no session."""

    method: Literal["GET", "POST"]
    path: str
    show: Callable[[PageContext], Awaitable[Response]]
    asks: type[Asked[Any]] | None = None
    anybody: bool = False


class PortalSite:
    """What all pages share, and the routes that lead to them."""

    def __init__(self, parts: EdgeParts) -> None:
        if parts.store is None:
            raise ValueError("the portal has no tables of its own here")
        self.rpc, self.settings, self.store = parts.rpc, parts.settings, parts.store
        self.assets = Assets()
        self.renderer = Renderer(self.assets)
        self.sessions = Sessions(self.store, self.settings)
        self.directory = Directory()
        self.book = PublicBook(self.rpc, self.directory)

    def routes(self, pages: Sequence[PageRoute], public: Sequence[PublicRoute] = ()) -> list[BaseRoute]:
        """All of it, as one application of its own, for it answers its own errors."""
        routes: list[BaseRoute] = [self.assets.route]
        routes += [Route(page.path, self._endpoint(page), methods=[page.method]) for page in pages]
        routes += [page.route(self) for page in public]
        handlers = {404: self._not_here, 405: self._not_here}
        app = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM)],
                        exception_handlers=handlers)  # fmt: skip
        from starlette.routing import Mount

        return [Mount("/", app)]

    def _endpoint(self, route: PageRoute) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            with trace.span(f"portal {route.method} {route.path}"):
                response = await self._answered(route, request)
            for name, value in security.HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    async def _answered(self, route: PageRoute, request: Request) -> Response:
        page = await self._opened(request)
        try:
            return await self._checked(route, page)
        except Refused as refused:
            return refusal_page(page, refused)
        except DatabaseUnavailable:
            return _away(page)
        except HTTPException as problem:
            return page.render("error.html", status=problem.status_code, what="gone")
        except Exception:
            log.exception("a page could not be made", extra={"route": route.path})
            return page.render("error.html", status=HTTPStatus.INTERNAL_SERVER_ERROR, what="ours")

    async def _opened(self, request: Request) -> PageContext:
        """Whose request it is. Without a database nobody is known, and the page says that it cannot be made now."""
        try:
            session, now = await self._session(request)
        except DatabaseUnavailable:
            session, now = None, context.machine_now()
        phrases = Phrases.of(context.language_of(request, session))
        secret = self.sessions.form_secret(request) or security.new_secret()
        return PageContext(self, request, phrases, now, session, form_secret=secret)

    async def _session(self, request: Request) -> tuple[Session | None, datetime]:
        secret = security.read(request.cookies.get(self.sessions.cookie, ""))
        async with self.store.work(EVERYONE) as work:
            return (await work.session_of(security.digest(secret)) if secret else None), work.now

    async def _checked(self, route: PageRoute, page: PageContext) -> Response:
        if route.method == "POST" and (refused := await self._form(route, page)):
            return refused
        if page.session is None and not route.anybody:
            return page.redirect("/signin")
        if route.asks is not None and page.session is not None and not page.may(route.asks):
            return page.render("error.html", status=HTTPStatus.FORBIDDEN, what="role")
        response = await route.show(page)
        if page.session is None:
            self.sessions.keep_form_secret(response, page.form_secret)
        return response

    async def _form(self, route: PageRoute, page: PageContext) -> Response | None:
        """Read the form; the answer when it is not from a page of ours, or too large."""
        if int(page.request.headers.get("content-length") or 0) > MOST_BYTES:
            return page.render("error.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what="large")
        page.data = FormData(await page.request.form(max_fields=MOST_FIELDS, max_part_size=MOST_BYTES))
        token = str(page.data.get("csrf") or page.request.headers.get("handoff-form", ""))
        secret = page.session.forms if page.session else self.sessions.form_secret(page.request)
        if secret and security.is_form_token(token, secret) and security.is_from_here(page.request):
            return None
        if page.session is None and not route.anybody:
            return page.redirect("/signin")
        return page.render("error.html", status=HTTPStatus.FORBIDDEN, what="form")

    async def _not_here(self, request: Request, _: Exception) -> Response:
        page = await self._opened(request)
        return page.render("error.html", status=HTTPStatus.NOT_FOUND, what="gone")


def refusal_page(page: PageContext, refused: Refused) -> Response:
    """What is so now, and what to do; nothing was done, or it is not known yet."""
    if isinstance(refused, OpenEnd):
        return _away(page)
    status = STATUS.get(refused.code, HTTPStatus.CONFLICT)
    if refused.code is No.UNKNOWN:
        return page.render("error.html", status=status, what="gone")
    return page.render("error.html", status=status, what="refused", why=told(page.phrases, refused.refusal))


def _away(page: PageContext) -> Response:
    response = page.render("error.html", status=HTTPStatus.SERVICE_UNAVAILABLE, what="away")
    response.headers["Retry-After"] = "5"
    return response
