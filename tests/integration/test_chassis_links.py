"""Links break and come back: broker, database, single connections (F5); a service that stops leaves nothing behind."""

# ruff: noqa: SLF001 - these tests take the chassis apart

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import eventlet
import kombu
import pytest

from contracts.refusals import No
from services.booking.service import Booking
from services.chassis.bus import consumer
from services.chassis.messaging.relay import Relay
from services.chassis.messaging.sync_store import Chore, SyncStore
from services.community.service import Community
from services.referral.service import Referral
from tests.support.database import Databases
from tests.support.engine import AskCounted, Engine, Mood, Tally, Tell, envelope, running, until
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ


def through(proxy: Proxy, url: str) -> str:
    """The same address by way of the proxy."""
    return url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/")


@pytest.fixture
def bus_line(rabbitmq_bus: str) -> Iterator[Proxy]:
    made = Proxy(urlsplit(rabbitmq_bus).port or 0)
    yield made
    made.close()


@pytest.fixture
def database_line(database: str) -> Iterator[Proxy]:
    made = Proxy(urlsplit(database).port or 0)
    yield made
    made.close()


def test_f5_connections_reset_under_a_hundred_handlers_each_effect_once_and_back_within_five_seconds(
    database: str, rabbitmq_bus: str, bus_line: Proxy
) -> None:
    with running(database, through(bus_line, rabbitmq_bus)) as engine:
        for n in range(10):
            engine.tell(*(f"{n}-{k}" for k in range(10)), subject=str(n), seconds=0.05)
        until(lambda: len(engine.counted()) > 10)
        bus_line.reset()
        until(lambda: all(one.connected for one in engine.consumers()), 5, "consumers")
        until(lambda: len(engine.counted()) >= 100)
        assert sorted(engine.counted()) == sorted(f"{n}-{k}" for n in range(10) for k in range(10))
        assert engine.parked() == []
        assert not engine.node.failed


def test_a_connection_to_a_silent_broker_is_dropped_and_reopened(
    database: str, rabbitmq_bus: str, bus_line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "HEARTBEAT_SECONDS", 1)
    with running(database, through(bus_line, rabbitmq_bus)) as engine:
        bus_line.frozen = True
        until(lambda: not any(one.connected for one in engine.consumers()), 8, "the silence to be noticed")
        bus_line.frozen = False
        until(lambda: all(one.connected for one in engine.consumers()), 12, "consumers")
        engine.tell("after")
        until(lambda: engine.counted() == ["after"])


def test_a_call_is_answered_although_its_connection_broke(database: str, rabbitmq_bus: str, bus_line: Proxy) -> None:
    with running(database, through(bus_line, rabbitmq_bus)) as engine:
        for _ in range(3):
            assert engine.result(AskCounted)["keys"] == []
            bus_line.reset()
        assert engine.result(AskCounted)["keys"] == []
        assert engine.rpc_client._waiting == {}


def test_a_forced_close_by_the_broker_is_recovered_from(
    database: str, rabbitmq_bus: str, rabbitmq_node: RabbitMQ
) -> None:
    with running(database, rabbitmq_bus) as engine:
        engine.tell("before")
        until(lambda: engine.counted() == ["before"])
        rabbitmq_node.rabbitmqctl("close_all_connections", "--vhost", urlsplit(rabbitmq_bus).path[1:], "test")
        engine.tell("after")
        until(lambda: engine.counted() == ["before", "after"])


def test_a_service_starts_without_its_broker_and_works_when_it_comes(
    database: str, rabbitmq_bus: str, bus_line: Proxy
) -> None:
    bus_line.refuses = True
    with running(database, through(bus_line, rabbitmq_bus), ready=False) as engine:
        answer = engine.call(AskCounted, seconds=0.5)
        assert answer.refusal is not None
        assert answer.refusal.code == No.UNAVAILABLE
        bus_line.refuses = False
        until(lambda: all(one.connected for one in engine.consumers()), 8, "consumers")
        engine.tell("here")
        until(lambda: engine.counted() == ["here"])


def test_a_service_starts_without_its_database_and_works_when_it_comes(
    database: str, bus: str, database_line: Proxy
) -> None:
    database_line.refuses = True
    with running(through(database_line, database), bus, migrate=False) as engine:
        engine.publish(envelope("early"), reply_to="nobody")
        answer = engine.call(Tell, {"keys": ["no"]})
        assert answer.refusal is not None
        assert answer.refusal.code == No.UNAVAILABLE
        database_line.refuses = False
        until(lambda: answered(engine), 10)
        until(lambda: engine.counted() == ["early"], 10)
        assert engine.parked() == []


def test_while_the_database_is_away_nothing_is_lost_parked_or_tried_without_end(
    database: str, bus: str, database_line: Proxy
) -> None:
    keys = [f"k{n}" for n in range(20)]
    with running(through(database_line, database), bus) as engine:
        engine.tell(*keys[:5], seconds=0.02)
        database_line.refuses = True
        database_line.reset()
        started = time.monotonic()
        for n, key in enumerate(keys[5:]):
            engine.publish(envelope(key, subject=f"s{n}"), reply_to="nobody")
        refusals = []
        while time.monotonic() - started < 2.5:
            refusals.append(engine.call(AskCounted, seconds=3).refusal)
            eventlet.sleep(0.2)
        tries = len(Mood.handled)
        database_line.refuses = False
        assert {no.code for no in refusals if no} == {No.UNAVAILABLE}
        assert all(refusals)
        assert tries <= 10
        until(lambda: answered(engine) and len(engine.counted()) >= 20, 20)
        assert sorted(engine.counted()) == sorted(keys)
        assert engine.parked() == []


def test_a_relay_that_lost_its_database_becomes_active_again_and_there_is_only_one(
    database: str, bus: str, database_line: Proxy
) -> None:
    with running(through(database_line, database), bus) as engine:
        second = Relay(database_of(engine), "internal", bus)
        second.start()
        first = relay_of(engine)
        until(lambda: first.active != second.active)
        for _ in range(3):
            database_line.reset()
            until(lambda: first.active != second.active, 6, "an election")
            engine.tell("x", subject="s") if answered(engine) else None
        assert engine.parked() == []
        second.stop()
        until(lambda: first.active, 6)


def test_relays_of_two_processes_publish_each_message_once_and_in_order(database: str, bus: str) -> None:
    keys = [f"k{n}" for n in range(50)]
    with running(database, bus) as engine:
        second = Relay(database_of(engine), "internal", bus)
        second.start()
        for key in keys:
            engine.tell(key)
        until(lambda: len(engine.counted()) >= 50)
        assert engine.counted() == keys
        assert len(Mood.handled) == 50
        second.stop()


def test_a_stopped_service_leaves_what_it_did_not_begin_in_its_queue_and_is_gone_quickly(
    database: str, bus: str
) -> None:
    with running(database, bus) as engine:
        engine.publish(*(envelope(f"k{n}", subject=str(n), data=slow(n)) for n in range(30)), reply_to="nobody")
        until(lambda: Mood.handled)
        started = time.monotonic()
        engine.node.stop()
        assert time.monotonic() - started < 3
        begun = engine.counted()
        assert 1 <= len(begun) < 30
        assert sorted(begun) == sorted(Mood.handled)
        assert waiting(bus, "tally.internal") == 30 - len(begun)
    with running(database, bus) as engine:
        until(lambda: len(engine.counted()) == 30)
        assert len(Mood.handled) == 30


@pytest.fixture
def empty_database(server: Databases) -> Iterator[str]:
    url = server.fresh()
    yield url
    server.drop(url)


def test_the_whole_node_stops_within_three_seconds_and_leaves_no_connection(
    empty_database: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticked: set[str] = set()
    recur = SyncStore.recur

    def noted(sync_store: SyncStore, chore: Chore) -> int:
        done = recur(sync_store, chore)
        ticked.add(sync_store.store.database.service)
        return done

    monkeypatch.setattr(SyncStore, "recur", noted)
    with running(empty_database, bus, (Community, Booking, Referral)) as engine:
        until(lambda: ticked == {"community", "booking", "referral"}, what="timers to have ticked")
        started = time.monotonic()
        engine.rpc_client.stop()
        engine.node.stop()
        assert time.monotonic() - started < 3
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        until(lambda: engine.sql(query)[0][0] == 0, 3, "connections to close")


def test_every_queue_has_its_reader_and_the_broker_policies_reach_them(
    empty_database: str, rabbitmq_bus: str, rabbitmq_node: RabbitMQ
) -> None:
    with running(empty_database, rabbitmq_bus, (Community, Booking, Referral)):
        host = urlsplit(rabbitmq_bus).path[1:]
        quiet = ("--vhost", host, "--no-table-headers")
        listed = rabbitmq_node.rabbitmqctl("list_queues", *quiet, "name", "type", "policy")
        rows = {name: (kind, policy) for name, kind, policy in (line.split("\t") for line in listed.splitlines())}
        read = rabbitmq_node.rabbitmqctl("list_consumers", *quiet, "queue_name").split()
        assert sorted(read) == sorted(rows)
        inboxes = {name: rest for name, rest in rows.items() if name.endswith((".internal", ".border"))}
        assert {name: kind for name, (kind, _) in inboxes.items()} == dict.fromkeys(inboxes, "quorum")
        assert {name: policy for name, (_, policy) in inboxes.items()} == {
            name: name.replace(".internal", "-parks").replace(".border", "-border") for name in inboxes
        }
        assert len(inboxes) == 5


def slow(n: int) -> dict[str, Any]:
    return {"key": f"k{n}", "seconds": 0.3}


def answered(engine: Engine) -> bool:
    return engine.call(AskCounted, seconds=3).result is not None


def waiting(url: str, queue: str) -> int:
    with kombu.Connection(url) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def relay_of(engine: Engine) -> Relay:
    provider = next(one for one in engine.node.runner.service_map[Tally.name].dependencies)
    found: Relay = next(relay for relay in provider.relays if relay._lane == "internal")
    return found


def database_of(engine: Engine) -> Any:
    return next(one for one in engine.node.runner.service_map[Tally.name].dependencies).store.database


def test_connections_to_the_database_reset_under_the_work_park_nothing_and_count_each_once(
    database: str, bus: str, database_line: Proxy
) -> None:
    keys = [f"k{n}" for n in range(60)]
    with running(through(database_line, database), bus) as engine:
        engine.publish(
            *(envelope(key, subject=key, data={"key": key, "seconds": 0.1}) for key in keys), reply_to="nobody"
        )
        for _ in range(8):
            eventlet.sleep(0.15)
            database_line.reset()
        until(lambda: answered(engine) and len(engine.counted()) >= 60, 30)
        assert sorted(engine.counted()) == sorted(keys)
        assert [one["error"] for one in engine.parked()] == []
