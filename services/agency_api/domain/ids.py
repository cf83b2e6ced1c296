"""Ids that follow from what an agency asks, so that the same request has the same, whoever repeats it and when."""

from __future__ import annotations

import hashlib


def hold_id(agency: str, booking: str, revision: int) -> str:
    """The hold of an agency's booking: nobody else's request leads to it. A change of the booking has the next one."""
    return _uuid("hold", agency, booking, str(revision))


def command_id(*parts: str) -> str:
    """The id of a command that follows from these."""
    return _uuid("command", *parts)


def _uuid(*parts: str) -> str:
    """A version 8 UUID of the SHA-256 of its parts."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
