"""Nothing is acked unprocessed: what cannot be applied is parked, and its healthy neighbours are applied (F1, F2)."""

# ruff: noqa: SLF001 - these tests take the chassis apart

import json
import time
from typing import Any, cast

import eventlet
import kombu
import kombu.mixins
import pytest

from contracts.messages import MAX_BODY, Envelope
from contracts.node import v1 as operator
from services.chassis.bus.consumer import Consumer
from services.chassis.messaging.dispatcher import Dispatcher
from services.chassis.messaging.inbox import Inbox
from services.chassis.messaging.store import Outcome
from services.chassis.runtime import bridge
from services.chassis.storage.database import DatabaseUnavailable
from tests.support.engine import Engine, Mood, Tell, envelope, holds_for, running, sql, stream_of, until

PARKED_SECONDS = 5.0
HUGE = 10**30
UNUSABLE: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no JSON": (b"{", {}),
    "no text": (b"\xff\xfe\x00", {}),
    "no envelope": (b"[]", {}),
    "nesting without end": (b"[" * 200_000, {}),
    "a body over 256 KiB": (b'"' + b"x" * MAX_BODY + b'"', {}),
    "a body over 1 MB": (b"x" * 1_100_000, {}),
    "another content type": (envelope("typed"), {"content_type": "application/x-python-serialize"}),
    "an unknown version": (envelope("later", type="tally.told.v2"), {}),
    "an unknown type": (envelope("odd", type="tally.sung.v1"), {}),
    "fields of another shape": (envelope("shape", data={"key": 1, "seconds": "long"}), {}),
    "a handler that raises": (envelope("bad"), {}),
    "a NUL in its subject": (envelope("nul", subject="a\0b"), {}),
    "a number beyond PostgreSQL's": (envelope("huge", seq=HUGE), {}),
    "a NUL in a header": (b"{", {"headers": {"type": "a\0b"}}),
    "a body that says it is packed": (b"{", {"headers": {"compression": "application/x-bz2"}}),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_f1_a_message_that_cannot_be_applied_is_parked_and_its_neighbours_are_applied(
    database: str, bus: str, what: str
) -> None:
    Mood.raises.add("bad")
    body, properties = UNUSABLE[what]
    with running(database, bus) as engine:
        started = time.monotonic()
        engine.publish(envelope("before", subject="before"))
        engine.publish(body, **properties)
        engine.publish(envelope("after", subject="after"))
        until(lambda: engine.parked() and len(engine.counted()) == 2, PARKED_SECONDS, "parking")
        assert time.monotonic() - started < PARKED_SECONDS
        assert [one["size"] for one in engine.parked()] == [len(body)]
        assert sorted(engine.counted()) == ["after", "before"]


def test_f1_control_stock_kombu_acks_what_it_cannot_decode(rabbitmq_bus: str) -> None:
    with kombu.Connection(rabbitmq_bus) as connection:
        channel: Any = connection.channel()
        queue = kombu.Queue("stock", durable=True)(channel)
        queue.declare()
        channel.basic_publish(
            channel.prepare_message("{", content_type="application/json", content_encoding="utf-8"), "", "stock"
        )

        class Stock(kombu.mixins.ConsumerMixin):
            def get_consumers(self, make: Any, _channel: Any) -> list[Any]:
                return [make([queue], callbacks=[lambda _body, _message: None])]

        stock: Any = Stock()
        stock.connection = connection
        with eventlet.Timeout(1, False):
            stock.run()
    assert left_in(rabbitmq_bus, "stock") == 0


def test_what_follows_a_parked_message_waits_behind_it_and_goes_on_when_it_is_replayed(database: str, bus: str) -> None:
    Mood.raises.add("second")
    with running(database, bus) as engine:
        engine.publish(*stream_of("first", "second", "third", "fourth"), envelope("other", subject="other"))
        parked = the_parked(engine)
        until(lambda: sorted(engine.counted()) == ["first", "other"])
        assert standing(engine)["waiting"] == 2
        assert not engine.result(operator.ReplayParked, {"id": parked}, service="tally")["settled"]
        assert engine.parked()[0]["replays"] == 1
        Mood.raises.clear()
        assert engine.result(operator.ReplayParked, {"id": parked}, service="tally")["settled"]
        assert [key for key in engine.counted() if key != "other"] == ["first", "second", "third", "fourth"]
        assert (standing(engine)["waiting"], standing(engine)["parked"]) == (0, 0)


@pytest.mark.parametrize("how", ["raises", "has an unknown version"])
def test_what_follows_a_parked_message_goes_on_when_it_is_discarded(database: str, inproc_bus: str, how: str) -> None:
    Mood.raises.add("second")
    bodies = stream_of("first", "second", "third")
    if how != "raises":
        bodies[1] = envelope("second", 2, type="tally.told.v2")
    with running(database, inproc_bus) as engine:
        engine.publish(*bodies)
        parked = the_parked(engine)
        until(lambda: standing(engine)["waiting"] == 1)
        assert engine.result(operator.DiscardParked, {"id": parked}, service="tally")["settled"]
        assert engine.counted() == ["first", "third"]
        retry = engine.call(operator.DiscardParked, {"id": parked}, service="tally")
        assert retry.refusal is not None
        assert retry.refusal.code == "unknown"


def test_messages_that_come_in_any_order_are_counted_in_theirs_and_copies_change_nothing(
    database: str, bus: str
) -> None:
    keys = [f"k{n}" for n in range(30)]
    bodies = stream_of(*keys)
    with running(database, bus) as engine:
        engine.publish(*reversed(bodies), *bodies[::3], bodies[0])
        until(lambda: len(engine.counted()) >= len(keys))
        assert engine.counted() == keys
        assert sorted(Mood.handled) == sorted(keys)


def test_the_same_id_with_another_content_is_parked(database: str, inproc_bus: str) -> None:
    first = envelope("honest")
    forged = json.dumps(json.loads(first) | {"data": {"key": "forged"}}).encode()
    with running(database, inproc_bus) as engine:
        engine.publish(first)
        engine.publish(forged)
        the_parked(engine)
        assert engine.counted() == ["honest"]


def test_f2_when_the_ack_is_lost_the_message_comes_again_and_counts_once(
    database: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = losing_the_first_ack(monkeypatch)
    with running(database, bus) as engine:
        engine.publish(envelope("once"), reply_to="nobody")
        until(lambda: len(lost) == 2)
        assert engine.counted() == ["once"]
        until(lambda: left_in(bus, "tally.internal") == 0)


def test_f2_control_without_the_inbox_it_counts_twice(database: str, bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unguarded(self: Inbox[Any], delivery: Any) -> Outcome:
        envelope = Envelope.read(json.loads(delivery.body))
        contract, handler = self.reader(envelope)
        async with self._transactions.work("*") as work:
            await handler(contract.read(envelope.data), work)
        return Outcome.APPLIED

    losing_the_first_ack(monkeypatch)
    monkeypatch.setattr(Inbox, "receive", unguarded)
    with running(database, bus) as engine:
        engine.publish(envelope("once"), reply_to="nobody")
        until(lambda: engine.counted() == ["once", "once"])


@pytest.mark.parametrize("hasty", [False, True], ids=["acked-when-done", "control-acked-when-received"])
def test_f2_a_message_whose_work_fails_is_there_for_the_next_try(
    database: str, bus: str, monkeypatch: pytest.MonkeyPatch, hasty: bool
) -> None:
    honest = Dispatcher._on_message
    if hasty:
        monkeypatch.setattr(
            Dispatcher, "_on_message", lambda self, incoming: honest(self, cast(Any, AckedAtOnce(incoming)))
        )
    failing_the_first_time()
    with running(database, bus) as engine:
        engine.publish(envelope("fragile"), reply_to="nobody")
        until(lambda: Mood.handled)
        if hasty:
            assert holds_for(1.5, lambda: engine.counted() == [])
        else:
            until(lambda: engine.counted() == ["fragile"], 5)


def test_dead_letters_of_the_broker_are_parked_by_their_service(
    database: str, rabbitmq_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that kills whoever takes it: after its delivery limit the broker gives it up, and we park it."""
    taking = Consumer._subscribe
    deadly = envelope("deadly")

    def dying(self: Consumer, channel: Any, queue: Any) -> str:
        honest = self._on_message

        def on_message(incoming: Any) -> None:
            if incoming.queue == "tally.internal" and incoming.body == deadly:
                incoming.returned()
                self._leaving = True
                return
            honest(incoming)

        self._on_message = on_message
        return taking(self, channel, queue)

    monkeypatch.setattr(Consumer, "_subscribe", dying)
    with running(database, rabbitmq_bus) as engine:
        engine.publish(deadly)
        (parked,) = until_parked(engine, 15)
        assert parked["queue"] == "tally.internal"
        assert "delivery_limit" in parked["error"]
        engine.publish(envelope("healthy", subject="other"))
        until(lambda: engine.counted() == ["healthy"])
        until(lambda: left_in(rabbitmq_bus, "tally.dead") == 0)
        assert engine.result(operator.ReplayParked, {"id": parked["id"]}, service="tally")["settled"]
        assert engine.counted() == ["healthy", "deadly"]


def test_f17_messages_that_deadlock_are_retried_and_all_applied(database: str, bus: str) -> None:
    bridge.run(sql(database, "ALTER ROLE CURRENT_USER SET deadlock_timeout = '50ms'"))
    pairs = [(f"{n}-{way}", locks) for n in range(2) for way, locks in (("up", (1, 2)), ("down", (2, 1)))]
    with running(database, bus) as engine:
        engine.publish(
            *(envelope(key, subject=key, data={"key": key, "locks": locks}) for key, locks in pairs), reply_to="nobody"
        )
        until(lambda: len(engine.counted()) == len(pairs), 30)
        assert sorted(engine.counted()) == sorted(key for key, _ in pairs)
        assert len(Mood.handled) > len(pairs), "nobody met a deadlock: the test proves nothing"
        assert engine.parked() == []


def test_a_repeated_command_is_done_once_and_gets_the_same_answer(database: str, bus: str) -> None:
    with running(database, bus) as engine:
        same = {"command_id": "01900000-0000-7000-8000-000000000001"}
        answers = [engine.call(Tell, {"keys": ["a"]}, **same) for _ in range(3)]
        assert answers[0].result is not None
        assert answers[1:] == answers[:1] * 2
        other = engine.call(Tell, {"keys": ["b"]}, **same)
        assert other.refusal is not None
        assert other.refusal.code == "conflict"
        until(engine.counted)
        assert holds_for(0.3, lambda: engine.counted() == ["a"])


def losing_the_first_ack(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first ack dies with its connection; returns the tags that were to be acked."""
    honest = Consumer.acknowledge
    tags: list[int] = []

    def acknowledge(self: Consumer, channel: Any, tag: int) -> None:
        if any(queue.name == "tally.internal" for queue in self._queues):
            tags.append(tag)
            if len(tags) == 1:
                self._leaving = True
                channel = None
        honest(self, channel, tag)

    monkeypatch.setattr(Consumer, "acknowledge", acknowledge)
    return tags


def failing_the_first_time() -> None:
    """The first handler loses its database."""

    def away(_key: str) -> None:
        if len(Mood.handled) == 1:
            raise DatabaseUnavailable("DeadlockDetectedError")

    Mood.before = away


class AckedAtOnce:
    """A message as stock consumers make it: acked before the work."""

    def __init__(self, incoming: Any) -> None:
        self.body, self.queue = incoming.body, incoming.queue
        self.headers, self.properties = incoming.headers, incoming.properties
        incoming.done()

    def done(self) -> None:
        """It is."""

    def returned(self) -> None:
        """Too late."""


def the_parked(engine: Engine) -> str:
    """The id of the one parked message."""
    (parked,) = until_parked(engine, PARKED_SECONDS)
    return str(parked["id"])


def until_parked(engine: Engine, seconds: float) -> list[dict[str, Any]]:
    """What is parked, once something is."""
    until(engine.parked, seconds, "parking")
    return engine.parked()


def standing(engine: Engine) -> dict[str, Any]:
    """Counts of what waits."""
    return engine.result(operator.AskStanding, service="tally")


def left_in(url: str, queue: str) -> int:
    """Messages that wait in a queue."""
    with kombu.Connection(url) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)
