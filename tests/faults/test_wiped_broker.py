"""The broker loses what it has confirmed: within a minute all agree again, without a person and nothing twice."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from contracts.referral.v1 import AcceptHandoff, CancelHandoff, DepartParty, WithdrawHandoff
from services.cli.verbs import reconciling
from tests.faults.deployment import OWNERS, SERVICES, Deployment, Handoff
from tests.support.rabbitmq import RabbitMQ

#: The promise, in seconds, once everything runs again.
HEALED = 60.0


def hold_states(deployment: Deployment, handoff: Handoff) -> list[str]:
    """Where the holds of a handoff stand."""
    rows = deployment.sql("SELECT state FROM booking.holds WHERE referral_id = $1::uuid", handoff.id)
    return [row["state"] for row in rows]


def agree(deployment: Deployment, handoff: Handoff, state: str, hold: str) -> Callable[[], bool]:
    """Whether both records and the hold have come there."""
    return lambda: (
        {handoff.state("tha-li"), handoff.state("bo-taen")} == {state} and hold_states(deployment, handoff) == [hold]
    )


def published(deployment: Deployment) -> bool:
    """The broker has confirmed everything."""
    waits = [f"SELECT 1 FROM {one}.outbox WHERE published_at IS NULL" for one in OWNERS]
    return not deployment.sql(" UNION ALL ".join(waits))


def forget_what_is_owed(deployment: Deployment) -> None:
    """As a node that takes published for arrived."""
    for one in OWNERS:
        deployment.sql(f"DELETE FROM {one}.owed")


@contextmanager
def wiped(deployment: Deployment, node: RabbitMQ) -> Iterator[None]:
    """All processes die and the broker loses its folder; inside of it nothing runs. Then all start again."""
    for name in list(deployment.processes):
        deployment.kill(name)
    node.wipe()
    yield
    deployment.start(*SERVICES)
    deployment.wait_ready(*SERVICES)


def once(deployment: Deployment, handoffs: Sequence[Handoff]) -> None:
    """Nothing was set aside and no act stands twice in a story."""
    assert deployment.parked() == []
    for handoff in handoffs:
        for who in ("tha-li", "bo-taen"):
            acts = [line.act for line in handoff.view(who).story]
            assert len(acts) == len(set(acts)), acts
    assert reconciling.wrong(deployment.client) == []


def accepted(deployment: Deployment) -> Handoff:
    """A handoff that both sides have said yes to."""
    handoff = Handoff(deployment)
    handoff.reach("held")
    handoff.do(AcceptHandoff, "bo-taen")
    handoff.reach("accepted")
    return handoff


def confirmed(deployment: Deployment) -> Handoff:
    """A handoff that is a booking."""
    handoff = accepted(deployment)
    handoff.consent()
    handoff.reach("confirmed")
    return handoff


def requests_lost(deployment: Deployment, node: RabbitMQ, **about: Any) -> dict[str, Handoff]:
    """Four handoffs go on while booking is dead; what was asked of it is confirmed by the broker and then lost."""
    made = {
        "withdrawn": confirmed(deployment),
        "cancelled": confirmed(deployment),
        "confirmed": accepted(deployment),
        "accepted": Handoff(deployment),
    }
    made["accepted"].reach("held")
    deployment.kill("booking")
    made["withdrawn"].do(WithdrawHandoff, "tha-li", reason="party_changed_mind")
    made["cancelled"].do(CancelHandoff, "bo-taen", reason="weather")
    made["confirmed"].consent()
    made["accepted"].do(AcceptHandoff, "bo-taen")
    made["withdrawn"].reach("withdrawn")
    made["cancelled"].reach("cancelled")
    deployment.until(
        lambda: made["confirmed"].view("bo-taen").wish == "confirm" and published(deployment), 30, "all to be sent"
    )
    with wiped(deployment, node):
        about.get("meanwhile", lambda: None)()
    return made


HOLDS = {"withdrawn": "CANCELLED", "cancelled": "CANCELLED", "confirmed": "CONFIRMED", "accepted": "ON_HOLD"}


def test_a_request_to_booking_that_the_broker_lost_is_sent_again(running: Deployment, rabbitmq_node: RabbitMQ) -> None:
    made = requests_lost(running, rabbitmq_node)
    running.until(
        lambda: all(agree(running, handoff, state, HOLDS[state])() for state, handoff in made.items()), HEALED, "all"
    )
    taken = running.sql("SELECT coalesce(sum(places), 0)::int AS places FROM booking.takings")[0]["places"]
    assert taken == 2 * sum(row["places"] for row in places_of(running, made["confirmed"]))
    running.until(running.quiet)
    once(running, list(made.values()))


def places_of(deployment: Deployment, handoff: Handoff) -> list[Any]:
    """What the hold of a handoff takes."""
    query = "SELECT places FROM booking.takings JOIN booking.holds USING (hold_id) WHERE referral_id = $1::uuid"
    return deployment.sql(query, handoff.id)


def test_a_fact_of_booking_that_the_broker_lost_is_sent_again(running: Deployment, rabbitmq_node: RabbitMQ) -> None:
    handoff = accepted(running)
    running.kill("booking")
    handoff.consent()
    running.until(lambda: handoff.view("bo-taen").wish == "confirm" and published(running), 30, "it to be asked")
    running.kill("referral")
    running.start("booking")
    running.until(lambda: hold_states(running, handoff) == ["CONFIRMED"] and published(running), 60, "a booking")
    with wiped(running, rabbitmq_node):
        pass
    running.until(agree(running, handoff, "confirmed", "CONFIRMED"), HEALED, "the fact to come again")
    handoff.do(DepartParty, "tha-li")
    handoff.reach("departed")
    handoff.visit()
    handoff.happened_once()


def test_control_without_owed_rows_a_lost_message_stays_lost(running: Deployment, rabbitmq_node: RabbitMQ) -> None:
    made = requests_lost(running, rabbitmq_node, meanwhile=lambda: forget_what_is_owed(running))
    seen = confirmed(running)  # far later than what was lost would have come
    with pytest.raises(AssertionError, match="waited"):
        running.until(agree(running, made["withdrawn"], "withdrawn", "CANCELLED"), 20, "a place to come back")
    assert hold_states(running, made["withdrawn"]) == ["CONFIRMED"]
    assert hold_states(running, seen) == ["CONFIRMED"]
