"""Ids that sort by the time they were made (RFC 9562, UUIDv7)."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id(milliseconds: int | None = None) -> str:
    """A UUIDv7; `milliseconds` since the epoch, from the machine's clock when not given."""
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    value = (moment & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
