"""What one request has: who is signed in, their language, what they may ask, and how a page is answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts.messages import Asked, Several
from contracts.node.v1 import OF_THE_NODE
from contracts.permissions import forbids
from contracts.referral.v1 import OfferHandoff
from contracts.values import Value
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.client.bus import BusClient
from services.client.phrases.catalogue import LANGUAGES, Phrases
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import Session
from services.portal.site import forms, phone, security
from services.portal.site.directory import Known
from services.portal.site.forms import F, Filled

if TYPE_CHECKING:
    from services.portal.site.portal_site import PortalSite

R = TypeVar("R", bound=Value)
V = TypeVar("V", bound=Value)
#: The cookie with the language of somebody who is not signed in.
LANGUAGE_COOKIE = "handoff-language"
#: The cookie with light or dark, as it was chosen on this phone.
THEME_COOKIE, THEMES = "handoff-theme", ("light", "dark")
#: Namespace of the command ids that one form makes when it asks for several things.
_OF_FORM = uuid.UUID("6f0f7f0e-9f0b-4c57-9d55-5b0a5f0f2a10")


@dataclass
class PageContext:
    """One request. Pages get it as `page`, and answer with what its methods return."""

    site: PortalSite
    request: Request
    phrases: Phrases
    now: datetime
    session: Session | None = None
    data: FormData = field(default_factory=FormData)
    #: The secret of a signed-out phone's forms, to be kept by it when it is new.
    form_secret: bytes = b""
    #: False when nobody could say whose request it is.
    is_known: bool = True

    @property
    def signed_in(self) -> Session:
        """The session; only on pages that ask for one."""
        assert self.session is not None
        return self.session

    @property
    def community(self) -> str:
        """For which community somebody is signed in; only on pages for members."""
        assert self.signed_in.community is not None
        return self.signed_in.community

    @property
    def operates(self) -> bool:
        """Whether an operator of the system is signed in, who acts for no community."""
        return self.session is not None and self.session.community is None

    @property
    def home(self) -> str:
        """Where whoever is signed in begins."""
        return "/node" if self.operates else "/today"

    @property
    def chain(self) -> str:
        """In whose audit stands what somebody does of their own account."""
        return self.signed_in.community or OF_THE_NODE

    @property
    def client(self) -> BusClient:
        """Asks the services on behalf of whoever is signed in."""
        return BusClient(self.site.rpc, "portal", self.signed_in.principal, self.signed_in.community)

    def work(self) -> AbstractAsyncContextManager[PortalUnitOfWork]:
        """A transaction on the portal's own tables; the audit names whoever is signed in."""
        return self.site.store.acted_by(self.session.principal if self.session else None).work(EVERYONE)

    @property
    def opaque(self) -> str:
        """What tells this session from others and opens none."""
        return phone.opaque(self.signed_in)

    @property
    def made_at(self) -> datetime | None:
        """When the phone was tapped, if what it asks could not be sent at once."""
        return phone.made_at(self.request.headers.get(phone.MADE_AT), self.now - machine_now())

    @property
    def form_id(self) -> str | None:
        """The id that the form carries: a form that is sent twice is done once."""
        given = str(self.data.get("id", ""))
        try:
            return str(uuid.UUID(given))
        except ValueError:
            return None

    def may(self, asked: type[Asked[Any]]) -> bool:
        """Whether whoever is signed in may ask this: what they may not is not shown to them."""
        return forbids(self.signed_in.principal, self.signed_in.community, asked.type) is None

    @property
    def may_send(self) -> bool:
        """Whether the menu leads to where a party is offered."""
        return self.may(OfferHandoff)

    async def ask(self, asked: Asked[R], part: str = "") -> R:
        """Ask a service. A command gets the form's id, and with `part` one of its own when a form asks several.

        Raises Refused, which is answered with a page that says what is so now and what to do.
        """
        command_id = self.form_id
        if command_id and part:
            command_id = part_of(command_id, part)
        return await self.client.send(asked, command_id=command_id)

    async def list(self, asked: Asked[Several[V]]) -> tuple[V, ...]:
        """The entries of an answer that is a list."""
        return (await self.ask(asked)).items

    async def known(self) -> Known:
        """Names and offers that the community knows."""
        return await self.site.directory.known(self.client)

    def read(self, model: type[F], phrases: Phrases | None = None) -> Filled[F]:
        """What the form says, or what is wrong with it, in words of whoever fills it in."""
        return forms.filled(model, self.data, phrases or self.phrases)

    # answers

    def render(
        self,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        live: bool = False,
        keep: date | None = None,
        phrases: Phrases | None = None,
        **values: Any,
    ) -> Response:
        """A page. `live` lets a phone ask whether it has changed; `phrases` when a traveller reads it.

        `keep` is the last day on which the phone may show its copy where there is no signal: the last of the visit that
        the page tells of. Never given for what is known of a person.
        """
        secret = self.session.forms if self.session else self.form_secret
        token = _Once(secret)
        reader = phrases or self.phrases
        marks = {"page": self, "reader": reader, "csrf": token, "form_id": new_id, "wrong": {}, "typed": {}} | values
        text = self.site.renderer.render(template, reader, marks)
        headers = {"Cache-Control": "no-store", **phone.kept_through(keep)}
        if live:
            headers["ETag"] = phone.tag(token.taken_out(text))
            if self.request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(text, status, headers)

    def gone(self) -> Response:
        """There is no such page, or it is another's: nobody is told which."""
        return self.render("error.html", status=HTTPStatus.NOT_FOUND, what="gone")

    def redirect(self, path: str) -> Response:
        """Where to go on after a form."""
        return RedirectResponse(path, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})

    @property
    def theme(self) -> str:
        """Light or dark as somebody chose on this phone; empty: as the phone itself is."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def place(self) -> str:
        """From where the request comes, as tries are counted."""
        return security.network(self.request.client.host if self.request.client else "")

    @property
    def path(self) -> str:
        """Where this page is, with what was asked of it."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")


class _Once:
    """The form token of one page, made when it is first needed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._token = ""

    def __str__(self) -> str:
        self._token = self._token or security.form_token(self._secret)
        return self._token

    def taken_out(self, text: str) -> str:
        """The page without what differs at every look."""
        return text.replace(self._token, "") if self._token else text


def language_of(request: Request, session: Session | None) -> str:
    """What whoever looks reads: as they chose, else as their browser says first, else English."""
    chosen = session.language if session else request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").lower().split(","):
        if wanted.strip()[:2] in LANGUAGES:
            return wanted.strip()[:2]
    return "en"


def part_of(command_id: str, part: str) -> str:
    """The id of one of the commands that are asked under one id."""
    return str(uuid.uuid5(_OF_FORM, f"{command_id}/{part}"))


def machine_now() -> datetime:
    """The machine's time, for pages of which the node's is not asked."""
    return datetime.now(UTC)


def typed(values: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """What a form shows again: what was typed, over what it would show."""
    return {**others, **values}
