"""Migrations: plain SQL files, forward only, in order, one transaction each, under an advisory lock.

The login that migrates owns everything; each service then gets a role that may read and write its own schema and
nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import asyncpg

_HERE = Path(__file__).parent
_LOCK = 0x68616E64  # any number, as long as all processes use the same one


class Unusable(Exception):
    """The database answers, but cannot be used as it is; says what to do."""


async def migrate(url: str, services: Mapping[str, Path]) -> list[str]:
    """Bring the node schema and each service's schema up to date; returns what was applied, as `schema/file`.

    `services` maps a service to its migrations folder. Raises ValueError when an applied file has changed since.
    """
    connection = await _connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _prepare(connection)
        applied = await _apply(connection, "node", [_HERE / "node_schema"])
        for service, folder in sorted(services.items()):
            await _give_role(connection, service)
            applied += await _apply(connection, service, [_HERE / "service_schema", folder])
            await _grant(connection, service)
        return applied
    except asyncpg.InsufficientPrivilegeError as problem:
        sentence = "the login may not make schemas and roles there: let it own the database, with CREATEROLE"
        raise Unusable(sentence) from problem
    finally:
        await connection.close(timeout=5)


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10, server_settings={"lock_timeout": "60000"})
    except asyncpg.InvalidCatalogNameError as problem:
        raise Unusable("there is no such database: make it with createdb, or name another") from problem
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as problem:
        raise Unusable("the database refuses the login: correct the name or the password") from problem


async def pending(url: str, services: Mapping[str, Path]) -> list[str]:
    """What `migrate` would apply; for readiness."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        if not await connection.fetchval("SELECT to_regclass('node.migrations') IS NOT NULL"):
            return ["node"]
        done = await _done(connection)
        wanted = {("node", p.name) for p in (_HERE / "node_schema").glob("*.sql")}
        for service, folder in services.items():
            wanted |= {(service, p.name) for d in (_HERE / "service_schema", folder) for p in d.glob("*.sql")}
        return sorted(f"{schema}/{name}" for schema, name in wanted - done.keys())
    finally:
        await connection.close(timeout=5)


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "CREATE SCHEMA IF NOT EXISTS node;"
        "CREATE TABLE IF NOT EXISTS node.migrations (schema text, file text, digest text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (schema, file))"
    )


async def _done(connection: asyncpg.Connection) -> dict[tuple[str, str], str]:
    rows = await connection.fetch("SELECT schema, file, digest FROM node.migrations")
    return {(row["schema"], row["file"]): row["digest"] for row in rows}


async def _apply(connection: asyncpg.Connection, schema: str, folders: list[Path]) -> list[str]:
    done, applied = await _done(connection), []
    for path in [p for folder in folders for p in sorted(folder.glob("*.sql"))]:
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if before := done.get((schema, path.name)):
            if before != digest:
                raise ValueError(f"migration {schema}/{path.name} was applied and has changed since: write a new one")
            continue
        async with connection.transaction():
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            await connection.execute(f'SET LOCAL search_path TO "{schema}"')
            await connection.execute(text)
            await connection.execute("INSERT INTO node.migrations VALUES ($1, $2, $3)", schema, path.name, digest)
        applied.append(f"{schema}/{path.name}")
    return applied


async def _give_role(connection: asyncpg.Connection, service: str) -> None:
    role = f"handoff_{service}"
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role):
        # Roles are shared by the databases of one server: another may make it meanwhile.
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
    await connection.execute(f'GRANT "{role}" TO CURRENT_USER')


async def _grant(connection: asyncpg.Connection, service: str) -> None:
    await connection.execute(
        f'GRANT USAGE ON SCHEMA "{service}", node TO "handoff_{service}";'
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{service}" TO "handoff_{service}";'
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{service}" TO "handoff_{service}";'
        f'GRANT SELECT, UPDATE ON node.clock TO "handoff_{service}";'
        f'GRANT SELECT ON node.migrations TO "handoff_{service}";'
        f'GRANT SELECT, UPDATE ON node.keys_in_force TO "handoff_{service}";'
        f'GRANT SELECT, DELETE ON node.keys_gone TO "handoff_{service}";'
        f'GRANT SELECT ON node.signing_keys, node.partner_keys TO "handoff_{service}";'
        f'GRANT SELECT ON node.audit, node.audit_checkpoints TO "handoff_{service}";'
        f'GRANT EXECUTE ON FUNCTION node.audit_write TO "handoff_{service}"'
    )
