"""Where phones reach the pages of a node, and software of agencies its API, and with what both are tried."""

import io
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import segno

from deploy.local.node import NodeSettings
from services.client.phrases.spoken import _

#: An address of documentation: nothing is sent there, it only says by which of its own this machine reaches others.
_ELSEWHERE = ("192.0.2.1", 9)


def lines(settings: NodeSettings, accounts: Mapping[str, str]) -> Iterator[str]:
    """What to say of the pages."""
    url = address(settings)
    yield _("pages for phones: {url}", url=url)
    if not os.environ.get("JOURNAL_STREAM"):  # a log of the system is no place for a picture
        yield from picture(url)
    for name, password in accounts.items():
        yield _("to try them, sign in as {name} with {password}", name=name, password=password)


def lines_for_agencies(settings: NodeSettings, file: Path | None, key: str | None) -> Iterator[str]:
    """What to say of the agencies' API; `key` is the one to try it with, kept in `file`."""
    yield _("for agencies and their developers: {url}", url=agencies_address(settings))
    if key is not None:
        yield _("to try it, the key of an agency, kept in {file}: {key}", file=file, key=key)


def agencies_address(settings: NodeSettings) -> str:
    """Where the API's page is; HANDOFF_AGENCY_API_URL where that is set."""
    if url := os.environ.get("HANDOFF_AGENCY_API_URL"):
        return url
    host = os.environ.get("HANDOFF_AGENCY_API_HOST") or "127.0.0.1"
    return f"http://{_own_address() if host == '0.0.0.0' else host}:{settings.agency_port}/"


def address(settings: NodeSettings) -> str:
    """What a phone in the same network opens; HANDOFF_PORTAL_URL where that is set."""
    if url := os.environ.get("HANDOFF_PORTAL_URL"):
        return url
    host = _own_address() if settings.portal_host == "0.0.0.0" else settings.portal_host
    return f"http://{host}:{settings.portal_port}/"


def picture(url: str) -> list[str]:
    """The address as a picture to scan, for a terminal."""
    drawn = io.StringIO()
    segno.make(url, micro=False, error="m").terminal(drawn, compact=True, border=2)
    return drawn.getvalue().splitlines()


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:  # in no network
            return "127.0.0.1"
