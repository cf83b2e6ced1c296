"""What a process remembers of its answers: by what was asked, as long as the mark is the same, and only so much."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from services.agency_api.domain.shelves import EACH_BYTES, SHELF_BYTES, Mark, Shelves, in_order
from services.agency_api.site.remembering import Memory
from services.chassis.storage.failures import DatabaseUnavailable

NOW = datetime(2026, 11, 20, 3, 0, 30, tzinfo=UTC)
DAY, NEXT = date(2027, 1, 14), date(2027, 1, 15)
MARK = Mark.of(1, NOW)


def test_parts_are_good_by_their_own_mark_alone() -> None:
    shelves = Shelves()
    shelves.keep("asked", MARK, {DAY: b"a"})
    assert shelves.parts("asked", Mark.of(1, NOW + timedelta(seconds=29))) == {DAY: b"a"}
    for other in (Mark.of(2, NOW), Mark.of(1, NOW + timedelta(seconds=30)), Mark.of(1, NOW - timedelta(seconds=31))):
        assert not shelves.parts("asked", other)
    assert not shelves.parts("something else", MARK)


def test_parts_of_another_mark_are_replaced_and_never_mixed() -> None:
    shelves = Shelves()
    shelves.keep("asked", MARK, {DAY: b"a"})
    shelves.keep("asked", MARK, {NEXT: b"b"})
    assert in_order(shelves.parts("asked", MARK), (NEXT, DAY)) == [b"b", b"a"]
    shelves.keep("asked", Mark.of(2, NOW), {NEXT: b"c"})
    assert shelves.parts("asked", Mark.of(2, NOW)) == {NEXT: b"c"}
    assert in_order(shelves.parts("asked", Mark.of(2, NOW)), (DAY, NEXT)) is None


def test_what_was_not_asked_for_longest_goes_first() -> None:
    shelves = Shelves(most_bytes=2 * (SHELF_BYTES + EACH_BYTES + 100))
    shelves.keep("first", MARK, {DAY: b"a"})
    shelves.keep("second", MARK, {DAY: b"a"})
    assert shelves.parts("first", MARK)
    shelves.keep("third", MARK, {DAY: b"a"})
    assert [shelves.has(each) for each in ("first", "second", "third")] == [True, False, True]
    shelves.keep("third", MARK, {DAY: b"a"})  # the same again takes no more room
    assert shelves.has("first")
    shelves.keep("huge", MARK, {DAY: b"a" * 10_000})
    assert not any(shelves.has(each) for each in ("first", "third", "huge"))


def test_where_the_database_is_away_everybody_who_waits_is_told_and_the_next_one_asks_anew() -> None:
    is_away = True

    async def standing(communities: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        if is_away:
            raise DatabaseUnavailable("gone")
        return dict.fromkeys(communities, (1, NOW))

    async def story() -> None:
        nonlocal is_away
        memory = Memory(standing)
        await memory.written("asked", MARK, (DAY,), lambda _: b"a", "mekong-trails")
        asking = [asyncio.create_task(memory.found("asked", "bo-taen", (DAY,))) for _ in range(3)]
        asking[0].cancel()
        await asyncio.sleep(0)
        for each in asking[1:]:
            with pytest.raises(DatabaseUnavailable):
                await each
        is_away = False
        assert await memory.found("asked", "bo-taen", (DAY,)) == [b"a"]

    asyncio.run(story())
