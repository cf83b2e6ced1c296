"""A ZIP file that is made while it is sent: no more of it is held than what the network has not taken yet."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from services.client import formatting
from services.portal.site import tables
from services.portal.site.columns import TABLES, Row


@dataclass(frozen=True)
class Part:
    """What one question after another answers: whole as JSON, and as tables, by their names in `columns.TABLES`."""

    name: str
    pages: AsyncIterator[Sequence[Row]]
    tables: Sequence[str] = ()


async def packed(parts: Iterable[Part], at: datetime) -> AsyncIterator[bytes]:
    """The file, piece by piece, between which others get their turn."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w") as archive:
        for part in parts:
            written = {name: [tables.csv_text(TABLES[name][0], ())] for name in part.tables}
            with archive.open(_entry(f"{part.name}.json", at), "w") as entry:
                before = b"[\n"
                async for page in part.pages:
                    for answer in page:
                        entry.write(before + json.dumps(answer, ensure_ascii=False).encode())
                        before = b",\n"
                    _add(written, page)
                    yield pipe.taken()
                entry.write(b"\n]\n" if before == b",\n" else b"[]\n")
            for name, texts in written.items():
                archive.writestr(_entry(f"{name}.csv", at), "".join(texts).encode("utf-8-sig"))
            yield pipe.taken()
    yield pipe.taken()


def _add(written: Mapping[str, list[str]], page: Sequence[Row]) -> None:
    for name, texts in written.items():
        columns, rows = TABLES[name]
        texts.append(tables.csv_text(columns, (row for answer in page for row in rows(answer)), head=False))


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    there = formatting.local(at)
    entry = zipfile.ZipInfo(name, (there.year, there.month, there.day, there.hour, there.minute, there.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class _Pipe:
    """What was written and not taken yet. It cannot be read back: the file is written from its beginning to its end."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes) -> int:
        """Hold it."""
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What there is, which is held no longer."""
        piece, self._held = bytes(self._held), bytearray()
        return piece
