"""The embedded node: one process with all services, and PostgreSQL as a child that ends with it."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.local import folder, keys, postgres
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

_asked_to_end = threading.Event()
_DATABASE_ENDED = N_("PostgreSQL ended by itself; the last lines of pg.log in the data folder say why.")
_PORT_TAKEN = N_("Port {port} cannot be used: {reason}. Choose another with {option}.")


@dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """What the person who starts a node may choose."""

    port: int
    #: Where phones reach the portal, and on which address it listens.
    portal_port: int
    portal_host: str
    #: Where agencies' software reaches the agency API, on HANDOFF_AGENCY_API_HOST or loopback.
    agency_port: int
    base: Path
    clock: Literal["machine", "settable"] = "machine"


def run(settings: NodeSettings, *, ready: Callable[[], None] | None = None) -> int:
    """Run a node until SIGTERM or SIGINT, or until its database ends; `ready` is called in a thread of its own."""
    _asked_to_end.clear()
    for ending in (signal.SIGTERM, signal.SIGINT):  # until the services take over; then they drain first
        signal.signal(ending, lambda *_: _asked_to_end.set())
    with folder.claim(settings.base) as claimed:  # first: a node that runs here already has the port too
        _check_port(settings.port, "--port")
        _check_port(settings.portal_port, "--portal-port", settings.portal_host)
        _check_port(settings.agency_port, "--agency-port", os.environ.get("HANDOFF_AGENCY_API_HOST") or "127.0.0.1")
        if not os.environ.get("HANDOFF_NODE_KEYS"):
            os.environ["HANDOFF_NODE_KEYS"] = str(keys.of_folder(claimed.path))
        if os.environ.get("HANDOFF_DATABASE_URL"):
            return _serve(settings, claimed.path, None, ready)
        # Before anything of the engine is imported: the kernel watches the thread that starts the server.
        with postgres.start(claimed) as server:
            os.environ["HANDOFF_DATABASE_URL"] = server.url
            return _serve(settings, claimed.path, server, ready)


def _serve(settings: NodeSettings, path: Path, server: postgres.Server | None, ready: Callable[[], None] | None) -> int:
    os.environ["HANDOFF_PORT"] = str(settings.port)
    os.environ["HANDOFF_PORTAL_PORT"] = str(settings.portal_port)
    os.environ["HANDOFF_PORTAL_HOST"] = settings.portal_host
    os.environ["HANDOFF_AGENCY_API_PORT"] = str(settings.agency_port)
    os.environ["HANDOFF_DATA"] = str(path)
    os.environ["HANDOFF_CLOCK"] = settings.clock
    os.environ.setdefault("HANDOFF_AMQP_URL", "inproc://node/")
    os.environ.setdefault("HANDOFF_LOG", "WARNING")
    from services.__main__ import main  # chooses the hub and patches; not before the server runs

    code = main(["all"], ready=ready, healthy=lambda: _is_well(server))
    if server is not None and not server.running and not _asked_to_end.is_set():
        raise Problem(_DATABASE_ENDED)
    return code


def _is_well(server: postgres.Server | None) -> bool:
    return not _asked_to_end.is_set() and (server is None or server.running)


def _check_port(port: int, option: str, host: str = "127.0.0.1") -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise Problem(_PORT_TAKEN, port=port, reason=reason, option=option) from error


def say(line: str) -> None:
    """Tell the person who started the node; results go to standard output, the rest here."""
    print(f"handoff: {line}", file=sys.stderr, flush=True)
