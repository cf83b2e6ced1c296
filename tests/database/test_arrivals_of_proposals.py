"""A proposal comes before its key is pinned and stands in a stream of that key: whether it has arrived is known too."""

from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.node import v1 as node_v1
from services.chassis.messaging import arrivals
from services.community.handlers import partnership
from tests.database.test_community_store import Node, Run, propose, run
from tests.support.community import READERS

__all__ = ["run"]
SAID: dict[str, Any] = {
    node_v1.StreamsStated.type: (node_v1.StreamsStated, arrivals.streams_stated),
    node_v1.StreamsApplied.type: (node_v1.StreamsApplied, arrivals.streams_applied),
}


@pytest.fixture
def proposed(run: Run) -> Run:
    """Tha Li has proposed to Bo Taen, and its words wait in the outbox."""

    async def play(story: Any, node: Node) -> None:
        node.store.readers.update(READERS | SAID)
        await node.publish("tha-li", "bo-taen")
        await node.leave()
        await sql(node, "DELETE FROM owed")
        await node.ask(partnership.propose_partnership, propose("bo-taen"), "tha-li")
        await story(node)

    return lambda story: run(lambda node: play(story, node))


async def sql(node: Node, statement: str) -> list[Any]:
    async with node.store.database.connection() as connection:
        return list(await connection.fetch(statement))


async def ask(node: Node) -> None:
    """The community service asks itself how far it is, and hears its own answer."""
    await sql(node, "UPDATE owed SET due_at = clock_timestamp(), asked_at = NULL")
    await node.store.tick(arrivals.ask_readers)
    while rows := await sql(node, "DELETE FROM outbox WHERE type LIKE 'node.%' RETURNING envelope"):
        for row in rows:
            await node.receive(row["envelope"])


def test_an_applied_proposal_is_no_longer_owed(proposed: Run) -> None:
    async def story(node: Node) -> None:
        assert [row["reader"] for row in await sql(node, "SELECT reader FROM owed WHERE stream LIKE '%>%'")] != []
        await node.exchange()
        await ask(node)
        assert await sql(node, "SELECT stream FROM owed WHERE reader = 'community'") == []

    proposed(story)


def test_a_lost_proposal_is_sent_again(proposed: Run) -> None:
    async def story(node: Node) -> None:
        await sql(node, "UPDATE outbox SET published_at = clock_timestamp() - interval '1 minute'")
        await ask(node)
        left = await sql(node, "SELECT type FROM outbox WHERE published_at IS NULL AND last_fate = 'unseen'")
        assert [row["type"] for row in left] == [border.PartnershipProposed.type]
        await node.exchange()
        assert (await node.view("bo-taen")).awaits_us
        await ask(node)
        assert await sql(node, "SELECT stream FROM owed WHERE reader = 'community'") == []

    proposed(story)
