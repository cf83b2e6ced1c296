"""A process whose keys are not those of its database does not start, and says what to do."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from contracts.node.v1 import Rewrap
from services.chassis.messaging.store import Store
from services.chassis.process import operations
from services.chassis.runtime.settings import Settings
from services.chassis.trust import keys_in_force
from services.chassis.trust.keys_in_force import ForeignKeys
from services.chassis.trust.vault import Vault
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from tests.support import identity
from tests.support.database import Databases
from tests.support.vault import LINES, vault, write

NEW, OLD = LINES
#: The id of a key of ours, with which another node has happened to begin.
SAME_ID = "test-old AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def starts(url: str, keys: Vault) -> bool:
    """A process with these keys looks at the database."""
    return asyncio.run(keys_in_force.hold(url, keys))


def test_an_empty_database_takes_on_the_keys_of_the_first_process_and_refuses_others(
    community_database: str, tmp_path: Path
) -> None:
    ours, theirs = write(tmp_path / "ours", OLD), write(tmp_path / "theirs", NEW)
    assert starts(community_database, Vault(ours))
    assert starts(community_database, Vault(ours)), "as many processes as there are"
    for foreign in (theirs, write(tmp_path / "same-id", SAME_ID)):
        with pytest.raises(ForeignKeys, match=r"HANDOFF_NODE_KEYS: .* it lacks the node key test-old. Start with"):
            starts(community_database, Vault(foreign))


def test_a_database_without_tables_is_looked_at_later(server: Databases, tmp_path: Path) -> None:
    url = server.fresh()
    assert not starts(url, Vault(write(tmp_path / "node.keys", OLD)))
    server.drop(url)


def test_an_older_database_is_taken_on_when_its_signing_keys_open(community_database: str, tmp_path: Path) -> None:
    asyncio.run(identity.introduce(community_database, "tha-li"))
    with pytest.raises(ForeignKeys, match="opens none of its signing keys"):
        starts(community_database, Vault(write(tmp_path / "node.keys", SAME_ID)))
    assert starts(community_database, vault())


def test_after_a_rotation_the_new_key_alone_starts_and_the_old_one_alone_does_not(
    community_database: str, tmp_path: Path
) -> None:
    asyncio.run(identity.introduce(community_database, "tha-li"))
    path = write(tmp_path / "node.keys", NEW)
    assert starts(community_database, Vault(path))
    fresh = "newer-still //79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA="

    async def rotate() -> None:
        write(path, fresh, NEW)
        store = Store(community_database, CommunityUnitOfWork, vault=Vault(path))
        assert (
            await operations.rewrap(store, Rewrap(), Settings(database_url=community_database))
        ).keyid == "newer-still"
        await store.close()

    asyncio.run(rotate())
    assert starts(community_database, Vault(path)), "in the midst of it"
    assert starts(community_database, Vault(write(path, fresh)))
    with pytest.raises(ForeignKeys, match="it lacks the node key newer-still"):
        starts(community_database, Vault(write(path, NEW)))


def test_a_restored_backup_says_that_the_key_of_its_time_is_needed(community_database: str, tmp_path: Path) -> None:
    path = write(tmp_path / "node.keys", OLD)
    assert starts(community_database, Vault(path))
    with pytest.raises(ForeignKeys, match="add the line of that key from your copy"):
        starts(community_database, Vault(write(path, NEW)))
    assert starts(community_database, Vault(write(path, NEW, OLD)))


# the folder of the record keys


def with_records(tmp_path: Path, name: str = "record-keys") -> Vault:
    """The node's keys, and the record keys of this folder."""
    return Vault(write(tmp_path / "node.keys", OLD), tmp_path / name)


def newest(keys: Vault) -> str:
    assert keys.record_keys is not None
    return keys.record_keys.newest


def test_the_record_keys_are_made_once_and_another_folder_is_refused(community_database: str, tmp_path: Path) -> None:
    assert starts(community_database, with_records(tmp_path))
    first = newest(with_records(tmp_path))
    assert starts(community_database, with_records(tmp_path))
    assert newest(with_records(tmp_path)) == first
    other = with_records(tmp_path, "other")
    assert other.record_keys is not None
    other.record_keys.renew()
    for name in ("other", "none"):
        with pytest.raises(ForeignKeys, match=f"HANDOFF_RECORD_KEYS: .* it lacks {first}. Put back"):
            starts(community_database, with_records(tmp_path, name))


def test_a_restored_backup_starts_although_its_record_keys_are_destroyed(
    community_database: str, tmp_path: Path
) -> None:
    keys = with_records(tmp_path)
    assert starts(community_database, keys)
    assert keys.record_keys is not None
    older = shutil.copytree(keys.record_keys.folder, tmp_path / "older")
    assert keys.record_keys.destroy_before(keys.record_keys.renew()) == 1
    assert starts(community_database, with_records(tmp_path))
    with pytest.raises(ForeignKeys, match="or an older copy"):
        starts(community_database, Vault(keys.path, older))


def test_lost_record_keys_are_given_up_only_when_somebody_says_so(community_database: str, tmp_path: Path) -> None:
    keys = with_records(tmp_path)
    assert starts(community_database, keys)
    first = newest(keys)
    shutil.rmtree(tmp_path / "record-keys")
    with pytest.raises(ForeignKeys, match="empty file `lost`"):
        starts(community_database, with_records(tmp_path))
    (tmp_path / "record-keys").mkdir(mode=0o755)
    (tmp_path / "record-keys" / "lost").touch()
    assert starts(community_database, with_records(tmp_path))
    assert newest(with_records(tmp_path)) != first
    assert [path.name for path in (tmp_path / "record-keys").iterdir()] == [newest(with_records(tmp_path))]
