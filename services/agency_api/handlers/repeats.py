"""Requests that carry an Idempotency-Key: whoever comes first does it, everybody after is told what came of it."""

from __future__ import annotations

from typing import Any

from services.agency_api.domain.repeats import KEPT, STALE, Repeat, Try
from services.agency_api.ports import Repeats


async def begin(agency: str, key: str, said: bytes, work: Repeats) -> tuple[Try, Repeat | None]:
    """Take the key; with None it is ours now, else with the request that has it."""
    mine = Try(key=key, marks=work.marks(agency, key, said), at=work.now)
    if await work.take_key(agency, mine, work.now - STALE):
        return mine, None
    return mine, await work.answered_before(agency, key) or Repeat(key=key, digest=mine.marks[0])


async def finish(agency: str, mine: Try, status: int, body: Any, work: Repeats) -> None:
    """Keep the answer."""
    await work.keep_answer(agency, mine, status, body)


async def give_up(agency: str, mine: Try, work: Repeats, *, is_open: bool) -> None:
    """There is no answer. Where it may have been done all the same, only the same request may be tried again."""
    if is_open:
        await work.leave_key(agency, mine, mine.at - STALE)
    else:
        await work.free_key(agency, mine)


async def forget_answers(work: Repeats) -> int:
    """Delete what may not be repeated any more. Returns how many."""
    return await work.forget_answers(work.now - KEPT)
