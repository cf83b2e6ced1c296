"""A flood of one stranger lies before a partner's true messages: they pass it, on both buses."""

from __future__ import annotations

import json
import time

import pytest
from kombu import Connection

from contracts.node.v1 import MoveClock
from contracts.referral import v1
from services.chassis.admission import Admission
from services.chassis.ids import new_id
from services.chassis.speakers import url_of
from tests.integration.test_handoff import MONDAY, SERVICES, Handoff, make_partners, node_database, node_template
from tests.support.engine import Engine, running

__all__ = ["node_database", "node_template"]
FORGED = 2_000


def forge(engine: Engine, bus: str, how: dict[str, str | None], many: int = FORGED) -> None:
    """Put forged withdrawals of Tha Li before whatever comes next; none of them is waited for."""
    (row,) = engine.sql("SELECT envelope FROM referral.outbox WHERE type = 'border.handoff_offered.v1' LIMIT 1")
    true = json.loads(row["envelope"])
    (key,) = engine.sql("SELECT keyid FROM node.partner_keys WHERE community = 'bo-taen' AND partner = 'tha-li'")
    signed = {"keyid": key["keyid"], "signature": "A" * 86} | how
    with Connection(url_of(bus, "stranger")) as link:
        channel = link.channel()
        for _ in range(many):
            forged = true | {"id": new_id(), "type": "border.handoff_withdrawn.v1", "seq": 2} | signed
            body = json.dumps(forged | {"data": {"reason": "party_changed_mind"}})
            message = channel.prepare_message(body, content_type="application/json", content_encoding="utf-8")
            message.properties["delivery_mode"] = 2
            channel.basic_publish(message, exchange="border", routing_key=f"bo-taen.{forged['type']}")


def judged(engine: Engine) -> int:
    """How many forged messages had a transaction of their own."""
    row = engine.sql(
        "SELECT (SELECT coalesce(sum(copies), 0) FROM referral.parked) + (SELECT count(*) FROM referral.unproven) AS n"
    )
    return int(row[0]["n"])


STRANGERS: dict[str, dict[str, str | None]] = {
    "with a partner's key and a wrong signature": {},
    "with a key that nobody knows": {"keyid": "AAAAAAAAAAAAAAAA"},
    "without a signature": {"keyid": None, "signature": None},
    "in the name of a community that nobody knows": {"source": "nowhere"},
}


@pytest.mark.parametrize("how", STRANGERS.values(), ids=STRANGERS)
def test_a_true_handoff_passes_a_flood_of_one_stranger(
    node_database: str, bus: str, how: dict[str, str | None]
) -> None:
    with running(node_database, bus, SERVICES) as engine:
        handoff = flooded(engine, bus, how)
        began = time.monotonic()
        handoff.do(v1.AcceptHandoff, "bo-taen")
        handoff.reach("accepted")
        print("accepted after", time.monotonic() - began, "judged", judged(engine))
        handoff.do(v1.WithdrawHandoff, "tha-li", reason="party_changed_mind")
        handoff.reach("withdrawn")
        print("withdrawn after", time.monotonic() - began, "judged", judged(engine))
        assert judged(engine) < 400, "the flood was worked off first"


def test_control_a_true_handoff_waits_behind_the_flood_where_nobody_waits_apart(
    node_database: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Admission, "_who", lambda *_: ("", True))
    with running(node_database, bus, SERVICES) as engine:
        handoff = flooded(engine, bus, {})
        began = time.monotonic()
        handoff.do(v1.WithdrawHandoff, "tha-li", reason="party_changed_mind")
        handoff.reach("withdrawn")
        print("withdrawn after", time.monotonic() - began, "judged", judged(engine))
        assert judged(engine) >= 500


def flooded(engine: Engine, bus: str, how: dict[str, str | None]) -> Handoff:
    """A held handoff, and a flood on its way."""
    engine.result(MoveClock, {"to": MONDAY}, service="referral")
    make_partners(engine)
    handoff = Handoff(engine)
    handoff.reach("held")
    forge(engine, bus, how)
    return handoff
