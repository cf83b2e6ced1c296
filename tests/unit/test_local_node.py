"""A second start on the same folder is told that its node runs, and not that the node's own port is taken."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import folder, node
from services.client.problems import Problem


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that somebody listens on."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # a node takes them over, the tests keep them
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def settings(port: int, base: Path, portal_port: int = 0) -> node.NodeSettings:
    return node.NodeSettings(port=port, portal_port=portal_port, portal_host="127.0.0.1", agency_port=0, base=base)


def test_a_node_that_runs_here_already_is_named_before_its_port(taken: int, tmp_path: Path) -> None:
    with folder.claim(tmp_path), pytest.raises(Problem, match=r"A node runs on the data folder .* already"):
        node.run(settings(taken, tmp_path))


def test_a_port_that_another_program_has_is_said_to_be_taken(taken: int, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=f"Port {taken} cannot be used"):
        node.run(settings(taken, tmp_path))
    with pytest.raises(Problem, match=f"Port {taken} cannot be used.* --portal-port"):
        node.run(settings(0, tmp_path, portal_port=taken))
    folder.claim(tmp_path).release()
