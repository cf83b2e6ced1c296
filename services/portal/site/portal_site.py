"""The portal's HTTP side: every page behind the same checks, and what happens when a page cannot be answered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from contracts import refusals
from contracts.messages import Asked, message_types
from contracts.refusals import No
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime import trace
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import OpenEnd, Refused, refused
from services.client.phrases.catalogue import Phrases
from services.client.refusals import told
from services.portal.domain.accounts import Session
from services.portal.site import bodies, context, phone, security
from services.portal.site.assets import Assets
from services.portal.site.context import PageContext
from services.portal.site.directory import Directory
from services.portal.site.public_book import PublicBook
from services.portal.site.public_site import COMPRESSED_FROM, PublicRoute
from services.portal.site.rendering import Renderer
from services.portal.site.sessions import Sessions

log = logging.getLogger(__name__)
STATUS = {
    No.UNKNOWN: HTTPStatus.NOT_FOUND,
    No.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    No.NOT_PARTNERS: HTTPStatus.FORBIDDEN,
    No.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    No.NOT_KNOWN_YET: HTTPStatus.SERVICE_UNAVAILABLE,
}
#: The names of everything that can be asked.
ASKED = {contract.__name__ for contract in message_types().values() if issubclass(contract, Asked)}


@dataclass(frozen=True)
class PageRoute:
    """One page or form. `asks` says who may open it: whoever may ask that; `anybody` needs no session.

    Without either it is for every member who is signed in. `whose`: an operator of the system acts for no community and
    opens none of their pages, a member none of an operator's.
    A `public` one is the same for all: it neither says nor keeps who looks.
    """

    method: Literal["GET", "POST"]
    path: str
    show: Callable[[PageContext], Awaitable[Response]]
    asks: type[Asked[Any]] | None = None
    anybody: bool = False
    whose: Literal["members", "operators", "both"] = "members"
    #: So much may be sent to it; a form with photos says `bodies.PHOTOS`.
    most_bytes: int = bodies.WORDS
    public: bool = False


class PortalSite:
    """What all pages share, and the routes that lead to them."""

    def __init__(self, parts: EdgeParts) -> None:
        if parts.store is None:
            raise ValueError("the portal has no tables of its own here")
        self.rpc, self.settings, self.store = parts.rpc, parts.settings, parts.store
        self.url = parts.settings.edge_urls.get("portal", "")
        self.assets = Assets()
        self.renderer = Renderer(self.assets)
        self.sessions = Sessions(self.store, self.settings)
        self.directory = Directory()
        self.book = PublicBook(self.rpc, self.directory)

    def routes(self, pages: Sequence[PageRoute], public: Sequence[PublicRoute] = ()) -> list[BaseRoute]:
        """All of it, as one application of its own, for it answers its own errors."""
        routes: list[BaseRoute] = [*self.assets.routes]
        routes += [Route(page.path, self._endpoint(page), methods=[page.method]) for page in pages]
        routes += [page.route(self) for page in public]
        handlers = {404: self._not_here, 405: self._not_here}
        middleware = [
            Middleware(security.Headers, safe=self.sessions.is_safe),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM),
        ]
        return [Mount("/", Starlette(routes=routes, middleware=middleware, exception_handlers=handlers))]

    def address(self, request: Request) -> str:
        """What links to this site begin with."""
        return security.address(request, self.url)

    def _endpoint(self, route: PageRoute) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            with trace.span(f"portal {route.method} {route.path}"):
                page = await self._opened(bodies.limited(request, route.most_bytes))
                return headed(await self._answered(route, page), page, is_public=route.public)

        return answer

    async def _answered(self, route: PageRoute, page: PageContext) -> Response:
        try:
            return await self._checked(route, page)
        except Refused as no:
            return refusal_page(page, no)
        except refusals.Refused as no:  # by a use case of our own tables
            return refusal_page(page, refused(no.refusal))
        except DatabaseUnavailable:
            return _away(page)
        except bodies.TooLarge:
            return page.render("error.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what="large")
        except HTTPException as problem:
            return page.render("error.html", status=problem.status_code, what="gone")
        except Exception as problem:
            if isinstance(problem, ValidationError) and problem.title in ASKED:
                return page.gone()  # what an address says and no contract takes
            log.exception("a page could not be made", extra={"route": route.path})
            return page.render("error.html", status=HTTPStatus.INTERNAL_SERVER_ERROR, what="ours")
        finally:
            await page.data.close()

    async def _opened(self, request: Request) -> PageContext:
        """Whose request it is. Without a database nobody is known, and the page says that it cannot be made now."""
        is_known = True
        try:
            session, now = await self._session(request)
        except DatabaseUnavailable:
            session, now, is_known = None, context.machine_now(), False
        phrases = Phrases.of(context.language_of(request, session))
        secret = self.sessions.form_secret(request) or security.new_secret()
        return PageContext(self, request, phrases, now, session, form_secret=secret, is_known=is_known)

    async def _session(self, request: Request) -> tuple[Session | None, datetime]:
        secret = self.sessions.secret(request)
        async with self.store.work(EVERYONE) as work:
            return (await work.session_of(security.digest(secret)) if secret else None), work.now

    async def _checked(self, route: PageRoute, page: PageContext) -> Response:
        """Who may not open a page is turned away before anything that they send is read."""
        if not page.is_known and not route.anybody:
            return _away(page)
        if page.session is None and not route.anybody:
            return page.redirect("/signin")
        if (elsewhere := _elsewhere(route, page)) is not None:
            return elsewhere
        if route.asks is not None and page.session is not None and not page.may(route.asks):
            return page.render("error.html", status=HTTPStatus.FORBIDDEN, what="role")
        if route.method == "POST" and not await self._is_ours(route, page):
            return page.render("error.html", status=HTTPStatus.FORBIDDEN, what="form")
        response = await route.show(page)
        if page.session is None and not route.public:
            self.sessions.keep_form_secret(response, page.form_secret)
        return response

    async def _is_ours(self, route: PageRoute, page: PageContext) -> bool:
        """Read the form; whether it is from a page of ours. Raises bodies.TooLarge."""
        secret = page.session.forms if page.session else self.sessions.form_secret(page.request)
        if not secret or not security.is_from_here(page.request, self.url):
            return False
        try:
            page.data = await bodies.form(page.request, route.most_bytes)
        except bodies.Unreadable:
            return False
        token = str(page.data.get("csrf") or page.request.headers.get("x-csrf-token", ""))
        return security.is_form_token(token, secret)

    async def _not_here(self, request: Request, _: Exception) -> Response:
        page = await self._opened(request)
        return headed(page.gone(), page)


def _elsewhere(route: PageRoute, page: PageContext) -> Response | None:
    """What whoever has no business on a page is answered. An operator sets the second step before anything else."""
    if page.session is None or route.anybody or route.whose == "both":
        return None
    if page.operates is not (route.whose == "operators"):
        return page.gone()
    return page.redirect("/account/second") if page.operates and not page.session.second else None


def headed(response: Response, page: PageContext, *, is_public: bool = False) -> Response:
    """With what every answer says to the phone: whose it is, as far as that is known."""
    if page.is_known and not is_public:
        phone.mark(response, page.session)
    return response


def refusal_page(page: PageContext, no: Refused) -> Response:
    """What is so now, and what to do; nothing was done, or it is not known yet."""
    if isinstance(no, OpenEnd):
        return _away(page)
    status = STATUS.get(no.code, HTTPStatus.CONFLICT)
    if no.code is No.UNKNOWN:
        return page.render("error.html", status=status, what="gone")
    return page.render("error.html", status=status, what="refused", why=told(page.phrases, no.refusal))


def _away(page: PageContext) -> Response:
    response = page.render("error.html", status=HTTPStatus.SERVICE_UNAVAILABLE, what="away")
    response.headers["Retry-After"] = "5"
    return response
