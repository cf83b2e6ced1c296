"""The bus inside the process does what nameko and our publisher ask of RabbitMQ."""

# mypy: disable-error-code="untyped-decorator"

import logging
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import amqp
import eventlet
import kombu
import pytest
from kombu.transport import pyamqp
from nameko.events import EventDispatcher, event_handler
from nameko.exceptions import RemoteError, UnknownService
from nameko.rpc import ReplyListener, RpcProxy, rpc
from nameko.runners import ServiceRunner
from nameko.standalone.events import event_dispatcher
from nameko.standalone.rpc import ClusterRpcProxy
from nameko.timer import timer

from services.chassis.bus import inproc

inproc.register()
_numbers = count(1)
DEADLINE = 5.0  # seconds


class Client:
    """A connection with one channel; what it receives and what it is told is kept in lists."""

    def __init__(self, url: str) -> None:
        self.connection = kombu.Connection(url)
        self.channel: Any = self.connection.channel()
        self.received: list[Any] = []
        self.confirmed: list[int] = []
        self.returned: list[str] = []

    def publish(self, exchange: str, key: str, body: str = "x", mandatory: bool = False, **properties: Any) -> None:
        message = self.channel.prepare_message(body, content_type="text/plain", properties=properties)
        self.channel.basic_publish(message, exchange=exchange, routing_key=key, mandatory=mandatory)

    def consume(self, queue: str, prefetch: int = 0, tag: str = "") -> str:
        self.channel.basic_qos(0, prefetch, False)
        receive = self.received.append
        return str(self.channel.basic_consume(queue, consumer_tag=tag, callback=receive))

    def confirms(self) -> None:
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(lambda tag, _multiple: self.confirmed.append(tag))
        self.channel.events["basic_return"].add(lambda _error, _exchange, key, _message: self.returned.append(key))

    def until(self, reached: Callable[[], object], seconds: float = DEADLINE) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, "not reached in time"
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=0.02)

    def quiet(self) -> None:
        """Handle all that is there; then nothing may follow for a moment."""
        with suppress(TimeoutError):
            while True:
                self.connection.drain_events(timeout=0.05)

    @property
    def bodies(self) -> list[str]:
        return [bytes(message.body).decode() for message in self.received]

    def depth(self, queue: str) -> int:
        return int(self.channel.queue_declare(queue, passive=True).message_count)


@pytest.fixture
def url() -> str:
    return f"inproc://node-{next(_numbers)}/"


@pytest.fixture
def connect(url: str) -> Iterator[Callable[[], Client]]:
    clients: list[Client] = []

    def make() -> Client:
        clients.append(Client(url))
        return clients[-1]

    yield make
    for client in clients:
        client.connection.release()


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    made = connect()
    made.channel.queue_declare("q", auto_delete=False)
    return made


def test_a_topic_exchange_routes_by_words(client: Client) -> None:
    client.channel.exchange_declare("t", "topic")
    patterns = {"star": "a.*", "hash": "a.#", "all": "#", "middle": "a.#.c", "exact": "a.b"}
    for queue, pattern in patterns.items():
        client.channel.queue_declare(queue)
        client.channel.queue_bind(queue, "t", pattern)
    reached = {}
    for key in ("a", "a.b", "a.b.c", "ab"):
        client.publish("t", key)
        reached[key] = {queue for queue in patterns if client.channel.queue_purge(queue)}
    assert reached == {
        "a": {"hash", "all"},
        "a.b": {"star", "hash", "all", "exact"},
        "a.b.c": {"hash", "all", "middle"},
        "ab": {"all"},
    }


def test_direct_exchanges_compare_keys_and_fanout_exchanges_do_not(client: Client) -> None:
    for kind in ("direct", "fanout"):
        client.channel.exchange_declare(kind, kind)
        client.channel.queue_declare(f"{kind}-q")
        client.channel.queue_bind(f"{kind}-q", kind, "k")
        client.publish(kind, "k")
        client.publish(kind, "other")
    assert (client.depth("direct-q"), client.depth("fanout-q")) == (1, 2)


def test_a_message_reaches_a_queue_once_though_two_bindings_match(client: Client) -> None:
    client.channel.exchange_declare("t", "topic")
    client.channel.queue_bind("q", "t", "a.*")
    client.channel.queue_bind("q", "t", "#")
    client.publish("t", "a.b")
    assert client.depth("q") == 1


def test_two_nodes_in_one_process_do_not_mix(client: Client, url: str) -> None:
    assert client.depth("q") == 0
    other = Client(url.replace("node", "other"))
    with pytest.raises(amqp.NotFound):
        other.depth("q")
    other.connection.release()


def test_queues_and_messages_outlive_every_connection(client: Client, connect: Callable[[], Client]) -> None:
    client.publish("", "q", "kept")
    client.connection.release()
    assert connect().depth("q") == 1


def test_a_waiting_consumer_is_woken_at_once(client: Client, connect: Callable[[], Client]) -> None:
    client.consume("q")
    sender = connect()
    started = time.monotonic()
    for _ in range(100):  # looking every so often would need many times as long as is allowed for all of them
        eventlet.spawn_after(0.005, sender.publish, "", "q")
        client.connection.drain_events(timeout=60)
    assert len(client.received) == 100
    assert time.monotonic() - started < DEADLINE


def test_an_idle_bus_takes_no_processor_time(client: Client) -> None:
    client.consume("q")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(socket.timeout):
        client.connection.drain_events(timeout=1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 0.05


def test_each_queue_gets_its_own_copy(client: Client) -> None:
    client.channel.exchange_declare("f", "fanout")
    for queue in ("one", "two"):
        client.channel.queue_declare(queue)
        client.channel.queue_bind(queue, "f")
        client.consume(queue)
    client.publish("f", "", message_id="m")
    client.until(lambda: len(client.received) == 2)
    one, two = client.received
    one.properties["message_id"] = "changed"
    assert two.properties["message_id"] == "m"
    assert one.delivery_info["delivery_tag"] != two.delivery_info["delivery_tag"]
    client.channel.basic_ack(one.delivery_info["delivery_tag"])
    client.channel.basic_ack(two.delivery_info["delivery_tag"])


def test_properties_arrive_as_over_amqp(client: Client) -> None:
    message = client.channel.prepare_message(
        "é", content_type="text/plain", content_encoding="utf-8", headers={"h": 1}, properties={"reply_to": "r"}
    )
    client.channel.basic_publish(message, routing_key="q")
    raw = client.channel.basic_get("q", no_ack=True)
    got = client.channel.message_to_python(raw)
    assert isinstance(got, pyamqp.Message)
    assert isinstance(got.body, str)  # as py-amqp does where the encoding is named
    assert (got.body, got.headers, got.content_type) == ("é", {"h": 1}, "text/plain")
    assert got.properties["content_type"] == "text/plain"
    assert got.properties["content_encoding"] == "utf-8"
    assert got.properties["reply_to"] == "r"


def test_prefetch_is_honoured_per_consumer(client: Client) -> None:
    for number in range(10):
        client.publish("", "q", str(number))
    client.consume("q", prefetch=2)
    client.consume("q", prefetch=3)
    client.quiet()
    assert len(client.received) == 5
    client.channel.basic_ack(client.received[0].delivery_info["delivery_tag"])
    client.quiet()
    assert len(client.received) == 6


def test_acks_may_be_multiple_and_an_unknown_tag_is_refused(client: Client) -> None:
    for _ in range(3):
        client.publish("", "q")
    client.consume("q", prefetch=3)
    client.quiet()
    client.channel.basic_ack(client.received[-1].delivery_info["delivery_tag"], multiple=True)
    with pytest.raises(amqp.PreconditionFailed):
        client.channel.basic_ack(client.received[0].delivery_info["delivery_tag"])
    client.channel.close()
    assert Client(client.connection.as_uri()).depth("q") == 0


def test_requeue_returns_to_the_front_of_the_same_queue_only(client: Client) -> None:
    client.channel.exchange_declare("f", "fanout")
    client.channel.queue_bind("q", "f")
    client.channel.queue_declare("other")
    client.channel.queue_bind("other", "f")
    client.publish("f", "", "first")
    client.publish("f", "", "second")
    client.consume("q", prefetch=1)
    client.until(lambda: client.received)
    client.channel.basic_reject(client.received[0].delivery_info["delivery_tag"], requeue=True)
    client.until(lambda: len(client.received) == 2)
    assert client.bodies == ["first", "first"]
    assert [message.delivery_info["redelivered"] for message in client.received] == [False, True]
    assert client.depth("other") == 2


def test_a_rejected_message_goes_to_the_dead_letter_exchange(client: Client) -> None:
    client.channel.exchange_declare("dlx", "fanout")
    client.channel.queue_declare("dead")
    client.channel.queue_bind("dead", "dlx")
    client.channel.queue_declare("work", arguments={"x-dead-letter-exchange": "dlx"})
    for queue in ("work", "q"):
        client.publish("", queue, message_id="m")
        raw = client.channel.basic_get(queue)
        client.channel.basic_reject(raw.delivery_info["delivery_tag"], requeue=False)
    assert client.depth("dead") == 1  # the queue without such an exchange dropped it
    dead = client.channel.basic_get("dead", no_ack=True)
    assert dead.properties["message_id"] == "m"
    (death,) = dead.headers["x-death"]
    assert (death["queue"], death["reason"], death["routing-keys"]) == ("work", "rejected", ["work"])


def test_unacked_messages_return_in_order_when_their_channel_closes(
    client: Client, connect: Callable[[], Client]
) -> None:
    for body in "abcd":
        client.publish("", "q", body)
    client.consume("q", prefetch=3)
    client.until(lambda: len(client.received) == 2)  # the third is still on its way
    client.connection.release()
    second = connect()
    second.consume("q")
    second.until(lambda: len(second.received) == 4)
    assert second.bodies == ["a", "b", "c", "d"]
    assert [message.delivery_info["redelivered"] for message in second.received] == [True, True, True, False]


def test_an_expired_message_is_never_delivered(client: Client) -> None:
    client.publish("", "q", "short", expiration="30")
    client.publish("", "q", "long", expiration="60000")
    client.until(lambda: client.depth("q") == 1)
    client.consume("q", prefetch=1)
    client.quiet()
    assert client.bodies == ["long"]


def test_an_expired_message_goes_to_the_dead_letter_queue(client: Client) -> None:
    client.channel.exchange_declare("dlx", "fanout")
    client.channel.queue_bind("q", "dlx")
    client.channel.queue_declare("work", arguments={"x-dead-letter-exchange": "dlx"})
    client.publish("", "work", expiration="20")
    client.until(lambda: client.depth("q") == 1)
    raw = client.channel.basic_get("q")
    assert "expiration" not in raw.properties
    assert raw.headers["x-death"][0]["reason"] == "expired"


def test_a_message_in_delivery_is_confirmed_when_its_queue_goes_with_its_reader(
    client: Client, connect: Callable[[], Client]
) -> None:
    reader = connect()
    reader.channel.queue_declare("replies", auto_delete=True)
    reader.consume("replies")
    client.confirms()
    client.publish("", "replies")
    reader.until(lambda: reader.received)
    reader.connection.release()
    client.until(lambda: client.confirmed == [1])


def test_a_message_that_expires_on_its_way_to_the_consumer_is_not_handed_over(client: Client) -> None:
    client.consume("q")
    client.publish("", "q", "late", expiration="30")
    eventlet.sleep(0.06)  # the consumer is busy elsewhere for longer than the message lives
    client.publish("", "q", "fresh", expiration="60000")
    client.quiet()
    assert client.bodies == ["fresh"]


@pytest.mark.parametrize(
    "settings",
    [{"exclusive": True, "auto_delete": False}, {"auto_delete": True}, {"arguments": {"x-expires": 300_000}}],
    ids=["exclusive", "auto-delete", "x-expires"],
)
def test_a_reply_queue_goes_with_its_connection(
    settings: dict[str, Any], connect: Callable[[], Client], client: Client
) -> None:
    owner = connect()
    owner.channel.queue_declare("replies", **settings)
    owner.consume("replies")
    owner.connection.release()
    with pytest.raises(amqp.NotFound):
        client.depth("replies")


def test_an_exclusive_queue_is_closed_to_others(connect: Callable[[], Client], client: Client) -> None:
    connect().channel.queue_declare("mine", exclusive=True)
    with pytest.raises(amqp.exceptions.ResourceLocked):
        client.consume("mine")


def test_a_cancelled_consumer_gets_no_more_and_what_was_on_the_way_returns(client: Client) -> None:
    client.publish("", "q")
    tag = client.consume("q")
    client.channel.basic_cancel(tag)
    client.quiet()
    assert client.received == []
    assert client.depth("q") == 1


def test_a_passive_declare_of_a_missing_queue_or_exchange_is_a_channel_error_404(client: Client) -> None:
    with pytest.raises(amqp.ChannelError) as missing:
        client.channel.queue_declare("none", passive=True)
    assert missing.value.reply_code == 404
    with pytest.raises(amqp.NotFound):
        client.channel.exchange_declare("none", passive=True)
    with pytest.raises(amqp.NotFound):
        client.publish("none", "k")


def test_declaring_otherwise_what_exists_is_refused(client: Client) -> None:
    with pytest.raises(amqp.PreconditionFailed):
        client.channel.queue_declare("q", auto_delete=True)
    client.channel.exchange_declare("e", "topic")
    with pytest.raises(amqp.PreconditionFailed):
        client.channel.exchange_declare("e", "fanout")


def test_an_unroutable_mandatory_message_is_returned_and_then_confirmed(client: Client) -> None:
    client.confirms()
    order: list[str] = []
    client.channel.events["basic_return"].add(lambda *_: order.append("return"))
    client.channel.events["basic_ack"].add(lambda *_: order.append("ack"))
    client.publish("", "nowhere", mandatory=True)
    client.until(lambda: client.confirmed)
    assert client.returned == ["nowhere"]
    assert order == ["return", "ack"]


def test_without_mandatory_an_unroutable_message_is_confirmed(client: Client) -> None:
    client.confirms()
    client.publish("", "nowhere")
    client.until(lambda: client.confirmed)
    assert client.returned == []


def test_a_confirm_comes_only_when_every_queue_has_acked(client: Client, connect: Callable[[], Client]) -> None:
    client.channel.exchange_declare("f", "fanout")
    client.channel.queue_bind("q", "f")
    client.channel.queue_declare("other")
    client.channel.queue_bind("other", "f")
    client.confirms()
    client.publish("f", "")
    reader = connect()
    for queue in ("q", "other"):
        client.quiet()
        assert client.confirmed == []
        raw = reader.channel.basic_get(queue)
        client.quiet()
        assert client.confirmed == []
        reader.channel.basic_ack(raw.delivery_info["delivery_tag"])
    client.until(lambda: client.confirmed == [1])


def test_a_requeued_message_stays_unconfirmed(client: Client, connect: Callable[[], Client]) -> None:
    client.confirms()
    client.publish("", "q")
    reader = connect()
    raw = reader.channel.basic_get("q")
    reader.channel.basic_reject(raw.delivery_info["delivery_tag"], requeue=True)
    reader.channel.basic_get("q")
    reader.connection.release()
    client.quiet()
    assert client.confirmed == []
    connect().channel.basic_get("q", no_ack=True)
    client.until(lambda: client.confirmed == [1])


def test_rejected_expired_purged_and_deleted_messages_are_confirmed(client: Client) -> None:
    client.confirms()
    client.publish("", "q")
    raw = client.channel.basic_get("q")
    client.channel.basic_reject(raw.delivery_info["delivery_tag"], requeue=False)
    client.publish("", "q", expiration="20")
    client.until(lambda: client.confirmed == [1, 2])
    client.publish("", "q")
    client.channel.queue_purge("q")
    client.publish("", "q")
    client.channel.queue_delete("q")
    client.until(lambda: client.confirmed == [1, 2, 3, 4])


def test_a_message_with_reply_to_is_confirmed_when_it_is_queued(client: Client) -> None:
    client.confirms()
    client.publish("", "q", reply_to="me")
    client.until(lambda: client.confirmed == [1])
    assert client.depth("q") == 1


def test_what_nobody_has_received_is_taken_back_when_its_publisher_goes(
    client: Client, connect: Callable[[], Client]
) -> None:
    sender = connect()
    sender.confirms()
    for _ in range(3):
        sender.publish("", "q")
    client.consume("q", prefetch=1)
    client.until(lambda: client.received)
    sender.connection.release()
    assert client.depth("q") == 0
    client.channel.basic_reject(client.received[0].delivery_info["delivery_tag"], requeue=True)
    client.until(lambda: len(client.received) == 2)  # received once, it stays with its reader


def test_drain_raises_a_timeout_in_time_and_an_error_once_closed(client: Client) -> None:
    started = time.monotonic()
    with pytest.raises(socket.timeout):
        client.connection.drain_events(timeout=0.1)
    assert 0.1 <= time.monotonic() - started < DEADLINE
    link = client.connection.connection
    eventlet.spawn_after(0.05, link.close)
    with pytest.raises(amqp.RecoverableConnectionError):
        link.drain_events()


def test_a_message_that_is_requeued_without_end_lets_others_run(client: Client) -> None:
    def requeue(message: Any) -> None:
        message.channel.basic_reject(message.delivery_info["delivery_tag"], requeue=True)

    client.channel.basic_consume("q", callback=requeue)
    client.publish("", "q")
    done: list[bool] = []
    eventlet.spawn_after(0.05, done.append, True)
    client.until(lambda: done, seconds=2)


# -- nameko as it is --

seen: list[tuple[str, Any]] = []


class Stays:
    name = "stays"
    dispatch = EventDispatcher()

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc
    def fail(self) -> None:
        raise ValueError("meant")

    @rpc
    def announce(self, value: Any) -> None:
        self.dispatch("said", value)

    @timer(interval=0.05)
    def tick(self) -> None:
        seen.append(("tick", None))


class Asks:
    name = "asks"
    stays = RpcProxy("stays")
    nobody = RpcProxy("nobody")

    @rpc
    def many(self, times: int) -> list[int]:
        return [self.stays.echo(number) for number in range(times)]

    @rpc
    def failing(self) -> str:
        try:
            self.stays.fail()
        except RemoteError as error:
            return str(error.exc_type)
        return "no error"

    @rpc
    def unknown(self) -> str:
        try:
            self.nobody.home()
        except UnknownService as error:
            return str(error)
        return "no error"

    @event_handler("stays", "said")
    def hear(self, value: Any) -> None:
        seen.append(("asks", value))


class Hears:
    name = "hears"

    @event_handler("stays", "said")
    def hear(self, value: Any) -> None:
        seen.append(("hears", value))

    @event_handler("outside", "said", requeue_on_error=True)
    def hear_outside(self, value: Any) -> None:
        seen.append(("outside", value))
        if len([entry for entry in seen if entry[0] == "outside"]) < 3:
            raise ValueError("meant")


@pytest.fixture(scope="module")
def nameko_url() -> str:
    return "inproc://nameko/"


@pytest.fixture(scope="module")
def services(nameko_url: str) -> Iterator[ServiceRunner]:
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    runner = ServiceRunner({"AMQP_URI": nameko_url})
    for service in (Stays, Asks, Hears):
        runner.add_service(service)
    runner.start()
    yield runner
    with eventlet.Timeout(DEADLINE):
        runner.stop()


@pytest.fixture
def proxy(services: ServiceRunner, nameko_url: str) -> Iterator[Any]:
    assert services
    seen.clear()
    with ClusterRpcProxy({"AMQP_URI": nameko_url}, timeout=DEADLINE) as cluster:
        yield cluster


def appears(*entries: tuple[str, Any]) -> None:
    with eventlet.Timeout(DEADLINE):
        while not set(entries) <= set(seen):
            eventlet.sleep(0.01)


def test_nameko_answers_200_calls_in_a_row(proxy: Any) -> None:
    assert proxy.asks.many(200) == list(range(200))


def test_nameko_reports_an_unknown_service_and_a_failing_worker(proxy: Any) -> None:
    assert proxy.asks.unknown() == "Unknown service `nobody`"
    assert proxy.asks.failing() == "ValueError"


def test_a_nameko_event_reaches_both_services_once(proxy: Any) -> None:
    proxy.stays.announce("hello")
    appears(("asks", "hello"), ("hears", "hello"))
    proxy.stays.echo(1)
    assert sorted(entry for entry in seen if entry[0] != "tick") == [("asks", "hello"), ("hears", "hello")]


def test_a_nameko_handler_that_fails_gets_the_event_again(proxy: Any, nameko_url: str) -> None:
    event_dispatcher({"AMQP_URI": nameko_url})("outside", "said", "x")
    with eventlet.Timeout(DEADLINE):
        while len([entry for entry in seen if entry[0] == "outside"]) < 3:
            eventlet.sleep(0.01)
    assert proxy.stays.echo(1) == 1


def test_nameko_timers_run_and_stop_leaves_no_consumer_and_no_reply_queue(
    services: ServiceRunner, nameko_url: str
) -> None:
    appears(("tick", None))
    (reply_queue,) = [
        extension.queue.name
        for container in services.containers
        for extension in container.extensions
        if isinstance(extension, ReplyListener)
    ]
    client = Client(nameko_url)
    assert client.channel.queue_declare(reply_queue, passive=True).consumer_count == 1
    with eventlet.Timeout(DEADLINE):
        services.stop()
    assert client.channel.queue_declare("rpc-stays", passive=True) == ("rpc-stays", 0, 0)
    with pytest.raises(amqp.NotFound):
        client.depth(reply_queue)
    client.connection.release()


def test_control_kombus_own_memory_transport_gives_two_queues_one_message() -> None:
    memory = Client("memory://")
    memory.channel.exchange_declare("control", "direct")
    for queue in ("control-1", "control-2"):
        memory.channel.queue_declare(queue)
        memory.channel.queue_bind(queue, "control", "k")
    memory.publish("control", "k")
    one, two = memory.channel.basic_get("control-1"), memory.channel.basic_get("control-2")
    assert one.properties is two.properties
    assert one.delivery_tag == two.delivery_tag
    memory.connection.release()
