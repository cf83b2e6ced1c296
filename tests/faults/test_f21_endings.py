"""Asked to end, a process finishes what it has in hand, leaves the rest in the queue and is gone in time (F21)."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import kombu

from contracts.messages import Envelope
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.runtime import bridge
from services.chassis.runtime.ids import new_id
from services.client.local_api import LocalApi
from tests.faults.deployment import SERVICES, Deployment, Handoff
from tests.support.rabbitmq import RabbitMQ


def publish(bus: str, queue: str, *envelopes: Envelope) -> None:
    publisher = Publisher(bus, timeout=10)
    batch = [Outgoing(one.id, "", queue, one.encode(), {}) for one in envelopes]
    assert set(publisher.publish(batch)) == {PublishOutcome.CONFIRMED}
    publisher.close()


def release(n: int) -> Envelope:
    """A release of a hold that never was: it leaves a tombstone, once."""
    about: dict[str, Any] = {"source": "referral", "type": "booking.release_hold.v1", "subject": f"end/{n}", "seq": 1}
    return Envelope.read(about | {"id": new_id(), "time": "2027-01-04T02:00:00Z", "data": {"hold_id": new_id()}})


def waiting(bus: str, queue: str) -> int:
    with kombu.Connection(bus) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def read(node: RabbitMQ, bus: str) -> set[str]:
    """The queues that somebody takes from; not whoever has cancelled and still has to ack."""
    host = ("--vhost", urlsplit(bus).path[1:])
    return set(node.rabbitmqctl("list_consumers", *host, "--no-table-headers", "queue_name").split())


def test_f21_an_idle_node_stops_with_code_zero_without_waiting_for_the_drain_time(running: Deployment) -> None:
    Handoff(running).reach("held")
    for name in SERVICES:
        running.processes[name].send_signal(signal.SIGINT if name == "referral" else signal.SIGTERM)
    began = time.monotonic()
    assert {name: running.ended(name) for name in SERVICES} == dict.fromkeys(SERVICES, 0)
    assert time.monotonic() - began < 20, "the drain of 30 seconds is for work, and there was none"


def test_f21_handlers_in_hand_finish_and_what_was_not_begun_stays_in_the_queue(
    deployment: Deployment, rabbitmq_node: RabbitMQ
) -> None:
    bus, queue = deployment.bus, "booking.internal"
    deployment.start("booking")
    deployment.wait_ready("booking")
    assert queue in read(rabbitmq_node, bus)
    with locked(deployment) as let_go:
        publish(bus, queue, *(release(n) for n in range(20)))
        deployment.until(lambda: blocked(deployment) >= 6, 10, "handlers to have begun")
        deployment.processes["booking"].send_signal(signal.SIGTERM)
        deployment.until(lambda: queue not in read(rabbitmq_node, bus), 8, "it to take no more")
        assert deployment.processes["booking"].poll() is None, "it left work undone"
        let_go()
        assert deployment.ended("booking", 10) == 0
    begun = len(tombstones(deployment))
    assert 1 <= begun <= 8
    deployment.until(lambda: waiting(bus, queue) == 20 - begun, 5, "the rest in the queue")
    deployment.start("booking")
    deployment.until(lambda: len(tombstones(deployment)) == 20)
    assert deployment.parked() == []


def test_the_probes_answer_while_every_message_worker_is_held_up(deployment: Deployment) -> None:
    deployment.start("booking")
    deployment.wait_ready("booking")
    probe = LocalApi(deployment.ports["booking"], "")
    with locked(deployment) as let_go:
        publish(deployment.bus, "booking.internal", *(release(n) for n in range(20)))
        deployment.until(lambda: blocked(deployment) >= 6, 10, "handlers to have begun")
        answers = [probe.get(path)[0] for _ in range(20) for path in ("/healthz", "/readyz")]
        assert blocked(deployment) >= 1, "the workers were free again: nothing was shown"
        let_go()
    assert answers == [200] * 40
    deployment.until(lambda: len(tombstones(deployment)) == 20)


def test_f21_a_stuck_handler_is_cut_off_and_its_message_is_redelivered(deployment: Deployment) -> None:
    deployment.start("booking", HANDOFF_DRAIN="1")
    deployment.wait_ready("booking")
    with locked(deployment):
        publish(deployment.bus, "booking.internal", release(1))
        deployment.until(lambda: blocked(deployment) >= 1, 10, "the handler to be stuck")
        began = time.monotonic()
        deployment.processes["booking"].send_signal(signal.SIGTERM)
        code = deployment.ended("booking")
        assert time.monotonic() - began < 1 + 5 + 1.5
        assert code == 70
    deployment.start("booking")
    deployment.until(lambda: len(tombstones(deployment)) == 1)
    assert deployment.parked() == []


@contextmanager
def locked(deployment: Deployment) -> Iterator[Callable[[], None]]:
    """While it lasts, or until what it gives is called, no hold can be written."""
    connection = bridge.run(asyncpg.connect(deployment.direct))
    bridge.run(connection.execute("BEGIN; LOCK TABLE booking.holds IN EXCLUSIVE MODE"))

    def let_go() -> None:
        if not connection.is_closed():
            bridge.run(connection.close())

    try:
        yield let_go
    finally:
        let_go()


def blocked(deployment: Deployment) -> int:
    """Sessions of booking that wait for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return len(deployment.sql(query))


def tombstones(deployment: Deployment) -> list[Any]:
    return deployment.sql("SELECT 1 FROM booking.holds WHERE community = ''")
