"""Each kind of damage is planted in a node that runs: the checker finds exactly it, and the verb puts it right."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import eventlet
import pytest

from contracts.referral.v1 import AcceptHandoff
from deploy.local.verbs import doctor
from services.cli.verbs import reconciling
from tests.faults.deployment import Deployment, Handoff

#: Long enough for messages of a quiet node, in seconds.
GRACE = 3.0
STATE = (
    "UPDATE referral.records SET state = $2::text, body = body || jsonb_build_object('state', $2::text)"
    " WHERE referral_id = $1::uuid"
)
FIELD = "UPDATE referral.records SET body = body || $2::jsonb WHERE referral_id = $1::uuid AND side = ANY ($3::text[])"
BOTH, RECEIVER = ["sender", "receiver"], ["receiver"]


@pytest.fixture
def node(database: str, tmp_path: Path) -> Iterator[Deployment]:
    """All services in one process, on the bus inside of it."""
    made = Deployment(database, "inproc://node/", tmp_path)
    made.start("all")
    made.wait_ready("all")
    yield made
    made.close()


def verb(node: Deployment, capsys: pytest.CaptureFixture[str], run: Callable[[argparse.Namespace], int]) -> Any:
    """Its exit code, and what it says to machines."""
    port = node.ports["all"]
    args = argparse.Namespace(port=port, data=node.folder, json=True, grace=GRACE, dry_run=False)
    capsys.readouterr()
    code = run(args)
    return code, json.loads(capsys.readouterr().out)


def confirmed(node: Deployment) -> Handoff:
    handoff = accepted(node)
    handoff.consent()
    handoff.reach("confirmed")
    return handoff


def accepted(node: Deployment) -> Handoff:
    handoff = Handoff(node)
    handoff.reach("held")
    handoff.do(AcceptHandoff, "bo-taen")
    handoff.reach("accepted")
    return handoff


def hold_states(node: Deployment, handoff: Handoff) -> list[str]:
    rows = node.sql("SELECT state FROM booking.holds WHERE referral_id = $1::uuid", handoff.id)
    return [row["state"] for row in rows]


def a_withdrawal_that_booking_never_heard_of(node: Deployment) -> Handoff:
    handoff = confirmed(node)
    node.sql(STATE, handoff.id, "withdrawn")
    return handoff


def a_confirmation_that_the_record_never_heard_of(node: Deployment) -> Handoff:
    handoff = accepted(node)
    node.sql(FIELD, handoff.id, json.dumps({"wish": "confirm"}), RECEIVER)
    node.sql("UPDATE booking.holds SET state = 'CONFIRMED', expires_at = NULL WHERE referral_id = $1::uuid", handoff.id)
    return handoff


def a_hold_whose_record_is_not_there(node: Deployment) -> Handoff:
    handoff = confirmed(node)
    node.sql("DELETE FROM referral.records WHERE referral_id = $1::uuid", handoff.id)
    return handoff


def a_record_whose_hold_is_not_there(node: Deployment) -> Handoff:
    handoff = confirmed(node)
    node.sql(
        "WITH mine AS (SELECT hold_id FROM booking.holds WHERE referral_id = $1::uuid),"
        " gone AS (DELETE FROM booking.takings WHERE hold_id IN (SELECT hold_id FROM mine) RETURNING *)"
        " UPDATE booking.pools p SET taken = p.taken - g.places FROM gone g"
        " WHERE (p.community, p.pool, p.day) = (g.community, g.pool, g.day)",
        handoff.id,
    )
    node.sql("DELETE FROM booking.holds WHERE referral_id = $1::uuid", handoff.id)
    return handoff


def a_party_that_is_booked_twice(node: Deployment) -> Handoff:
    first, second = confirmed(node), confirmed(node)
    node.sql(FIELD, second.id, json.dumps({"replaces": first.id}), BOTH)
    return first


def a_stream_with_a_gap(node: Deployment) -> Handoff:
    handoff = confirmed(node)
    node.sql("DELETE FROM referral.owed WHERE stream = 'referral>|bo-taen/' || $1::text", handoff.id)
    node.sql(
        "INSERT INTO referral.owed SELECT 'booking', stream, seq, seq - 1, 9, now() + interval '15 min', NULL,"
        " now() - interval '2 min' FROM referral.streams_out WHERE stream = 'referral>|bo-taen/' || $1::text",
        handoff.id,
    )
    return handoff


def a_message_that_waits_for_a_lost_one(node: Deployment) -> Handoff:
    handoff = confirmed(node)
    node.sql("DELETE FROM referral.owed WHERE stream = 'referral>|bo-taen/' || $1::text", handoff.id)
    about = "stream = 'referral>|bo-taen/' || $1::text"
    lost = f"DELETE FROM booking.inbox WHERE message_id = (SELECT id FROM referral.outbox WHERE {about} AND seq = 2)"
    node.sql(lost, handoff.id)
    node.sql(f"UPDATE booking.streams_in SET seq = 1 WHERE {about}", handoff.id)
    waits = (
        "INSERT INTO booking.waiting SELECT stream, seq, convert_to(envelope::text, 'UTF8'), now() - interval '2 min'"
        f" FROM referral.outbox WHERE {about} AND seq = 3"
    )
    node.sql(waits, handoff.id)
    return handoff


class Damage(NamedTuple):
    """How it is planted, which rule it breaks, and where records and hold stand once it was put right."""

    plant: Callable[[Deployment], Handoff]
    rule: str
    state: str | None
    holds: list[str]


DAMAGES = (
    Damage(a_withdrawal_that_booking_never_heard_of, "a record and its hold fit", "withdrawn", ["CANCELLED"]),
    Damage(a_confirmation_that_the_record_never_heard_of, "a record and its hold fit", "confirmed", ["CONFIRMED"]),
    Damage(a_hold_whose_record_is_not_there, "a hold has its record", None, ["CANCELLED"]),
    Damage(a_record_whose_hold_is_not_there, "a record has its hold", "cancelled", []),
    Damage(a_party_that_is_booked_twice, "a party is booked once", "withdrawn", ["CANCELLED"]),
    Damage(a_stream_with_a_gap, "what is said arrives within a minute", "confirmed", ["CONFIRMED"]),
    Damage(
        a_message_that_waits_for_a_lost_one,
        "what waits has the one before it on its way",
        "confirmed",
        ["CONFIRMED"],
    ),
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.plant.__name__)
def test_damage_is_found_reported_and_repaired_by_reconcile(
    node: Deployment, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    confirmed(node)  # nothing is wrong with this one
    handoff = damage.plant(node)
    code, told = verb(node, capsys, reconciling.check_invariants)
    assert (code, [one["rule"] for one in told["violations"]]) == (1, [damage.rule])
    assert "./handoff reconcile" in told["violations"][0]["advice"]
    code, told = verb(node, capsys, doctor.run)
    assert code == 1
    assert [one["what"] for one in told["findings"] if one["kind"] == "trouble" and damage.rule in one["what"]] != []
    code, told = verb(node, capsys, reconciling.reconcile)
    assert (code, told["left"]) == (0, [])
    node.until(lambda: hold_states(node, handoff) == damage.holds, 30, "the hold")
    assert {handoff.state("tha-li"), handoff.state("bo-taen")} == {damage.state}
    assert node.parked() == []
    audited = node.sql("SELECT what FROM node.audit WHERE who = 'operator:local' AND community = 'bo-taen'")
    assert {"messages_said_again"} <= {row["what"] for row in audited}
    assert verb(node, capsys, reconciling.check_invariants)[0] == 0


def test_a_busy_node_has_no_findings(node: Deployment) -> None:
    busy = [eventlet.spawn(confirmed, node) for _ in range(4)]
    while not all(thread.dead for thread in busy):
        assert reconciling.wrong(node.client, grace=10.0) == []
        eventlet.sleep(0.1)
    for thread in busy:
        thread.wait()
    assert reconciling.wrong(node.client, grace=10.0) == []
