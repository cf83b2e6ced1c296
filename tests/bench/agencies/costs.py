"""Processor time of everybody who takes part: on a busy machine it says more than the clock on the wall."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg


@dataclass(frozen=True)
class Costs:
    """Who is watched: the first process of each, with what it has started."""

    roots: Mapping[str, int]
    before: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Count from now on."""
        self.before.update(self._now())

    def each(self, number: int) -> dict[str, float]:
        """Milliseconds of processor time since the start for each of so many requests."""
        now = self._now()
        return {f"{name}_cpu_ms": round(1000 * (now[name] - self.before[name]) / max(1, number), 3) for name in now}

    def _now(self) -> dict[str, float]:
        return {"client": time.process_time()} | {name: _used(pid) for name, pid in self.roots.items()}


async def postmaster(url: str) -> int:
    """The server's first process, when it runs on this machine."""
    connection = await asyncpg.connect(url)
    try:
        backend = int(await connection.fetchval("SELECT pg_backend_pid()"))
        return int(_fields(backend)[1])
    finally:
        await connection.close()


def _used(pid: int) -> float:
    """Processor seconds of a process and all that it has started, those included that have ended."""
    own = sum(int(each) for each in _fields(pid)[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(_used(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    """Of its first thread and all others; none when it has just ended."""
    try:
        lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return ["0"] * 15
