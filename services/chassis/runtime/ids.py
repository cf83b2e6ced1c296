"""Ids that sort by the time they were made (RFC 9562, UUIDv7), also those of one millisecond in one process.

Rows written together are then read, and published, in the order in which they were written.
"""

from __future__ import annotations

import secrets
import time
import uuid

_CHANCE_BITS = 74
_last = 0  # the last id of this process, as a number without version and variant


def new_id() -> str:
    """A UUIDv7 above every one that this process has made before."""
    global _last  # noqa: PLW0603 - one sequence a process is the point
    fresh = (time.time_ns() // 1_000_000) << _CHANCE_BITS | secrets.randbits(_CHANCE_BITS - 1)
    _last = fresh if fresh > _last else _last + 1 + secrets.randbits(32)
    chance = _last & (1 << _CHANCE_BITS) - 1
    high = (_last >> _CHANCE_BITS) << 16 | 0x7 << 12 | chance >> 62
    return str(uuid.UUID(int=high << 64 | 0b10 << 62 | chance & (1 << 62) - 1))
