"""Requests that carry an Idempotency-Key: whoever comes first does it, everybody after is told what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.agency_api.domain.repeats import KEPT, STALE, Repeat
from services.agency_api.ports import Repeats


async def begin(agency: str, key: str, digest: bytes, work: Repeats) -> Repeat | None:
    """Take the key; None when it is ours now, else the request that has it."""
    mine = Repeat(key=key, digest=digest)
    if await work.take_key(agency, mine, work.now - STALE):
        return None
    return await work.answered_before(agency, key) or mine


async def finish(agency: str, repeat: Repeat, status: int, body: Any, work: Repeats) -> None:
    """Keep the answer."""
    await work.keep_answer(agency, replace(repeat, status=status, body=body))


async def forget_answers(work: Repeats) -> int:
    """Delete what may not be repeated any more. Returns how many."""
    return await work.forget_answers(work.now - KEPT)
