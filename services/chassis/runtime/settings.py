"""Settings, typed, from the environment; the only module that reads it for the services."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from contracts.described import EDGES

#: The edge of programs with the node's token, who may do everything; its listener alone also serves the probes.
LOCAL_API = "local_api"


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
