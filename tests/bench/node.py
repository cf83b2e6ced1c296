"""The node that is measured: a process of its own, on a database of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.die_with_parent import tethered
from services.cli.context import until
from services.client.local_api import LocalApi
from tests.support.node import free_port


@dataclass(frozen=True)
class BenchNode:
    """Where it is reached."""

    port: int
    portal_port: int
    agency_port: int
    pid: int
    folder: Path

    @property
    def client(self) -> LocalApi:
        """The local API."""
        return LocalApi.of(self.port, self.folder)


@contextmanager
def running(folder: Path, url: str, **settings: str) -> Iterator[BenchNode]:
    """A node on this database, with other settings of the environment; ended afterwards."""
    port, portal_port, agency_port = free_port(), free_port(), free_port()
    command = [sys.executable, "-m", "deploy.local", "--port", str(port), "--data", str(folder)]
    command += ["--portal-port", str(portal_port), "--agency-port", str(agency_port)]
    environment = os.environ | {"HANDOFF_DATABASE_URL": url, "HANDOFF_LOG": "WARNING"} | settings
    process = subprocess.Popen(tethered(command, signal.SIGTERM), env=environment)
    try:
        until(lambda: _is_ready(port), "the node to be ready", 60)
        yield BenchNode(port, portal_port, agency_port, process.pid, folder)
    finally:
        process.terminate()
        process.wait(60)


def _is_ready(port: int) -> bool:
    try:
        return LocalApi(port, "").get("/readyz")[0] == 200
    except (OSError, ValueError):
        return False
