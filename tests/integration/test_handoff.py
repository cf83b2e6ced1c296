"""A whole handoff through the three services of a node, on both buses, as one connected trace."""

from collections.abc import Iterator
from typing import Any, TypeVar

import pytest
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts.booking.v1 import AskPools, CheckInvariants
from contracts.community.v1 import AgreePartnership, ListPartnerships, ProposePartnership
from contracts.messages import Asked
from contracts.node.v1 import AskStanding, MoveClock
from contracts.referral import v1
from contracts.values import Value
from deploy.demo import data
from services.agency_api.service import AgencyApi
from services.booking.service import Booking
from services.chassis.runtime import bridge, trace
from services.chassis.storage.migrations import migrate
from services.community.service import Community
from services.referral.service import Referral
from tests.support import edge
from tests.support.database import Databases
from tests.support.engine import Engine, running, until

SERVICES = (Community, Booking, Referral, AgencyApi)
#: Nobody looks at what edges serve.
PORTS = {"agency_api": 0}
MONDAY, THURSDAY = "2027-01-04T02:00:00Z", "2027-01-14T03:00:00Z"
PARTY = {"adult": 2, "child": 1}
ITEMS = [
    {"experience_id": "bo-taen.homestay", "day": "2027-01-14"},
    {"experience_id": "bo-taen.morning-market", "day": "2027-01-15"},
]


@pytest.fixture(scope="module")
def node_template(server: Databases) -> str:
    url = server.fresh()
    folders = {one.name: one.store.migrations for one in SERVICES}
    bridge.run(migrate(url, folders))
    return url


@pytest.fixture
def node_database(server: Databases, node_template: str) -> Iterator[str]:
    url = server.fresh(node_template)
    yield url
    server.drop(url)


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    otel.set_tracer_provider(provider)
    assert otel.get_tracer_provider() is provider, "somebody else installed a provider first"
    return exporter


def make_partners(engine: Engine) -> None:
    """Tha Li and Bo Taen state what they offer and agree."""
    network = data.communities()
    for offering in network.offerings:
        if offering.offering.community.id in ("tha-li", "bo-taen"):
            engine.result(type(offering), offering.wire())
    terms = next(one.terms for one in network.partnerships if {one.proposer, one.partner} == {"tha-li", "bo-taen"})
    engine.result(ProposePartnership, {"partner": "bo-taen", "terms": terms.wire()}, acting="tha-li")
    until(lambda: [one for one in engine.result(ListPartnerships, acting="bo-taen")["items"] if one["awaits_us"]])
    engine.result(AgreePartnership, {"partner": "tha-li"}, acting="bo-taen")
    until(lambda: engine.result(v1.AskPartnerCatalogue, {"partner": "bo-taen"}, acting="tha-li")["items"])
    until(lambda: len(engine.sql("SELECT 1 FROM referral.partners WHERE state = 'agreed'")) == 2)


R = TypeVar("R", bound=Value)


class Handoff:
    """One handoff from Tha Li to Bo Taen."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        offer = {"to": "bo-taen", "party": PARTY, "language": "th", "items": ITEMS}
        self.id = str(engine.result(v1.OfferHandoff, offer, acting="tha-li")["referral_id"])

    def do(self, contract: Any, acting: str, **fields: Any) -> None:
        """One side acts."""
        self._engine.result(contract, {"referral": self.id, **fields}, acting=acting)

    def send(self, asked: Asked[R], *, acting: str | None = None) -> R:
        """As a local API does."""
        return type(asked).answer().read(self._engine.result(type(asked), asked.wire(), acting=acting))

    def view(self, acting: str) -> dict[str, Any]:
        """As one side sees it."""
        return self._engine.result(v1.ShowHandoff, {"referral": self.id}, acting=acting)

    def reach(self, state: str) -> None:
        """Both sides see it so."""
        until(lambda: {self._state(side) for side in ("tha-li", "bo-taen")} == {state}, 40, state)

    def _state(self, acting: str) -> str | None:
        answer = self._engine.call(v1.ShowHandoff, {"referral": self.id}, acting=acting)
        return answer.result["state"] if answer.result else None

    def waits(self) -> list[tuple[str, str]]:
        """For whose decision something waits, as the portal's sweep asks it."""
        found = self._engine.result(v1.ListAwaited, {"communities": ["bo-taen", "tha-li"]})["items"]
        return [(one["community"], one["state"]) for one in found]

    def complete(self) -> None:
        """From offered to completed; each side is told when it has to decide."""
        self.reach("held")
        assert self.waits() == [("bo-taen", "held")]
        self.do(v1.AcceptHandoff, "bo-taen")
        self.reach("accepted")
        assert self.waits() == [("tha-li", "accepted")]
        edge.give_consent(self, self.id, acting="tha-li")
        self.reach("confirmed")
        assert self.waits() == []
        self.do(v1.DepartParty, "tha-li")
        self.reach("departed")
        self._engine.result(MoveClock, {"to": THURSDAY}, service="referral")
        self.arrive_by_pass()
        self.reach("arrived")
        self.do(v1.CompleteVisit, "bo-taen")
        self.reach("completed")

    def arrive_by_pass(self) -> None:
        """The party shows its pass and is let in; the code that it says after that is the same pass again."""
        given = self.view("tha-li")
        shown = ({"pass_token": given["pass_token"]}, {"short_code": given["short_code"]})
        judged = [self._engine.result(v1.PresentPass, one, acting="bo-taen") for one in shown]
        assert [(one["verdict"], one["referral_id"]) for one in judged] == [("good", self.id), ("used", self.id)]


def test_a_handoff_goes_from_offered_to_completed_and_nothing_is_left_over(node_database: str, bus: str) -> None:
    with running(node_database, bus, SERVICES, edge_ports=PORTS) as engine:
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        handoff = Handoff(engine)
        handoff.complete()
        assert {side: edge.read_part(handoff, handoff.id, acting=side) for side in ("tha-li", "bo-taen")} == {
            "tha-li": edge.MALEE,
            "bo-taen": edge.MALEE,
        }
        until(lambda: all(quiet(engine, one.name) for one in SERVICES), 40, "quiet")
        acts = [line["act"] for line in handoff.view("bo-taen")["story"]]
        assert len(acts) == len(set(acts))
        assert handoff.view("tha-li")["amounts"] == handoff.view("bo-taen")["amounts"]
        assert engine.result(CheckInvariants)["items"] == []
        assert engine.result(v1.CheckRecords)["items"] == []
        window = {"first": "2027-01-01", "last": "2027-01-31"}
        pools = engine.result(AskPools, window, acting="bo-taen")["items"]
        assert sum(one["taken"] for one in pools) > 0
        all_pools = engine.result(AskPools, window | {"untouched": True}, acting="bo-taen")["items"]
        assert [one for one in all_pools if one["taken"]] == [one for one in pools if one["taken"]]
        assert len({one["day"] for one in all_pools}) == 31


def test_every_message_of_a_handoff_s_step_is_in_the_trace_of_the_call_that_caused_it(
    node_database: str, bus: str, spans: InMemorySpanExporter
) -> None:
    with running(node_database, bus, SERVICES, edge_ports=PORTS) as engine:
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        spans.clear()
        with trace.span("local_api"):
            offered = Handoff(engine)
            client = trace.current_id()
        offered.reach("held")
        in_trace = [one for one in spans.get_finished_spans() if trace_of(one) == client]
        names = {one.name for one in in_trace}
        assert {
            "process referral.offer_handoff.v1",
            "process border.handoff_offered.v1",
            "process booking.place_hold.v1",
            "process booking.hold_placed.v1",
            "process border.handoff_held.v1",
        } <= names
        assert connected(in_trace)
        query = "SELECT envelope->>'traceparent' AS parent FROM referral.outbox WHERE envelope->>'subject' = $1"
        sent = engine.sql(query, offered.id)
        assert {row["parent"].split("-")[1] for row in sent} == {client}


def quiet(engine: Engine, service: str) -> bool:
    """Nothing waits in the service."""
    standing = engine.result(AskStanding, service=service)
    return not (sum(standing["unpublished"].values()) or standing["waiting"] or standing["parked"])


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return format(span.context.trace_id, "032x")


def connected(spans: list[ReadableSpan]) -> bool:
    """Whether every span but the first hangs under another of them."""
    ids = {span.context.span_id for span in spans if span.context}
    roots = [span.name for span in spans if span.parent is None or span.parent.span_id not in ids]
    return roots == ["local_api"]
