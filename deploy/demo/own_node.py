"""A node of the demonstration's own: free port, own folder, settable clock; it never outlives the demonstration."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.die_with_parent import tethered
from services.client.local_api import LocalApi
from services.client.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120.0
GOODBYE_SECONDS = 60.0
HTTP_OK = 200


@contextmanager
def own_node(base: Path) -> Iterator[LocalApi]:
    """Run a node in this folder until the block is left, however it is left. Raises Problem when it does not start."""
    base.mkdir(parents=True, exist_ok=True)
    port, folder = _free_port(), base / "node"
    with (base / "node.log").open("w") as log:
        process = _launch(port, folder, log.fileno())
        try:
            yield _ready(process, port, folder, base / "node.log")
        finally:
            _end(process)


@contextmanager
def scratch(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, or one that is gone afterwards; open, for under root PostgreSQL is another account."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise Problem(f"{keep} is not empty: name another folder with --keep DIR.")
        yield keep.absolute()
        return
    base = Path(tempfile.mkdtemp(prefix="handoff-demo-"))
    base.chmod(0o755)
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _launch(port: int, folder: Path, log: int) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that Ctrl-C reaches the demonstration alone, which then ends it in order."""
    command = [sys.executable, "-m", "deploy.local", "--port", str(port), "--data", str(folder), "--clock", "settable"]
    return subprocess.Popen(
        tethered(command, signal.SIGTERM),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _ready(process: subprocess.Popen[bytes], port: int, folder: Path, log: Path) -> LocalApi:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Problem(f"The demonstration's node ended at once; its last words: {_last_words(log)}")
        with contextlib.suppress(OSError, ValueError, Problem):
            client = LocalApi.of(port, folder)
            if client.get("/readyz")[0] == HTTP_OK:
                return client
        time.sleep(0.1)
    raise Problem(f"The demonstration's node was not ready after {READY_SECONDS:g} s: {_last_words(log)}")


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-4:]) or "none"


def _end(process: subprocess.Popen[bytes]) -> None:
    """In order if it will, else at once; waits until it is gone."""
    for goodbye, seconds in ((signal.SIGTERM, GOODBYE_SECONDS), (signal.SIGKILL, 10.0)):
        if process.poll() is None:
            process.send_signal(goodbye)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
