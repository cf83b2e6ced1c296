"""Published is not arrived: a message is owed to its readers until they report that they have applied it.

Every service asks the readers it owes something how far they are, and publishes what they lack again from its outbox.
So a broker that lost confirmed messages costs seconds. What arrives twice is a duplicate, as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contracts.messages import message_types
from contracts.node import v1
from services.chassis.messaging.unit_of_work import CHASSIS, UnitOfWork, readers_of


async def ask_readers(work: UnitOfWork) -> int:
    """Ask each reader about some of what it is owed. Returns 0: the answer comes as a message."""
    for row in await work.connection.fetch(CHASSIS["owing"], v1.StreamsStated.type):
        reader = row["reader"]
        due = await work.connection.fetch(CHASSIS["ask_about"], reader, v1.MOST_STREAMS)
        said = tuple(v1.StreamSaid(stream=one["stream"], seq=one["seq"]) for one in due)
        if said:
            work.announce(v1.StreamsStated(reader=reader, streams=said), subject=reader)
    return 0


async def streams_stated(message: v1.StreamsStated, work: UnitOfWork) -> None:
    """A service asks how far its readers are: answer if we are one of them."""
    if message.reader != work.service or work.cause is None:
        return
    columns = [one.stream for one in message.streams], [one.seq for one in message.streams]
    found = await work.connection.fetch(CHASSIS["applied"], *columns)
    applied = tuple(v1.StreamApplied(**dict(row)) for row in found)
    work.announce(v1.StreamsApplied(speaker=work.cause.source, streams=applied), subject=work.cause.source)


async def owed_to(query: v1.AskOwed, work: UnitOfWork) -> v1.OwedTo:
    """What a reader is owed, and for how long it has lacked something of the streams that it names."""
    owed = await work.connection.fetch(CHASSIS["owed_to"], query.reader, v1.MOST_STREAMS)
    columns = [one.stream for one in query.applied], [one.seq for one in query.applied]
    seconds = await work.connection.fetchval(CHASSIS["owed_since"], query.reader, *columns)
    return v1.OwedTo(streams=tuple(v1.StreamSaid(**dict(row)) for row in owed), seconds=seconds)


async def behind(said: Sequence[v1.StreamSaid], work: UnitOfWork) -> tuple[v1.StreamApplied, ...]:
    """How far this service is on those of some streams of which it has not applied all that was said."""
    numbers = {one.stream: one.seq for one in said}
    found = await work.connection.fetch(CHASSIS["applied"], list(numbers), list(numbers.values()))
    applied = (v1.StreamApplied(**dict(row)) for row in found)
    return tuple(one for one in applied if one.seq < numbers[one.stream])


async def streams_applied(message: v1.StreamsApplied, work: UnitOfWork) -> None:
    """A reader reports how far it is: publish again what it lacks."""
    if message.speaker != work.service or work.cause is None:
        return
    streams, numbers = [one.stream for one in message.streams], [one.seq for one in message.streams]
    lacks = [one.lacks for one in message.streams]
    await work.connection.execute(CHASSIS["arrived"], work.cause.source, streams, numbers, lacks)
    lacking = [one for one in message.streams if one.lacks]
    if lacking:
        columns = [one.stream for one in lacking], [one.seq for one in lacking]
        await work.connection.execute(CHASSIS["publish_again"], *columns)


class Page(NamedTuple):
    """What is owed again of one page of streams; the next page begins after `last`, None at the end."""

    streams: int
    communities: frozenset[str]
    last: str | None


async def owe_again(work: UnitOfWork, after: str) -> Page:
    """Mark a page of what the outbox still keeps as owed once more."""
    names = [row["stream"] for row in await work.connection.fetch(CHASSIS["said"], after, v1.MOST_STREAMS)]
    if not names:
        return Page(0, frozenset(), None)
    ways = [(kind, reader) for kind in message_types() for reader in readers_of(kind).split(",") if reader]
    row = await work.connection.fetchrow(CHASSIS["owe_again"], names, *map(list, zip(*ways, strict=True)))
    return Page(row["streams"], frozenset(row["communities"]), names[-1])
