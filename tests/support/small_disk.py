"""A disk that can be filled: PostgreSQL on a small file system of its own."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import folder, postgres
from tests.support.database import Databases, scratch_folder

#: Room for a cluster, its log and what a test writes, in megabytes.
SIZE = 320
PIECE = 64 * 1024


@dataclass(frozen=True)
class SmallDisk:
    """A server and the disk it lies on."""

    databases: Databases
    folder: Path

    def fill(self) -> None:
        """Take all the room there is. The log of the server has a segment before it, so that it goes on answering."""
        self.databases.execute("SELECT pg_switch_wal(); CHECKPOINT")
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * PIECE)
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise

    def free(self) -> None:
        """Give it back."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Mount it, start the server on it; root only."""
    with scratch_folder("handoff-disk-") as base:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "tmpfs", str(base)], check=True)
        try:
            with folder.claim(base / "node") as claimed, postgres.start(claimed) as server:
                yield SmallDisk(Databases(server.url, str(server.engine.bin / "psql")), base)
        finally:
            os.sync()
            subprocess.run(["umount", "--lazy", str(base)], check=True)
