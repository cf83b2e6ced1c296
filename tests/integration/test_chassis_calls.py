"""Whoever asks is answered within the deadline, with what is true (F9, F12); the services outlive all of it."""

# ruff: noqa: SLF001 - these tests take the chassis apart

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import eventlet
import kombu
import pytest

from contracts.messages import Call, Message
from contracts.node.v1 import MoveClock
from contracts.refusals import No
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.messaging.store import Store
from services.chassis.messaging.sync_store import SyncStore
from services.chassis.runtime import bridge
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.trust.speakers import url_of
from tests.support.engine import (
    AskCounted,
    Counted,
    Engine,
    Tally,
    TallyUnitOfWork,
    Tell,
    Told,
    holds_for,
    running,
    until,
)
from tests.support.principals import OPERATOR, agency

T = TypeVar("T")


def timed(attempt: Callable[[], T]) -> tuple[T, float]:
    started = time.monotonic()
    return attempt(), time.monotonic() - started


def waiting(bus: str, queue: str) -> int:
    with kombu.Connection(bus) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def refused(engine: Engine, contract: type[Message], data: dict[str, Any] | None = None, **how: Any) -> No:
    answer = engine.call(contract, data, **how)
    assert answer.refusal is not None, answer
    return answer.refusal.code


def test_f9_a_call_to_a_missing_service_is_refused_at_once(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        code, seconds = timed(lambda: refused(engine, AskCounted, service="nobody"))
        assert code == No.UNAVAILABLE
        assert seconds < 2
        assert engine.rpc_client._waiting == {}


def test_f9_a_call_to_a_stopped_service_ends_at_its_deadline_and_leaves_no_entry(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        for consumer in engine.consumers():
            consumer.stop(1)
        threads = [eventlet.spawn(timed, lambda: refused(engine, AskCounted, seconds=1.0)) for _ in range(20)]
        answers = [thread.wait() for thread in threads]
        assert {code for code, _ in answers} == {No.NOT_KNOWN_YET}
        assert max(seconds for _, seconds in answers) < 2
        assert engine.rpc_client._waiting == {}


def test_f9_control_nameko_s_own_proxy_waits_on_and_keeps_its_entry(rabbitmq_bus: str) -> None:
    from nameko.standalone.rpc import ServiceRpcProxy

    with kombu.Connection(rabbitmq_bus) as connection:
        kombu.Queue("rpc-slow", kombu.Exchange("nameko-rpc", "topic"), "slow.*", durable=True)(
            connection.channel()
        ).declare()
    with eventlet.Timeout(2, False), ServiceRpcProxy("slow", {"AMQP_URI": rabbitmq_bus}) as proxy:
        proxy.ask()
        raise AssertionError("it answered")


def test_an_edge_that_calls_in_another_edges_name_is_refused(database: str, inproc_bus: str) -> None:
    with running(database, inproc_bus) as engine:
        answer = engine.call(Tell, {"keys": ["no"]}, caller="portal")
        assert answer.refusal is not None
        assert (answer.refusal.code, answer.refusal.field) == (No.NOT_ALLOWED, "caller")
        engine.tell("yes")
        until(lambda: engine.counted() == ["yes"])


def test_a_stale_request_dies_in_its_queue_and_is_never_done(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        pass
    with running(database, bus, services=(), ready=False) as engine:
        assert refused(engine, Tell, {"keys": ["stale"]}, seconds=0.5) == No.NOT_KNOWN_YET
        until(lambda: waiting(bus, "tally.calls") == 0, what="the request to die in its queue")
    with running(database, bus) as engine:
        assert engine.result(AskCounted)["keys"] == []
        assert holds_for(0.5, lambda: engine.counted() == [])


def test_a_request_that_was_late_on_its_way_is_refused_before_the_work(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        call = Call(
            id=new_id(),
            type=Tell.type,
            caller="late",
            principal=OPERATOR,
            deadline=datetime.now(UTC) - timedelta(seconds=1),
            data={"keys": ["late"]},
        )
        publisher = Publisher(url_of(bus, "local_api"))
        body = call.model_dump_json().encode()
        assert publisher.publish([Outgoing(new_id(), "calls", "tally", body, {}, reply_to="nobody")]) == [
            PublishOutcome.CONFIRMED
        ]
        publisher.close()
        engine.tell("in time")
        until(lambda: engine.counted() == ["in time"])
        assert engine.sql("SELECT 1 FROM tally.answers WHERE caller = 'late'") == []


def test_a_call_without_principal_or_with_one_its_edge_may_not_speak_for_is_refused(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        for who in (None, agency()):  # where all share one login, it speaks for whomever some edge may
            answer = engine.call(Tell, {"keys": ["no"]}, principal=who, acting="tha-li")
            assert answer.refusal is not None
            assert (answer.refusal.code, answer.refusal.field) == (No.NOT_ALLOWED, "principal")
        engine.tell("yes")
        until(lambda: engine.counted() == ["yes"])


def test_an_operation_is_of_the_operator_who_asked_for_it(database: str) -> None:
    seen: list[str] = []

    async def look(store: Store[TallyUnitOfWork], _wanted: AskCounted, _settings: Settings) -> Counted:
        async with store.work("*") as work:
            seen.append(work.principal.who if work.principal else "nobody")
        return Counted(keys=())

    store = SyncStore(Store(database, TallyUnitOfWork, role=False), Settings(database_url=database))
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    call = Call(id=new_id(), type=AskCounted.type, caller="test", principal=OPERATOR, deadline=deadline, data={})
    assert store.answer(call, lambda answering, asked: answering.operation(asked, AskCounted, look)).refusal is None
    bridge.run(store.store.close())
    assert seen == ["operator:test"]


def test_a_deadline_that_passes_during_the_work_undoes_it_and_stops_the_statement(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        code, seconds = timed(lambda: refused(engine, AskCounted, {"seconds": 4}, seconds=0.5))
        assert code == No.NOT_KNOWN_YET
        assert seconds < 1.5
        until(lambda: busy(engine) == 0, 2)


def test_an_answer_may_be_larger_than_what_comes_from_outside(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        assert len(engine.result(AskCounted, {"size": 2_000_000})["more"]) == 2_000_000


def test_what_is_malformed_or_unknown_is_refused_and_the_next_call_answered(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        assert refused(engine, Tell, {"keys": 1}) == No.INVALID
        assert refused(engine, Told, {"key": "a"}) == No.UNKNOWN
        publisher = Publisher(url_of(bus, "local_api"))
        for body in (b"{", b"[]", b"\xff", b"x" * 300_000):
            assert publisher.publish([Outgoing(new_id(), "calls", "tally", body, {}, reply_to="nobody")])
        publisher.close()
        assert engine.result(AskCounted)["keys"] == []


def test_a_use_case_that_fails_is_answered_not_known_yet_without_internals(
    database: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("secret")

    with running(database, bus) as engine:
        monkeypatch.setattr("services.chassis.messaging.unit_of_work.UnitOfWork.announce", broken)
        answer = engine.call(Tell, {"keys": ["a"]})
        assert answer.refusal is not None
        assert answer.refusal.code == No.NOT_KNOWN_YET
        assert "secret" not in answer.model_dump_json()
        monkeypatch.undo()
        assert engine.result(AskCounted)["keys"] == []


def test_f12_when_all_connections_are_taken_a_call_is_unavailable_within_two_seconds(database: str, bus: str) -> None:
    with running(database, bus, pool_size=2) as engine:
        busy_ones = [eventlet.spawn(engine.call, AskCounted, {"seconds": 3.5}) for _ in range(2)]
        until(lambda: busy(engine) == 2, 2)
        code, seconds = timed(lambda: refused(engine, AskCounted))
        assert code == No.UNAVAILABLE
        assert seconds < 2.5
        assert all(thread.wait().result is not None for thread in busy_ones)
        assert engine.result(AskCounted)["keys"] == []


@pytest.mark.parametrize("step", ["worker_setup", "worker_result", "worker_teardown"])
def test_a_provider_that_fails_in_a_worker_ends_the_process_instead_of_leaving_half_a_node(
    database: str, inproc_bus: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*_: Any) -> None:
        raise OSError("no route")

    with running(database, inproc_bus) as engine:
        watching = eventlet.spawn(engine.node.run)
        monkeypatch.setattr(Tally.store.__class__, step, broken, raising=False)
        engine.call(AskCounted, seconds=0.5)
        with eventlet.Timeout(10):
            watching.wait()
        assert engine.node.failed


def test_no_outage_of_the_database_reaches_the_container(
    database: str, inproc_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    with running(database, inproc_bus) as engine:
        monkeypatch.setattr("asyncpg.create_pool", away)
        monkeypatch.setattr("asyncpg.connect", away)
        store = engine.node.runner.service_map["tally"]
        pool = next(iter(store.dependencies)).store.database
        pool._pool = None
        assert {refused(engine, AskCounted) for _ in range(5)} == {No.UNAVAILABLE}
        monkeypatch.undo()
        assert engine.result(AskCounted)["keys"] == []


def busy(engine: Engine) -> int:
    """Statements of the service that run now."""
    found = engine.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    return int(found[0][0])


def test_a_moved_clock_goes_back_to_the_machines_on_every_node_and_anywhere_else_only_in_trials(
    database: str, inproc_bus: str
) -> None:
    ahead, present = datetime.now(UTC) + timedelta(days=37), datetime.now(UTC)
    with running(database, inproc_bus) as trial:
        trial.result(MoveClock, {"to": ahead.isoformat()}, service="tally")
    with running(database, inproc_bus, clock_settable=False) as plain:
        assert refused(plain, MoveClock, {"to": ahead.isoformat()}, service="tally") is No.NOT_ALLOWED
        plain.result(MoveClock, {"to": present.isoformat()}, service="tally")
        assert plain.sql('SELECT "offset" FROM node.clock')[0]["offset"] == timedelta()
