"""What the bench says of agencies' software, from figures that are known."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contracts.holding import MOST_HOLDS
from tests.bench.agencies import table
from tests.bench.agencies.asking import Software
from tests.bench.agencies.filling import Network
from tests.bench.agencies.lines import Line, Lines, request
from tests.bench.agencies.loads import Taken, at_rate, closed


def test_a_closed_loop_asks_as_often_as_it_is_told() -> None:
    asked = []

    async def act() -> bool:
        asked.append(1)
        await asyncio.sleep(0)
        return True

    taken = asyncio.run(closed(act, 3, number=10))
    assert len(asked) == len(taken.each) == 10
    assert taken.failed == 0


def test_what_is_late_for_another_counts_as_slow() -> None:
    """A stall of a tenth of a second is seen by all that were due in it, not by one alone."""

    turn, lock = 0, asyncio.Lock()

    async def stalls() -> bool:
        nonlocal turn
        turn += 1
        if turn == 1:
            await asyncio.sleep(0.1)
        return True

    async def one_at_a_time() -> bool:
        async with lock:
            return await stalls()

    taken = asyncio.run(at_rate(one_at_a_time, 100, 0.2))
    assert sum(each > 0.04 for each in taken.each) >= 5
    turn = 0
    control = asyncio.run(closed(one_at_a_time, 1, number=20))
    assert sum(each > 0.04 for each in control.each) == 1, "a closed loop would not have seen it"


def test_what_fails_is_counted_and_is_no_rate() -> None:
    taken = Taken(seconds=2.0)

    async def breaks() -> bool:
        raise ConnectionResetError

    async def refused() -> bool:
        return False

    asyncio.run(taken.note(breaks, 0.0))
    asyncio.run(taken.note(refused, 0.0))
    assert taken.figures()["failed"] == taken.figures()["number"] == 2
    assert taken.rate == 0


def test_an_answer_is_cut_from_the_stream_however_it_comes() -> None:
    answer = (
        b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nContent-Length: 11\r\n\r\n" + b"hello world"
    )

    async def ask(pieces: list[bytes]) -> tuple[int, bytes]:
        line = Line()
        line.connection_made(_Wire(line, pieces))
        return await line.ask(b"GET / HTTP/1.1\r\n\r\n")

    for pieces in (
        [answer],
        [answer[:20], answer[20:-4], answer[-4:]],
        [answer[n : n + 1] for n in range(len(answer))],
    ):
        assert asyncio.run(ask(pieces)) == (400, b"hello world")


def test_whoever_waits_on_a_connection_that_ends_learns_of_it() -> None:
    async def ask() -> None:
        line = Line()
        line.connection_made(_Wire(line, []))
        asyncio.get_running_loop().call_soon(line.connection_lost, None)
        await line.ask(b"GET / HTTP/1.1\r\n\r\n")

    with pytest.raises(ConnectionError):
        asyncio.run(ask())


def test_no_agency_is_asked_for_more_holds_than_it_may_have() -> None:
    network = Network(("one", "two"), ("reader", "first", "second"))
    made = Software(network, Lines(0)).reservations()
    asked = [next(made) for _ in range(network.holds)]
    for key in ("first", "second"):
        own = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in asked if f"Bearer {key}\r\n".encode() in one]
        for community in network.communities:
            assert sum(one["productId"].startswith(f"{community}.") for one in own) == MOST_HOLDS
    with pytest.raises(RuntimeError, match="make more of them"):
        next(made)


def test_a_request_says_how_long_it_is() -> None:
    head, _, body = request("POST", "/octo/bookings", "a.key", {"notes": "ແຂກ"}).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"notes": "ແຂກ"}


def test_the_table_says_what_was_met_and_what_was_missed() -> None:
    small, large = _site(15, 1200.0, 1.0), _site(3273, 900.0, 3.0)
    flood = {"alone": _one(20, 2.0), "flooded": _one(20, 5.0), "flood_per_second": 150.0, "p99_ratio": 2.5}
    said = "\n".join(table.told({"sites": [small, large], "flood": flood}))
    assert "HANDOFF_AGENCY_LIMIT=0" in said
    assert "calendar of 30 days: 1200/s (goal 1000: met), p99 60.0 ms at half load (goal 50: missed)" in said
    assert "60% of 2000/s by the same SQL bare" in said
    assert "900/s (goal 1000: missed)" in said
    assert "10 bookings: 90.0% went through (goal 100%: missed)" in said
    assert "from 15 to 3273 communities: calendar of 30 days x 3.0" in said
    assert "x 2.5 (goal < 2: missed)" in said
    assert table.growth(small, large)["calendar"] == 3.0
    assert table.growth(small, large)["products"] < 0.02, "of a list that is longer, each line counts"


class _Wire(asyncio.Transport):
    """Answers what is written with some pieces."""

    def __init__(self, line: Line, pieces: list[bytes]) -> None:
        super().__init__()
        self._line, self._pieces = line, pieces

    def write(self, data: Any) -> None:
        assert data
        for piece in self._pieces:
            asyncio.get_running_loop().call_soon(self._line.data_received, piece)


def _one(rate: float, p99: float, cost: float = 1.0, failed: int = 0) -> dict[str, Any]:
    costs = {"node_cpu_ms": cost, "postgres_cpu_ms": 0.0, "client_cpu_ms": 0.1}
    load = {
        "number": 10,
        "failed": failed,
        "per_second": rate,
        "p50_ms": 1.0,
        "p99_ms": p99,
        "clients": 8,
        "rate": rate,
    }
    return load | costs


def _site(communities: int, rate: float, cost: float) -> dict[str, Any]:
    measured = {name: {"loops": [_one(rate, 9.0, cost)]} for name in table.NAMES}
    for name in table.GOALS:
        measured[name]["half"] = _one(rate / 2, 60.0)  # type: ignore[assignment] # beside the loops
    measured["trips"] = {"loops": [_one(9.0, 100.0, failed=1)]}
    bare = {"calendar_bare_per_second": 2000.0, "holds_bare_per_second": 2000.0}
    return {"bus": "embedded", "communities": communities, "memory_mb": 100.0, "wrong": [], **bare, **measured}
