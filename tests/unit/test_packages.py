"""What the tests need of the system: left alone where it is, installed by root on Debian, named everywhere else."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deploy import command_line
from deploy.develop import packages, test
from deploy.develop.packages import BROWSER, NPM, RABBITMQ, Need, provide
from services.client.problems import Problem

#: Writes down what it is asked, and whether services may be started meanwhile.
APT_GET = """#!/bin/sh
echo "$@" >> {base}/asked
[ -x {base}/policy ] && echo "no service starts" >> {base}/asked
case "$*" in *install*) {installs} ;; esac
"""


class Machine:
    """A Debian of a test's own: its programs are those in one folder, and apt-get puts one there."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base, self.monkeypatch = base, monkeypatch
        self.programs = base / "bin"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}")
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    @property
    def policy(self) -> Path:
        return self.base / "policy"

    @property
    def asked(self) -> list[str]:
        written = self.base / "asked"
        return written.read_text().splitlines() if written.exists() else []

    def has(self, name: str, text: str = "#!/bin/sh\n") -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def has_apt_get(self, installs: str) -> None:
        self.has("apt-get", APT_GET.format(base=self.base, installs=installs))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.fixture(params=[RABBITMQ, BROWSER, NPM], ids=lambda need: need.packages[0])
def need(request: pytest.FixtureRequest) -> Need:
    """Each need, looked for as the program `it`."""
    wanted: Need = request.param
    return replace(wanted, is_here=lambda: shutil.which("it") is not None)


def test_what_is_here_is_left_alone(machine: Machine, need: Need) -> None:
    machine.has("it")
    machine.has_apt_get("exit 1")
    provide(need, machine.policy)
    assert machine.asked == []


def test_root_on_debian_gets_the_packages_without_their_services(machine: Machine, need: Need) -> None:
    it = machine.programs / "it"
    machine.has_apt_get(f": > {it}; /bin/chmod 755 {it}")
    provide(need, machine.policy)
    packages = " ".join(need.packages)
    assert machine.asked == [
        "-q update",
        "no service starts",
        f"-q install --yes --no-install-recommends {packages}",
        "no service starts",
    ]
    assert not machine.policy.exists()


def test_an_administrators_own_rule_about_services_stays(machine: Machine, need: Need) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.has_apt_get(f": > {machine.programs}/it; /bin/chmod 755 {machine.programs}/it")
    provide(need, machine.policy)
    assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"


@pytest.mark.parametrize("why", ["not root", "not Debian", "apt-get fails", "the package brings nothing"])
def test_where_it_cannot_be_installed_it_is_said_what_to_do(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, need: Need, why: str
) -> None:
    if why != "not Debian":
        machine.has_apt_get("exit 1" if why == "apt-get fails" else ":")
    if why == "not root":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Problem) as refused:
        provide(need, machine.policy)
    assert f"apt-get install {' '.join(need.packages)}" in str(refused.value)
    assert need.left_out in str(refused.value)
    assert not machine.policy.exists()


def test_chromium_is_the_systems_or_the_one_that_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert packages.chromium() is None
    machine.has("chromium")
    assert packages.chromium() == str(machine.programs / "chromium")
    machine.has("other")
    monkeypatch.setenv(packages.CHROMIUM_VARIABLE, "other")
    assert packages.chromium() == str(machine.programs / "other")
    monkeypatch.setenv(packages.CHROMIUM_VARIABLE, "none-of-this-name")
    assert packages.chromium() is None


def test_a_browser_without_the_letters_of_phones_is_none(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.has("chromium")
    monkeypatch.setattr(packages, "FONT_FOLDERS", (str(tmp_path / "fonts"),))
    assert not packages.has_browser()
    (tmp_path / "fonts" / "deep").mkdir(parents=True)
    (tmp_path / "fonts" / "deep" / "Roboto-Regular.ttf").touch()
    assert packages.has_browser()


@pytest.mark.parametrize("ci", ["true", "1", "True"])
@pytest.mark.parametrize(("option", "said"), [("browser", "the pages too"), ("octo", "what agencies are answered too")])
def test_ci_does_without_neither_browser_nor_octo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, option: str, said: str
) -> None:
    monkeypatch.setenv("CI", ci)
    assert command_line.main(["test", "--without-rabbitmq", f"--without-{option}", "tests/unit/none.py"]) != 0
    assert f"CI judges {said}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "rooms", "wanted"),
    [
        ([], ["unit", "browser"], ["RabbitMQ", "a browser"]),
        ([], ["unit"], ["RabbitMQ"]),
        ([], ["octo"], ["RabbitMQ", "npm"]),
        (["--without-octo"], ["octo"], ["RabbitMQ"]),
        (["--without-browser"], ["browser"], ["RabbitMQ"]),
        (["--without-rabbitmq", "--without-browser"], ["browser"], []),
    ],
)
def test_only_what_the_chosen_tests_need_is_provided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], rooms: list[str], wanted: list[str]
) -> None:
    provided: list[str] = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(test, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "provide", lambda need: provided.append(need.called))
    for room in rooms:
        (tmp_path / "tests" / room).mkdir(parents=True)
        (tmp_path / "tests" / room / "test_it.py").write_text("def test_good() -> None: ...\n")
    assert command_line.main(["test", *options]) == 0
    assert provided == wanted
