"""The keys that sign for the communities of this node: unwrapped for a moment, never stored in clear."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.storage.sql import CHASSIS
from services.chassis.trust import sealing, signing
from services.chassis.trust.signing import KnownKey
from services.chassis.trust.vault import Vault

log = logging.getLogger(__name__)
#: How long an unwrapped key stays in memory, in seconds.
KEPT_SECONDS = 60.0


def about_signing_key(community: str, keyid: str) -> str:
    """What a wrapped signing key is wrapped as."""
    return f"signing key v1|{community}|{keyid}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of one community, ready to sign."""

    keyid: str
    private: Ed25519PrivateKey


class Keyring:
    """Finds who signs; one for each store."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._unwrapped: dict[str, tuple[float, Ed25519PrivateKey]] = {}

    async def in_force(self, connection: asyncpg.Connection, communities: Sequence[str]) -> dict[str, SigningKey]:
        """The key each of these signs with now, as far as they have one. Raises ValueError without its node key."""
        rows = await connection.fetch(CHASSIS["signing_keys_in_force"], list(set(communities)))
        return {row["community"]: self._ready(row) for row in rows}

    async def usable(self, connection: asyncpg.Connection, communities: Sequence[str]) -> dict[str, SigningKey]:
        """The same without those that cannot be unwrapped, so that one such key does not affect other communities."""
        rows = await connection.fetch(CHASSIS["signing_keys_in_force"], list(set(communities)))
        return {row["community"]: key for row in rows if (key := self._if_ready(row))}

    async def named(self, connection: asyncpg.Connection, keyids: Sequence[str]) -> dict[str, SigningKey | None]:
        """Keys by their ids, also retired ones: the message that replaces a key is signed with that key.

        None where it cannot be unwrapped: then no other key signs in its place.
        """
        rows = await connection.fetch(CHASSIS["signing_keys_named"], list(set(keyids))) if keyids else ()
        return {row["keyid"]: self._if_ready(row) for row in rows}

    def _if_ready(self, row: asyncpg.Record) -> SigningKey | None:
        try:
            return self._ready(row)
        except ValueError as problem:
            why = {"keyid": row["keyid"], "error": str(problem)}
            log.error("a signing key cannot be used, what it should sign waits", extra=why)
            return None

    def _ready(self, row: asyncpg.Record | dict[str, Any]) -> SigningKey:
        now, wrapped = time.monotonic(), row["wrapped"]
        self._unwrapped = {text: kept for text, kept in self._unwrapped.items() if now - kept[0] < KEPT_SECONDS}
        if wrapped not in self._unwrapped:
            raw = self._vault.unwrap(wrapped, about=about_signing_key(row["community"], row["keyid"]))
            self._unwrapped[wrapped] = now, Ed25519PrivateKey.from_private_bytes(raw)
        return SigningKey(row["keyid"], self._unwrapped[wrapped][1])


async def sign(keyring: Keyring, connection: asyncpg.Connection, community: str, text: bytes) -> tuple[str, bytes]:
    """The key id and the signature of a community. Raises LookupError when it has no key."""
    found = await keyring.in_force(connection, [community])
    if community not in found:
        raise LookupError(f"{community} has no key: publish its offering on this node first")
    return found[community].keyid, found[community].private.sign(text)


async def public_key(connection: asyncpg.Connection, community: str, keyid: str) -> bytes | None:
    """The raw key of a community of this node that still counts, or None."""
    text = await connection.fetchval(CHASSIS["own_public_key"], community, keyid)
    return sealing.read(text) if text else None


async def known_keys(connection: asyncpg.Connection, reader: str, source: str) -> list[KnownKey]:
    """The keys by which `reader` knows `source`, locked against messages between the two until the commit."""
    await connection.execute(CHASSIS["lock_keys"], reader, source)
    return signing.known_keys(await connection.fetchval(CHASSIS["known_keys"], reader, source))


async def pinned_keys(connection: asyncpg.Connection) -> dict[tuple[str, str], dict[str, str]]:
    """By which keys the communities of this node know their partners: (reader, source) → keyid → public key."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in await connection.fetch(CHASSIS["pinned_keys"]):
        found.setdefault((row["community"], row["partner"]), {})[row["keyid"]] = row["public_key"]
    return found


async def sign_envelopes(keyring: Keyring, connection: asyncpg.Connection, texts: Sequence[str]) -> list[str | None]:
    """Envelopes with the signature of their source, by the key in force now or the key they name; None without one."""
    contents: list[dict[str, Any]] = [json.loads(text) for text in texts]
    usable = await keyring.usable(connection, [content["source"] for content in contents])
    named = await keyring.named(connection, [content["keyid"] for content in contents if content.get("keyid")])
    keys = [named.get(content.get("keyid", ""), usable.get(content["source"])) for content in contents]
    return [
        _written(signing.signed(content, k.keyid, k.private)) if k else None
        for content, k in zip(contents, keys, strict=True)
    ]


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
