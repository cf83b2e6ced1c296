"""A flood of one stranger lies before a partner's true messages: they pass it, on both buses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection

from contracts.node.v1 import MoveClock
from contracts.referral import v1
from services.chassis.messaging.admission import Admission
from services.chassis.messaging.authentication import Delivery
from services.chassis.messaging.inbox import Inbox, Outcome
from services.chassis.runtime.ids import new_id
from services.chassis.trust.speakers import url_of
from tests.integration.test_handoff import MONDAY, PORTS, SERVICES, Handoff, make_partners, node_database, node_template
from tests.support.engine import Engine, running, until

__all__ = ["node_database", "node_template"]
FORGED, FEW = 2_000, 500
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
COPIES = "copies of a true message"
STRANGERS: dict[str, dict[str, str | None]] = {
    "with a partner's key and a wrong signature": {},
    "with a key that nobody knows": {"keyid": "AAAAAAAAAAAAAAAA"},
    "without a signature": {"keyid": None, "signature": None},
    "in the name of a community that nobody knows": {"source": "nowhere"},
    COPIES: {},
}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Counter[Outcome]:
    """How many border messages had a transaction of their own, by what became of them."""
    counted: Counter[Outcome] = Counter()
    receive = Inbox.receive

    async def counting(self: Inbox[Any], delivery: Delivery) -> Outcome:
        outcome = await receive(self, delivery)
        counted[outcome] += delivery.queue.endswith(".border")
        return outcome

    monkeypatch.setattr(Inbox, "receive", counting)
    return counted


@pytest.fixture
def engine(node_database: str, bus: str) -> Iterator[Engine]:
    """A node with two partners."""
    with running(node_database, bus, SERVICES, edge_ports=PORTS) as engine:
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        yield engine


@pytest.mark.parametrize("how", STRANGERS)
def test_a_genuine_handoff_completes_during_a_flood_of_one_stranger(
    engine: Engine, bus: str, how: str, judged: Counter[Outcome]
) -> None:
    handoff = flooded(engine, bus, how)
    handoff.do(v1.AcceptHandoff, "bo-taen")
    handoff.reach("accepted")
    handoff.do(v1.WithdrawHandoff, "tha-li", reason="other")
    handoff.reach("withdrawn")
    assert sum(judged.values()) < FEW, "the flood was worked off first"


@pytest.mark.parametrize("how", ["with a partner's key and a wrong signature", COPIES])
def test_control_without_admission_a_genuine_handoff_waits_behind_the_flood(
    engine: Engine, bus: str, how: str, judged: Counter[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Admission, "_who", lambda *_: ("", True))
    handoff = flooded(engine, bus, how)
    handoff.do(v1.WithdrawHandoff, "tha-li", reason="other")
    until(lambda: sum(judged.values()) > FEW, what="the flood to be judged")
    assert handoff.view("bo-taen")["state"] == "held"


def test_a_flood_of_one_stranger_does_not_crowd_out_another(engine: Engine, bus: str, judged: Counter[Outcome]) -> None:
    handoff = flooded(engine, bus, "without a signature")
    publish(bus, [altered(engine, {"source": "elsewhere", "keyid": None, "signature": None})])
    query = "SELECT 1 FROM referral.parked WHERE claimed = 'elsewhere>bo-taen'"
    until(lambda: engine.sql(query), what="the other stranger's message to be judged")
    assert judged[Outcome.PARKED] < FEW
    assert handoff.view("bo-taen")["state"] == "held"


def flooded(engine: Engine, bus: str, how: str) -> Handoff:
    """A held handoff, and a flood that lies before whatever comes next."""
    with Connection(url_of(bus, "stranger")) as link:
        channel = link.channel()
        channel.queue_declare("overheard", auto_delete=False)
        channel.queue_bind("overheard", "border", "*.border.handoff_offered.v1")
        handoff = Handoff(engine)
        until(lambda: channel.queue_declare("overheard", passive=True).message_count, what="the offer")
        heard = str(channel.basic_get("overheard", no_ack=True).body).encode()
        channel.queue_delete("overheard")
    handoff.reach("held")
    if how == COPIES:
        publish(bus, [heard] * FORGED)
    else:
        one = json.loads(altered(engine, STRANGERS[how]))
        publish(bus, [json.dumps(one | {"id": new_id()}).encode() for _ in range(FORGED)])
    return handoff


def altered(engine: Engine, how: dict[str, str | None]) -> bytes:
    """A withdrawal that Tha Li never said."""
    (row,) = engine.sql("SELECT envelope FROM referral.outbox WHERE type = 'border.handoff_offered.v1' LIMIT 1")
    (key,) = engine.sql("SELECT keyid FROM node.partner_keys WHERE community = 'bo-taen' AND partner = 'tha-li'")
    said = {"id": new_id(), "type": "border.handoff_withdrawn.v1", "seq": 2, "data": {"reason": "other"}}
    return json.dumps(
        json.loads(row["envelope"]) | said | {"keyid": key["keyid"], "signature": "A" * 86} | how
    ).encode()


def publish(bus: str, bodies: list[bytes]) -> None:
    """Put them on the border, without waiting for what becomes of them."""
    with Connection(url_of(bus, "stranger")) as link:
        channel = link.channel()
        for body in bodies:
            message = channel.prepare_message(body.decode(), properties={"delivery_mode": 2}, **JSON)
            channel.basic_publish(message, exchange="border", routing_key=f"bo-taen.{json.loads(body)['type']}")
