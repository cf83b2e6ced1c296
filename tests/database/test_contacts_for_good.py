"""An erased contact stays so: a restored backup erases again, and renewed record keys leave nothing to open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.ports import EVERYONE
from services.chassis.process import renewing
from services.chassis.runtime.settings import Settings
from services.chassis.trust import keys_in_force
from services.chassis.trust.vault import Vault
from services.referral.adapters import ledger
from tests.database.test_personal_part import apply, audited, obey, opened, written
from tests.support import attacker
from tests.support.contacts import HOLD, NEXT, SOMCHAI, THIRD, Contacts
from tests.support.database import Databases, databases
from tests.support.referral import RECEIVER, Network, migrated, network
from tests.support.vault import node_keys

GONE = [(NEXT, RECEIVER), (HOLD, RECEIVER)]


@pytest.mark.parametrize("knows", [True, False], ids=["the ledger", "control: no ledger"])
def test_a_restored_backup_erases_again_also_what_had_gone_over_from_another_hold(
    server: Databases, template: str, tmp_path: Path, knows: bool
) -> None:
    """The backup has the contact of the old hold; later it went over, and was erased with the new one."""

    async def scene(url: str) -> None:
        async with opened(url) as net:
            said = Contacts(net.at[RECEIVER].referral)
            await said.given()
            await said.given(hold=THIRD)
            await said.prepared(NEXT)
        backup = await asyncio.to_thread(server.fresh, url)
        async with opened(url, known=True) as net:
            said = Contacts(net.at[RECEIVER].referral)
            await said.moved()
            await said.ended("CANCELLED", replaced_by=NEXT)
            await said.ended("CANCELLED", NEXT)
            await obey(net, tmp_path)
            assert [one.of for one in await written(net)] == ["contact"] * 2
        if not knows:
            (tmp_path / ledger.FILE).unlink()
        async with opened(backup, known=True) as net:
            said = Contacts(net.at[RECEIVER].referral)
            await obey(net, tmp_path)
            assert await said.read() == (None if knows else SOMCHAI)
            assert await said.read(THIRD) == SOMCHAI, "nobody had erased that one"
            async with net.at[RECEIVER].referral.work(EVERYONE) as work:
                keys = await work.connection.fetchval("SELECT count(*) FROM contact_keys WHERE hold_id <> $1", THIRD)
            assert keys == (0 if knows else 2), "and what was sealed to the new hold's key opens no more"
            assert (("contact_erased", "restored_backup") in await audited(net, RECEIVER)) == knows
            count = len(await written(net))
            await obey(net, tmp_path)
            assert len(await written(net)) == count, "once is enough"
        await asyncio.to_thread(server.drop, backup)

    url = server.fresh(template)
    asyncio.run(scene(url))
    server.drop(url)


def test_the_ledger_is_applied_by_hand_as_well_and_spares_what_was_given_anew(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            said = Contacts(net.at[RECEIVER].referral)
            await said.given()
            await said.erased()
            erasures = await written(net)
            await said.given()
            assert (await apply(net, erasures)).erased == 0
            assert await said.read() == SOMCHAI
            of_a_part = erasures[0].model_copy(update={"at": erasures[0].at + timedelta(days=1), "of": None})
            assert (await apply(net, (of_a_part,))).erased == 0, "a line of a personal part is about another thing"
            later = of_a_part.model_copy(update={"of": "contact"})
            assert (await apply(net, (later,))).erased == 1
            assert await said.read() is None

    asyncio.run(scene())


# record keys


@pytest.fixture(scope="module")
def cluster() -> Iterator[Databases]:
    """A server of these tests alone: its files are searched."""
    with databases() as started:
        yield started


@pytest.fixture
def renews(cluster: Databases, tmp_path: Path) -> Callable[[Callable[..., Awaitable[None]]], None]:
    """A node that renews its record keys when it is told to."""
    url = migrated(cluster)

    async def told(story: Callable[[Network, Contacts, Vault, Settings], Awaitable[None]]) -> None:
        net = await network(url)
        vault = Vault(node_keys(), tmp_path / "record-keys")
        assert await keys_in_force.hold(url, vault)
        store = net.at[RECEIVER].referral
        store.transactions.vault = vault
        try:
            await story(net, Contacts(store), vault, Settings(database_url=url, renew_seconds=0))
        finally:
            for node in net.nodes:
                await node.close()

    return lambda story: asyncio.run(told(story))


def files(server: Databases) -> Path:
    server.execute("CHECKPOINT")
    return Path(server.execute("SHOW data_directory"))


def test_renewed_record_keys_leave_nothing_of_an_erased_contact_to_open(
    renews: Callable[..., None], cluster: Databases
) -> None:
    async def story(net: Network, said: Contacts, vault: Vault, settings: Settings) -> None:
        await said.given()
        await said.given(hold=THIRD)
        await said.moved()
        await said.ended("CANCELLED", NEXT)
        live = {(THIRD, RECEIVER)}
        store = net.at[RECEIVER].referral
        assert await renewing.renew(store, replace(settings, renew_seconds=10**6)) == 0
        found = attacker.opened(files(cluster), vault, {*GONE, *live})
        assert found == {*GONE, *live}, "control: until then all of them open"
        assert await renewing.renew(store, settings) > 0
        assert attacker.opened(files(cluster), vault, {*GONE, *live}) == live
        assert await said.read(THIRD) == SOMCHAI
        prepared = await said.sealed(hold=THIRD)
        await said.prepared()
        await said.ended("EXPIRED", HOLD)
        assert await renewing.renew(store, settings) == 2, "a key that waits to be sealed to is wrapped anew as well"
        assert prepared.key_id == (await said.prepared(THIRD)).key_id

    renews(story)


def test_a_key_that_opens_no_more_is_replaced_by_the_next_that_is_asked_for(renews: Callable[..., None]) -> None:
    async def story(net: Network, said: Contacts, vault: Vault, settings: Settings) -> None:
        first = await said.prepared()
        lost = "UPDATE contact_keys SET wrapped = $1 || split_part(wrapped, '.', 2)"
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            await work.connection.execute(lost, f"{vault.newest}~00000000-00000001.")
        await renewing.renew(net.at[RECEIVER].referral, settings)
        assert (await said.prepared()).key_id != first.key_id
        assert (await said.given()).holding == "held"
        assert await said.read() == SOMCHAI

    renews(story)
