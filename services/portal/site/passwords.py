"""Hashes and verifies passwords in a thread of its own, so that other pages do not wait."""

from __future__ import annotations

from functools import cache

from services.chassis.runtime.threads import in_thread
from services.client import passwords


async def hashed(password: str) -> str:
    """The hash of a new password."""
    return await in_thread(passwords.hashed, password)


async def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password of this hash; None, for a name that nobody has, takes as long and never fits."""
    return await in_thread(_fits, kept, password)


def _fits(kept: str | None, password: str) -> bool:
    return passwords.fits(kept or _nobodys(), password) and kept is not None


@cache
def _nobodys() -> str:
    return passwords.hashed("nobody signs in with this")
