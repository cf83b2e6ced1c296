"""A POST with an Idempotency-Key is done once; repeated, it gets the answer that the first one got.

No contact, note or reason is kept with an answer: they are put back from the request that is repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from services.agency_api.domain.repeats import Repeat, Try
from services.agency_api.handlers import repeats
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.chassis.ports import EVERYONE
from services.client.answers import OpenEnd, Refused

#: What is written freely in OCTO's objects.
WORDS = frozenset({"notes", "reason"})
KEY = re.compile(r"[!-~]{1,255}")


class InFlight(Exception):
    """The first request with this key is not answered yet."""


class OtherRequest(Exception):
    """The key was used for another request."""


async def once(
    asking: Asking, key: str, said: bytes, do: Callable[[], Awaitable[Any]], words: frozenset[str] = WORDS
) -> Any:
    """Do it and keep the answer, or return the one that is kept, in which nothing is told of people.

    `words` are the fields of the answer that people write freely.

    Raises InFlight, OtherRequest, or what `do` raises, which is not kept: the same may be asked again at once. Another
    request may have the key only where certainly nothing was done.
    """
    mine, before = await _taken(asking, key, said)
    if before is not None:
        return _replayed(before, mine)
    try:
        answer = await do()
        async with asking.store.work(EVERYONE) as work:
            await repeats.finish(asking.agency, mine, 200, without_people(answer, words), work)
    except BaseException as end:
        async with asking.store.work(EVERYONE) as work:
            await repeats.give_up(asking.agency, mine, work, is_open=_is_open(end))
        raise
    return answer


async def _taken(asking: Asking, key: str, said: bytes) -> tuple[Try, Repeat | None]:
    """The key, or who has it. Whoever is let go of meanwhile has done nothing and does not keep it."""

    async def take() -> tuple[Try, Repeat | None]:
        async with asking.store.work(EVERYONE) as work:
            return await repeats.begin(asking.agency, key, said, work)

    taking = asyncio.ensure_future(take())
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        mine, _ = await taking
        async with asking.store.work(EVERYONE) as work:
            await repeats.give_up(asking.agency, mine, work, is_open=False)
        raise


def _is_open(end: BaseException) -> bool:
    """Whether it may have been done: of all that ends a request, only a refusal says that it was not."""
    if isinstance(end, OctoProblem):
        return end.is_open
    return not isinstance(end, Refused) or isinstance(end, OpenEnd)


def _replayed(before: Repeat, mine: Try) -> Any:
    if before.digest not in mine.marks:
        raise OtherRequest
    if before.status is None:
        raise InFlight
    return before.body


def without_people(answer: Any, words: frozenset[str] = WORDS) -> Any:
    """An answer without what leads to a person, however deep."""
    if isinstance(answer, list):
        return [without_people(each, words) for each in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: _emptied(name, value, words) for name, value in answer.items()}


def _emptied(name: str, value: Any, words: frozenset[str]) -> Any:
    if name == "contact" and isinstance(value, dict):
        return {field: [] if isinstance(each, list) else None for field, each in value.items()}
    if name in words:
        return None
    return without_people(value, words)
