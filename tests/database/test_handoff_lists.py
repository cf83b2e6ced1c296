"""Lists of handoffs: those of one day among many, whichever day was agreed on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.referral import v1
from services.chassis.ports import EVERYONE
from services.referral.handlers.handoff import acts, queries
from tests.support.booking import HOMESTAY, MARKET, in_days, item_of
from tests.support.database import Databases
from tests.support.referral import MIGRATIONS, RECEIVER, SENDER, Network, Play, playing

DAYS = timedelta(days=1)
#: What the migration fills in for records of before.
FILLS_IN = (MIGRATIONS["referral"] / "0008_arrival_day.sql").read_text(encoding="utf-8").split(";")[1]


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 1) as play:
        yield play


async def listed(net: Network, acting: str = RECEIVER, **wanted: Any) -> list[str]:
    lines = await net.act(queries.list_handoffs, v1.ListHandoffs(**wanted), acting)
    return [one.referral_id for one in lines]


async def everywhere(net: Network, statement: str) -> None:
    async with net.at[RECEIVER].referral.work(EVERYONE) as work:
        await work.connection.execute(statement)


def test_the_handoffs_of_some_days_are_found_among_many_by_the_day_that_counts_now(play: Play) -> None:
    async def story(net: Network) -> None:
        first, second, moved = [await net.offer(item_of(MARKET, in_days(n))) for n in (20, 21, 22)]
        counter = v1.CounterHandoff(referral=moved, items=(item_of(HOMESTAY, in_days(20)),))
        await net.says(RECEIVER, acts.counter, counter)
        for filled_in_later in (False, True):
            if filled_in_later:
                await everywhere(net, "UPDATE records SET arrival_day = NULL")
                assert await listed(net, first=in_days(1), last=in_days(60)) == []
                await everywhere(net, FILLS_IN)
            for community in (SENDER, RECEIVER):
                day = {"first": in_days(20), "last": in_days(20)}
                assert await listed(net, community, **day) == [moved, first]
                assert await listed(net, community, **day, limit=1) == [moved]
                assert await listed(net, community, **day, before=moved) == [first]
                assert await listed(net, community, **day, open_only=True, side="sender") == (
                    [moved, first] if community == SENDER else []
                )
                assert await listed(net, community, first=in_days(21)) == [second]
                assert await listed(net, community, last=in_days(20)) == [moved, first]
                assert await listed(net, community, first=in_days(22)) == [], "it was asked for that day, and moved"
                assert await listed(net, community) == [moved, second, first]
        async with net.at[SENDER].referral.work("dan-sai") as work:
            assert await work.list(v1.ListHandoffs(first=in_days(20), last=in_days(20))) == []

    play(story)


def test_a_delay_to_another_day_moves_a_party_to_the_list_of_that_day(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed(item_of(HOMESTAY, in_days(20), nights=2))
        view = await net.view(SENDER, ref)
        later = view.arrival.model_copy(update={"day": in_days(21)})
        await net.says(SENDER, acts.delay, v1.DelayParty(referral=ref, arrival=later))
        for community in (SENDER, RECEIVER):
            assert await listed(net, community, first=in_days(20), last=in_days(20)) == []
            query = v1.ListHandoffs(first=in_days(21), last=in_days(21))
            (line,) = await net.act(queries.list_handoffs, query, community)
            assert (line.referral_id, line.arrival, line.late) == (ref, later, True)
            assert (line.items, line.last_day) == (view.items, in_days(21))

    play(story)
