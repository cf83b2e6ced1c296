"""A node that agencies reach, as `./handoff up` starts it, with agreements and keys of two agencies."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

import httpx

from contracts.agencies.v1 import AddAgency, AgreeAgreement, AgreementTerms, HandingOver, ProposeAgreement
from contracts.agency_api.v1 import KeyScopes
from deploy.demo import queries
from services.client.agency_keys import SCOPES, new_key
from services.client.local_api import LocalApi
from tests.support.node import Node, free_port, running_node
from tests.support.octo.agency import Agency
from tests.support.octo.official import Official

#: In Bo Taen and Tha Li it is seven hours later.
BEGINS = datetime(2027, 1, 8, 2, tzinfo=UTC)
TERMS = AgreementTerms(valid_from=date(2027, 1, 1), percent="15.00")
ON_REQUEST = TERMS.model_copy(update={"confirmation": "on_request"})
HANDS_OVER = TERMS.model_copy(update={"hand_over": HandingOver(partners=("bo-taen",), most_open=3)})
#: Which agency books where, on what terms.
AGREEMENTS = {
    ("mekong-trails", "bo-taen"): TERMS,
    ("mekong-trails", "tha-li"): HANDS_OVER,
    ("slow-travel", "bo-taen"): TERMS,
    ("slow-travel", "tha-li"): ON_REQUEST,
}
#: Longer than a node needs that other tests share the machine with.
PATIENCE_SECONDS = 30.0


@dataclass
class AgencyNode:
    """A running node, and what agencies need to reach it."""

    node: Node
    port: int
    http: httpx.Client
    #: A port of this machine to which the node may send notifications.
    receiver: int
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> LocalApi:
        """The node's local API, for what communities and operators do."""
        return self.node.client

    @property
    def url(self) -> str:
        """Where its API for agencies begins."""
        return f"http://127.0.0.1:{self.port}"

    def agency(self, official: Official, name: str = "mekong-trails", community: str = "") -> Agency:
        """An agency of AGREEMENTS, at the whole network or at one community."""
        inside = f"/communities/{community}" if community else ""
        return Agency(f"{self.url}{inside}/octo", self.keys[name], official, self.http)

    def clock(self, to: datetime) -> None:
        """Set the node's clock, and give what is due then the time to happen."""
        queries.move_clock(self.client, to)
        looked = time.monotonic() + 1.3  # a node looks every second for what happens by itself
        self.until(lambda: time.monotonic() > looked and queries.is_quiet(self.client), "the clock to be seen")

    def quiet(self) -> None:
        """Wait until everything that was done is known to everybody."""
        self.until(lambda: queries.is_quiet(self.client), "everything that was said to be heard")

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:g} s for {what}"
            time.sleep(0.05)


@contextmanager
def running_agency_node() -> Iterator[AgencyNode]:
    """A node on a fresh folder with the demonstration communities, a clock that can be set, and AGREEMENTS."""
    port = free_port()
    options = ("--clock", "settable", "--here-only", "--agency-port", str(port))
    receiver = free_port()
    given = {"HANDOFF_AGENCY_LIMIT": "0", "HANDOFF_WEBHOOK_PRIVATE": f"127.0.0.1:{receiver}"}
    with running_node(*options, **given) as node, httpx.Client(timeout=PATIENCE_SECONDS) as http:
        reached = AgencyNode(node, port, http, receiver)
        reached.clock(BEGINS)
        _agree(reached)
        yield reached


def _agree(reached: AgencyNode) -> None:
    say = reached.client.send
    agencies = sorted({agency for agency, _community in AGREEMENTS})
    for agency in agencies:
        say(AddAgency(agency=agency, name=agency.replace("-", " ").title()))
    reached.quiet()
    for agency in agencies:
        reached.keys[agency] = key_of(reached.client, agency)
    for (agency, community), terms in AGREEMENTS.items():
        say(ProposeAgreement(agency=agency, terms=terms), acting=community)
        say(AgreeAgreement(agency=agency, side="agency"), acting=community)
    for agency, key in reached.keys.items():
        own = {community for one, community in AGREEMENTS if one == agency}
        reached.until(partial(_sells, reached, key, own), f"{agency} to see what is sold")


def key_of(client: LocalApi, agency: str, scopes: KeyScopes = SCOPES["hand-over"]) -> str:
    """A new key of an agency that the node knows, for everything unless told otherwise."""
    key = new_key()
    client.send(key.wanted(agency, scopes=scopes, last=None))
    return key.whole


def _sells(reached: AgencyNode, key: str, communities: set[str]) -> bool:
    said = {"Authorization": f"Bearer {key}", "Octo-Capabilities": ""}
    answer = reached.http.get(f"{reached.url}/octo/products", headers=said)
    return answer.status_code == 200 and {one["id"].partition(".")[0] for one in answer.json()} == communities
