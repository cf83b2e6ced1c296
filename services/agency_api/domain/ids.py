"""Ids that follow from what an agency asks, so that the same request has the same, whoever repeats it and when."""

from __future__ import annotations

import base64
import hashlib
import uuid

#: Letters and digits that are not mistaken for others when they are read out.
_ALPHABET = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789")


def hold_id(agency: str, booking: str, revision: int) -> str:
    """The hold of an agency's booking: nobody else's request leads to it. A change of the booking has the next one."""
    return _uuid("hold", agency, booking, str(revision))


def command_id(*parts: str) -> str:
    """The id of a command that follows from these."""
    return _uuid("command", *parts)


def reference(hold: str) -> str:
    """What the community calls a booking when it is asked about it: eight signs."""
    return base64.b32encode(hashlib.sha256(hold.encode()).digest()[:5]).translate(_ALPHABET).decode()


def _uuid(*parts: str) -> str:
    """A version 8 UUID of the SHA-256 of its parts."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return str(uuid.UUID(int=int.from_bytes(digest[:16], "big") & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62))
