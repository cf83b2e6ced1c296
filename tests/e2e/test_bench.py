"""The bench in small: it measures a node of its own, and prints a table."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.node import ROOT


def test_the_bench_books_and_prints_a_table() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "agencies", "--communities", "2", "--seconds", "0.1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HANDOFF_TEST_WITHOUT_RABBITMQ": "1"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=420, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "embedded, 2 communities" in done.stdout
    assert "10 bookings: 100.0% went through (goal 100%: met)" in done.stdout
    assert " failed\n" not in done.stdout.replace(", 0 failed\n", "\n"), "every request is answered as it should be"
    assert "invariants broken: 0" in done.stdout
