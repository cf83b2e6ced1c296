"""What a process remembers of its answers: by what was asked, as long as all stands as it did, and only so much."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from services.agency_api.domain.days_kept import EACH_BYTES, AsOf, KeptDays, in_order
from services.agency_api.site.remembering import Memory
from services.chassis.storage.failures import DatabaseUnavailable

NOW = datetime(2026, 11, 20, 3, 0, 30, tzinfo=UTC)
DAY, NEXT = date(2027, 1, 14), date(2027, 1, 15)
AS_OF = AsOf.of(1, NOW)


def test_parts_are_good_by_their_own_mark_alone() -> None:
    kept = KeptDays()
    kept.keep("asked", AS_OF, {DAY: b"a"})
    assert kept.parts("asked", AsOf.of(1, NOW + timedelta(seconds=29))) == {DAY: b"a"}
    for other in (AsOf.of(2, NOW), AsOf.of(1, NOW + timedelta(seconds=30)), AsOf.of(1, NOW - timedelta(seconds=31))):
        assert not kept.parts("asked", other)
    assert not kept.parts("something else", AS_OF)


def test_parts_of_another_mark_are_replaced_and_never_mixed() -> None:
    kept = KeptDays()
    kept.keep("asked", AS_OF, {DAY: b"a"})
    kept.keep("asked", AS_OF, {NEXT: b"b"})
    assert in_order(kept.parts("asked", AS_OF), (NEXT, DAY)) == [b"b", b"a"]
    kept.keep("asked", AsOf.of(2, NOW), {NEXT: b"c"})
    assert kept.parts("asked", AsOf.of(2, NOW)) == {NEXT: b"c"}
    assert in_order(kept.parts("asked", AsOf.of(2, NOW)), (DAY, NEXT)) is None


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept = KeptDays(most_bytes=2 * (EACH_BYTES + 1))
    kept.keep("first", AS_OF, {DAY: b"a"})
    kept.keep("second", AS_OF, {DAY: b"a"})
    assert kept.parts("first", AS_OF)
    kept.keep("third", AS_OF, {DAY: b"a"})
    assert [kept.has(each) for each in ("first", "second", "third")] == [True, False, True]
    kept.keep("third", AS_OF, {DAY: b"a"})  # the same again takes no more room
    assert kept.has("first")
    kept.keep("huge", AS_OF, {DAY: b"a" * 1000})
    assert not any(kept.has(each) for each in ("first", "third", "huge"))


def test_where_the_database_is_away_everybody_who_waits_is_told_and_the_next_one_asks_anew() -> None:
    is_away = True

    async def standing(communities: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        if is_away:
            raise DatabaseUnavailable("gone")
        return dict.fromkeys(communities, (1, NOW))

    async def story() -> None:
        nonlocal is_away
        memory = Memory(standing)
        await memory.written("asked", AS_OF, (DAY,), lambda _: b"a")
        asking = [asyncio.create_task(memory.found("asked", "bo-taen", (DAY,))) for _ in range(3)]
        asking[0].cancel()
        await asyncio.sleep(0)
        for each in asking[1:]:
            with pytest.raises(DatabaseUnavailable):
                await each
        is_away = False
        assert await memory.found("asked", "bo-taen", (DAY,)) == [b"a"]

    asyncio.run(story())
