"""`handoff test`: run the tests, each room in a process of its own, several at a time, and give one verdict.

The engine owns the event loop of its process, so tests of plain asyncio and tests of the engine cannot share one.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.develop import packages
from services.client.phrases.spoken import _
from services.client.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
#: The rooms, those that take longest first; much of their time is waiting.
ROOMS = ("browser", "e2e", "integration", "database", "octo", "unit", "faults", "contract")
#: What the options that leave tests out are called in the environment of the tests.
WITHOUT_RABBITMQ, WITHOUT_BROWSER = "HANDOFF_TEST_WITHOUT_RABBITMQ", "HANDOFF_TEST_WITHOUT_BROWSER"
WITHOUT_OCTO = "HANDOFF_TEST_WITHOUT_OCTO"
NOTHING_COLLECTED = 5
#: Many times what they take on a slow machine.
LONGEST_SECONDS = 3600.0
PROGRESS_SECONDS = 30.0
#: So many failures are named in the verdict; all of them stand above it.
NAMED = 10


@dataclass(frozen=True)
class Part:
    """One room's run of pytest: what it is given, where it writes what it says and how each test ended."""

    room: str
    arguments: tuple[str, ...]
    said: Path
    results: Path


@dataclass(frozen=True)
class Tally:
    """How the tests of one or several parts ended; `failed` names them."""

    passed: int = 0
    skipped: int = 0
    failed: tuple[str, ...] = ()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.skipped + other.skipped, self.failed + other.failed)


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("test", help=_("run the tests; other arguments go to pytest"), allow_abbrev=False)
    parser.add_argument("--without-rabbitmq", action="store_true", help=_("leave out the tests that need RabbitMQ"))
    parser.add_argument("--without-browser", action="store_true", help=_("leave out the tests that need a browser"))
    parser.add_argument(
        "--without-octo", action="store_true", help=_("leave out the tests that need OCTO's definitions")
    )
    parser.set_defaults(run=run, takes_rest=True)


def run(args: argparse.Namespace) -> int:
    """Run every part, also after one failed, so that one run tells everything. The last line is the verdict."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | _left_out(args)
    with tempfile.TemporaryDirectory(prefix="handoff-tests-") as folder:
        parts = _parts(args.rest, Path(folder))
        _provide(parts, environment)
        codes = _alone(parts[0], environment) if len(parts) == 1 else _side_by_side(parts, environment)
        tally = sum((_tally(part, code) for part, code in codes.items()), Tally())
    print(verdict(tally), flush=True)
    ran = any(code != NOTHING_COLLECTED for code in codes.values())
    return 0 if ran and not tally.failed else 1


def _left_out(args: argparse.Namespace) -> dict[str, str]:
    """What tells the tests which of them to skip. Raises Problem where a verdict without these would be none."""
    in_ci = os.environ.get("CI", "").lower() in ("true", "1")
    if in_ci and args.without_browser:
        raise Problem("CI judges the pages too: run it without --without-browser.")
    if in_ci and args.without_octo:
        raise Problem("CI judges what agencies are answered too: run it without --without-octo.")
    wanted = {
        WITHOUT_RABBITMQ: args.without_rabbitmq,
        WITHOUT_BROWSER: args.without_browser,
        WITHOUT_OCTO: args.without_octo,
    }
    return {name: "1" for name, left_out in wanted.items() if left_out}


def _provide(parts: Sequence[Part], environment: Mapping[str, str]) -> None:
    """Install what is missing and wanted; a browser and npm only for their own rooms."""
    rooms = {part.room for part in parts}
    if WITHOUT_RABBITMQ not in environment:
        packages.provide(packages.RABBITMQ)
    if WITHOUT_BROWSER not in environment and "browser" in rooms:
        packages.provide(packages.BROWSER)
    if WITHOUT_OCTO not in environment and "octo" in rooms:
        packages.provide(packages.NPM)


def _parts(rest: Sequence[str], folder: Path) -> list[Part]:
    """Split named tests over the rooms; without names, take all rooms."""
    options = [argument for argument in rest if not _room(argument)]
    parts = []
    for room in ROOMS:
        named = [argument for argument in rest if _room(argument) == room]
        chosen = named if any(map(_room, rest)) else [f"tests/{room}"] * (ROOT / "tests" / room).is_dir()
        if chosen:
            parts.append(Part(room, (*chosen, *options), folder / f"{room}.log", folder / f"{room}.xml"))
    return parts


def _room(argument: str) -> str:
    """Return the room of a test's path: unit for tests/unit/test_values.py::test_x, nothing for other arguments."""
    path = Path(argument.split("::")[0])
    if argument.startswith("-") or not (path.exists() or (ROOT / path).exists()):
        return ""
    inside = (path if path.exists() else ROOT / path).resolve()
    tests = ROOT / "tests"
    return inside.relative_to(tests).parts[0] if inside.is_relative_to(tests) and inside != tests else ""


def _command(part: Part) -> list[str]:
    return [sys.executable, "-P", "-m", "pytest", f"--junit-xml={part.results}", *part.arguments]


def _alone(part: Part, environment: dict[str, str]) -> dict[Part, int]:
    """A single part speaks for itself while it runs."""
    with subprocess.Popen(_command(part), cwd=ROOT, env=environment) as process:
        try:
            return {part: process.wait(LONGEST_SECONDS)}
        except subprocess.TimeoutExpired:
            return {part: _cut(process)}


def _side_by_side(parts: Sequence[Part], environment: dict[str, str]) -> dict[Part, int]:
    """Run one part more than there are processors; each is shown when it ends, whole if it failed."""
    waiting, running, codes = list(parts), dict[Part, "subprocess.Popen[bytes]"](), dict[Part, int]()
    until, last = time.monotonic() + LONGEST_SECONDS, time.monotonic()
    with _ended_with_us(running):
        while waiting or running:
            while waiting and len(running) <= (os.cpu_count() or 1):
                part = waiting.pop(0)
                running[part] = _started(part, environment)
            for part in [part for part, process in running.items() if _is_over(process, until)]:
                codes[part] = running.pop(part).wait()
                _show(part, codes[part])
            if time.monotonic() - last > PROGRESS_SECONDS:
                last = time.monotonic()
                _show_progress(running, waiting)
            time.sleep(0.1)
    return codes


@contextlib.contextmanager
def _ended_with_us(running: "dict[Part, subprocess.Popen[bytes]]") -> Iterator[None]:
    """Nothing goes on testing after Ctrl-C."""
    try:
        yield
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


def _started(part: Part, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    with part.said.open("wb") as said:
        return subprocess.Popen(_command(part), cwd=ROOT, env=environment, stdout=said, stderr=said)


def _is_over(process: "subprocess.Popen[bytes]", until: float) -> bool:
    if time.monotonic() > until and process.poll() is None:
        _cut(process)
    return process.poll() is not None


def _cut(process: "subprocess.Popen[bytes]") -> int:
    """One that hangs is told to say where, and to end."""
    print(f"handoff: the tests did not end within {LONGEST_SECONDS:g} s", file=sys.stderr, flush=True)
    process.send_signal(signal.SIGABRT)
    return process.wait()


def _show(part: Part, code: int) -> None:
    """All that a failed part said, of a good one the last line."""
    said = part.said.read_text(errors="replace").strip()
    print(f"== pytest {' '.join(part.arguments)}", flush=True)
    print(said if code not in (0, NOTHING_COLLECTED) else said.rpartition("\n")[2], flush=True)


def _show_progress(running: Iterable[Part], waiting: Iterable[Part]) -> None:
    now = [f"{part.room} {_percent(part)} %" for part in running] + [f"{part.room} waits" for part in waiting]
    print(f"handoff: testing: {', '.join(now)}", file=sys.stderr, flush=True)


def _percent(part: Part) -> int:
    """How far pytest is, as it says at the end of its lines."""
    reached = re.findall(r"\[ *(\d+)%\]", part.said.read_text(errors="replace"))
    return int(reached[-1]) if reached else 0


def _tally(part: Part, code: int) -> Tally:
    """How its tests ended. A part that failed without a failed test did so as a whole."""
    tally = Tally()
    with contextlib.suppress(OSError, ElementTree.ParseError):  # cut before its end, it has written nothing
        for case in ElementTree.parse(part.results).iter("testcase"):
            tally += _ended(case)
    if code not in (0, NOTHING_COLLECTED) and not tally.failed:
        tally += Tally(failed=(f"tests/{part.room} (pytest ended with {code})",))
    return tally


def _ended(case: ElementTree.Element) -> Tally:
    module, name = case.get("classname", ""), case.get("name", "")
    if case.find("failure") is not None or case.find("error") is not None:
        return Tally(failed=(f"{module.replace('.', '/')}.py::{name}" if module else name,))
    return Tally(skipped=1) if case.find("skipped") is not None else Tally(passed=1)


def verdict(tally: Tally) -> str:
    """One line over all parts: counts, and which tests failed."""
    failed = list(dict.fromkeys(tally.failed))  # a test whose tear-down failed too is named once
    line = f"tests: {tally.passed} passed, {len(failed)} failed"
    line += f", {tally.skipped} skipped" if tally.skipped else ""
    if failed:
        more = f" and {len(failed) - NAMED} more, all shown above" if len(failed) > NAMED else ""
        line += f": {', '.join(failed[:NAMED])}{more}"
    return line
