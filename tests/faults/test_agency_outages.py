"""Database, broker or booking stand still while agencies ask: each is answered in time, and nothing is done late."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts.booking.v1 import CheckInvariants, Reserve, RestateCapacity, SetException
from contracts.community.v1 import Restate
from contracts.values import Item, Party
from tests.faults.agencies import Booked
from tests.faults.deployment import Deployment
from tests.support.database import Databases
from tests.support.rabbitmq import RabbitMQ

#: What asks booking is answered after so many seconds, whatever happens.
DEADLINE = 5.0
READ_MODEL = ("agencies", "agreements", "hosts", "pools", "rules")
#: Of which booking stands still alone.
SELLING = ("local_api+agency_api+community+referral", "booking")


@pytest.fixture
def alone(database: str, tmp_path: Path) -> Iterator[Deployment]:
    """Everything in one process, without a broker."""
    made = Deployment(database, "inproc://node/", tmp_path)
    made.start("all", HANDOFF_AGENCY_LIMIT="0")
    made.wait_ready("all")
    yield made
    made.close()


@pytest.fixture
def spread(deployment: Deployment) -> Deployment:
    """Booking in a process of its own, the others in another, on RabbitMQ."""
    deployment.start(*SELLING, HANDOFF_AGENCY_LIMIT="0")
    deployment.wait_ready(*SELLING)
    return deployment


@contextmanager
def frozen(*processes: int) -> Iterator[None]:
    """They stand still, and go on afterwards."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(processes):
            os.kill(process, signal.SIGCONT)


def family(parent: int) -> list[int]:
    """A process and all below it, the parent first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue  # it has ended
    found = [parent]
    for one in found:
        found += children.get(one, [])
    return found


def postgres(server: Databases) -> list[int]:
    """The processes of the database server, if they are of this machine."""
    if os.environ.get("HANDOFF_TEST_DATABASE_URL"):
        pytest.skip("the database server is not of these tests")
    folder = Path(server.execute("SHOW data_directory"))
    return family(int((folder / "postmaster.pid").read_text().split()[0]))


class Asked:
    """What an agency asks: reads, and a reservation that is the same each time it is asked."""

    def __init__(self, deployment: Deployment) -> None:
        self.booked = Booked(deployment)
        self.deployment = deployment
        self.wish = {**self.booked.wanted, "unitItems": [{"unitId": "adult"}] * 2}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any, float]:
        """Status, headers, body and how long it took."""
        began = time.monotonic()
        status, headers, text = self.booked.exchange(path, body, method=method)
        return status, headers, json.loads(text), time.monotonic() - began

    def reserve(self) -> tuple[int, dict[str, str], Any, float]:
        """Hold places."""
        return self.ask("POST", "/octo/bookings", self.wish)

    def everything(self) -> list[tuple[int, dict[str, str], Any, float]]:
        """Of each kind of request one, all at once."""
        days = {"productId": "bo-taen.homestay", "optionId": "1-night"}
        days |= {"localDateStart": "2027-01-20", "localDateEnd": "2027-01-21"}
        asked = [
            ("GET", "/octo/products", None), ("POST", "/octo/availability", days), ("GET", "/v1/agreements", None),
            ("POST", "/octo/availability/calendar", days), ("GET", f"/octo/bookings/{uuid.uuid4()}", None),
            ("GET", "/v1/communities", None), ("POST", "/octo/bookings", self.wish),
        ]  # fmt: skip
        return list(eventlet.GreenPool(len(asked)).imap(lambda one: self.ask(*one), asked))

    def holds(self) -> int:
        """How many holds booking has of agencies."""
        (row,) = self.deployment.sql("SELECT count(*) AS held FROM booking.holds WHERE agency IS NOT NULL")
        return int(row["held"])

    def is_held_once(self, holds: int = 1) -> None:
        """Asked again it is done, once, with which there are so many holds; nothing is wrong with what is taken."""
        answers: list[tuple[int, Any]] = []

        def again() -> bool:
            status, _, body, _ = self.reserve()
            answers.append((status, body.get("status")))
            return status == 200

        self.deployment.until(again, 20, "it to be held")
        assert answers[-1] == (200, "ON_HOLD"), answers
        assert self.reserve()[0] == 200
        assert self.holds() == holds
        assert list(self.deployment.client.send(CheckInvariants()).items) == []


def in_time(answers: list[tuple[int, dict[str, str], Any, float]]) -> None:
    """All said to ask again, within the deadline and a second."""
    assert [status for status, *_ in answers] == [503] * len(answers)
    assert all(int(headers["retry-after"]) > 0 for _, headers, _, _ in answers)
    assert max(seconds for *_, seconds in answers) <= DEADLINE + 1


def test_while_the_database_stands_still_all_are_told_in_time_and_nothing_is_done_late(
    server: Databases, alone: Deployment
) -> None:
    asked = Asked(alone)
    assert [status for status, *_ in asked.everything()][:2] == [200, 200], "the control: before it they are answered"
    asked.wish |= {"uuid": str(uuid.uuid4())}
    before = asked.holds()
    with frozen(*postgres(server)):
        in_time(asked.everything())
    alone.until(lambda: asked.ask("GET", "/octo/products")[0] == 200, 5, "it to be answered again")
    alone.until(alone.quiet)
    assert asked.holds() == before, "what nobody waits for any more is not done"
    asked.is_held_once(before + 1)


def test_what_waited_in_the_queue_of_a_service_beyond_its_deadline_is_not_done(spread: Deployment) -> None:
    asked = Asked(spread)
    booking = spread.processes["booking"].pid
    with frozen(*family(booking)):
        in_time([asked.reserve()])
    spread.wait_ready("booking")
    spread.until(spread.quiet)
    assert asked.holds() == 0
    asked.is_held_once()


def test_control_what_waited_less_than_that_is_done(spread: Deployment) -> None:
    asked = Asked(spread)
    with frozen(*family(spread.processes["booking"].pid)):
        waits = eventlet.spawn(asked.reserve)
        eventlet.sleep(0.5)  # it stands in the queue by then
        assert not waits.dead
    assert waits.wait()[0] == 200
    assert asked.holds() == 1


def test_while_the_broker_stands_still_reads_are_answered_and_bookings_are_told_in_time(
    spread: Deployment, rabbitmq_node: RabbitMQ
) -> None:
    asked = Asked(spread)
    with frozen(*family(rabbitmq_node.pid)):
        in_time([asked.reserve()])
        assert asked.ask("GET", "/octo/products")[0] == 200, "reading asks nobody"
    spread.until(spread.quiet, 40)
    assert asked.holds() == 0, "what came out of the broker late is not done"
    asked.is_held_once()


def test_a_read_model_that_was_lost_is_whole_again_when_all_is_stated_again(alone: Deployment) -> None:
    asked = Asked(alone)
    assert asked.reserve()[0] == 200
    closed = SetException(day=date(2027, 1, 30), experience_id="bo-taen.homestay", kind="closed", reason="Flood")
    alone.client.send(closed, acting="bo-taen")
    item = Item(experience_id="bo-taen.homestay", day=date(2027, 1, 22))
    alone.client.send(Reserve(hold_id=str(uuid.uuid4()), party=Party(adult=2), items=(item,)), acting="bo-taen")
    alone.until(alone.quiet)
    before = read_model(alone)
    assert all(before.values())
    alone.sql("TRUNCATE " + ", ".join(f"agency_api.{table}" for table in READ_MODEL))
    assert asked.ask("GET", "/octo/products")[2] == [], "the control: without it there is nothing to sell"
    alone.client.send(Restate())
    alone.client.send(RestateCapacity())
    alone.until(lambda: read_model(alone) == before, 20, "it to be whole")


def read_model(deployment: Deployment) -> dict[str, list[str]]:
    """All that is in it."""
    return {
        table: sorted(str(dict(row)) for row in deployment.sql(f"SELECT * FROM agency_api.{table}"))
        for table in READ_MODEL
    }
