"""The embedded node: one process with everything in it."""

import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from deploy.local import folder, postgres
from deploy.local.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the person who starts a node may choose."""

    port: int
    base: Path
    demo: bool


def run(settings: Settings) -> int:
    """Run a node until SIGTERM or SIGINT, or until its database ends."""
    asked_to_end = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: asked_to_end.set())
    _check_port(settings.port)
    with folder.claim(settings.base) as claimed:
        given = os.environ.get("HANDOFF_DATABASE_URL")
        if given:
            return _wait(asked_to_end, None)
        with postgres.start(claimed) as server:
            return _wait(asked_to_end, server)


def _wait(asked_to_end: threading.Event, server: postgres.Server | None) -> int:
    print("handoff: the node is up; Ctrl-C ends it", file=sys.stderr, flush=True)
    while not asked_to_end.wait(1.0):
        if server is not None and not server.running:
            raise Problem("PostgreSQL ended by itself; the last lines of pg.log in the data folder say why.")
    return 0


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Problem(f"Port {port} cannot be used: {reason}. Choose another with --port.") from error
