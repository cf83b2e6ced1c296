"""`handoff test`: run the tests, those that need the engine in a process of their own.

The engine owns the event loop of its process, so tests of plain asyncio and tests of the engine cannot share one.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.local.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
RUNS = (("unit", "contract", "database"), ("integration", "e2e", "faults"))
NOTHING_COLLECTED = 5
#: Many times what they take on a slow machine.
LONGEST_SECONDS = 2400.0
RABBITMQ_HINT = "install Debian's rabbitmq-server (apt-get install rabbitmq-server), or run with --without-rabbitmq"


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("test", help="run the tests; other arguments go to pytest", allow_abbrev=False)
    parser.add_argument("--without-rabbitmq", action="store_true", help="leave out the tests that need RabbitMQ")
    parser.set_defaults(run=run, takes_rest=True)


def run(args: argparse.Namespace) -> int:
    """Run both processes, also when the first failed, so that one run tells everything."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if args.without_rabbitmq:
        environment["HANDOFF_TEST_WITHOUT_RABBITMQ"] = "1"
    else:
        _provide_rabbitmq()
    codes = _side_by_side(_runs(args.rest), environment)
    if codes and all(code == NOTHING_COLLECTED for code in codes):
        return 1
    return 1 if any(code not in (0, NOTHING_COLLECTED) for code in codes) else 0


def _runs(rest: list[str]) -> list[list[str]]:
    """Split named tests over the two processes; without names, take the rooms that exist."""
    options = [argument for argument in rest if not _room(argument)]
    runs = []
    for rooms in RUNS:
        named = [argument for argument in rest if _room(argument) in rooms]
        all_of_them = [f"tests/{room}" for room in rooms if (ROOT / "tests" / room).is_dir()]
        chosen = named if any(map(_room, rest)) else all_of_them
        if chosen:
            runs.append([*chosen, *options])
    return runs


def _room(argument: str) -> str:
    """Return the room of a test's path: unit for tests/unit/test_values.py::test_x, nothing for other arguments."""
    path = Path(argument.split("::")[0])
    if argument.startswith("-") or not (path.exists() or (ROOT / path).exists()):
        return ""
    inside = (path if path.exists() else ROOT / path).resolve()
    tests = ROOT / "tests"
    return inside.relative_to(tests).parts[0] if inside.is_relative_to(tests) and inside != tests else ""


def _side_by_side(runs: list[list[str]], environment: dict[str, str]) -> list[int]:
    """Run the processes at the same time, for much of their time is waiting; the last one speaks while it runs."""
    with contextlib.ExitStack() as stack:
        started = []
        for arguments in runs:
            kept = None if arguments is runs[-1] else stack.enter_context(tempfile.TemporaryFile())
            command = [sys.executable, "-P", "-m", "pytest", *arguments]
            print("== pytest", *arguments, "" if kept is None else "(shown at its end)", flush=True)
            started.append((subprocess.Popen(command, cwd=ROOT, env=environment, stdout=kept, stderr=kept), kept))
        until = time.monotonic() + LONGEST_SECONDS
        codes = [_ended(process, until) for process, _ in reversed(started)][::-1]
        for (_, kept), arguments in zip(started, runs, strict=True):
            if kept is not None:
                kept.seek(0)
                print("== pytest", *arguments, flush=True)
                print(kept.read().decode(errors="replace"), flush=True)
    return codes


def _ended(process: "subprocess.Popen[bytes]", until: float) -> int:
    """Its exit code. One that hangs is told to say where, and to end."""
    try:
        return process.wait(max(1.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        print(f"handoff: the tests did not end within {LONGEST_SECONDS:g} s", file=sys.stderr, flush=True)
        process.send_signal(signal.SIGABRT)
        return process.wait()


def _provide_rabbitmq() -> None:
    """Tests bring up brokers of their own, so the package is installed without starting its service."""
    if shutil.which("rabbitmq-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/rabbitmq/bin"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Problem(f"The tests need RabbitMQ, and it is not here: {RABBITMQ_HINT}.")
    print("handoff: installing rabbitmq-server for the tests", file=sys.stderr, flush=True)
    with _no_service_starts():
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "--yes", "--no-install-recommends", "rabbitmq-server"]):
            if subprocess.run(["apt-get", "-q", *step], env=environment, stdout=sys.stderr, check=False).returncode:
                raise Problem(f"apt-get {step[0]} failed, and the tests need RabbitMQ: {RABBITMQ_HINT}.")


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Tell Debian, while packages are installed, that nothing may be started; an administrator's own rule stays."""
    rule = Path("/usr/sbin/policy-rc.d")
    if rule.exists():
        yield
        return
    rule.write_text("#!/bin/sh\nexit 101\n")
    rule.chmod(0o755)
    try:
        yield
    finally:
        rule.unlink()
