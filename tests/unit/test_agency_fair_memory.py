"""What is remembered costs no more than is counted, pushes out nobody else's, and is written with breaks for others."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.values import days
from services.agency_api.domain.days_kept import EACH_BYTES, KEY_BYTES, AsOf, KeptDays
from services.agency_api.site import breathing
from services.agency_api.site.breathing import Breath
from services.agency_api.site.remembering import Memory

NOW = datetime(2026, 11, 20, 3, 0, 30, tzinfo=UTC)
DAYS = days(date(2027, 1, 1), 60)
ROOM = 2**18


def key(number: int, units: int = 3) -> Hashable:
    """What was asked, in objects of its own, as each request has them."""
    counts = tuple((f"unit-{unit}-{number}", 1_000 + number) for unit in range(units))
    return ("calendar", f"bo-taen.{number}", f"visit-{number}", counts, (f"agency-{number}", frozenset({f"{number}"})))


@pytest.mark.parametrize("many", [1, 7, 60])
@pytest.mark.parametrize("units", [0, 3, 20])
def test_what_is_held_is_not_more_than_what_is_counted(many: int, units: int) -> None:
    kept = KeptDays(ROOM)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(2 * ROOM // (KEY_BYTES + many * EACH_BYTES)):
            parts = {day + timedelta(days=number): b"%d" % number for day in DAYS[:many]}
            kept.keep(key(number, units), AsOf.of(1_000 + number, NOW), parts)
        gc.collect()  # what the interpreter keeps for the next tuples is nobody's
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.has(key(number, units))
    assert not kept.has(key(0, units)), "there was more than room for"
    assert after - before < ROOM * 1.1


def test_one_agency_pushes_out_its_own_and_not_anothers() -> None:
    kept, as_of = KeptDays(ROOM), AsOf.of(1, NOW)
    kept.keep("another's", as_of, {DAYS[0]: b"a"}, "quiet")
    for number in range(500):
        kept.keep(key(number), as_of, {DAYS[0]: b"a"}, "loud")
    assert not kept.has(key(0))
    assert kept.has(key(499))
    assert kept.parts("another's", as_of) == {DAYS[0]: b"a"}
    for number in range(500):
        kept.keep(key(number), AsOf.of(2, NOW), {DAYS[0]: b"a"}, "quiet")
    assert not kept.has("another's"), "the loudest is the other one now"


def test_what_has_been_written_is_kept_also_when_whoever_asked_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breathing, "SECONDS", 0.0)
    as_of, written = AsOf.of(1, NOW), list[date]()

    def write(day: date) -> bytes:
        written.append(day)
        return b"a"

    async def story() -> None:
        memory = Memory()
        asking = asyncio.create_task(memory.written("asked", as_of, DAYS, write, "mekong-trails"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(written) == 20
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await memory.written("asked", as_of, DAYS, write, "mekong-trails") == [b"a"] * len(DAYS)
        assert len(written) == len(DAYS), "no day was written twice"

    asyncio.run(story())


@pytest.mark.parametrize(("steps", "each", "turns"), [(10, 10.0, 10), (100, 1.0, 10), (100, 0.0, 0)])
def test_others_have_their_turn_by_the_time_that_has_gone_by(
    monkeypatch: pytest.MonkeyPatch, steps: int, each: float, turns: int
) -> None:
    monkeypatch.setattr(breathing, "SECONDS", 10.0)
    now, had = 0.0, 0

    async def others() -> None:
        nonlocal had
        while True:
            had += 1
            await asyncio.sleep(0)

    async def story() -> None:
        nonlocal now
        waiting, breath = asyncio.create_task(others()), Breath(lambda: now)
        for _ in range(steps):
            now += each
            await breath.take()
        waiting.cancel()

    asyncio.run(story())
    assert had == turns
