"""The publisher tells each message's outcome, and in time, whatever the broker does (F3, F4, F10)."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import eventlet
import kombu
import pytest

from services.chassis.bus import inproc
from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ, broker

inproc.register()
_numbers = count(1)
TIMEOUT = 1.0  # seconds that a publisher may take in these tests
SLACK = 1.0  # what a busy machine may add


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitMQ]:
    with broker() as node:
        yield node


@pytest.fixture
def rabbitmq_url(rabbitmq: RabbitMQ) -> str:
    return rabbitmq.url


@pytest.fixture(params=["inproc", "rabbitmq"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "inproc":
        return f"inproc://publisher-{next(_numbers)}/"
    return str(request.getfixturevalue("rabbitmq_url"))


@pytest.fixture
def queue() -> str:
    return f"publisher-test-{next(_numbers)}"


@pytest.fixture
def publisher(url: str) -> Iterator[Publisher]:
    made = Publisher(url, timeout=5)
    yield made
    made.close()


def outgoing(queue: str, number: int = 0, **more: Any) -> Outgoing:
    return Outgoing(f"m-{number}", "", queue, b'{"n": 1}', {"type": "t"}, **more)


def declare(url: str, queue: str, **arguments: Any) -> None:
    with kombu.Connection(url) as connection:
        settings = {"x-queue-type": "quorum"} | arguments
        connection.channel().queue_declare(queue, durable=True, auto_delete=False, arguments=settings)


class Reader:
    """Consumes a queue in a green thread and acks what it reads."""

    def __init__(self, url: str, queue: str) -> None:
        self.messages: list[Any] = []
        self._connection = kombu.Connection(url)
        self._channel: Any = self._connection.channel()
        self._channel.basic_qos(0, 100, False)
        self._channel.basic_consume(queue, callback=self._read)
        self._thread = eventlet.spawn(self._run)

    def _read(self, message: Any) -> None:
        self.messages.append(message)
        self._channel.basic_ack(message.delivery_info["delivery_tag"])

    def _run(self) -> None:
        while True:
            self._connection.drain_events()

    def wait(self, reached: Callable[[list[str]], object]) -> list[str]:
        """Return the ids read, once ``reached`` is content with them."""
        with eventlet.Timeout(20):
            while not reached(ids := [message.properties["message_id"] for message in self.messages]):
                eventlet.sleep(0.01)
        return ids

    def close(self) -> None:
        self._thread.kill()
        self._connection.collect()


@contextmanager
def reading(url: str, queue: str) -> Iterator[Reader]:
    reader = Reader(url, queue)
    try:
        yield reader
    finally:
        reader.close()


@pytest.fixture
def proxy(rabbitmq_url: str) -> Iterator[Proxy]:
    made = Proxy(int(kombu.Connection(rabbitmq_url).port or 0))
    yield made
    made.close()


def through(proxy: Proxy, rabbitmq_url: str) -> str:
    return rabbitmq_url.replace(f":{kombu.Connection(rabbitmq_url).port}/", f":{proxy.port}/")


def timed(
    publish: Callable[[Sequence[Outgoing]], list[PublishOutcome]], batch: Sequence[Outgoing]
) -> tuple[list[PublishOutcome], float]:
    started = time.monotonic()
    return publish(batch), time.monotonic() - started


def test_a_batch_is_confirmed_and_read_as_it_was_sent(url: str, queue: str, publisher: Publisher) -> None:
    declare(url, queue)
    batch = [outgoing(queue, number, correlation_id="c") for number in range(100)]
    with reading(url, queue) as reader:
        assert publisher.publish(batch) == [PublishOutcome.CONFIRMED] * 100
        assert reader.wait(lambda ids: len(ids) == 100) == [f"m-{number}" for number in range(100)]
        read = reader.messages[0]
    assert (read.body, read.headers["type"]) == ('{"n": 1}', "t")
    properties = read.properties
    assert (properties["delivery_mode"], properties["correlation_id"]) == (2, "c")
    assert (properties["content_type"], properties["content_encoding"]) == ("application/json", "utf-8")
    assert "reply_to" not in properties
    assert "expiration" not in properties


def test_the_unroutable_messages_of_a_batch_are_returned_and_the_rest_confirmed(
    url: str, queue: str, publisher: Publisher
) -> None:
    declare(url, queue)
    batch = [outgoing(queue, 1), outgoing("nowhere", 2), outgoing("nowhere", 3, mandatory=False), outgoing(queue, 4)]
    with reading(url, queue):
        outcomes = publisher.publish(batch)
    assert outcomes == [
        PublishOutcome.CONFIRMED,
        PublishOutcome.RETURNED,
        PublishOutcome.CONFIRMED,
        PublishOutcome.CONFIRMED,
    ]


def test_a_returned_message_is_confirmed_once_its_queue_exists(url: str, queue: str, publisher: Publisher) -> None:
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.RETURNED]
    declare(url, queue)
    with reading(url, queue):
        assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]


def test_the_expiration_travels_in_milliseconds(url: str, queue: str, publisher: Publisher) -> None:
    declare(url, queue)
    publisher.publish([outgoing(queue, 1, expiration_ms=30, reply_to="r"), outgoing(queue, 2, reply_to="r")])
    with kombu.Connection(url) as connection, eventlet.Timeout(20):
        while connection.channel().queue_declare(queue, passive=True).message_count != 1:
            eventlet.sleep(0.01)
    with reading(url, queue) as reader:
        assert reader.wait(lambda ids: "m-2" in ids) == ["m-2"]


def test_an_empty_batch_needs_no_broker() -> None:
    assert Publisher("amqp://127.0.0.1:1//").publish([]) == []


def test_without_a_broker_every_outcome_is_unknown_within_the_time_out() -> None:
    outcomes, seconds = timed(Publisher("amqp://127.0.0.1:1//", timeout=TIMEOUT).publish, [outgoing("q")])
    assert outcomes == [PublishOutcome.UNKNOWN]
    assert seconds < TIMEOUT + SLACK


def test_a_missing_exchange_gives_unknown_outcomes_and_the_next_batch_works(
    url: str, queue: str, publisher: Publisher
) -> None:
    declare(url, queue)
    lost = Outgoing("m", "no-such-exchange", "k", b"{}", {})
    assert publisher.publish([lost]) == [PublishOutcome.UNKNOWN]
    with reading(url, queue):
        assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]


def test_inside_the_process_a_message_that_nobody_processes_is_unknown_in_time_and_can_be_sent_again(
    queue: str,
) -> None:
    url = f"inproc://publisher-{next(_numbers)}/"
    declare(url, queue)
    publisher = Publisher(url, timeout=0.2)
    for _ in range(3):
        outcomes, seconds = timed(publisher.publish, [outgoing(queue, 1), outgoing(queue, 2)])
        assert outcomes == [PublishOutcome.UNKNOWN] * 2
        assert seconds < 0.2 + SLACK
    with reading(url, queue) as reader:
        assert publisher.publish([outgoing(queue, 1), outgoing(queue, 2)]) == [PublishOutcome.CONFIRMED] * 2
        assert reader.wait(lambda ids: len(ids) >= 2) == ["m-1", "m-2"]  # three failed tries left nothing behind
    publisher.close()


def test_a_full_queue_is_reported(rabbitmq_url: str, queue: str) -> None:
    declare(rabbitmq_url, queue, **{"x-queue-type": "classic", "x-max-length": 1, "x-overflow": "reject-publish"})
    publisher = Publisher(rabbitmq_url)
    assert publisher.publish([outgoing(queue, 1)]) == [PublishOutcome.CONFIRMED]
    assert publisher.publish([outgoing(queue, 2)]) == [PublishOutcome.NACKED]
    publisher.close()


@contextmanager
def memory_alarm(rabbitmq: RabbitMQ) -> Iterator[None]:
    rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1")
    try:
        yield
    finally:
        rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.4")


@pytest.mark.parametrize("size", [10, 1_000_000], ids=["small", "larger-than-the-socket-buffers"])
def test_f3_under_a_memory_alarm_publish_returns_in_time_and_nothing_is_lost(
    rabbitmq: RabbitMQ, queue: str, size: int
) -> None:
    declare(rabbitmq.url, queue)
    publisher = Publisher(rabbitmq.url, timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue, 0)]) == [PublishOutcome.CONFIRMED]
    batch = [Outgoing(f"m-{n}", "", queue, b"x" * size, {}) for n in range(20)]
    with memory_alarm(rabbitmq):
        for _ in range(3):
            outcomes, seconds = timed(publisher.publish, batch)
            assert outcomes == [PublishOutcome.UNKNOWN] * 20
            assert seconds < TIMEOUT + SLACK
        assert publisher.blocked
    with eventlet.Timeout(20):
        while publisher.publish(batch) != [PublishOutcome.CONFIRMED] * 20:
            eventlet.sleep(0.05)
    assert not publisher.blocked
    with reading(rabbitmq.url, queue) as reader:
        reader.wait(lambda ids: set(ids) >= {message.message_id for message in batch})
    publisher.close()


def test_f3_when_confirms_are_swallowed_publish_returns_in_time_and_sends_again_on_a_new_connection(
    rabbitmq_url: str, queue: str, proxy: Proxy
) -> None:
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue, 0)]) == [PublishOutcome.CONFIRMED]
    proxy.swallow_replies = True
    for _ in range(2):  # on the open connection, then while opening another
        outcomes, seconds = timed(publisher.publish, [outgoing(queue, 1), outgoing("nowhere", 2)])
        assert outcomes == [PublishOutcome.UNKNOWN, PublishOutcome.UNKNOWN]
        assert seconds < TIMEOUT + SLACK
    proxy.swallow_replies = False
    assert publisher.publish([outgoing(queue, 1), outgoing("nowhere", 2)]) == [
        PublishOutcome.CONFIRMED,
        PublishOutcome.RETURNED,
    ]
    with reading(rabbitmq_url, queue) as reader:
        assert reader.wait(lambda ids: ids.count("m-1") >= 2) == ["m-0", "m-1", "m-1"]  # the first had arrived
    publisher.close()


def test_f3_a_peer_that_reads_nothing_does_not_hold_the_sender(rabbitmq_url: str, queue: str, proxy: Proxy) -> None:
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue, 0)]) == [PublishOutcome.CONFIRMED]
    proxy.frozen = True
    batch = [Outgoing(f"m-{n}", "", queue, b"x" * 1_000_000, {}) for n in range(30)]
    outcomes, seconds = timed(publisher.publish, batch)
    assert outcomes == [PublishOutcome.UNKNOWN] * 30
    assert seconds < TIMEOUT + SLACK
    started = time.monotonic()
    publisher.close()
    assert time.monotonic() - started < TIMEOUT + SLACK


def test_closing_does_not_wait_for_a_broker_that_is_silent(rabbitmq_url: str, queue: str, proxy: Proxy) -> None:
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue, 0)]) == [PublishOutcome.CONFIRMED]
    proxy.frozen = True
    started = time.monotonic()
    publisher.close()
    assert time.monotonic() - started < TIMEOUT + SLACK


def test_f10_fifty_publishers_and_fifty_users_of_one_return_in_time_from_a_stuck_broker(
    rabbitmq_url: str, queue: str, proxy: Proxy
) -> None:
    declare(rabbitmq_url, queue)
    address = through(proxy, rabbitmq_url)
    shared = Publisher(address, timeout=TIMEOUT)
    own = [Publisher(address, timeout=TIMEOUT) for _ in range(50)]
    assert shared.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    proxy.swallow_replies = True
    threads = [eventlet.spawn(timed, each.publish, [outgoing(queue)]) for each in [shared] * 50 + own]
    with eventlet.Timeout(TIMEOUT * 5):
        results = [thread.wait() for thread in threads]
    assert {outcome for outcomes, _ in results for outcome in outcomes} == {PublishOutcome.UNKNOWN}
    assert max(seconds for _, seconds in results) < TIMEOUT + SLACK
    proxy.swallow_replies = False
    assert shared.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    for each in [shared, *own]:
        each.close()


def test_users_of_one_publisher_take_turns(url: str, queue: str, publisher: Publisher) -> None:
    declare(url, queue)
    batches = [[outgoing(queue, number), outgoing("nowhere", number)] for number in range(20)]
    with reading(url, queue):
        threads = [eventlet.spawn(publisher.publish, batch) for batch in batches]
        assert [thread.wait() for thread in threads] == [[PublishOutcome.CONFIRMED, PublishOutcome.RETURNED]] * 20


def test_f4_nothing_confirmed_is_lost_over_a_broker_restart(
    rabbitmq: RabbitMQ, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.bus.publisher.HEARTBEAT", 0)  # so that nobody notices before we publish
    declare(rabbitmq.url, queue)
    publisher = Publisher(rabbitmq.url, timeout=TIMEOUT)
    confirmed: set[str] = set()
    unknown = 0

    def send(batches: int) -> None:
        nonlocal unknown
        for _ in range(batches):
            batch = [outgoing(queue, next(_numbers)) for _ in range(10)]
            for message, outcome in zip(batch, publisher.publish(batch), strict=True):
                if outcome is PublishOutcome.CONFIRMED:
                    confirmed.add(message.message_id)
                unknown += outcome is PublishOutcome.UNKNOWN

    send(3)
    rabbitmq.restart()  # the first batch after it meets a dead connection: never "confirmed", never silent
    send(1)
    assert unknown == 10
    with eventlet.Timeout(30):
        while len(confirmed) < 60:
            send(1)
    with reading(rabbitmq.url, queue) as reader:
        reader.wait(lambda ids: set(ids) >= confirmed)
    publisher.close()


def test_an_idle_connection_lives_on_by_heartbeats(
    rabbitmq_url: str, queue: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.bus.publisher.HEARTBEAT", 1)
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    with silent(rabbitmq_url, queue, monkeypatch) as control, eventlet.Timeout(30):
        while control.open:  # until the broker has closed one that is as idle and sends no heartbeats
            eventlet.sleep(0.05)
    assert (proxy.accepted, proxy.open) == (1, 1)
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    assert proxy.accepted == 1
    publisher.close()


@contextmanager
def silent(rabbitmq_url: str, queue: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The proxy of an idle connection that has promised heartbeats and sends none."""
    line = Proxy(int(kombu.Connection(rabbitmq_url).port or 0))
    mute = Publisher(through(line, rabbitmq_url), timeout=TIMEOUT)
    monkeypatch.setattr(mute, "_beat", lambda _link: None)
    assert mute.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    assert line.open == 1
    yield line
    mute.close()
    line.close()


def test_a_connection_that_dies_while_idle_is_replaced_before_it_is_used(
    rabbitmq_url: str, queue: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.bus.publisher.HEARTBEAT", 1)
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    proxy.swallow_replies = True
    with eventlet.Timeout(20):
        while proxy.open:
            eventlet.sleep(0.01)
    proxy.swallow_replies = False
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    assert proxy.accepted == 2
    publisher.close()


def test_a_publisher_works_after_a_green_thread_was_killed_while_sending(
    rabbitmq_url: str, queue: str, proxy: Proxy
) -> None:
    declare(rabbitmq_url, queue)
    publisher = Publisher(through(proxy, rabbitmq_url), timeout=TIMEOUT)
    proxy.swallow_replies = True
    thread = eventlet.spawn(publisher.publish, [outgoing(queue)])
    with eventlet.Timeout(20):
        while not proxy.open:
            eventlet.sleep(0.01)
    thread.kill()
    proxy.swallow_replies = False
    assert publisher.publish([outgoing(queue)]) == [PublishOutcome.CONFIRMED]
    publisher.close()
