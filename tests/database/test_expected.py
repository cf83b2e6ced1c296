"""Who is to come: what a phone at the door keeps, by day and hour, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

import pytest

from contracts.border.v1 import State
from contracts.referral import v1
from contracts.refusals import Refused
from contracts.values import Window
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.referral.domain.handoff.record import Transition
from services.referral.handlers.handoff import queries
from tests.support.database import Databases
from tests.support.referral import NOW, RECEIVER, SENDER, Network, Play, playing, record

TODAY = NOW.date()


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 1) as play:
        yield play


async def expected(net: Network, community: str, days: int = 2) -> list[v1.Expected]:
    query = v1.ListExpected(first=TODAY, last=TODAY + timedelta(days=days - 1))
    async with net.at[SENDER].referral.work(community) as work:
        return list(await queries.list_expected(query, work))


async def put(net: Network, side: v1.Side, state: State, hour: int, day: int = 0) -> str:
    arrival = Window(day=TODAY + timedelta(days=day), earliest=time(hour), latest=time(hour + 1))
    one = record(side, state, referral_id=new_id(), arrival=arrival)
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        await work.keep(Transition(record=one, act="offer", by=one.community), None)
    return one.referral_id


def test_those_who_are_to_come_are_listed_by_day_and_hour_and_the_others_are_not(play: Play) -> None:
    async def story(net: Network) -> None:
        late = await put(net, "receiver", "departed", 16)
        early = await put(net, "receiver", "confirmed", 9)
        tomorrow = await put(net, "receiver", "accepted", 8, day=1)
        others: tuple[State, ...] = ("offered", "held", "arrived", "declined")
        for state in others:
            await put(net, "receiver", state, 10)
        await put(net, "receiver", "confirmed", 10, day=2)
        await put(net, "sender", "confirmed", 10)
        assert [one.referral_id for one in await expected(net, RECEIVER)] == [early, late, tomorrow]
        assert await expected(net, SENDER) == []
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute("DELETE FROM story; DELETE FROM records")

    play(story)


def test_more_than_two_months_are_refused(play: Play) -> None:
    async def story(net: Network) -> None:
        with pytest.raises(Refused) as refused:
            await expected(net, RECEIVER, days=63)
        assert refused.value.refusal.field == "last"

    play(story)
