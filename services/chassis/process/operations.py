"""What every service answers to operators of the system. A service gets it by deriving from `Operated`."""

from __future__ import annotations

from typing import Any

from contracts.booking.v1 import Violation
from contracts.node import v1
from contracts.refusals import No, Refused
from services.chassis.messaging import arrivals
from services.chassis.messaging.store import Store
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.ports import EVERYONE
from services.chassis.process import audit_checkpoints
from services.chassis.process.service import chore, message, operation, periodic, query
from services.chassis.runtime.settings import Settings
from services.chassis.trust import keys_in_force

#: Keys in one transaction.
REWRAPPED_AT_ONCE = 200


async def list_parked(store: Store[Any], wanted: v1.ListParked, _: Settings) -> list[v1.ParkedView]:
    """Parked messages, oldest first."""
    return [_view(store, row) for row in await store.dead_letters.listed(wanted.limit)]


async def show_parked(store: Store[Any], wanted: v1.ShowParked, _: Settings) -> v1.ParkedView:
    """One of them, with its body."""
    row = await store.dead_letters.one(wanted.id)
    if row is None:
        raise Refused(No.UNKNOWN, "no_such_parked", "id")
    body: bytes = row.pop("body")
    return _view(store, row | {"size": len(body), "body": body[:65_536].decode("utf-8", "replace")})


async def replay_parked(store: Store[Any], wanted: v1.ReplayParked, _: Settings) -> v1.Settled:
    """Try it again."""
    error = await store.replays.replay(wanted.id)
    return v1.Settled(id=wanted.id, settled=error is None, error=error)


async def discard_parked(store: Store[Any], wanted: v1.DiscardParked, _: Settings) -> v1.Settled:
    """Discard it."""
    await store.replays.discard(wanted.id)
    return v1.Settled(id=wanted.id, settled=True)


async def ask_standing(store: Store[Any], _wanted: v1.AskStanding, settings: Settings) -> v1.Standing:
    """Counts of what waits."""
    async with store.database.connection() as connection:
        relays = await connection.fetch(CHASSIS["relay_state"])
        row = await connection.fetchrow(CHASSIS["standing"])
        keys = await connection.fetchrow(CHASSIS["renewal_state"]) if store.keeps_records else None
    return v1.Standing(
        service=store.database.service,
        now=row["now"],
        clock_settable=settings.clock_settable,
        unpublished={r["lane"]: r["waiting"] for r in relays},
        oldest={r["lane"]: round(r["oldest"], 3) for r in relays},
        waiting=row["waiting"],
        parked=row["parked"],
        unsigned=sum(r["unsigned"] for r in relays),
        unproven=row["unproven"],
        erased_since=keys["gone"] if keys else None,
        renewed_since=keys["renewed"] if keys else None,
    )


async def move_clock(store: Store[Any], wanted: v1.MoveClock, settings: Settings) -> v1.Standing:
    """Set the node's clock; it runs on from there. Setting it back to the machine's time works on every node."""
    async with store.database.connection() as connection:
        if not await connection.fetchval(CHASSIS["move_clock"], wanted.to, settings.clock_settable):
            raise Refused(No.NOT_ALLOWED, "clock_is_the_machines", "to")
    return await ask_standing(store, v1.AskStanding(), settings)


async def rewrap(store: Store[Any], _wanted: v1.Rewrap, _settings: Settings) -> v1.Rewrapped:
    """Wrap with the newest key of the node whatever an older one has wrapped, in pages."""
    done = 0
    while True:
        async with store.work(EVERYONE) as work:
            page, newest = await work.rewrap(REWRAPPED_AT_ONCE), work.vault.newest
            if not page:
                await keys_in_force.renewed(work.connection, work.vault)
        done += page
        if not page:
            return v1.Rewrapped(rewrapped=done, keyid=newest)


async def check_streams(store: Store[Any], _wanted: v1.CheckStreams, _settings: Settings) -> list[Violation]:
    """Streams in which a message is missing, as far as this service knows."""
    async with store.database.connection() as connection:
        return [Violation(**dict(row)) for row in await connection.fetch(CHASSIS["lacking"])]


async def say_again(store: Store[Any], _wanted: v1.SayAgain, _settings: Settings) -> v1.Owed:
    """Ask readers about everything that the outbox keeps, in pages; writes a line to each audit concerned."""
    streams, concerned, last = 0, set[str](), ""
    while True:
        async with store.work(EVERYONE) as work:
            page = await arrivals.owe_again(work, last)
        streams, concerned = streams + page.streams, concerned | page.communities
        if page.last is None:
            break
        last = page.last
    async with store.work(EVERYONE) as work:
        for community in sorted(concerned):
            work.audit(community, "messages_said_again", store.database.service)
    return v1.Owed(streams=streams)


async def forget_old(store: Store[Any], _: Settings) -> int:
    """Delete rows whose time is over."""
    async with store.database.connection() as connection:
        return int(await connection.fetchval(CHASSIS["forget_old"]))


async def drain_forgotten(store: Store[Any], _: Settings) -> int:
    """Continue streams whose process died between a commit and the next waiting message."""
    return await store.inbox.drain_forgotten()


async def prove(store: Store[Any], _: Settings) -> int:
    """Apply what has waited for its key."""
    return await store.inbox.prove()


class Operated:
    """The entrypoints that every service has beside its own."""

    list_parked = operation(v1.ListParked, list_parked)
    show_parked = operation(v1.ShowParked, show_parked)
    replay_parked = operation(v1.ReplayParked, replay_parked)
    discard_parked = operation(v1.DiscardParked, discard_parked)
    ask_standing = operation(v1.AskStanding, ask_standing)
    ask_owed = query(v1.AskOwed, arrivals.owed_to)
    check_streams = operation(v1.CheckStreams, check_streams)
    say_again = operation(v1.SayAgain, say_again)
    move_clock = operation(v1.MoveClock, move_clock)
    list_audit = query(v1.ListAudit, audit_checkpoints.listed)
    list_checkpoints = operation(v1.ListCheckpoints, audit_checkpoints.checkpoints)
    verify_audit = operation(v1.VerifyAudit, audit_checkpoints.verify)
    ask_readers = periodic(5.0, arrivals.ask_readers)
    streams_stated = message(v1.StreamsStated, arrivals.streams_stated)
    streams_applied = message(v1.StreamsApplied, arrivals.streams_applied)
    forget_old = chore(3600.0, forget_old)
    drain_forgotten = chore(5.0, drain_forgotten)
    rewrap = operation(v1.Rewrap, rewrap)
    prove = chore(2.0, prove)


def _view(store: Store[Any], row: dict[str, Any]) -> v1.ParkedView:
    row = {**row, "id": str(row["id"]), "service": store.database.service}
    return v1.ParkedView.read(row)
