"""Checkpoints of the audit: signs its chains, copies the signatures to a file, and verifies all of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.node import v1
from contracts.node.v1 import OF_THE_NODE
from contracts.refusals import No, Refused
from services.chassis.messaging.store import Store
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.chassis.storage.appending import append
from services.chassis.storage.sql import CHASSIS
from services.chassis.trust import sealing
from services.chassis.trust.audit_chain import (
    START,
    AuditLine,
    Checkpoint,
    Found,
    Keys,
    Walk,
    against_kept,
    signed_text,
)
from services.chassis.trust.keyring import about_signing_key
from services.chassis.trust.vault import Vault

log = logging.getLogger(__name__)
#: In the data folder: every checkpoint as JSON, one a line, the copy outside of the database.
KEPT = "audit-checkpoints.jsonl"
PAGE = 1_000
MOST_FAULTS = 1_000
#: Below any number that a line can have, also an inserted one.
_FIRST = -(2**63)


async def checkpoint(store: Store[Any], settings: Settings) -> int:
    """Sign every chain that has grown and is intact since its last checkpoint; keep a copy. Returns how many."""
    if store.vault is None:
        return 0
    signed: list[Checkpoint] = []
    async with store.work(EVERYONE) as work:
        for chain in await work.connection.fetch(CHASSIS["audit_chains"]):
            if chain["last_line"] > chain["last_checkpoint"] and chain["community"] != OF_THE_NODE:  # it has no key
                signed += await _signed(work, chain, store.database.service)
    if signed and settings.folder is not None:
        _keep(settings.folder / KEPT, signed)
    return len(signed)


async def _signed(work: UnitOfWork, chain: asyncpg.Record, service: str) -> list[Checkpoint]:
    """The new checkpoint of a chain, or none: it is broken, has no key, or another process was faster."""
    community, n = chain["community"], chain["last_line"]
    before = await _checkpoints(work.connection, community, chain["last_checkpoint"] - 1, chain["last_checkpoint"])
    walk = Walk(community, {}, n=chain["last_checkpoint"], digest=before[0].digest if before else START)
    async for page in _pages(work.connection, community, walk.n, n):
        walk.follow(page)
    if walk.faults:
        log.error("a chain of the audit does not hold: handoff audit verify", extra={"service": service})
        return []
    try:
        keyid, signature = await work.sign(community, signed_text(community, n, walk.digest, work.now))
    except (LookupError, ValueError) as problem:
        about = {"service": service, "error": type(problem).__name__}
        log.log(logging.INFO if isinstance(problem, LookupError) else logging.ERROR, "not signed", extra=about)
        return []
    made = Checkpoint(community, n, walk.digest, work.now, keyid, sealing.written(signature))
    return [made] if await work.connection.fetchval(CHASSIS["audit_checkpoint"], *made) else []


def _keep(path: Path, checkpoints: Iterable[Checkpoint]) -> None:
    """Append to the copies, at most once in a round."""
    try:
        append(path, (v1.AuditCheckpoint.read(one._asdict()).model_dump_json() for one in checkpoints))
    except OSError as problem:
        log.error("checkpoints of the audit were not copied", extra={"error": type(problem).__name__})


async def verify(store: Store[Any], wanted: v1.VerifyAudit, _: Settings) -> v1.AuditVerdict:
    """Check every chain against its checkpoints, then compare the copies that were kept."""
    if store.vault is None:
        raise Refused(No.UNAVAILABLE, "no_keys_to_verify_with")
    kept = [Checkpoint(**dict(one)) for one in wanted.kept]
    async with store.work(EVERYONE, readonly=True) as work:
        chains = await work.connection.fetch(CHASSIS["audit_chains"])
        names = {chain["community"] for chain in chains} | {one.community for one in kept}
        keys = await _keys(work.connection, store.vault, sorted(names))
        entries, proven, faults = 0, len(kept), list[Found]()
        for chain in chains if wanted.chains else ():
            walk, checked = await _walked(work.connection, chain, keys)
            entries, proven, faults = entries + walk.lines, proven + checked, faults + walk.faults
        faults += await _compared(work.connection, kept, {c["community"]: c["last_line"] for c in chains}, keys)
    return v1.AuditVerdict(
        communities=len(chains),
        entries=entries,
        checkpoints=proven,
        faults=tuple(v1.AuditFault(**fault._asdict()) for fault in list(dict.fromkeys(faults))[:MOST_FAULTS]),
    )


async def _walked(connection: asyncpg.Connection, chain: asyncpg.Record, keys: Keys) -> tuple[Walk, int]:
    """A whole chain, followed with the checkpoints on it and behind it, and how many these were."""
    walk, after, checked = Walk(chain["community"], keys), _FIRST, 0
    async for page in _pages(connection, walk.community, after, chain["last_line"]):
        marks = await _checkpoints(connection, walk.community, after, page[-1].n)
        walk.follow(page, marks)
        after, checked = page[-1].n, checked + len(marks)
    behind = await _checkpoints(connection, walk.community, after, chain["last_checkpoint"])
    walk.end(behind)
    return walk, checked + len(behind)


async def _pages(
    connection: asyncpg.Connection, community: str, after: int, until: int
) -> AsyncGenerator[list[AuditLine], None]:
    while page := [
        AuditLine(*row) for row in await connection.fetch(CHASSIS["audit_page"], community, after, until, PAGE)
    ]:
        yield page
        after = page[-1].n


async def _compared(
    connection: asyncpg.Connection, kept: Sequence[Checkpoint], last: dict[str, int], keys: Keys
) -> list[Found]:
    places = [one.community for one in kept], [one.n for one in kept]
    standing = {(row[0], row[1]): row[2] for row in await connection.fetch(CHASSIS["audit_standing"], *places)}
    there = {(row[0], row[1]) for row in await connection.fetch(CHASSIS["audit_checkpoints_there"], *places)}
    return against_kept(kept, standing, there, last, keys)


async def _checkpoints(connection: asyncpg.Connection, community: str, after: int, until: int) -> list[Checkpoint]:
    return [Checkpoint(*row) for row in await connection.fetch(CHASSIS["audit_checkpoints"], community, after, until)]


async def _keys(connection: asyncpg.Connection, vault: Vault, communities: Sequence[str]) -> dict[tuple[str, str], str]:
    """The public part of every key, also a retired one, derived from what only the node's own key opens."""
    keys: dict[tuple[str, str], str] = {}
    for row in await connection.fetch(CHASSIS["audit_keys"], communities):
        place = row["community"], row["keyid"]
        try:
            private = Ed25519PrivateKey.from_private_bytes(
                vault.unwrap(row["wrapped"], about=about_signing_key(*place))
            )
        except ValueError:
            continue  # a key that was not written by this node proves nothing
        keys[place] = sealing.written(private.public_key().public_bytes_raw())
    return keys


async def listed(wanted: v1.ListAudit, work: UnitOfWork) -> Sequence[v1.AuditEntry]:
    """A community's own audit; an operator says whose."""
    if work.acting not in (EVERYONE, wanted.community or work.acting):
        raise Refused(No.NOT_ALLOWED, "audit_of_others", "community")
    community = wanted.community or work.acting
    if community == EVERYONE:
        raise Refused(No.INVALID, "say_whose_audit", "community")
    rows = await work.connection.fetch(CHASSIS["audit_list"], community, wanted.about, wanted.after, wanted.limit)
    return [v1.AuditEntry.read(dict(row)) for row in rows]


async def checkpoints(store: Store[Any], wanted: v1.ListCheckpoints, _: Settings) -> Sequence[v1.AuditCheckpoint]:
    """The signed checkpoints, to be kept elsewhere."""
    async with store.work(EVERYONE, readonly=True) as work:
        asked = wanted.community, wanted.after, wanted.limit
        rows = await work.connection.fetch(CHASSIS["audit_checkpoint_list"], *asked)
    return [v1.AuditCheckpoint.read(dict(row)) for row in rows]
