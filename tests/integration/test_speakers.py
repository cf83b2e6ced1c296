"""Who says a message is who may say it: on RabbitMQ with the shipped rights, and on the bus inside the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import amqp
import pytest
from kombu import Connection

from contracts.booking.v1 import CheckInvariants
from contracts.node.v1 import AskStanding, MoveClock, ReplayParked
from contracts.referral import v1
from contracts.refusals import No
from services.booking.service import Booking
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.edge.rpc_client import RpcClient
from services.chassis.runtime.ids import new_id
from services.chassis.trust.speakers import Logins, url_of
from services.community.service import Community
from services.referral.service import Referral
from tests.integration.test_handoff import MONDAY, PORTS, SERVICES, Handoff, make_partners, node_database, node_template
from tests.support.engine import Engine, running, until
from tests.support.principals import OPERATOR
from tests.support.rabbitmq import RabbitMQ

__all__ = ["node_database", "node_template"]
Address = Callable[[str], str]


@pytest.fixture(params=["inproc", "rabbitmq"])
def address(request: pytest.FixtureRequest) -> Address:
    """Each login's URL of a fresh bus, of either kind."""
    url = str(request.getfixturevalue(f"{request.param}_bus"))
    if request.param == "inproc":
        return lambda login: url_of(url, login)
    node: RabbitMQ = request.getfixturevalue("rabbitmq_node")
    return lambda login: node.url_of(login, url.rpartition("/")[2])


@pytest.fixture
def engine(node_database: str, address: Address) -> Iterator[Engine]:
    """A node of three services, each with a login of its own, and a handoff that could go on."""
    with ExitStack() as stack:
        client = address("local_api")
        for one in (Community, Booking):
            stack.enter_context(running(node_database, address(one.name), (one,), client=client))
        engine = stack.enter_context(running(node_database, address("referral"), (Referral,), client=client))
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        yield engine


def said(engine: Engine, reader: str, source: str, type_: str, subject: str, data: dict[str, Any]) -> bytes:
    """What `source` would say next to this reader."""
    stream = f"{source}>|{subject}"
    query = f"SELECT coalesce(max(seq), 0) + 1 AS seq FROM {reader}.streams_in WHERE stream LIKE $1"
    (row,) = engine.sql(query, f"{stream}%")
    told = {"id": new_id(), "source": source, "type": type_, "subject": subject, "time": MONDAY, "seq": row["seq"]}
    return json.dumps(told | {"data": data}).encode()


def put(url: str, exchange: str, key: str, **properties: str) -> None:
    """Publish without our publisher. Raises what the broker says against it."""
    with Connection(url) as link:
        channel = link.channel()
        channel.confirm_select()
        channel.basic_publish(channel.prepare_message(b"{}", properties=properties), exchange=exchange, routing_key=key)
        link.drain_events(timeout=5)


def publish(url: str, body: bytes, key: str, exchange: str = "internal") -> PublishOutcome:
    """Publish as whoever has this login."""
    publisher = Publisher(url, timeout=5)
    (outcome,) = publisher.publish([Outgoing(new_id(), exchange, key, body, {"type": json.loads(body)["type"]})])
    publisher.close()
    return outcome


def forge_a_release(engine: Engine, address: Address, handoff: Handoff) -> bytes:
    """Community says that booking has given the receiver's places back."""
    (hold,) = engine.sql("SELECT hold_id::text FROM booking.holds WHERE community = 'bo-taen' AND state = 'ON_HOLD'")
    data = {"hold_id": hold["hold_id"], "referral_id": handoff.id, "community": "bo-taen"}
    body = said(engine, "referral", "booking", "booking.hold_released.v1", hold["hold_id"], data)
    assert publish(address("community"), body, "community.offering_published.v1") is PublishOutcome.CONFIRMED
    return body


def forge_an_end(engine: Engine, address: Address) -> None:
    """Booking says that community has ended the partnership."""
    (row,) = engine.sql(
        "SELECT envelope FROM community.outbox WHERE type = 'community.partnership_stated.v1' ORDER BY id DESC LIMIT 1"
    )
    true = json.loads(row["envelope"])
    data = true["data"] | {"state": "ended"}
    body = json.dumps(true | {"id": new_id(), "seq": true["seq"] + 1, "data": data}).encode()
    assert publish(address("booking"), body, "booking.hold_released.v1") is PublishOutcome.CONFIRMED


def held(engine: Engine) -> Handoff:
    handoff = Handoff(engine)
    handoff.reach("held")
    return handoff


def errors(engine: Engine, service: str) -> list[str]:
    return [row["error"] for row in engine.parked(service)]


NOT_SAID = "not said by who may say it"


def test_a_message_sent_by_another_service_is_parked_and_its_number_stays_free(
    engine: Engine, address: Address
) -> None:
    handoff = held(engine)
    forge_a_release(engine, address, handoff)
    forge_an_end(engine, address)
    until(lambda: [NOT_SAID in one for one in errors(engine, "referral")] == [True, True], what="both parked")
    assert engine.sql("SELECT 1 FROM referral.partners WHERE state <> 'agreed'") == []
    handoff.do(v1.AcceptHandoff, "bo-taen")  # booking's own word has the number that the forged one claimed
    handoff.reach("accepted")
    assert engine.result(CheckInvariants)["items"] == []


def test_control_without_checking_the_login_a_message_of_another_service_is_applied(
    engine: Engine, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Logins, "check_speaker", lambda *_: None)
    handoff = held(engine)
    forge_a_release(engine, address, handoff)
    until(lambda: handoff.view("bo-taen")["state"] != "held", what="the damage")
    forge_an_end(engine, address)
    until(lambda: engine.sql("SELECT 1 FROM referral.partners WHERE state = 'ended'"), what="the damage")


def test_a_parked_message_sent_by_another_service_is_not_applied_on_replay(engine: Engine, address: Address) -> None:
    handoff = held(engine)
    forge_a_release(engine, address, handoff)
    until(lambda: errors(engine, "referral"))
    (parked,) = engine.parked("referral")
    settled = engine.result(ReplayParked, {"id": parked["id"]}, service="referral")
    assert settled["settled"] is False
    assert handoff.view("bo-taen")["state"] == "held"


@pytest.mark.parametrize("address", ["inproc"], indirect=True)  # on RabbitMQ its rights end sooner: see below
@pytest.mark.usefixtures("engine")
def test_only_an_edge_may_call(address: Address) -> None:
    other = RpcClient(address("community"), "community")
    other.start()
    answer = other.call("booking", AskStanding, {}, caller="community", principal=OPERATOR, acting=None, seconds=2)
    other.stop()
    assert answer.refusal is not None
    assert answer.refusal.code is No.NOT_ALLOWED


@pytest.mark.usefixtures("engine")
def test_nobody_publishes_under_the_login_of_another(address: Address) -> None:
    with pytest.raises(amqp.PreconditionFailed):
        put(address("community"), "internal", "community.offering_published.v1", user_id="booking")


@pytest.mark.parametrize(
    ("login", "exchange", "key"),
    [
        ("community", "", "booking.internal"),
        ("community", "", "booking.calls"),
        ("community", "calls", "booking"),
        ("community", "internal", "booking.hold_released.v1"),
        ("booking", "internal", "community.partnership_stated.v1"),
        ("booking", "border", "bo-taen.border.partnership_ended.v1"),
        ("local_api", "internal", "booking.hold_released.v1"),
        ("local_api", "border", "bo-taen.border.handoff_offered.v1"),
        ("local_api", "replies", "replies.1"),
    ],
)
def test_a_login_cannot_publish_where_its_service_does_not(
    rabbitmq_bus: str, rabbitmq_node: RabbitMQ, login: str, exchange: str, key: str
) -> None:
    with pytest.raises(amqp.AccessRefused):
        put(rabbitmq_node.url_of(login, rabbitmq_bus.rpartition("/")[2]), exchange, key)


@pytest.mark.parametrize("login", ["community", "local_api"])
def test_a_login_can_neither_read_nor_change_what_is_another_s(
    rabbitmq_bus: str, rabbitmq_node: RabbitMQ, login: str
) -> None:
    with Connection(rabbitmq_bus) as link:
        link.channel().queue_declare("booking.internal", durable=True, auto_delete=False)
    forbidden: dict[str, tuple[str, ...]] = {
        "basic_get": ("booking.internal",),
        "queue_purge": ("booking.internal",),
        "queue_delete": ("booking.internal",),
        "queue_bind": ("booking.internal", "internal", "#"),
        "exchange_delete": ("internal",),
        "queue_declare": ("booking.other",),
    }
    with Connection(rabbitmq_node.url_of(login, rabbitmq_bus.rpartition("/")[2])) as link:
        for what, about in forbidden.items():
            with pytest.raises(amqp.AccessRefused):
                getattr(link.channel(), what)(*about)


def test_one_login_for_all_services_works_and_no_other_login_is_believed(
    node_database: str, rabbitmq_bus: str, rabbitmq_node: RabbitMQ
) -> None:
    address: Address = lambda login: rabbitmq_node.url_of(login, rabbitmq_bus.rpartition("/")[2])  # noqa: E731 - short
    with running(node_database, rabbitmq_bus, SERVICES, edge_ports=PORTS) as engine:
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        handoff = held(engine)
        forge_a_release(engine, address, handoff)
        until(lambda: NOT_SAID in "".join(errors(engine, "referral")), what="it to be parked")
        assert handoff.view("bo-taen")["state"] == "held"
