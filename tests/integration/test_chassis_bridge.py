"""The bridge between green threads and asyncio (F6, F7, F13): contexts, deadlines, cancelling, nothing serialised."""

import asyncio
import contextvars
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import eventlet
import pytest
from eventlet.asyncio import spawn_for_awaitable
from eventlet.patcher import original

from services.chassis.runtime import bridge
from services.chassis.storage.database import ConnectionPool, DatabaseUnavailable
from tests.support.engine import Mood, running, sql, until
from tests.support.steady import least

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")
STALL_SECONDS = 0.2


@pytest.fixture
def pool(database: str) -> Iterator[ConnectionPool]:
    made = ConnectionPool(database, "tally", size=5)
    yield made
    bridge.run(made.close())


async def rest(pool: ConnectionPool, seconds: float) -> None:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_sleep($1)", seconds)


def busy(url: str, state: str = "active") -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int(bridge.run(sql(url, query + " AND state = $1 AND application_name = 'handoff-tally'", state))[0][0])


async def who() -> str:
    await asyncio.sleep(0)
    return WHO.get()


def named(name: str, seen: Callable[[], str]) -> str:
    WHO.set(name)
    eventlet.sleep(0.01)
    return seen()


def test_the_context_of_a_green_thread_crosses_into_its_coroutine() -> None:
    assert eventlet.spawn(named, "malee", lambda: bridge.run(who())).wait() == "malee"


def test_control_without_the_bridge_the_context_is_lost() -> None:
    def bare() -> str:
        return str(spawn_for_awaitable(who()).wait())

    assert eventlet.spawn(named, "malee", bare).wait() == "nobody"


def test_green_threads_do_not_see_one_another_s_context() -> None:
    threads = [eventlet.spawn(named, f"person-{n}", lambda: bridge.run(who())) for n in range(20)]
    assert [thread.wait() for thread in threads] == [f"person-{n}" for n in range(20)]


def test_the_context_of_a_coroutine_crosses_into_its_green_thread_and_back() -> None:
    async def asked() -> str:
        WHO.set("khamla")
        return await bridge.green(lambda: bridge.run(who()))

    assert bridge.run(asked()) == "khamla"


def test_a_deadline_cancels_the_statement_in_the_database(pool: ConnectionPool, database: str) -> None:
    with pytest.raises(TimeoutError):
        bridge.run(rest(pool, 4), seconds=0.2)
    until(lambda: busy(database) == 0, 1)


def test_killing_the_green_thread_cancels_the_statement_in_the_database(pool: ConnectionPool, database: str) -> None:
    thread = eventlet.spawn(bridge.run, rest(pool, 4))
    until(lambda: busy(database) == 1, 3)
    thread.kill()
    until(lambda: busy(database) == 0, 1)


def test_a_time_out_around_the_bridge_cancels_too(pool: ConnectionPool, database: str) -> None:
    with eventlet.Timeout(0.3, False):
        bridge.run(rest(pool, 4))
    until(lambda: busy(database) == 0, 1)


def test_control_a_time_out_around_eventlet_s_own_way_leaves_the_statement_running(
    pool: ConnectionPool, database: str
) -> None:
    with eventlet.Timeout(0.3, False):
        spawn_for_awaitable(rest(pool, 1.5)).wait()
    eventlet.sleep(0.2)
    assert busy(database) == 1
    until(lambda: busy(database) == 0, 3)


def test_what_a_green_thread_raises_reaches_who_awaits_it_and_cancelling_kills_it() -> None:
    ended: list[str] = []

    def stubborn() -> None:
        try:
            eventlet.sleep(30)
        finally:
            ended.append("killed")

    def broken() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        bridge.run(bridge.green(broken))
    with pytest.raises(TimeoutError):
        bridge.run(bridge.green(stubborn), seconds=0.1)
    until(lambda: ended == ["killed"], 1)


def test_f7_fifty_statements_at_once_take_as_long_as_one_and_stall_nobody(database: str) -> None:
    wide = ConnectionPool(database, "tally", size=50)
    stalled: list[float] = []

    def all_at_once(seconds: float) -> float:
        with stalls() as found:
            started = time.monotonic()
            threads = [eventlet.spawn(bridge.run, rest(wide, seconds)) for _ in range(50)]
            [thread.wait() for thread in threads]
            taken = time.monotonic() - started
        stalled.append(max(found, default=0))
        return taken

    all_at_once(0.0)  # the connections are open now
    stalled.clear()
    assert least(lambda: all_at_once(0.5), 2.5) < 2.5
    bridge.run(wide.close())
    assert min(stalled) < STALL_SECONDS * 3  # 50 results at once


def test_f7_control_a_wait_that_is_not_the_hub_s_serialises_everything() -> None:
    started = time.monotonic()
    threads = [eventlet.spawn(original("time").sleep, 0.2) for _ in range(5)]
    [thread.wait() for thread in threads]
    assert time.monotonic() - started >= 1.0


def test_f7_whoever_imports_the_engine_in_the_wrong_order_finds_out(tmp_path: Path) -> None:
    code = "import services.chassis.runtime.bridge as b, asyncio\nasync def one(): return 1\nprint(b.run(one()))"
    environment = {key: value for key, value in os.environ.items() if key != "EVENTLET_HUB"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert found.returncode != 0, tmp_path
    assert "loop" in found.stderr


@contextmanager
def stalls() -> Iterator[list[float]]:
    """How long the loop did not turn, each time it was more than a tenth of a second late."""
    found: list[float] = []

    async def watch() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            late = time.monotonic() - before - 0.01
            if late > 0.1:
                found.append(late)

    thread = eventlet.spawn(bridge.run, watch())
    eventlet.sleep(0.05)
    try:
        yield found
        eventlet.sleep(0.05)
    finally:
        thread.kill()


def counted_under_watch(database: str, bus: str) -> float:
    """The longest stall while 300 messages are counted and asked for."""
    with running(database, bus) as engine, stalls() as found:
        before = len(engine.counted())
        for n in range(30):
            engine.tell(*(f"{before}-{n}-{k}" for k in range(10)), subject=f"{before}-{n}")
        until(lambda: len(engine.counted()) == before + 300)
    return max(found, default=0.0)


def test_f6_nothing_blocks_the_loop_while_messages_flow(database: str, bus: str) -> None:
    assert least(lambda: counted_under_watch(database, bus), STALL_SECONDS) < STALL_SECONDS


def test_f6_control_a_handler_that_blocks_is_seen(database: str, inproc_bus: str) -> None:
    real_sleep = original("time").sleep
    Mood.before = lambda key: real_sleep(0.4) if key.endswith("-0-0") else None
    assert least(lambda: counted_under_watch(database, inproc_bus), STALL_SECONDS) > STALL_SECONDS


def cancelled_at_random(pool: ConnectionPool, seed: int) -> Coroutine[Any, Any, None]:
    return rest(pool, random.Random(seed).choice([0.0, 0.001, 0.01]))


def test_f13_a_thousand_cancellations_leave_no_connection_behind(pool: ConnectionPool, database: str) -> None:
    def one(seed: int) -> None:
        with suppress(TimeoutError, DatabaseUnavailable):
            bridge.run(cancelled_at_random(pool, seed), seconds=random.Random(seed).uniform(0, 0.02))

    crew = eventlet.GreenPool(10)
    for seed in range(1000):
        crew.spawn_n(one, seed)
    crew.waitall()
    until(lambda: busy(database) == 0 and busy(database, "idle in transaction") == 0, 5)
    free = [eventlet.spawn(bridge.run, rest(pool, 0.2)) for _ in range(pool.size)]
    started = time.monotonic()
    [thread.wait() for thread in free]
    assert time.monotonic() - started < 2, "some connections never came back"
    settings = bridge.run(setting(pool, "idle_in_transaction_session_timeout"))
    assert settings == "10s"


async def setting(pool: ConnectionPool, name: str) -> str:
    async with pool.connection() as connection:
        return str(await connection.fetchval("SELECT current_setting($1)", name))


def test_a_vanished_process_gives_up_its_locks_within_half_a_minute(pool: ConnectionPool) -> None:
    idle, interval, count = (
        int(bridge.run(setting(pool, f"tcp_keepalives_{name}"))) for name in ("idle", "interval", "count")
    )
    assert idle + interval * count <= 30


def test_a_fault_of_ours_is_not_taken_for_an_outage(pool: ConnectionPool) -> None:
    async def two_at_once() -> None:
        async with pool.connection() as connection:
            await asyncio.gather(connection.fetch("SELECT 1"), connection.fetch("SELECT 2"))

    with pytest.raises(asyncpg.InterfaceError):
        bridge.run(two_at_once())
