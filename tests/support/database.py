"""PostgreSQL for tests: the node's own embedded server once per test process, and a fresh database on it in 50 ms.

Everything here is synchronous and speaks through psql, so it serves tests with the engine and tests without it.
"""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import folder, postgres

#: What all rooms of tests together may need at once.
FREE_BYTES = 4 << 30


@dataclass(frozen=True)
class Databases:
    """A server that makes databases. Keep one for a whole test session."""

    url: str
    psql: str

    def fresh(self, template: str | None = None) -> str:
        """Make an empty database, or a copy of one that nobody is connected to, and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        origin = f" TEMPLATE {_name(template)} STRATEGY FILE_COPY" if template else ""
        self.execute(f"CREATE DATABASE {name}{origin}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        """Remove a database made by `fresh`, also when connections to it are open."""
        self.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def execute(self, sql: str, url: str | None = None) -> str:
        """Run SQL as the superuser and return the rows, one a line, columns separated by `|`."""
        command = [self.psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url or self.url, "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


@contextmanager
def databases() -> Iterator[Databases]:
    """Start the server and end it afterwards; HANDOFF_TEST_DATABASE_URL names a superuser's URL to use instead."""
    given = os.environ.get("HANDOFF_TEST_DATABASE_URL")
    if given:
        yield Databases(given, "psql")
        return
    with scratch_folder() as base, folder.claim(base / "node") as claimed, postgres.start(claimed) as server:
        yield Databases(server.url, str(server.engine.bin / "psql"))


@contextmanager
def scratch_folder(prefix: str = "handoff-test-") -> Iterator[Path]:
    """Give a folder that other accounts can pass: started by root, PostgreSQL runs as one of them."""
    base = Path(tempfile.mkdtemp(prefix=prefix, dir=_in_memory()))
    base.chmod(0o755)
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _in_memory() -> Path | None:
    """Where files cost no disk, if that has room: copying a database takes a tenth of the time there."""
    shm = Path("/dev/shm")
    return shm if os.access(shm, os.W_OK) and shutil.disk_usage(shm).free >= FREE_BYTES else None
