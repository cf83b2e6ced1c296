"""A whole node as a person starts it: `./handoff up` in a process of its own, which may be killed and started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.die_with_parent import tethered
from services.client.local_api import LocalApi
from tests.support.database import scratch_folder

ROOT = Path(__file__).resolve().parents[2]
#: Enough for the first start of a busy machine, which makes a database and loads the demonstration, in seconds.
START_SECONDS = 90.0
STOP_SECONDS = 40.0


@dataclass
class Node:
    """One data folder, and the process that runs on it now."""

    base: Path
    port: int
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        """The node's data folder."""
        return self.base / "node"

    @property
    def said(self) -> str:
        """Everything that its processes have printed."""
        return (self.base / "said").read_text(encoding="utf-8")

    def said_since(self, place: int) -> str:
        """What they have printed behind so many bytes."""
        return (self.base / "said").read_bytes()[place:].decode("utf-8", "replace")

    @property
    def client(self) -> LocalApi:
        """The local API, with the token of the folder."""
        return LocalApi.of(self.port, self.data)

    def start(self) -> None:
        """Start it and wait until it is ready, with its demonstration loaded if it has one."""
        command = [str(ROOT / "handoff"), "up", "--port", str(self.port), "--data", str(self.data), *self.options]
        with (self.base / "said").open("a", encoding="utf-8") as said:
            began = said.tell()
            self.process = subprocess.Popen(
                tethered(command, signal.SIGTERM), stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=os.environ | self.environment, start_new_session=True,
            )  # fmt: skip
        self._wait(self.is_ready, "to be ready")
        self._wait(lambda: "the node is up" in self.said_since(began), "to say that it is up")

    def is_ready(self) -> bool:
        """What /readyz says."""
        try:
            return self.client.get("/readyz")[0] == 200
        except Exception:  # noqa: BLE001 - not yet there, in one of many ways
            return False

    def kill(self) -> None:
        """As a power cut would: kill -9, and gone."""
        self._signal(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it again on the same data."""
        self.kill()
        self.start()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, as an operating system does; returns its exit code."""
        return self._signal(number)

    def interrupt(self) -> int:
        """Ctrl-C in its terminal, which reaches everything that it has started as well; returns its exit code."""
        return self._signal(signal.SIGINT, whole_group=True)

    def cli(self, *words: str, stdin: str = "", check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a verb against it, as a person in another terminal."""
        environment = os.environ | {
            "HANDOFF_PORT": str(self.port),
            "HANDOFF_DATA": str(self.data),
            "HANDOFF_LANG": "en",
        }
        done = subprocess.run(
            [str(ROOT / "handoff"), *words], input=stdin, capture_output=True, text=True, env=environment, check=False,
            timeout=60,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done

    def processes(self) -> list[str]:
        """Command lines of all processes that work on its folder: none once it has ended."""
        lines = [_command_line(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [line for line in lines if str(self.data) in line]

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not true():
            assert self.process is not None
            assert self.process.poll() is None, f"the node ended with {self.process.returncode}: {self.said[-2000:]}"
            assert time.monotonic() < deadline, f"waited {START_SECONDS:g} s for the node {what}: {self.said[-2000:]}"
            time.sleep(0.05)

    def _signal(self, number: signal.Signals, *, whole_group: bool = False) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if whole_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the node did not end: {self.said[-2000:]}") from None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_node(*options: str, **environment: str) -> Iterator[Node]:
    """A node on a fresh folder, with `options` of `./handoff up`; killed at the end, whatever happened."""
    with scratch_folder() as base:
        node = Node(base, free_port(), options or ("--clock", "settable"), environment)
        try:
            node.start()
            yield node
        finally:
            node.kill()
            _until_gone(node)


def _until_gone(node: Node) -> None:
    """The server ends a moment after its node; the folder is removed only then."""
    deadline = time.monotonic() + 10
    while node.processes() and time.monotonic() < deadline:
        time.sleep(0.05)


def _command_line(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it ended while we looked
        return ""
