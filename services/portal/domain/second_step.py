"""The second step: six digits that a program on the phone shows, new every half minute (RFC 6238)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

DIGITS, SECONDS = 6, 30
#: A phone's clock may be off by one step either way.
AROUND = (0, -1, 1)
#: Codes for whoever has lost that phone.
SPARE = 8


def step_of(secret: bytes, code: str, now: datetime, last: int) -> int | None:
    """Which step a code is of; None for a wrong one, and for one that is not later than the last that was taken."""
    given = "".join(sign for sign in code if not sign.isspace())
    current = int(now.timestamp()) // SECONDS
    found = [step for step in (current + around for around in AROUND) if _fits(secret, step, given)]
    return next((step for step in found if step > last), None)


def _fits(secret: bytes, step: int, given: str) -> bool:
    return hmac.compare_digest(_code(secret, step).encode(), given.encode())


def _code(secret: bytes, step: int) -> str:
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
