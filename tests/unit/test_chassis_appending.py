"""A file that only grows: whatever was cut, the next line stands on its own."""

from __future__ import annotations

import stat
from pathlib import Path

from services.chassis.storage.appending import append


def test_lines_follow_one_another_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    append(path, ["first", "second"])
    append(path, ["thöd"])
    assert path.read_text(encoding="utf-8") == "first\nsecond\nthöd\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_half_written_line_does_not_spoil_later_lines(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    append(path, ["first", "second"])
    path.write_bytes(path.read_bytes()[:-3])
    append(path, ["third"])
    assert path.read_text(encoding="utf-8").splitlines() == ["first", "seco", "third"]
