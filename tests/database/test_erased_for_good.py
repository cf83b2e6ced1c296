"""What is erased cannot be opened from the files of the database either, once the record keys are renewed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.node.v1 import AskStanding
from contracts.personal.v1 import ErasePersonalPart, WithdrawConsent
from services.chassis.ports import EVERYONE
from services.chassis.process import operations, renewing
from services.chassis.runtime import faults
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.trust import keys_in_force
from services.chassis.trust.vault import Vault
from services.referral.adapters.personal import Side, about_key
from services.referral.handlers.personal import consent, personal_data
from tests.database.test_personal_part import rows
from tests.support.attacker import copied, opened
from tests.support.database import Databases, databases
from tests.support.referral import MALEE, RECEIVER, SENDER, Network, migrated, network
from tests.support.vault import LINES, node_keys, write

AT_ONCE, LATER = 0, 300
ROOT = Path(__file__).resolve().parents[2]
Play = Callable[[Callable[[Network, Vault, Settings], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Databases]:
    """A server of these tests alone: its files are searched."""
    with databases() as started:
        yield started


@pytest.fixture(scope="module")
def template(cluster: Databases) -> str:
    return migrated(cluster)


@pytest.fixture
def play(cluster: Databases, template: str, tmp_path: Path) -> Iterator[Play]:
    """A node of Tha Li and Bo Taen that renews its record keys at once."""
    url = cluster.fresh(template)

    async def told(story: Callable[[Network, Vault, Settings], Awaitable[None]]) -> None:
        net = await network(url)
        vault = Vault(node_keys(), tmp_path / "record-keys")
        assert await keys_in_force.hold(url, vault)
        for node in net.nodes:
            node.referral.transactions.vault = vault
        try:
            await story(net, vault, Settings(database_url=url, renew_seconds=AT_ONCE))
        finally:
            for node in net.nodes:
                await node.close()

    yield lambda story: asyncio.run(told(story))
    cluster.drop(url)


def files(server: Databases) -> Path:
    """The server's folder, with everything in it that it has in mind."""
    server.execute("CHECKPOINT")
    return Path(server.execute("SHOW data_directory"))


def sides(*refs: str) -> set[Side]:
    return {(ref, side) for ref in refs for side in (SENDER, RECEIVER)}


async def renew(net: Network, settings: Settings) -> int:
    return await renewing.renew(net.at[SENDER].referral, settings)


async def completed(net: Network, vault: Vault, settings: Settings) -> None:
    """Renewed as the errand does, again and again: the server notices late that a killed process is gone."""
    by = asyncio.get_running_loop().time() + 20
    while len([*files_of(vault).iterdir()]) > 1:
        assert asyncio.get_running_loop().time() < by, "an older record key is still there"
        await renew(net, settings)


async def erased(net: Network, parties: int = 13) -> list[str]:
    """Parties whose part went in each of the ways there are."""
    refs = []
    for n in range(parties - 1):
        ref = await net.confirmed()
        if n % 3 == 0:
            await net.says(SENDER, consent.withdraw, WithdrawConsent(referral=ref))
        else:
            asked = (SENDER, RECEIVER)[n % 2]
            await net.says(asked, personal_data.erase, ErasePersonalPart(referral=ref))
            await net.says(SENDER, consent.withdraw, WithdrawConsent(referral=ref))
        refs.append(ref)
    refs.append(await net.confirmed())
    late = 'UPDATE records SET body = body || \'{"delete_by": "2020-01-01"}\' WHERE referral_id = $1::text::uuid'
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        await work.connection.execute(late, refs[-1])
    await net.at[SENDER].referral.tick(personal_data.keep_retention)
    await net.carry()
    for ref in refs:
        assert {view.personal for view in await net.both(ref)} == {"erased"}
    return refs


def test_no_key_of_what_was_erased_opens_from_the_folder_or_from_a_base_backup(
    play: Play, cluster: Databases, tmp_path: Path
) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        refs, kept = await erased(net), await net.confirmed()
        gone, live = sides(*refs), sides(kept)
        backup = copied(files(cluster), tmp_path / "backup")
        for folder in (backup, files(cluster)):
            assert opened(folder, vault, gone | live) == gone | live, "until then all of them open"

        assert await renew(net, settings) > 0
        assert opened(files(cluster), vault, gone | live) == live
        assert opened(backup, vault, gone | live) == set()
        assert await net.read(RECEIVER, kept) == MALEE

    play(story)


def test_control_without_renewal_every_old_key_opens(play: Play, cluster: Databases) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        refs = await erased(net, 3)
        assert await renew(net, replace(settings, renew_seconds=10**6)) == 0
        assert opened(files(cluster), vault, sides(*refs)) == sides(*refs)

    play(story)


def test_keys_are_renewed_some_minutes_after_an_erasure_and_daily(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        await net.confirmed()  # one-time keys were used for it
        await renew(net, settings)
        assert await state(net, settings) == (None, True)
        first, later = vault.records.newest, replace(settings, renew_seconds=LATER)
        await net.confirmed()
        assert (await state(net, settings))[0] is not None
        assert (await renew(net, later), vault.records.newest) == (0, first), "gathered"
        await net.at[SENDER].sql("UPDATE node.keys_in_force SET since = since - interval '2 days'")
        assert await renew(net, later) > 0
        assert await state(net, settings) == (None, True)
        assert vault.records.newest != first
        assert len([*files_of(vault).iterdir()]) == 1

    play(story)


async def state(net: Network, settings: Settings) -> tuple[float | None, bool]:
    """What the standing says: how long something waits, and whether the keys were renewed lately."""
    standing = await operations.ask_standing(net.at[SENDER].referral, AskStanding(), settings)
    assert standing.renewed_since is not None
    return standing.erased_since, standing.renewed_since < 60


def files_of(vault: Vault) -> Path:
    assert vault.record_keys is not None
    return vault.record_keys.folder


def test_a_part_that_is_kept_while_keys_are_renewed_still_opens(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        first, ref, store = await net.confirmed(), new_id(), net.at[SENDER].referral
        async with store.work(SENDER) as work:
            await work.one_time_key(ref, SENDER)  # it has wrapped, and has not committed yet
            assert await renew(net, settings) > 0
            assert len([*files_of(vault).iterdir()]) == 2, "what it has wrapped with stays"
        assert await renew(net, settings) == 1
        assert len([*files_of(vault).iterdir()]) == 1
        (row,) = await rows(net, SENDER, "SELECT wrapped FROM one_time_keys WHERE referral_id = $1::text::uuid", ref)
        assert vault.records.unwrap(row["wrapped"], about=about_key("one-time", (ref, SENDER)))
        assert [await net.read(side, first) for side in (SENDER, RECEIVER)] == [MALEE] * 2

    play(story)


def test_one_process_renews_and_the_others_leave_it_to_it(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        await net.confirmed()
        before = vault.records.newest
        done = await asyncio.gather(*(renew(net, settings) for _ in range(4)))
        number = int(vault.records.newest[-8:]) - int(before[-8:])
        assert 1 <= number <= sum(count > 0 for count in done) + 1
        assert await net.state(await net.confirmed()) == "confirmed"

    play(story)


def test_a_key_that_does_not_open_does_not_stop_the_others_from_being_renewed(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        spoiled, sound = await net.confirmed(), await net.confirmed()
        damage = "UPDATE personal_keys SET wrapped = wrapped || 'AAAA' WHERE referral_id = $1::text::uuid"
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute(damage, spoiled)
        assert await renew(net, settings) > 0
        assert len([*files_of(vault).iterdir()]) == 1
        assert await net.read(RECEIVER, sound) == MALEE

    play(story)


#: A process that renews and does nothing else.
RENEWS = """
import asyncio, sys
from pathlib import Path
from services.chassis.process import renewing
from services.chassis.runtime.settings import Settings
from services.chassis.messaging.store import Store
from services.chassis.trust.vault import Vault
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
url, keys, folder = sys.argv[1:]
store = Store(url, ReferralUnitOfWork, vault=Vault(Path(keys), Path(folder)))
asyncio.run(renewing.renew(store, Settings(database_url=url, renew_seconds=0)))
"""


@pytest.mark.parametrize("point", [one for one in faults.POINTS if "key" in one])
def test_a_renewal_killed_at_any_point_is_completed_by_the_next_one(play: Play, cluster: Databases, point: str) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        refs, kept = await erased(net, 2), await net.confirmed()
        given = (settings.database_url, str(vault.path), str(files_of(vault)))
        environment = os.environ | {faults.SETTING: point}
        ended = subprocess.run([sys.executable, "-c", RENEWS, *given], env=environment, cwd=ROOT, check=False)  # noqa: ASYNC221 - nothing else goes on here
        assert ended.returncode == -signal.SIGKILL
        assert len([*files_of(vault).iterdir()]) == 2
        assert await net.read(RECEIVER, kept) == MALEE, "in the midst of it"

        await completed(net, vault, settings)
        assert opened(files(cluster), vault, sides(*refs, kept)) == sides(kept)
        assert await net.read(RECEIVER, kept) == MALEE

    play(story)


def test_consent_can_be_asked_again_when_a_restored_backup_has_lost_its_record_keys(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        asked, told = await net.accepted(), await net.confirmed()
        await net.prepared(asked)
        destroyed = f"{vault.newest}~00000000-00000001."
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            for table in ("one_time_keys WHERE community = 'tha-li'", "personal_keys"):
                name, _, where = table.partition(" ")
                lost = f"UPDATE {name} SET wrapped = $1 || split_part(wrapped, '.', 2) {where}"
                await work.connection.execute(lost, destroyed)
        await renew(net, settings)
        assert len([*files_of(vault).iterdir()]) == 1, "what is lost stops nothing"
        await net.consented(asked)
        assert await net.read(RECEIVER, asked) == MALEE
        assert await net.read(RECEIVER, told) is None

    play(story)


def test_what_an_earlier_version_wrapped_with_the_nodes_key_alone_is_taken_over(play: Play) -> None:
    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        net.at[SENDER].referral.transactions.vault = Vault(vault.path)
        ref = await net.confirmed()
        net.at[SENDER].referral.transactions.vault = vault
        assert await net.read(RECEIVER, ref) == MALEE
        assert await renew(net, settings) == 2
        found = await rows(net, SENDER, "SELECT DISTINCT split_part(wrapped, '.', 1) AS keyid FROM personal_keys")
        assert [row["keyid"] for row in found] == [vault.records.newest]
        assert await net.read(RECEIVER, ref) == MALEE

    play(story)


def test_no_record_key_is_destroyed_while_the_line_of_a_node_key_is_missing(play: Play, tmp_path: Path) -> None:
    """Somebody takes a line out of the file of the node's keys: put back, everything opens."""

    async def story(net: Network, vault: Vault, settings: Settings) -> None:
        await erased(net, 1)
        kept = await net.confirmed()
        (before,) = {path.name for path in files_of(vault).iterdir()}
        store = net.at[SENDER].referral
        store.transactions.vault = Vault(write(tmp_path / "node.keys", LINES[1]), files_of(vault))
        assert await renew(net, settings) == 0
        assert before in {path.name for path in files_of(vault).iterdir()}
        store.transactions.vault = vault
        assert await net.read(RECEIVER, kept) == MALEE
        assert await renew(net, settings) > 0
        assert before not in {path.name for path in files_of(vault).iterdir()}
        assert await net.read(RECEIVER, kept) == MALEE

    play(story)
