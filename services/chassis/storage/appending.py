"""Files beside the database that only ever grow, a line at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def append(path: Path, lines: Iterable[str]) -> None:
    """Append these lines, given without their ends; on the disk when it returns. Raises OSError.

    Whatever was cut as the machine went down, they begin on a line of their own. The file is its owner's alone. It
    blocks for the disk: a coroutine that calls it has few lines, and a copy that is not on the disk is none.
    """
    text = "".join(f"{line}\n" for line in lines).encode()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
            text = b"\n" + text
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
