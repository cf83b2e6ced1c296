"""Strong entity tags (RFC 9110, 8.8.3): the same for the same bytes, so that who has them need not be sent them."""

from __future__ import annotations

import base64
import hashlib


def etag(body: bytes) -> str:
    """The tag of an answer."""
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:18]).decode()}"'


def matches(header: str | None, tag: str) -> bool:
    """Whether a header If-None-Match names it, or everything; compared weakly, as the standard says of reading."""
    if header is None:
        return False
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return named == ["*"] or tag in named
