"""Before any operation: which base URL and path are meant, and whose key it is. Works on ASGI messages alone.

`/octo/…` is the network, `/communities/<id>/octo/…` one community, `/v1/…` our own words beside OCTO's; a path may end
with a slash or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.agency_api.v1 import KeyScope
from services.agency_api.site import answering, bodies
from services.agency_api.site.asking import Asking, capabilities_of, language_of
from services.agency_api.site.deadline import in_time
from services.agency_api.site.freshness import freshness
from services.agency_api.site.limits import Limits, Refusing, address_of
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.remembering import Memory
from services.agency_api.site.signing_in import SignedIn, SigningIn
from services.agency_api.site.turns import Kind
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.storage.failures import DatabaseUnavailable

_BASE = re.compile(
    r"(?P<base>/communities/(?P<community>[a-z0-9-]{1,64})(?=/octo))?(?P<path>/(?P<room>octo|v1)(/.*)?)", re.DOTALL
)
_HAS_KEY = re.compile(r"bearer +\S", re.IGNORECASE)
#: What changes nothing.
_READING = re.compile(r"/octo/(availability(/calendar)?)|/v1/calendars")
#: What is done for a community, and not for the agency itself; and what is read for it, of parties and partners.
_HANDING_OVER = re.compile(r"/v1/(handoffs|communities/[^/]*/partners)(/.*)?", re.DOTALL)


@dataclass
class _Known:
    """How whoever is answered too late is told what is left to them: by their address, until their key is known."""

    telling: Callable[[Send], Send]


class Door:
    """Lets in who has a key, with an `Asking` in the request's state; others are answered by `refuse`."""

    def __init__(
        self, app: ASGIApp, parts: EdgeParts, signing_in: SigningIn, refuse: Refusing, memory: Memory | None = None
    ) -> None:
        self._app, self._parts, self._signing_in, self._refuse = app, parts, signing_in, refuse
        self._memory = memory or Memory()
        self._limits = Limits(parts.settings.agency_limit, refuse)
        self._freshness = freshness(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        meant = _BASE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if meant is None:
            await self._app(scope, receive, send)
            return

        known = _Known(lambda send: self._limits.telling_wrong_keys(address_of(scope), send))

        async def late(send: Send) -> None:
            await self._refuse(answering.away(), scope, receive, known.telling(send))

        await in_time(lambda send: self._serve(meant, known, scope, receive, send), late, send)

    async def _serve(self, meant: re.Match[str], known: _Known, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        wrong: OctoProblem | None = None
        try:  # first, so that a key is judged when what it is to open is there
            receive = await bodies.whole(headers, receive)
        except bodies.TooLarge:
            wrong = answering.too_large()
        signed_in = await self._signed_in(headers, scope, receive, send)
        if signed_in is None:
            return
        path = meant["path"].rstrip("/")
        need, kind = needed(scope["method"], path), kind_of(scope["method"], path)
        known.telling = lambda send: self._freshness.telling(self._limits.telling(kind, signed_in.prefix, send))
        if need not in signed_in.scopes:
            wrong = answering.does_not_open(need)
        elif headers.get("octo-env", "").strip().lower() not in ("", "live", "test"):
            wrong = wrong or answering.no_such_env()
        asking = self._asking(headers, scope, meant, signed_in)
        state = {**scope.get("state", {}), "asking": asking}
        inner = {**scope, "path": path, "raw_path": path.encode(), "state": state}
        await self._limits.serve(self._serving(wrong), kind, inner, receive, self._freshness.telling(send))

    def _serving(self, wrong: OctoProblem | None) -> ASGIApp:
        """Who answers: what is wrong with a request counts as one of the key's as well."""
        if wrong is None:
            return self._app

        async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
            await self._refuse(wrong, scope, receive, send)

        return refusing

    async def _signed_in(self, headers: Headers, scope: Scope, receive: Receive, send: Send) -> SignedIn | None:
        """Whose key it is; None once somebody without one was answered."""
        said, address = headers.get("authorization", ""), address_of(scope)
        send = self._limits.telling_wrong_keys(address, send)
        if not self._limits.may_try(address, said):
            await self._limits.too_many_wrong_keys(address, scope, receive, send)
            return None
        try:
            signed_in = await self._signing_in.agency_of(said)
        except DatabaseUnavailable:
            await self._refuse(answering.away(), scope, receive, send)
            return None
        if signed_in is not None:
            self._limits.opened(said)
            return signed_in
        if said:
            self._limits.failed(address, said)
        no = answering.forbidden() if _HAS_KEY.match(said) else answering.unauthorized()
        await self._refuse(no, scope, receive, send)
        return None

    def _asking(self, headers: Headers, scope: Scope, meant: re.Match[str], signed_in: SignedIn) -> Asking:
        base = f"{meant['base'] or ''}/{meant['room']}"
        return Asking(
            parts=self._parts,
            signed_in=signed_in,
            url=self._address(headers, scope) + base,
            community=meant["community"],
            capabilities=capabilities_of(headers.get("octo-capabilities") or _asked_for(scope)),
            language=language_of(headers.get("accept-language", "")),
            memory=self._memory,
            is_test=headers.get("octo-env", "").strip().lower() == "test",
            repeat_key=headers.get("idempotency-key"),
        )

    def _address(self, headers: Headers, scope: Scope) -> str:
        said = self._parts.settings.edge_urls.get("agency_api")
        return said or f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}"


def needed(method: str, path: str) -> KeyScope:
    """What a key has to be for."""
    return "hand-over" if _HANDING_OVER.fullmatch(path) else kind_of(method, path)


def kind_of(method: str, path: str) -> Kind:
    """What it counts as: reading, or what changes something."""
    return "read" if method in ("GET", "HEAD") or _READING.fullmatch(path) else "book"


def _asked_for(scope: Scope) -> str:
    """Capabilities in the query, as the standard also has them."""
    found = re.search(rb"(?:^|&)_capabilities=([A-Za-z0-9%2F/,_-]*)", scope.get("query_string", b""))
    return found[1].decode().replace("%2F", "/").replace("%2C", ",") if found else ""
