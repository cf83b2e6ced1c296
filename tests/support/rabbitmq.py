"""A RabbitMQ node of a test's own: free ports, own folders, own cookie, own port mapper; from Debian's package.

Runs as root and as an ordinary user, because it goes round the package's wrapper scripts, which insist on an account.
"""

import base64
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.die_with_parent import tethered
from tests.support.database import scratch_folder

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
DEFINITIONS = Path(__file__).resolve().parents[2] / "deploy" / "rabbitmq" / "definitions.json"
USER = "handoff-test"
START_SECONDS = 90.0


class RabbitMQ:
    """One broker node; start and stop it as often as a test likes, its messages stay in its folder."""

    def __init__(self, base: Path, plugins: Sequence[str] = (), definitions: Path = DEFINITIONS) -> None:
        self._base = base
        self._plugins = plugins
        self._definitions = definitions
        self._password = secrets.token_hex(8)
        self._port, self._dist, self._epmd_port = _free_ports(3)
        self._environment = self._settings()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The broker's address for a user who may do everything; it stays the same over restarts."""
        return f"amqp://{USER}:{self._password}@127.0.0.1:{self._port}//"

    def url_of(self, login: str, host: str = "/") -> str:
        """The broker's address for a service, which may do what the definitions say."""
        return f"amqp://{login}:{self._password}@127.0.0.1:{self._port}/{host}"

    @property
    def pid(self) -> int:
        """The process that was started for it; the broker may be below it."""
        if self._node is None:
            raise ValueError("it does not run")
        return self._node.pid

    @property
    def folder(self) -> Path:
        """Where it keeps everything: messages, settings, what it says."""
        return self._base

    def start(self) -> None:
        """Return when the broker takes connections."""
        if self._epmd is None:
            command = ["epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)]
            self._epmd = subprocess.Popen(
                tethered(command, signal.SIGTERM), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _wait_for_port(self._epmd_port, 10.0)
        with (self._base / "console.log").open("ab") as log:
            self._node = subprocess.Popen(
                tethered([str(PROGRAMS / "rabbitmq-server")], signal.SIGTERM),
                env=self._environment
                | {"RUNNING_UNDER_SYSTEMD": "1"},  # the shell becomes the node: one process to signal
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if not _wait_for_port(self._port, START_SECONDS, self._node):
            raise AssertionError(f"RabbitMQ did not start:\n{(self._base / 'console.log').read_text()[-3000:]}")

    def stop(self) -> None:
        """End in order: queues are closed, clients are told."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End as in a power cut."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in order and start again with the same address, queues and messages."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Lose every queue and message, as with a broken disk; it starts as new, with its definitions."""
        self.kill()
        shutil.rmtree(self._base / "mnesia")
        self.start()

    def rabbitmqctl(self, *arguments: str) -> str:
        """Run the administrator's command against this node and return what it prints."""
        command = [str(PROGRAMS / "rabbitmqctl"), "--quiet", *arguments]
        return subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True).stdout

    def close(self) -> None:
        """End everything, for good."""
        if self._node is not None:
            self.stop()
        if self._epmd is not None:
            self._epmd.terminate()
            self._epmd.wait(10)

    def _end(self, way: signal.Signals) -> None:
        if self._node is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._node.send_signal(way)
        try:
            self._node.wait(30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._node.pid, signal.SIGKILL)  # its small companions (inet_gethost, memsup)
            self._node = None

    def _settings(self) -> dict[str, str]:
        config, plugins, loaded = (
            self._base / name for name in ("rabbitmq.conf", "enabled_plugins", "definitions.json")
        )
        loaded.write_text(json.dumps(_with_user(self._definitions, self._password)))
        plugins.write_text(f"[{','.join(self._plugins)}].\n")
        config.write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\nload_definitions = {loaded}\nloopback_users = none\n"
            "disk_free_limit.absolute = 50MB\nlog.console = true\nlog.console.level = warning\nlog.file = false\n"
        )
        return os.environ | {
            "HOME": str(self._base),  # the cookie lies here
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"handoff{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_MNESIA_BASE": str(self._base / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._base / "log"),
            "RABBITMQ_PID_FILE": str(self._base / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        }


def is_wanted() -> bool:
    """False when the person who runs the tests has no RabbitMQ and said so."""
    return not os.environ.get("HANDOFF_TEST_WITHOUT_RABBITMQ")


@contextmanager
def broker(plugins: Sequence[str] = (), definitions: Path = DEFINITIONS) -> Iterator[RabbitMQ]:
    """Give a started broker, for a fixture; skips with --without-rabbitmq, fails where RabbitMQ is missing."""
    if not is_wanted():
        pytest.skip("without RabbitMQ")
    if not PROGRAMS.exists() or shutil.which("epmd") is None:
        pytest.fail("there is no RabbitMQ: apt-get install rabbitmq-server, or ./handoff test --without-rabbitmq")
    with scratch_folder("handoff-rabbitmq-") as base:
        node = RabbitMQ(base, plugins, definitions)
        try:
            node.start()
            yield node
        finally:
            node.close()


def _with_user(definitions: Path, password: str) -> dict[str, Any]:
    """Add the test's user and a password for each service's, so that tests meet the real policies and rights."""
    loaded: dict[str, Any] = json.loads(definitions.read_text()) if definitions.exists() else {}
    salt = secrets.token_bytes(4)
    digest = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    hashed = {"password_hash": digest, "hashing_algorithm": "rabbit_password_hashing_sha256"}
    users = [*loaded.get("users", []), {"name": USER, "tags": "administrator"}]
    loaded["users"] = [user | hashed for user in users]
    loaded["vhosts"] = loaded.get("vhosts") or [{"name": "/"}]
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    granted = [{"user": USER, "vhost": vhost["name"]} | everything for vhost in loaded["vhosts"]]
    loaded["permissions"] = [*loaded.get("permissions", []), *granted]
    return loaded


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _wait_for_port(port: int, seconds: float, process: "subprocess.Popen[bytes] | None" = None) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return True
        time.sleep(0.05)
    return False
