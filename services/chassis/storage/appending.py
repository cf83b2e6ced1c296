"""Append-only files beside the database, a line at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def append(path: Path, lines: Iterable[str]) -> None:
    """Append these lines, given without line ends; they are on the disk when it returns. Raises OSError.

    They begin on a line of their own, even after a write that was cut off by a crash. Only the owner can read the file.
    It blocks for the disk, so call it with few lines from a coroutine.
    """
    text = "".join(f"{line}\n" for line in lines).encode()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
            text = b"\n" + text
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
