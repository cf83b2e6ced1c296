"""The verb that runs the tests: one verdict over all its parts."""

from pathlib import Path

import pytest

from deploy import command_line
from deploy.develop import test

GOOD = "def test_good() -> None: ...\n"
BAD = "def test_bad() -> None:\n    assert not 'this is why'\n"


def run(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, **files: str
) -> tuple[int, str]:
    """The exit code of a run over these rooms, and what it printed."""
    for room, text in files.items():
        path = root / "tests" / room / "test_it.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setattr(test, "ROOT", root)
    code = command_line.main(["test", "--without-rabbitmq"])
    return code, capsys.readouterr().out


def test_the_last_line_counts_over_all_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = run(tmp_path, capsys, monkeypatch, unit=GOOD, contract=GOOD)
    assert (code, said.splitlines()[-1]) == (0, "tests: 2 passed, 0 failed")


def test_the_last_line_names_what_failed_in_whichever_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = run(tmp_path, capsys, monkeypatch, unit=BAD, contract=GOOD, database=GOOD)
    assert (code, said.splitlines()[-1]) == (1, "tests: 2 passed, 1 failed: tests/unit/test_it.py::test_bad")
    assert "this is why" in said


def test_a_part_that_breaks_off_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "import os\n\ndef test_ends() -> None:\n    os._exit(3)\n"
    code, said = run(tmp_path, capsys, monkeypatch, unit=broken, contract=GOOD)
    assert (code, said.splitlines()[-1]) == (1, "tests: 1 passed, 1 failed: tests/unit (pytest ended with 3)")


def test_a_file_that_cannot_be_read_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = run(tmp_path, capsys, monkeypatch, unit="import nothing_of_this_name\n", contract=GOOD)
    assert code == 1
    assert said.splitlines()[-1].startswith("tests: 1 passed, 1 failed: ")


def test_a_run_in_which_nothing_ran_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = run(tmp_path, capsys, monkeypatch, unit="", contract="")
    assert (code, said.splitlines()[-1]) == (1, "tests: 0 passed, 0 failed")


def test_many_failures_are_counted_and_ten_are_named() -> None:
    line = test.verdict(
        test.Tally(passed=5, skipped=1, failed=tuple(f"tests/unit/test_a.py::test_{n}" for n in range(12)))
    )
    assert line.startswith("tests: 5 passed, 12 failed, 1 skipped: tests/unit/test_a.py::test_0, ")
    assert line.endswith("test_9 and 2 more, all shown above")
