"""What keeps a page from being used by others: headers, tokens of forms, where a request comes from."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

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
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SECRET_BYTES = 32


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


def is_from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this site, as far as the browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (site == "none" and request.method == "GET")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _mixed(pad: bytes, secret: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, secret, strict=True))
