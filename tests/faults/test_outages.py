"""Broker and database go away in the middle of a handoff and come back: nothing is lost, nothing is parked."""

import time

import pytest

from contracts.booking.v1 import CheckInvariants
from contracts.referral.v1 import AcceptHandoff, ArriveParty, CompleteVisit, DepartParty, ShowHandoff
from services.client.answers import Refused
from tests.faults.deployment import OWNERS, SERVICES, Deployment, Handoff, port_of
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ


def test_a_broker_that_is_killed_and_started_again_in_the_middle_of_a_handoff_loses_nothing(
    running: Deployment, rabbitmq_node: RabbitMQ
) -> None:
    handoff = Handoff(running)
    handoff.reach("held")
    rabbitmq_node.kill()
    with pytest.raises(Refused) as no:
        running.client.send(ShowHandoff(referral=handoff.id), acting="tha-li", seconds=1, patience=0)
    assert no.value.code in ("unavailable", "not_known_yet")
    running.until(lambda: not any(running.ready(name) for name in SERVICES), 10, "readyz to say so")
    rabbitmq_node.start()
    running.wait_ready(*SERVICES)
    handoff.complete()
    handoff.happened_once()


@pytest.fixture
def database_line(deployment: Deployment) -> "Proxy":
    """The database by way of a proxy, for every process that is started from now on."""
    line = Proxy(port_of(deployment.database))
    deployment.database = deployment.database.replace(f":{line.target}/", f":{line.port}/")
    return line


def test_a_database_that_is_away_for_five_seconds_costs_time_and_nothing_else(
    database_line: Proxy, running: Deployment
) -> None:
    handoff = Handoff(running)
    handoff.reach("held")
    handoff.do(AcceptHandoff, "bo-taen")  # its messages are on their way now
    database_line.refuses = True
    database_line.reset()
    away = time.monotonic()
    codes = []
    while time.monotonic() - away < 5:
        try:
            running.client.send(CheckInvariants(), seconds=3, patience=0)
            codes.append("answered")
        except Refused as no:
            codes.append(no.code)
        time.sleep(0.3)
    assert set(codes) == {"unavailable"}
    assert not any(running.ready(name) for name in OWNERS)
    database_line.refuses = False
    running.wait_ready(*SERVICES)
    handoff.reach("accepted")
    handoff.consent()
    handoff.reach("confirmed")
    handoff.wait_for_the_day()
    for what, who, state in (
        (DepartParty, "tha-li", "departed"),
        (ArriveParty, "bo-taen", "arrived"),
        (CompleteVisit, "bo-taen", "completed"),
    ):
        handoff.do(what, who)
        handoff.reach(state)
    handoff.happened_once()
    pauses = sum(running.log(name).count("consumers paused") for name in OWNERS)
    assert pauses < 20, "they paused and went on without end"
