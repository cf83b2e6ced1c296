"""OCTO's definitions are installed once for each lock, outside of the repository, and it is said why they cannot be."""

import json
from pathlib import Path

import pytest

from deploy.develop import octo_definitions
from services.client.problems import Problem

#: Stands in for npm: writes down what it was asked, in which folder.
NPM = """#!/bin/sh
echo "$PWD: $@" >> {asked}
{then}
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "asked"


def has_npm(asked: Path, then: str = "exit 0") -> None:
    npm = asked.parent / "bin" / "npm"
    npm.write_text(NPM.format(asked=asked, then=then))
    npm.chmod(0o755)


def test_they_are_installed_once_in_the_cache_and_run_nothing_meanwhile(asked: Path) -> None:
    has_npm(asked)
    folder = octo_definitions.provide()
    assert octo_definitions.provide() == folder
    assert folder.is_relative_to(asked.parent / "cache" / "handoff")
    assert asked.read_text() == f"{folder}: ci --ignore-scripts --no-audit --no-fund\n"


def test_another_lock_is_another_installation(asked: Path, tmp_path: Path) -> None:
    has_npm(asked)
    for name in octo_definitions.FILES:
        (tmp_path / name).write_text("{}")
    assert octo_definitions.provide(tmp_path) != octo_definitions.provide()


def test_what_npm_says_is_said_with_what_to_do_and_the_next_run_tries_again(asked: Path) -> None:
    has_npm(asked, "echo 'network is unreachable' >&2; exit 1")
    for _run in range(2):
        with pytest.raises(Problem, match="network is unreachable") as refused:
            octo_definitions.provide()
        assert "--without-octo" in str(refused.value)
    assert len(asked.read_text().splitlines()) == 2


def test_a_machine_without_npm_is_told_so(asked: Path) -> None:
    with pytest.raises(Problem, match="npm"):
        octo_definitions.provide()
    assert not asked.exists()


def test_every_package_of_the_lock_has_its_digest() -> None:
    lock = json.loads((octo_definitions.NAMED / "package-lock.json").read_text())
    packages = {name: locked for name, locked in lock["packages"].items() if name}
    assert packages["node_modules/@octocloud/types"]["version"].startswith("2.0.")
    assert all(locked["integrity"].startswith("sha512-") for locked in packages.values())
