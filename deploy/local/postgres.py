"""The embedded PostgreSQL: one server for one node, started with it and never outliving it.

The server is a direct child. When the node ends in whatever way, the kernel tells the server to shut down (Linux);
where the kernel cannot, and while a server is still dying, the next start waits for the old one. Everything is
synchronous: this runs before the engine of the services is loaded. Start it from the main thread: the kernel watches
the thread that started it, not the process.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from deploy.local import engine, secret
from deploy.local.engine import Engine
from deploy.local.folder import DataFolder
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

# For one village's small machine. What guards the data is said aloud, so that no file on the machine decides it.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "60", "shared_buffers": "16MB",
    "jit": "off", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "min_wal_size": "32MB",
    "max_wal_size": "128MB", "max_parallel_workers_per_gather": "0", "autovacuum_max_workers": "2", "timezone": "UTC",
    "log_timezone": "UTC", "log_line_prefix": "%m [%p] ", "log_checkpoints": "off", "cluster_name": "handoff",
}  # fmt: skip
RECOVERY = 300.0  # seconds; after a power cut the server first replays its log
GOODBYE = 60.0  # seconds for a fast shutdown, which writes a checkpoint
PASSING = ("Address already in use", "pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_UNSTARTABLE = N_("PostgreSQL cannot be started in {folder}: {reason} ({file}).")
_PASSWORD_MISSING = N_(
    "The file {file} is missing, and without it the data cannot be opened: restore it from a backup."
)
_PROGRAM_FAILED = N_("PostgreSQL's {program} failed; its last words: {words}")
_NOT_STARTED = N_("PostgreSQL did not start; its last words: {words} (all of them: {log})")
_DISK_FULL = N_("The disk is full: PostgreSQL cannot write. Free some space and start again.")
_EARLIER_ONE = N_("An earlier PostgreSQL (process number {pid}) still uses {folder} and does not end: stop it first.")
_NOT_READY = N_("PostgreSQL was not ready after {seconds} seconds; its log is {log}.")


@dataclass
class Server:
    """A running server. `url` is for the superuser of this server, who owns the database `handoff`."""

    url: str
    engine: Engine
    _process: "subprocess.Popen[str]" = field(repr=False)

    @property
    def running(self) -> bool:
        """False once the server has ended, for a node that watches it."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Roll back what is open, write a checkpoint, end; may be called twice."""
        for goodbye, seconds in ((signal.SIGINT, GOODBYE), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if self.running:
                self._process.send_signal(goodbye)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(folder: DataFolder) -> Server:
    """Start the server of a claimed data folder, making its cluster when there is none, and return when it answers."""
    base, cluster = folder.path, folder.path / "pg"
    try:
        found = engine.find(base, cluster)
        password = _password(base, cluster)
        if not cluster.exists():
            _make_cluster(base, found, password)
        _end_predecessor(cluster)
        return _started(base, found, password)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Problem(_UNSTARTABLE, folder=base, reason=reason, file=error.filename) from error


def _password(base: Path, cluster: Path) -> str:
    path = base / "password"
    if cluster.exists() and not path.exists():
        raise Problem(_PASSWORD_MISSING, file=path)
    return secret.kept(path)


def _make_cluster(base: Path, found: Engine, password: str) -> None:
    """Make the cluster aside and rename it when it is whole, so that a start that was interrupted here begins again."""
    fresh, given = base / "pg.new", base / "initdb-password"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    found.account.owns(fresh)
    secret.write(given, password)
    found.account.owns(given)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    options = ["-U", "handoff", "-A", "scram-sha-256", f"--pwfile={given}", "-E", "UTF8", "--data-checksums"]
    options += locale if found.major >= 17 else ["--locale=C.UTF-8"]
    try:
        _finish(found, "", "initdb", "-D", str(fresh), *options)
        _finish(found, "CREATE DATABASE handoff\n", "postgres", "--single", "-D", str(fresh), "postgres")
    finally:
        given.unlink()
    fresh.rename(base / "pg")


def _finish(found: Engine, given: str, program: str, *arguments: str) -> None:
    with found.start(program, *arguments) as process:
        said, _ = process.communicate(given)
    # Single-user PostgreSQL ends with 0 also when what it was given failed.
    if process.returncode or any(word in said for word in ("ERROR:", "FATAL:", "PANIC:")):
        raise _explained(said, Problem(_PROGRAM_FAILED, program=program, words=_last_words(said)))


def _explained(said: str, otherwise: Problem) -> Problem:
    """What most often is the matter, in place of PostgreSQL's own words."""
    full = "No space left on device" in said or "Check free disk space" in said
    return Problem(_DISK_FULL) if full else otherwise


def _last_words(said: str) -> str:
    return " / ".join([line for line in said.splitlines() if line.strip()][-4:])


def _end_predecessor(cluster: Path) -> None:
    """End a server that outlived its node. Nobody else can be using it: the folder is claimed by us."""
    lock = cluster / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    command = _command_line(pid)
    if command is None:
        return  # a crash left the file behind; the server sees to it
    if str(cluster) not in command:
        if "postgres" not in command:
            lock.unlink()  # the number was given to another program since; the server could not know
        return
    for goodbye, seconds in ((signal.SIGINT, GOODBYE), (signal.SIGQUIT, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, goodbye)
        if _holds(lambda: _command_line(pid) != command, seconds):
            return
    raise Problem(_EARLIER_ONE, pid=pid, folder=cluster)


def _command_line(pid: int) -> str | None:
    """Return what a living process was started with; nothing for one that is gone."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return (
                Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip() or None
            )
        return None
    asked = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def _started(base: Path, found: Engine, password: str) -> Server:
    """Try again when the port was taken meanwhile, or while the last children of a killed server are still going."""
    log = base / "pg.log"
    said = ""
    for attempt in range(20):
        port = _free_port()
        process = _launch(base, found, port)
        if not _holds(lambda: process.poll() is not None or _is_ready(base / "pg", process.pid), RECOVERY):  # noqa: B023 - used at once
            process.send_signal(signal.SIGINT)
            raise Problem(_NOT_READY, seconds=f"{RECOVERY:.0f}", log=log)
        if process.poll() is None:
            return Server(f"postgresql://handoff:{password}@127.0.0.1:{port}/handoff", found, process)
        said = log.read_text(errors="replace")[-4000:]
        if not any(sign in said for sign in PASSING):
            break
        time.sleep(0.1 + 0.05 * attempt)
    raise _explained(said, Problem(_NOT_STARTED, words=_last_words(said), log=log))


def _launch(base: Path, found: Engine, port: int) -> "subprocess.Popen[str]":
    """Start the server in a session of its own, so that Ctrl-C reaches the node alone, which then stops it in order."""
    settings = [f"--{name}={value}" for name, value in (SETTINGS | {"port": str(port)}).items()]
    with _log(base / "pg.log") as log:
        return found.serve("-D", str(base / "pg"), *settings, log=log)


def _log(path: Path) -> IO[str]:
    """Keep this start's log and the one before."""
    if path.exists():
        path.rename(path.with_name("pg.log.1"))
    path.touch(mode=0o600)
    return path.open("w")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(cluster: Path, pid: int) -> bool:
    """Read the server's own word: line 1 of its lock file is its number, line 8 its state."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _holds(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
