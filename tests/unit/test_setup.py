"""What a person sees when the machine is not ready, and what the set-up takes for ready."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import bootstrap
from deploy.command_line import main
from services.client import local_api

ROOT = Path(__file__).resolve().parents[2]
OLD_PYTHON = """#!/bin/sh
case "$*" in *sys.exit*) exit 1 ;; esac
echo 3.9.2
"""


def handoff(python: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": "/usr/bin:/bin", "HANDOFF_PYTHON": python}
    return subprocess.run([ROOT / "handoff", "up"], env=environment, capture_output=True, text=True, check=False)


def test_an_old_python_is_named_with_what_is_needed(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text(OLD_PYTHON)
    old.chmod(0o755)
    refused = handoff(str(old))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"needs Python 3.11 to 3.14, and {old} here is 3.9.2" in refused.stderr


def test_a_missing_python_is_said_to_be_missing(tmp_path: Path) -> None:
    refused = handoff(str(tmp_path / "python3"))
    assert refused.returncode == 2
    assert "there is no" in refused.stderr


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -2]", "the package index is out of reach"),
        ("error: Failed to fetch: dns error: failed to lookup address", "the package index is out of reach"),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "not the one this version was tested with",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "not trusted here"),
    ],
)
def test_a_failed_step_ends_in_one_sentence_of_advice(said: str, advice: str) -> None:
    assert advice in (bootstrap._sentence(said) or "")  # noqa: SLF001 - the table is what matters


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(to: io.StringIO) -> str:
    shown = bootstrap.Progress(to)
    for second in range(60):
        shown.tell(f"Collecting package-{second}", second)
    shown.end()
    return to.getvalue()


def test_the_set_up_shows_one_line_on_a_terminal_and_a_line_now_and_then_elsewhere() -> None:
    on_terminal = progress(Terminal())
    assert "\n" not in on_terminal
    assert on_terminal.endswith("60: Collecting package-59\r\x1b[K")
    assert [line.split(":")[0].strip() for line in progress(io.StringIO()).splitlines()] == ["1", "16", "31", "46"]


def test_the_set_up_tells_each_step_on_that_line(capsys: pytest.CaptureFixture[str]) -> None:
    script = "for n in range(60): print(f'Collecting package-{n} (from -r lock)')"
    assert not bootstrap._run([sys.executable, "-c", script])  # noqa: SLF001 - what a step shows
    assert capsys.readouterr().err == "  1: Collecting package-0\n"


def test_a_set_up_is_current_until_the_lock_or_its_python_changes(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("")
    python.chmod(0o755)
    assert not bootstrap._is_current(tmp_path, "digest")  # noqa: SLF001 - interrupted: no stamp
    (tmp_path / "stamp").write_text(bootstrap._stamp(python, "digest"))  # noqa: SLF001 - as above
    assert bootstrap._is_current(tmp_path, "digest")  # noqa: SLF001 - as above
    assert not bootstrap._is_current(tmp_path, "another")  # noqa: SLF001 - as above
    python.unlink()
    assert not bootstrap._is_current(tmp_path, "digest")  # noqa: SLF001 - as above


def test_every_verb_has_one_line_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {verb} " in shown for verb in ("up", "test", "check"))


def test_unknown_arguments_are_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--bogus"]) == 2
    assert "--bogus" in capsys.readouterr().err


def test_the_readme_names_each_place_that_is_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.setenv("HOME", "/home/somebody")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
        assert f"`{name}`" in page
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    places = [bootstrap._cache()]  # noqa: SLF001 - where it would write
    for user in (0, 1000):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        places.append(local_api.default_folder())
    for place in places:
        assert f"`{str(place).replace('/home/somebody', '~')}`" in page
