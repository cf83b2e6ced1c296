"""Published is not arrived: what this service has said is owed to its readers until they say that they have applied it.

Every service asks those whom it owes something how far they are, and says again what they lack, from its outbox. So a
broker that has lost what it confirmed costs seconds. What comes twice is a duplicate, as always.
"""

from __future__ import annotations

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
    """Somebody asks how far its readers are: when we are meant, say so."""
    if message.reader != work.service or work.cause is None:
        return
    columns = [one.stream for one in message.streams], [one.seq for one in message.streams]
    found = await work.connection.fetch(CHASSIS["applied"], *columns)
    applied = tuple(v1.StreamApplied(**dict(row)) for row in found)
    work.announce(v1.StreamsApplied(speaker=work.cause.source, streams=applied), subject=work.cause.source)


async def streams_applied(message: v1.StreamsApplied, work: UnitOfWork) -> None:
    """A reader of ours says how far it is: publish again what it lacks."""
    if message.speaker != work.service or work.cause is None:
        return
    streams, told = [one.stream for one in message.streams], [one.seq for one in message.streams]
    lacks = [one.lacks for one in message.streams]
    await work.connection.execute(CHASSIS["arrived"], work.cause.source, streams, told, lacks)
    lacking = [one for one in message.streams if one.lacks]
    if lacking:
        columns = [one.stream for one in lacking], [one.seq for one in lacking]
        await work.connection.execute(CHASSIS["publish_again"], *columns)


class Page(NamedTuple):
    """What of one page of streams is owed again; `last` is the name to go on behind, None at the end."""

    streams: int
    communities: frozenset[str]
    last: str | None


async def owe_again(work: UnitOfWork, after: str) -> Page:
    """Owe a page of what is still kept to its readers once more."""
    names = [row["stream"] for row in await work.connection.fetch(CHASSIS["said"], after, v1.MOST_STREAMS)]
    if not names:
        return Page(0, frozenset(), None)
    ways = [(kind, reader) for kind in message_types() for reader in readers_of(kind).split(",") if reader]
    row = await work.connection.fetchrow(CHASSIS["owe_again"], names, *map(list, zip(*ways, strict=True)))
    return Page(row["streams"], frozenset(row["communities"]), names[-1])
