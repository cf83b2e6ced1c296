"""Settings, typed, from the environment; the only module that reads it for the services."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from contracts.described import EDGES

#: The edge of programs with the node's token, who may do everything; its listener alone also serves the probes.
LOCAL_API = "local_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who sends e-mail for this node, and from which address."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    #: Encrypted from the first byte on (smtps); else as soon as the server can.
    encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process of a node needs to know."""

    #: HANDOFF_DATABASE_URL: one database a node; each service uses its own schema and role in it.
    database_url: str
    #: HANDOFF_AMQP_URL: `amqp://…` or `inproc://<node>/` for a bus inside the process.
    amqp_url: str = "inproc://node/"
    #: HANDOFF_PORT: the local API and the probes, on loopback.
    port: int = 8000
    #: HANDOFF_<EDGE>_PORT: each other edge of this process, by its name.
    edge_ports: Mapping[str, int] = field(default_factory=dict)
    #: HANDOFF_<EDGE>_HOST: where one edge listens, when it is another address than `host`.
    edge_hosts: Mapping[str, str] = field(default_factory=dict)
    #: HANDOFF_<EDGE>_URL: how others reach an edge from outside, such as https://handoff.example.
    edge_urls: Mapping[str, str] = field(default_factory=dict)
    #: HANDOFF_SMTP_URL and HANDOFF_SMTP_FROM; None: nobody is told by e-mail.
    mail: MailServer | None = None
    #: HANDOFF_WEBHOOK_PRIVATE: `host:port`, by commas: gateways that are sent to though they are not on the internet.
    private_receivers: frozenset[str] = frozenset()
    #: HANDOFF_AGENCY_LIMIT: reads a second of each agency's key, in each process; 0: as many as they like.
    agency_limit: int = 100
    #: HANDOFF_PROBES: the probes once more, on a listener of their own, on loopback only.
    probes_port: int | None = None
    #: HANDOFF_HOST: where that listens; another address only inside a container, whose port is published on loopback.
    host: str = "127.0.0.1"
    #: HANDOFF_DATA: the node's folder; holds the local API's token, the node's keys, copies of the audit's checkpoints.
    folder: Path | None = None
    #: HANDOFF_NODE_KEYS: the file of the node's keys, the same for every process of a node; `node.keys` in the folder.
    node_keys: Path | None = None
    #: HANDOFF_RECORD_KEYS: the folder of the record keys; `record-keys` in the node's folder.
    record_keys: Path | None = None
    #: HANDOFF_RENEW: so many seconds after an erasure the record keys are renewed, with what else was erased by then.
    renew_seconds: int = 300
    #: HANDOFF_CLOCK=settable: tests, demo and rig may move the node's clock; never in production.
    clock_settable: bool = False
    #: HANDOFF_POOL: connections per service.
    pool_size: int = 8
    log_level: str = "INFO"
    #: HANDOFF_DRAIN: seconds that a stopping process gives to work in flight.
    drain_seconds: float = 30.0
    #: HANDOFF_MIGRATE=no: somebody else migrates (one-off job before a roll-out).
    migrate: bool = True

    def port_of(self, edge: str) -> int:
        """The port of an edge. Raises ValueError when it has none of its own."""
        if edge == LOCAL_API:
            return self.port
        variable = f"HANDOFF_{edge.upper()}_PORT"
        if edge not in self.edge_ports:
            raise ValueError(f"{variable} is not set: give {edge} a port of its own")
        port, taken = self.edge_ports[edge], [self.port, *self.edge_ports.values()]
        if port and taken.count(port) > 1:
            raise ValueError(f"{variable} is the port of another edge: give {edge} a port of its own")
        return port

    def host_of(self, edge: str) -> str:
        """The address on which an edge listens."""
        return self.edge_hosts.get(edge, self.host)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment. Raises ValueError naming the variable."""
        database, amqp = _addresses(environment)
        folder = Path(environment["HANDOFF_DATA"]) if environment.get("HANDOFF_DATA") else None
        return cls(
            database_url=database,
            amqp_url=amqp,
            port=_number(environment, "HANDOFF_PORT", 8000),
            edge_ports=_edge_ports(environment),
            edge_hosts=_of_edges(environment, "HOST"),
            edge_urls=_edge_urls(environment),
            mail=_mail(environment),
            private_receivers=_private_receivers(environment),
            agency_limit=_number(environment, "HANDOFF_AGENCY_LIMIT", 100),
            probes_port=_number(environment, "HANDOFF_PROBES", 0) or None,
            host=environment.get("HANDOFF_HOST") or "127.0.0.1",
            folder=folder,
            node_keys=_node_keys(environment, folder),
            record_keys=_record_keys(environment, folder),
            renew_seconds=_number(environment, "HANDOFF_RENEW", 300),
            clock_settable=environment.get("HANDOFF_CLOCK") == "settable",
            pool_size=_number(environment, "HANDOFF_POOL", 8),
            log_level=environment.get("HANDOFF_LOG", "INFO").upper(),
            drain_seconds=float(_number(environment, "HANDOFF_DRAIN", 30)),
            migrate=environment.get("HANDOFF_MIGRATE") != "no",
        )


def _addresses(environment: Mapping[str, str]) -> tuple[str, str]:
    """Of database and bus."""
    database, amqp = environment.get("HANDOFF_DATABASE_URL"), environment.get("HANDOFF_AMQP_URL") or "inproc://node/"
    if not database:
        raise ValueError("HANDOFF_DATABASE_URL is not set: give a postgresql:// URL, or use ./handoff up")
    if not amqp.startswith(("amqp://", "amqps://", "inproc://")):
        raise ValueError("HANDOFF_AMQP_URL is no broker's address: give an amqp:// URL")
    if not database.startswith(("postgresql://", "postgres://")):
        raise ValueError("HANDOFF_DATABASE_URL is no database's address: give a postgresql:// URL")
    return database, amqp


def _edge_ports(environment: Mapping[str, str]) -> dict[str, int]:
    return {edge: _number(environment, f"HANDOFF_{edge.upper()}_PORT", 0) for edge in _of_edges(environment, "PORT")}


def _edge_urls(environment: Mapping[str, str]) -> dict[str, str]:
    urls = _of_edges(environment, "URL")
    for edge, url in urls.items():
        if not re.fullmatch(r"https?://[^/?#@]+/?", url):
            raise ValueError(f"HANDOFF_{edge.upper()}_URL is no address of a site: give https://host, without a path")
    return {edge: url.rstrip("/") for edge, url in urls.items()}


def _of_edges(environment: Mapping[str, str], what: str) -> dict[str, str]:
    """Of the edges that there are: a cluster sets variables of such names for services of its own."""
    variables = {edge: f"HANDOFF_{edge.upper()}_{what}" for edge in EDGES if edge != LOCAL_API}
    return {edge: environment[name] for edge, name in variables.items() if environment.get(name)}


def _mail(environment: Mapping[str, str]) -> MailServer | None:
    url, sender = environment.get("HANDOFF_SMTP_URL"), environment.get("HANDOFF_SMTP_FROM")
    if not url:
        return None
    wrong = "HANDOFF_SMTP_URL is no mail server's address: give smtp://host:port or smtps://host:port"
    if not re.fullmatch(r"smtps?://([^/?#@]+@)?[^/?#@]+/?", url):
        raise ValueError(wrong)
    if not sender or not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", sender):
        raise ValueError("HANDOFF_SMTP_FROM is no e-mail address: give the one that e-mail of this node comes from")
    parts, encrypted = urlsplit(url), url.startswith("smtps:")
    try:
        port = parts.port or (465 if encrypted else 587)
    except ValueError:
        raise ValueError(wrong) from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(
        host=parts.hostname or "", port=port, sender=sender, user=user, password=password, encrypted=encrypted
    )


def _private_receivers(environment: Mapping[str, str]) -> frozenset[str]:
    named = [each.strip() for each in environment.get("HANDOFF_WEBHOOK_PRIVATE", "").split(",") if each.strip()]
    if not all(re.fullmatch(r"[a-z0-9.:-]+:\d{1,5}", each) for each in named):
        raise ValueError("HANDOFF_WEBHOOK_PRIVATE names receivers as host:port, separated by commas")
    return frozenset(named)


def _node_keys(environment: Mapping[str, str], folder: Path | None) -> Path | None:
    if environment.get("HANDOFF_NODE_KEYS"):
        return Path(environment["HANDOFF_NODE_KEYS"])
    return folder / "node.keys" if folder and (folder / "node.keys").exists() else None


def _record_keys(environment: Mapping[str, str], folder: Path | None) -> Path | None:
    if environment.get("HANDOFF_RECORD_KEYS"):
        return Path(environment["HANDOFF_RECORD_KEYS"])
    return folder / "record-keys" if folder else None


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {text!r}") from None
