"""The community service of Bo Taen in a real database; what its partner Tha Li says is written by hand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.community import v1
from deploy.demo import data
from services.chassis.messaging.store import Delivery, Outcome, Store
from services.chassis.runtime.ids import new_id
from services.chassis.trust import signing
from services.cli.input import network_file
from services.community import adapters
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.handlers import keys, offering, partnership
from tests.support import identity
from tests.support.vault import vault

MIGRATIONS = Path(adapters.__file__).parent.parent / "migrations"
OFFERINGS = {
    command.offering.community.id: command
    for command in network_file.network(json.loads(data.COMMUNITIES.read_text())).offerings
}
READERS: dict[str, Any] = {
    border.PartnershipProposed.type: (border.PartnershipProposed, partnership.partnership_proposed),
    border.PartnershipAgreed.type: (border.PartnershipAgreed, partnership.partnership_agreed),
    border.PartnershipSuspended.type: (border.PartnershipSuspended, partnership.partnership_suspended),
    border.PartnershipEnded.type: (border.PartnershipEnded, partnership.partnership_ended),
    border.KeyRotated.type: (border.KeyRotated, keys.key_rotated),
}
TERMS = v1.Terms(valid_from=date(2026, 1, 1))
PAIR = "bo-taen--tha-li"
THEIRS, OURS = "tha-li", "bo-taen"


class CommunityNode:
    """Bo Taen's community service, which also hears of departures; what Tha Li says is written by hand."""

    def __init__(self, store: Store[CommunityUnitOfWork]) -> None:
        self.store = store
        self.departed: list[int] = []

        async def departed(_message: border.PartyDeparted, work: CommunityUnitOfWork) -> None:
            assert work.cause is not None
            self.departed.append(work.cause.seq)

        store.readers.update(READERS | {border.PartyDeparted.type: (border.PartyDeparted, departed)})

    async def hears(self, said: dict[str, Any], queue: str = "referral.border") -> Outcome:
        """One message as it stands."""
        return await self.store.inbox.receive(Delivery(body=json.dumps(said).encode(), queue=queue, headers={}))

    async def ask(self, handler: Callable[[Any, Any], Awaitable[Any]], command: Any, acting: str = OURS) -> Any:
        """One use case in its transaction."""
        async with self.store.work(acting) as work:
            return await handler(command, work)

    async def sql(self, text: str, *arguments: Any) -> list[Any]:
        """As the service itself."""
        async with self.store.database.connection() as connection:
            return list(await connection.fetch(text, *arguments))

    async def errors(self) -> list[str]:
        """Why messages were set aside."""
        return [row["error"] for row in await self.store.dead_letters.listed()]

    async def hosts(self, *names: str) -> None:
        """Publish communities of the demonstration network here."""
        for name in names or (OURS,):
            await self.ask(offering.publish_offering, OFFERINGS[name], name)

    async def view(self) -> v1.PartnershipView:
        """Bo Taen's only partnership."""
        (found,) = await self.ask(partnership.list_partnerships, v1.ListPartnerships())
        return v1.PartnershipView.read(found.wire())

    async def left(self) -> list[dict[str, Any]]:
        """What leaves over the border, as the relay signs it, taken away."""
        rows = await self.sql("DELETE FROM outbox WHERE lane = 'border' RETURNING id, envelope")
        return await identity.as_relayed(self.store, *[r["envelope"] for r in sorted(rows, key=lambda r: r["id"])])

    async def pass_time(self, by: timedelta) -> None:
        """Move the node's clock on."""
        await self.sql('UPDATE node.clock SET "offset" = "offset" + $1', by)


def says(message: Any, seq: int = 1, *, subject: str = PAIR, **given: Any) -> dict[str, Any]:
    """What Tha Li says, unsigned."""
    usual = {"id": new_id(), "source": THEIRS, "to": OURS, "type": message.type, "subject": subject, "seq": seq}
    return usual | {"time": "2027-01-04T02:00:00Z", "data": message.wire()} | given


def departs(seq: int = 1, **given: Any) -> dict[str, Any]:
    """Tha Li says that a party has left."""
    return says(border.PartyDeparted(at="2027-01-04T02:00:00Z"), seq, subject="a-handoff", **given)


def proposes(seq: int = 1, by: str = THEIRS) -> dict[str, Any]:
    """Somebody proposes in the name of Tha Li, with a key of its own."""
    return identity.signed(
        says(border.PartnershipProposed(terms=TERMS, public_key=identity.public_key(by)), seq), by=by
    )


def agrees(seq: int = 1, by: str = THEIRS) -> dict[str, Any]:
    """Somebody agrees in the name of Tha Li, with a key of its own."""
    return identity.signed(says(border.PartnershipAgreed(terms=TERMS, public_key=identity.public_key(by)), seq), by=by)


Tell = Callable[[Callable[[CommunityNode], Awaitable[None]]], None]


async def also_known_by(node: CommunityNode, name: str) -> None:
    """Tha Li has a second key, as while one replaces the other."""
    row = (OURS, THEIRS, identity.keyid(name), identity.public_key(name), identity.keyid(THEIRS), identity.LONG_AGO)
    query = "INSERT INTO node.partner_keys VALUES ($1, $2, $3, $4, true, $5, $6::text::timestamptz)"
    await node.sql(query, *row)


async def become_partners(node: CommunityNode) -> None:
    """Bo Taen and Tha Li, both hosted here; what was said lies in the past."""
    await node.hosts(OURS, THEIRS)
    await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=OURS, terms=TERMS), THEIRS)
    assert [await node.hears(said) for said in await node.left()] == [Outcome.APPLIED]
    await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
    assert await heard(node) == [Outcome.APPLIED]


async def heard(node: CommunityNode) -> list[Outcome]:
    """What was said about the partnership since, heard; catalogues are left out."""
    said = [each for each in await node.left() if each["type"] in signing.BETWEEN]
    return [await node.hears(each) for each in said]


async def departs_as_now(node: CommunityNode, seq: int) -> dict[str, Any]:
    """A departure as Tha Li's relay signs it now."""
    (said,) = await identity.as_relayed(node.store, departs(seq))
    return said


def _told(database: str, *known: str) -> Tell:
    asyncio.run(identity.introduce(database, *known))

    async def told(story: Callable[[CommunityNode], Awaitable[None]]) -> None:
        store = Store(database, CommunityUnitOfWork, vault=vault())
        try:
            await story(CommunityNode(store))
        finally:
            await store.close()

    return lambda story: asyncio.run(told(story))


@pytest.fixture
def partners(community_database: str) -> Tell:
    """A node that has pinned the key of Tha Li."""
    return _told(community_database, OURS, THEIRS)


@pytest.fixture
def strangers(community_database: str) -> Tell:
    """A node that knows nobody yet."""
    return _told(community_database)
