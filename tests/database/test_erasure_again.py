"""What was erased stays so, whatever a restored backup or a partner's outbox brings again. Each with its control."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.runtime.settings import Settings
from services.referral.adapters import ledger
from services.referral.adapters.personal import PersonalRows
from services.referral.handlers.personal import personal_data
from tests.database.test_personal_part import held, rows
from tests.support.database import Databases
from tests.support.referral import MALEE, RECEIVER, Network, Node, network

LATER = timedelta(minutes=20)


@pytest.fixture
def databases(server: Databases, template: str) -> Iterator[tuple[str, str]]:
    """A database for each of the two."""
    urls = server.fresh(template), server.fresh(template)
    yield urls
    for url in urls:
        server.drop(url)


@asynccontextmanager
async def lived(*urls: str) -> AsyncIterator[Network]:
    """Tha Li and Bo Taen on nodes that have lived before."""
    nodes = [Node(url) for url in urls]
    try:
        yield Network(nodes[0], nodes[-1])
    finally:
        for node in nodes:
            await node.close()


async def begun(*urls: str) -> str:
    """A handoff that Bo Taen has accepted, before anybody was asked."""
    net = await network(*urls)
    ref = await net.accepted()
    for node in net.nodes:
        await node.close()
    return ref


async def obey(net: Network, folder: Path) -> None:
    """The receiver's chore that keeps the ledger beside the database."""
    node = net.at[RECEIVER]
    settings = Settings(database_url=node.referral.database.url, folder=folder)
    await ledger.beside_the_database(personal_data.erase_again)(node.referral, settings)
    await net.carry()


async def outlives(net: Network, ref: str) -> None:
    """The receiver's copy goes in time; the sender's stays."""
    late = 'UPDATE records SET body = body || \'{"delete_by": "2020-01-01"}\' WHERE community = $1'
    await rows(net, RECEIVER, late, RECEIVER)
    assert await net.at[RECEIVER].referral.tick(personal_data.keep_retention) == 1
    await net.carry()
    assert await held(net, ref) == ("held", "erased")


async def heal(net: Network) -> None:
    """Partners tell each other where they stand until everything was said again."""
    for _ in range(3):
        await net.pass_time(LATER)
        await net.state_unseen()


@pytest.mark.parametrize("knows", [True, False], ids=["the ledger", "control: nobody"])
def test_what_was_erased_is_not_kept_again_when_the_senders_outbox_tells_a_restored_backup_once_more(
    server: Databases, databases: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    ours, theirs = databases

    async def scene() -> None:
        ref = await begun(ours, theirs)
        copy = await asyncio.to_thread(server.fresh, theirs)
        async with lived(ours, theirs) as net:
            await net.consented(ref)
            assert await held(net, ref) == ("held", "held")
            await outlives(net, ref)
            await obey(net, tmp_path)
        if not knows:
            monkeypatch.setattr(PersonalRows, "gone_before", _never)
            monkeypatch.setattr(PersonalRows, "restore_ledger", _nothing)
        async with lived(ours, copy) as net:
            await obey(net, tmp_path)
            kept = await rows(net, RECEIVER, "SELECT FROM one_time_keys WHERE community = $1", RECEIVER)
            assert len(kept) == (0 if knows else 1)
            await heal(net)
            _, restored = await net.both(ref)
            assert await net.parked() == []
            assert await net.read(RECEIVER, ref) == (None if knows else MALEE)
            assert (restored.state, restored.personal) == ("confirmed", "erased" if knows else "held")
            assert restored.consent is not None, "the receipt is kept"
            receipts = await rows(net, RECEIVER, "SELECT held_until FROM consents WHERE community = $1", RECEIVER)
            assert [row["held_until"] is not None for row in receipts] == [knows]
        await asyncio.to_thread(server.drop, copy)

    asyncio.run(scene())


async def _never(*_: object) -> bool:
    return False


async def _nothing(*_: object) -> None:
    """The lines are not restored."""
