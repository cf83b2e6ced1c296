"""Requests that carry an Idempotency-Key: answered once, and after that with the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: So long is a key remembered; after that it is a new one.
KEPT = timedelta(hours=48)
#: A request that has not been answered for so long will not be: its process is gone.
STALE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A key, the mark of the request it came with, and the answer, once there is one."""

    key: str
    digest: bytes
    status: int | None = None
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a request: its key, the marks of the request, the newest first, and when it took the key."""

    key: str
    marks: Sequence[bytes]
    at: datetime


def said(method: str, path: str, body: bytes) -> bytes:
    """A request as one text. It may tell of people: it is kept nowhere, and neither is a digest that has no key."""
    return b"\0".join((method.encode(), path.encode(), body))
