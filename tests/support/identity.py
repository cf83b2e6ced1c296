"""Communities that sign, without a community service: each has one test key, made from its name.

    await introduce(url, "tha-li", "bo-taen")     both keep their key on that node, and each has pinned the other's
    envelope = signed(envelope)                   as the relay does it, with the key of its `source`

`signed` takes and gives the envelope as it stands in the outbox, a dict; what was not introduced is not believed.
The private part is wrapped by `tests.support.vault`, so a store that signs needs `vault=vault()`.
"""

import hashlib
import itertools
import json
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.messaging.store import Store
from services.chassis.trust import sealing, signing
from services.chassis.trust.keyring import Keyring, about_signing_key, sign_envelopes
from tests.support.vault import vault

LONG_AGO = "2020-01-01T00:00:00Z"


def private_key(community: str) -> Ed25519PrivateKey:
    """The test key of a community."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"test key of {community}".encode()).digest())


def public_key(community: str) -> str:
    """Its public part, as it is written in messages."""
    return sealing.written(private_key(community).public_key().public_bytes_raw())


def keyid(community: str) -> str:
    """Its id."""
    return signing.keyid_of(public_key(community))


def signed(envelope: dict[str, Any], by: str | None = None) -> dict[str, Any]:
    """The envelope signed by its source, or by somebody else; an internal one, which nobody signs, as it is."""
    if not envelope.get("to"):
        return envelope
    signer = by or envelope["source"]
    return signing.signed(envelope, keyid(signer), private_key(signer))


async def as_relayed(store: Store[Any], *envelopes: dict[str, Any]) -> list[dict[str, Any]]:
    """Envelopes out of the outbox as the store's own relay sends them, with the keys that its database keeps."""
    async with store.database.connection() as connection:
        texts = await sign_envelopes(Keyring(vault()), connection, [json.dumps(one) for one in envelopes])
    return [json.loads(text) if text and one.get("to") else one for text, one in zip(texts, envelopes, strict=True)]


async def introduce(url: str, *communities: str, pinned: bool = True) -> None:
    """Keep these communities' keys on the node of a migrated database, and pin each one's for every other."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.executemany(
            "INSERT INTO node.signing_keys VALUES ($1, $2, $3, $4, $5::text::timestamptz) ON CONFLICT DO NOTHING",
            [(name, keyid(name), public_key(name), _wrapped(name), LONG_AGO) for name in communities],
        )
        await connection.executemany(
            "INSERT INTO node.partner_keys VALUES ($1, $2, $3, $4, $5, $3, $6::text::timestamptz)"
            " ON CONFLICT DO NOTHING",
            [
                (ours, theirs, keyid(theirs), public_key(theirs), pinned, LONG_AGO)
                for ours, theirs in itertools.permutations(communities, 2)
            ],
        )
    finally:
        await connection.close(timeout=5)


def _wrapped(community: str) -> str:
    return vault().wrap(
        private_key(community).private_bytes_raw(), about=about_signing_key(community, keyid(community))
    )
