"""What keeps a page from being used by others: headers, tokens of forms, where a request comes from."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Everything from this site; nothing inline, nothing from elsewhere, in nobody's frame.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "base-uri 'none'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "media-src 'self' blob:",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    #: With none at all, browsers would not say either from which site a form comes.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: Of every answer when phones reach the portal by https: never by anything else for a year.
SAFE_HEADERS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}
SECRET_BYTES = 32
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


class Headers:
    """Every answer gets these, unless it says otherwise; what says nothing about it is kept nowhere."""

    def __init__(self, app: ASGIApp, *, safe: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, **(SAFE_HEADERS if safe else {}), "Cache-Control": "no-store"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent)


def new_secret() -> bytes:
    """A secret for a session or for the forms of one."""
    return secrets.token_bytes(SECRET_BYTES)


def digest(secret: bytes) -> bytes:
    """What is kept of a session's secret."""
    return hashlib.sha256(secret).digest()


def written(secret: bytes) -> str:
    """As it stands in a cookie."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def read(text: str) -> bytes | None:
    """What a cookie or token says; None when it is none of ours."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None


def form_token(secret: bytes) -> str:
    """A token for one page. It never reads the same twice, so that compressing a page gives none of it away."""
    pad = secrets.token_bytes(len(secret))
    return written(pad + _mixed(pad, secret))


def is_form_token(token: str, secret: bytes) -> bool:
    """Whether a token was made with this secret."""
    given = read(token) or b""
    pad, mixed = given[: len(secret)], given[len(secret) :]
    return len(pad) == len(mixed) and hmac.compare_digest(_mixed(pad, mixed), secret)


def is_from_here(request: Request, url: str = "") -> bool:
    """Whether a form was sent from a page of this site, as far as the browser says; `url` is how others reach it.

    A browser says where from in `Sec-Fetch-Site`, or, by plain http to another machine, in `Origin` alone.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    here = {request.headers.get("host"), urlsplit(url).netloc} - {"", None}
    return origin is None or urlsplit(origin).netloc in here


class NoHost(ValueError):
    """The request names no host."""


def address(request: Request, url: str) -> str:
    """What links to this site begin with: as it was set up, else as this browser has found it. Raises NoHost."""
    if url:
        return url
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise NoHost("the request names no host")
    return f"http://{host}"


def own_path(text: str) -> str:
    """A path of this site to go on to; `/` for what is or might become another's."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    plain = text.isascii() and text.isprintable() and "\\" not in text and not parts.scheme and not parts.netloc
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"


def network(address: str) -> str:
    """What counts as one place: an address, or the network that one subscriber has of the longer kind."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


def _mixed(pad: bytes, secret: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, secret, strict=True))
