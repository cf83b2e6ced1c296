"""Starts, kills, ends and drives the processes of a node."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from contracts import described
from contracts.community.v1 import AgreePartnership, ListPartnerships, ProposePartnership
from contracts.messages import Asked
from contracts.node.v1 import MoveClock
from contracts.referral.v1 import (
    AcceptHandoff,
    ArriveParty,
    CompleteVisit,
    DepartParty,
    HandoffView,
    OfferHandoff,
    ShowHandoff,
)
from contracts.values import Value
from deploy.demo import data
from deploy.local.die_with_parent import tethered
from services.chassis.runtime import bridge, faults
from services.cli.verbs import reconciling
from services.client.answers import Refused
from services.client.local_api import LocalApi
from tests.support import edge
from tests.support.engine import sql
from tests.support.vault import node_keys

ROOT = Path(__file__).resolve().parents[2]
OWNERS = described.SERVICES
SERVICES = (*OWNERS, "local_api")
MONDAY, THURSDAY = datetime.fromisoformat("2027-01-04T02:00:00Z"), datetime.fromisoformat("2027-01-14T03:00:00Z")
ITEMS = [
    {"experience_id": "bo-taen.homestay", "day": "2027-01-14"},
    {"experience_id": "bo-taen.morning-market", "day": "2027-01-15"},
]


class Deployment:
    """One node, spread over processes."""

    def __init__(self, database: str, bus: str, folder: Path) -> None:
        self.database = self.direct = database
        self.bus = bus
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}
        self.agency_port = _free_port()

    def start(self, *names: str, crash_at: str = "", **settings: str) -> None:
        """Start a process for each, or for several, named a+b; at once, so that they come up together."""
        for name in names:
            self.ports[name] = _free_port()
            environment = os.environ | {
                "HANDOFF_DATABASE_URL": self.database,
                "HANDOFF_AMQP_URL": self.bus,
                "HANDOFF_PORT": str(self.ports[name]),
                "HANDOFF_PORTAL_PORT": "0",  # any: nobody looks at pages here
                "HANDOFF_AGENCY_API_PORT": str(self.agency_port if {"agency_api", "all"} & {*name.split("+")} else 0),
                "HANDOFF_DATA": str(self.folder),
                "HANDOFF_NODE_KEYS": str(node_keys()),
                "HANDOFF_CLOCK": "settable",
                "HANDOFF_MIGRATE": "no",
                "PYTHONPATH": str(ROOT),
                **settings,
            }
            environment |= {faults.SETTING: crash_at} if crash_at else {}
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    tethered([sys.executable, "-m", "services", *name.split("+")], signal.SIGTERM),
                    env=environment, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                )  # fmt: skip

    def ready(self, name: str) -> bool:
        """What its probe says."""
        try:
            return LocalApi(self.ports[name], "").get("/readyz")[0] == 200
        except OSError:
            return False

    def wait_ready(self, *names: str) -> None:
        """Until all say so."""
        self.until(lambda: all(self.ready(name) for name in names), 40, f"{names} to be ready")

    def kill(self, name: str) -> None:
        """As a power cut."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def ended(self, name: str, seconds: float = 30) -> int:
        """The code with which it ends by itself."""
        return self.processes.pop(name).wait(seconds)

    def end(self, name: str, seconds: float = 30) -> int:
        """The code with which it ends when asked to."""
        self.processes[name].send_signal(signal.SIGTERM)
        return self.ended(name, seconds)

    def close(self) -> None:
        """Kill what is left."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()

    def log(self, name: str) -> str:
        """What it has said."""
        return (self.folder / f"{name}.log").read_text()

    @property
    def client(self) -> LocalApi:
        """The local API."""
        return LocalApi.of(self.ports.get("local_api") or next(iter(self.ports.values())), self.folder)

    def sql(self, text: str, *arguments: Any) -> list[Any]:
        """Run SQL as the superuser."""
        return bridge.run(sql(self.direct, text, *arguments), seconds=10)

    def until(self, reached: Callable[[], object], seconds: float = 30, what: str = "it") -> None:
        """Look again until it is so; else fail with what the processes said last."""
        deadline = time.monotonic() + seconds
        while not reached():
            said = "\n".join(self.log(name)[-600:] for name in self.ports)
            assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}\n{said}"
            time.sleep(0.05)

    def quiet(self) -> bool:
        """Nothing waits anywhere."""
        waits = [
            f"SELECT 1 FROM {one}.outbox WHERE published_at IS NULL UNION ALL SELECT 1 FROM {one}.waiting"
            for one in OWNERS
        ]
        return not self.sql(" UNION ALL ".join(waits))

    def parked(self) -> list[str]:
        """What was set aside, anywhere."""
        parked = [f"SELECT '{one} ' || coalesce(type, '') || ' ' || error AS why FROM {one}.parked" for one in OWNERS]
        return [row["why"] for row in self.sql(" UNION ALL ".join(parked))]


R = TypeVar("R", bound=Value)


class Handoff:
    """One handoff from Tha Li to Bo Taen, by way of the local API."""

    def __init__(self, deployment: Deployment, items: Sequence[Mapping[str, str]] = ITEMS) -> None:
        self._deployment = deployment
        offer = {"to": "bo-taen", "party": {"adult": 2, "child": 1}, "language": "th", "items": [*items]}
        self.id = self.send(OfferHandoff.model_validate(offer), acting="tha-li").referral_id

    def do(self, contract: type[Asked[Value]], acting: str, **fields: Any) -> None:
        """One side acts."""
        self.send(contract.model_validate({"referral": self.id, **fields}), acting=acting)

    def send(self, asked: Asked[R], *, acting: str | None = None) -> R:
        """As the local API does, with more patience."""
        return self._deployment.client.send(asked, acting=acting, seconds=3, patience=40)

    def wait_for_the_day(self) -> None:
        """Until the party is expected, by the node's clock."""
        self._deployment.client.send(MoveClock(to=THURSDAY), service="referral", patience=40)

    def consent(self) -> None:
        """The lead traveller says yes at Tha Li's edge."""
        edge.give_consent(self, self.id, acting="tha-li")

    def view(self, acting: str) -> HandoffView:
        """As one side sees it."""
        return self.send(ShowHandoff(referral=self.id), acting=acting)

    def state(self, acting: str) -> str | None:
        """Where it stands, seen by one side."""
        try:
            return self.view(acting).state
        except Refused:
            return None

    def reach(self, state: str, seconds: float = 40) -> None:
        """Until both sides see it so."""
        self._deployment.until(lambda: {self.state("tha-li"), self.state("bo-taen")} == {state}, seconds, state)

    def complete(self) -> None:
        """From offered to completed."""
        self.depart()
        self.visit()

    def depart(self) -> None:
        """From offered to departed, all on the day of the offer."""
        self.reach("held")
        self.do(AcceptHandoff, "bo-taen")
        self.reach("accepted")
        self.consent()
        self.reach("confirmed")
        self.do(DepartParty, "tha-li")
        self.reach("departed")

    def visit(self) -> None:
        """From departed to completed, on the day of the visit: whatever was still asked by then is over."""
        self.wait_for_the_day()
        self.do(ArriveParty, "bo-taen")
        self.reach("arrived")
        self.do(CompleteVisit, "bo-taen")
        self.reach("completed")

    def happened_once(self) -> None:
        """Every effect, exactly once; nothing left over."""
        deployment = self._deployment
        deployment.until(deployment.quiet, 30, "quiet")
        assert deployment.parked() == []
        holds = deployment.sql("SELECT state FROM booking.holds WHERE referral_id = $1::uuid", self.id)
        assert [row["state"] for row in holds] == ["REDEEMED"]
        assert reconciling.wrong(deployment.client) == []
        ours, theirs = self.view("tha-li"), self.view("bo-taen")
        for view in (ours, theirs):
            acts = [line.act for line in view.story]
            assert len(acts) == len(set(acts)), acts
        assert ours.amounts == theirs.amounts
        assert ours.amounts
        taken = deployment.sql("SELECT pool, day, taken FROM booking.pools WHERE taken > 0 ORDER BY pool, day")
        query = "SELECT pool, day, sum(places)::int AS taken FROM booking.takings GROUP BY 1, 2 ORDER BY 1, 2"
        summed = deployment.sql(query)
        assert [tuple(row) for row in taken] == [tuple(row) for row in summed]


def seed(deployment: Deployment) -> None:
    """Let Tha Li and Bo Taen become partners, in January 2027."""
    name = "all"
    deployment.start(name, HANDOFF_MIGRATE="yes")
    try:
        deployment.wait_ready(name)
        client = deployment.client
        client.send(MoveClock(to=MONDAY), service="referral")
        network = data.communities()
        for one in network.offerings:
            if one.offering.community.id in ("tha-li", "bo-taen"):
                client.send(one)
        terms = next(one.terms for one in network.partnerships if {one.proposer, one.partner} == {"tha-li", "bo-taen"})
        client.send(ProposePartnership(partner="bo-taen", terms=terms), acting="tha-li")
        query = "SELECT 1 FROM {}.partners WHERE state = 'agreed'"
        deployment.until(lambda: any(one.awaits_us for one in client.send(ListPartnerships(), acting="bo-taen").items))
        client.send(AgreePartnership(partner="tha-li"), acting="bo-taen")
        deployment.until(lambda: all(len(deployment.sql(query.format(one))) == 2 for one in ("booking", "referral")))
        deployment.until(lambda: deployment.sql("SELECT 1 FROM referral.catalogues WHERE community = 'tha-li'"))
        deployment.until(deployment.quiet)
        assert deployment.end(name) == 0
    finally:
        deployment.close()


def port_of(url: str) -> int:
    """The port that a URL names."""
    return urlsplit(url).port or 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
