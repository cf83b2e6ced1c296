"""What the bus has confirmed and lost is said again to whoever lacks it on this node, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.node import v1 as node
from contracts.referral import v1
from services.chassis.messaging import arrivals
from services.chassis.messaging.store import Store
from services.chassis.messaging.transactions import Reader
from services.chassis.ports import EVERYONE
from services.referral.handlers.handoff import acts
from tests.support.database import Databases
from tests.support.referral import NOW, RECEIVER, SENDER, Network, Play, playing, wanted

SAID: dict[str, Reader] = {
    node.StreamsStated.type: (node.StreamsStated, arrivals.streams_stated),
    node.StreamsApplied.type: (node.StreamsApplied, arrivals.streams_applied),
}
#: To those who play here; the edge for agencies does not.
OWED = (
    "SELECT reader, stream, seq, tries, lacking_since FROM owed WHERE reader IN ('booking', 'referral')"
    " ORDER BY stream, reader"
)


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 1) as play:
        yield play


@pytest.fixture
def two_nodes(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 2) as play:
        yield play


def stores(net: Network) -> list[Store[Any]]:
    return [store for one in net.nodes for store in (one.referral, one.booking)]


async def sql(store: Store[Any], statement: str, *arguments: Any) -> list[Any]:
    async with store.database.connection() as connection:
        return list(await connection.fetch(statement, *arguments))


async def lose(store: Store[Any], *types: str) -> list[str]:
    """The bus confirms these and loses them; nothing else has left yet."""
    query = (
        "UPDATE outbox SET published_at = clock_timestamp() - interval '1 minute' WHERE published_at IS NULL"
        " AND (type = ANY ($1::text[]) OR $1 = '{}') RETURNING type, id"
    )
    return [row["type"] for row in sorted(await sql(store, query, list(types)), key=lambda row: row["id"])]


async def know_one_community_each(net: Network) -> None:
    """Each node signs for its own community alone."""
    for ours, theirs in ((SENDER, RECEIVER), (RECEIVER, SENDER)):
        owner = await asyncpg.connect(net.at[ours].referral.database.url)
        await owner.execute("DELETE FROM node.signing_keys WHERE community = $1", theirs)
        await owner.close()


async def ask(net: Network) -> None:
    """The time has come to ask readers how far they are."""
    for store in stores(net):
        store.readers.update(SAID)
        await sql(store, "UPDATE owed SET due_at = clock_timestamp(), asked_at = NULL")
        await store.tick(arrivals.ask_readers)
    await net.carry()


async def owed(net: Network) -> list[Any]:
    return [row for store in stores(net) for row in await sql(store, OWED)]


def lacking(rows: list[Any]) -> list[tuple[str, int]]:
    return [(row["reader"], row["seq"]) for row in rows if row["lacking_since"]]


async def hold_state(net: Network, ref: str) -> str:
    async with net.at[RECEIVER].booking.work(EVERYONE) as work:
        hold = await work.find_hold(None, ref)
    assert hold is not None
    return str(hold.state)


def test_a_message_that_a_reader_has_applied_is_no_longer_owed(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.confirmed()
        assert {row["reader"] for row in await owed(net)} == {"booking", "referral"}
        await ask(net)
        assert await owed(net) == []

    play(story)


def test_a_lost_request_to_booking_is_sent_again_and_applied_once(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        await net.act(acts.cancel, v1.CancelHandoff(referral=ref), RECEIVER)
        assert await lose(net.at[RECEIVER].referral, booking.ReleaseHold.type) == [booking.ReleaseHold.type]
        await net.carry()
        assert (await net.state(ref), await hold_state(net, ref)) == ("cancelled", "CONFIRMED")
        await ask(net)
        assert await hold_state(net, ref) == "CANCELLED"
        await ask(net)
        assert await owed(net) == []
        released = "SELECT count(*) FROM outbox WHERE type = 'booking.hold_released.v1'"
        assert (await sql(net.at[RECEIVER].booking, released))[0]["count"] == 1

    play(story)


def test_a_lost_fact_of_booking_is_sent_again(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted()
        await net.act(acts.cancel, v1.CancelHandoff(referral=ref), RECEIVER)
        await net.carry_once()
        assert await lose(net.at[RECEIVER].booking, booking.HoldReleased.type) == [booking.HoldReleased.type]
        await net.carry()
        await ask(net)
        assert await sql(net.at[RECEIVER].booking, "SELECT 1 FROM outbox WHERE last_fate = 'unseen'") != []
        await ask(net)
        assert await owed(net) == []

    play(story)


def test_a_message_that_waits_for_a_lost_one_is_applied_after_it(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.act(acts.accept, v1.AcceptHandoff(referral=ref), RECEIVER)
        assert await lose(net.at[RECEIVER].referral) == [booking.ExtendHold.type]
        await net.act(acts.decline, v1.DeclineHandoff(referral=ref), RECEIVER)
        await net.carry()
        waits = "SELECT seq FROM waiting"
        assert len(await sql(net.at[RECEIVER].booking, waits)) == 1
        await ask(net)
        assert await sql(net.at[RECEIVER].booking, waits) == []
        assert await hold_state(net, ref) == "CANCELLED"

    play(story)


def test_a_lost_border_message_inside_the_node_is_sent_again_too(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = (await net.act(acts.offer, wanted(), SENDER)).referral_id
        assert await lose(net.at[SENDER].referral) == [border.HandoffOffered.type]
        await ask(net)
        assert await net.state(ref) == "held"

    play(story)


def test_a_border_message_to_another_node_is_not_owed(two_nodes: Play) -> None:
    async def story(net: Network) -> None:
        await know_one_community_each(net)
        await net.act(acts.offer, wanted(), SENDER)
        assert await owed(net) == []
        await net.carry()

    two_nodes(story)


def test_a_message_parked_by_its_reader_counts_as_arrived(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        taken = net.at[RECEIVER].booking
        real = taken.readers[booking.ExtendHold.type]
        taken.readers[booking.ExtendHold.type] = (booking.ExtendHold, _fails)
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        assert await net.parked() == ["RuntimeError: it does not work"]
        await ask(net)
        [row] = [row for row in await owed(net) if row["reader"] == "booking"]
        assert row["lacking_since"] is None
        again = "SELECT 1 FROM outbox WHERE last_fate = 'unseen'"
        assert await sql(net.at[RECEIVER].referral, again) == []
        taken.readers[booking.ExtendHold.type] = real
        [parked] = await taken.dead_letters.listed()
        assert await taken.replays.replay(parked["id"]) is None
        await net.carry()
        await ask(net)
        assert await owed(net) == []

    play(story)


def test_of_statements_only_the_newest_is_sent_again(play: Play) -> None:
    async def story(net: Network) -> None:
        shares = net.at[RECEIVER].booking
        for _ in range(3):
            async with shares.work(EVERYONE) as work:
                picture = border.AvailabilityShared(as_of=NOW, days=())
                work.send(picture, sender=RECEIVER, to=SENDER, subject=RECEIVER)
        assert len(await lose(shares)) == 3
        for store in stores(net):
            store.readers.update(SAID)
        await sql(shares, "UPDATE owed SET due_at = clock_timestamp()")
        await shares.tick(arrivals.ask_readers)
        await net.carry_once()
        await net.carry_once()
        left = await sql(shares, "SELECT seq FROM outbox WHERE published_at IS NULL")
        assert [row["seq"] for row in left] == [3]
        await net.carry()
        await ask(net)
        assert await owed(net) == []

    play(story)


def test_messages_are_resent_less_often_to_a_reader_that_makes_no_progress(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        await ask(net)
        await net.act(acts.cancel, v1.CancelHandoff(referral=ref), RECEIVER)
        says = net.at[RECEIVER].referral
        waits = []
        for _ in range(12):
            await lose(says)
            for store in stores(net):
                store.readers.update(SAID)
            await sql(says, "UPDATE owed SET due_at = clock_timestamp(), asked_at = NULL WHERE reader = 'booking'")
            await says.tick(arrivals.ask_readers)
            for _ in range(2):
                await net.carry_once()
            query = "SELECT due_at - clock_timestamp() AS left, lacking_since FROM owed WHERE reader = 'booking'"
            [row] = await sql(says, query)
            assert row["lacking_since"] is not None
            waits.append(round(row["left"].total_seconds(), -1))
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (10, 900)
        await net.carry()
        await ask(net)

    play(story)


def test_an_unreachable_reader_has_one_open_question_at_a_time(play: Play) -> None:
    async def story(net: Network) -> None:
        await net.confirmed()
        says = net.at[RECEIVER].referral

        async def asked(seconds_ago: int) -> int:
            """How many questions have been asked once it is looked again, so long after the last."""
            query = (
                "UPDATE owed SET due_at = clock_timestamp(), asked_at = clock_timestamp() - make_interval(secs => $1)"
            )
            await sql(says, query, float(seconds_ago))
            await says.tick(arrivals.ask_readers)
            count = "SELECT count(*) FROM outbox WHERE type = $1"
            return int((await sql(says, count, node.StreamsStated.type))[0]["count"])

        assert await asked(60) == 2, "of booking one, of referral one"
        assert await asked(60) == 2, "these have not left yet"
        await lose(says)
        assert await asked(1) == 2, "these may be answered still"
        assert await asked(60) == 4
        await ask(net)

    play(story)


async def _fails(_message: Any, _work: Any) -> None:
    raise RuntimeError("it does not work")
