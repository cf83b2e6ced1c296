"""The erasure ledger beside the database: a restored backup does not take this file back.

One JSON line an erasure, appended after its commit. When the database does not know the last of these lines, it is
older than they are: then what the file says is erased goes again.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

from contracts.personal.v1 import Erasure
from services.chassis.ports import EVERYONE
from services.chassis.settings import Settings
from services.chassis.store import Store
from services.referral.adapters.postgres import ReferralWork

FILE = "erasures.jsonl"
BATCH = 500
#: How much of the end of the file is looked at each time, in bytes: some 300 lines.
TAIL = 64 * 1024
EraseAgain = Callable[[Sequence[Erasure], Any], Awaitable[int]]


def beside_the_database(erase_again: EraseAgain) -> Callable[[Store[Any], Settings], Coroutine[Any, Any, int]]:
    """The chore that keeps the file in the node's folder and lets it be obeyed; returns how many lines it was about."""

    async def keep(store: Store[Any], settings: Settings) -> int:
        if settings.folder is None:
            return 0
        path = settings.folder / FILE
        return await _obey(store, path, erase_again) + await _write(store, path)

    return keep


async def _obey(store: Store[ReferralWork], path: Path, erase_again: EraseAgain) -> int:
    """Erase what the file says is erased, when the database is older than the file."""
    async with store.work(EVERYONE) as work:
        if not await work.missing(_last_of(path)):
            return 0
    done, lines = 0, _all_of(path)
    for first in range(0, len(lines), BATCH):
        async with store.work(EVERYONE) as work:
            done += await erase_again(await work.missing(lines[first : first + BATCH]), work)
    return done


async def _write(store: Store[ReferralWork], path: Path) -> int:
    """Append what stands in the database only. A line that is written twice says nothing new."""
    done = 0
    while True:
        async with store.work(EVERYONE) as work:
            erased = await work.unfiled(BATCH)
            if not erased:
                return done
            _append(path, b"".join(one.model_dump_json().encode() + b"\n" for one in erased))
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


def _append(path: Path, text: bytes) -> None:
    """On the disk when it returns; begins a line of its own whatever was cut before it."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            text = text if file.read(1) == b"\n" else b"\n" + text
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
