"""Strong entity tags (RFC 9110, 8.8.3): the same for the same bytes, so that who has them need not be sent them."""

from __future__ import annotations

import base64
import hashlib
import re

_TAG = re.compile(r'\s*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')


def etag(body: bytes) -> str:
    """The tag of an answer."""
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:18]).decode()}"'


def matches(header: str | None, tag: str) -> bool:
    """Whether a header If-None-Match names it, or everything; compared weakly, as the standard says of reading."""
    if header is None:
        return False
    return header.strip() == "*" or tag in _TAG.findall(header)
