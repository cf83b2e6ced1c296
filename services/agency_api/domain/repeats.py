"""Requests that carry an Idempotency-Key: answered once, and after that with the same answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

#: So long is a key remembered; after that it is a new one.
KEPT = timedelta(hours=48)
#: A request that has not been answered for so long will not be: its process is gone.
STALE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A key, the digest of the request it came with, and the answer, once there is one."""

    key: str
    digest: bytes
    status: int | None = None
    body: dict[str, Any] | None = None


def digest(method: str, path: str, body: bytes) -> bytes:
    """Stands for a request: the same for the same text, and only for that."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()
