"""Checks that this process has the keys of its database; a process with other keys does not start.

The database knows its node key by a digest, and its record keys by the id of the one that wraps. An empty database,
or an older one whose signing keys open, takes on the keys of the first process.
"""

from __future__ import annotations

import asyncpg

from services.chassis.storage.sql import CHASSIS
from services.chassis.trust.keyring import about_signing_key
from services.chassis.trust.record_keys import LOST, RecordKeys, lineage_of, number_of
from services.chassis.trust.vault import Vault

NODE, RECORD = "node", "record"


class ForeignKeys(ValueError):
    """The database is used with other keys; says what to do."""


async def hold(url: str, vault: Vault) -> bool:
    """Compare, and record new keys; False when the database has no tables for it yet. Raises ForeignKeys."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        if not await connection.fetchval(CHASSIS["knows_keys_in_force"]):
            return False
        async with connection.transaction():
            await connection.execute(CHASSIS["one_start"])
            await _hold_node_key(connection, vault)
            if vault.record_keys is not None:
                await _hold_record_key(connection, vault.record_keys)
        return True
    finally:
        await connection.close(timeout=5)


async def renewed(connection: asyncpg.Connection, vault: Vault) -> None:
    """Everything of a service is wrapped with the newest key of the node: whoever starts from now on holds that one.

    Raises ForeignKeys when the file that this process reads has become another's.
    """
    row = await connection.fetchrow(CHASSIS["keys_in_force"], NODE)
    if row is not None:
        _compare(vault, row)
        await connection.execute(CHASSIS["node_key_renewed"], vault.newest, vault.fingerprint(vault.newest))


async def _hold_node_key(connection: asyncpg.Connection, vault: Vault) -> None:
    row = await connection.fetchrow(CHASSIS["keys_in_force"], NODE)
    if row is not None:
        _compare(vault, row)
        return
    keyid = await _that_opens(connection, vault)
    await connection.execute(CHASSIS["put_in_force"], NODE, keyid, vault.fingerprint(keyid))


def _compare(vault: Vault, row: asyncpg.Record) -> None:
    keyid = row["keyid"]
    if keyid not in vault.keys or vault.fingerprint(keyid) != row["fingerprint"]:
        raise ForeignKeys(
            f"HANDOFF_NODE_KEYS: {vault.path} is not of this database: it lacks the node key {keyid}. Start with the "
            "file that holds it, or on a database of this node's own. If the database is a restored backup, add the "
            "line of that key from your copy of the file, below the others."
        )


async def _that_opens(connection: asyncpg.Connection, vault: Vault) -> str:
    """The key that opens what an older database holds, or the newest of all when it holds nothing."""
    rows = await connection.fetch(CHASSIS["some_signing_keys"])
    for row in rows:
        try:
            vault.unwrap(row["wrapped"], about=about_signing_key(row["community"], row["keyid"]))
        except ValueError:
            continue
        return str(row["wrapped"]).partition(".")[0]
    if rows:
        raise ForeignKeys(
            f"HANDOFF_NODE_KEYS: {vault.path} is not of this database: it opens none of its signing keys. Start with "
            "the file that was used with it, or on a database of this node's own."
        )
    return vault.newest


async def _hold_record_key(connection: asyncpg.Connection, keys: RecordKeys) -> None:
    row = await connection.fetchrow(CHASSIS["keys_in_force"], RECORD)
    if not keys.held() and (row is None or keys.given_up()):
        keys.renew()
    elif row is not None and not _goes_on(keys, row["keyid"]):
        raise ForeignKeys(
            f"HANDOFF_RECORD_KEYS: the folder {keys.folder} is not of this database, or an older copy: it lacks "
            f"{row['keyid']}. Put back the folder that holds it, the same for every process of the node. If it is lost "
            "for good, so is what was held of each party: make the folder or empty it, put an empty file "
            f"`{LOST}` into it, start, and ask for consent again."
        )
    await connection.execute(CHASSIS["put_in_force"], RECORD, keys.newest, lineage_of(keys.newest))


def _goes_on(keys: RecordKeys, keyid: str) -> bool:
    """Whether the folder holds this key or has destroyed it since, as when the database is a restored backup."""
    held = keys.held()
    same = [one for one in held if lineage_of(one) == lineage_of(keyid)]
    return keyid in held or any(number_of(one) > number_of(keyid) for one in same)
