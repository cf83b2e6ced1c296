"""Hashes and verifies passwords in a thread of its own, so that other pages do not wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from contracts.refusals import No, refusal
from services.chassis.runtime.threads import in_thread
from services.client import passwords
from services.client.answers import Unavailable

#: So many wait for their turn, a tenth of a second each; more are sent away at once, or nobody would be served.
MOST_WAITING = 40
_waiting: set[object] = set()


async def hashed(password: str) -> str:
    """The hash of a new password."""
    with _turn():
        return await in_thread(passwords.hashed, password)


async def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password of this hash; None, for a name that nobody has, takes as long and never fits."""
    with _turn():
        return await in_thread(_fits, kept, password)


@contextmanager
def _turn() -> Iterator[None]:
    if len(_waiting) >= MOST_WAITING:
        raise Unavailable(refusal(No.UNAVAILABLE, "too_many_at_once"))
    turn = object()
    _waiting.add(turn)
    try:
        yield
    finally:
        _waiting.remove(turn)


def _fits(kept: str | None, password: str) -> bool:
    nobodys = _nobodys()  # also when it is not needed: the first time it takes long
    return passwords.fits(kept or nobodys, password) and kept is not None


@cache
def _nobodys() -> str:
    return passwords.hashed("nobody signs in with this")
