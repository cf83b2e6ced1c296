"""The erasure ledger in a file beside the database, which restoring a backup does not change.

One JSON line per erasure, appended after its commit. When the database does not have the last of these lines, it is
an older one: then what the file lists is erased again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

from contracts.personal.v1 import Erasure
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.chassis.storage.appending import append
from services.referral.adapters.unit_of_work import ReferralUnitOfWork

log = logging.getLogger(__name__)
FILE = "erasures.jsonl"
BATCH = 500
#: How much of the end of the file is looked at each time, in bytes: some 300 lines.
TAIL = 64 * 1024
EraseAgain = Callable[[Sequence[Erasure], Any], Awaitable[int]]


def beside_the_database(erase_again: EraseAgain) -> Callable[[Store[Any], Settings], Coroutine[Any, Any, int]]:
    """The chore that keeps the file in the node's folder and applies it; returns how many lines it handled."""

    async def keep(store: Store[Any], settings: Settings) -> int:
        if settings.folder is None:
            return 0
        path = settings.folder / FILE
        try:
            return await _obey(store, path, erase_again) + await _write(store, path)
        except OSError as problem:  # of the file: one of the database is DatabaseUnavailable
            about = {"service": store.database.service, "error": type(problem).__name__}
            log.error("erasures.jsonl: give the node's user its folder to read and write, or space", extra=about)
            return 0

    return keep


async def _obey(store: Store[ReferralUnitOfWork], path: Path, erase_again: EraseAgain) -> int:
    """Erase what the file says is erased, when the database is older than the file."""
    last = _last_of(path)
    async with store.work(EVERYONE) as work:
        if not await work.missing(last):
            return 0
    done, lines = 0, _all_of(path)
    for first in range(0, len(lines), BATCH):
        async with store.work(EVERYONE) as work:
            lost = await work.missing(lines[first : first + BATCH])
            done += await erase_again(lost, work)
            await work.filed(lost)
    return done


async def _write(store: Store[ReferralUnitOfWork], path: Path) -> int:
    """Append lines that are in the database only. A line that is written twice does no harm.

    Outside of any transaction: there, a disk error would count as an unavailable database.
    """
    done = 0
    while True:
        async with store.work(EVERYONE, readonly=True) as work:
            erased = await work.unfiled(BATCH)
        if not erased:
            return done
        append(path, (one.model_dump_json(exclude_none=True) for one in erased))
        async with store.work(EVERYONE) as work:
            await work.filed(erased)
        done += len(erased)


def _last_of(path: Path) -> Sequence[Erasure]:
    """The last lines, as far as they are whole."""
    if not path.exists():
        return ()
    with path.open("rb") as file:
        start = max(0, path.stat().st_size - TAIL)
        file.seek(start)
        text = file.read()
    return list(_lines(text.partition(b"\n")[2] if start else text))


def _all_of(path: Path) -> Sequence[Erasure]:
    return list(_lines(path.read_bytes()))


def _lines(text: bytes) -> Iterator[Erasure]:
    """Every whole line; one that was cut as the machine went down is written again with the next."""
    for line in text.splitlines():
        try:
            yield Erasure.model_validate_json(line)
        except ValueError:
            continue
