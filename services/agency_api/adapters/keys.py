"""The port `Keys`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.agency_api.v1 import AddKey, KeyView, LastUse
from services.agency_api.domain.keys import Key
from services.chassis.messaging.unit_of_work import UnitOfWork


class KeyRows(UnitOfWork):
    """Keys on PostgreSQL."""

    async def machine_now(self) -> datetime:
        moment: datetime = await self.fetchval("machine_now")
        return moment

    async def has_agency(self, agency: str) -> bool:
        return bool(await self.fetchval("has_agency", agency))

    async def add_key(self, key: AddKey, at: datetime) -> bool:
        row = (key.prefix, key.agency, bytes.fromhex(key.digest), list(key.scopes), at, key.expires_at)
        written: str = await self.execute("add_key", *row)
        return written.endswith(" 1")

    async def live_keys(self, agency: str, at: datetime) -> int:
        return int(await self.fetchval("live_keys", agency, at))

    async def revoke_key(self, prefix: str, at: datetime) -> KeyView | None:
        row = await self.fetchrow("revoke_key", prefix, at)
        return row and _view(row)

    async def keys(self, agency: str | None) -> Sequence[KeyView]:
        return [_view(row) for row in await self.fetch("keys", agency)]

    async def last_use(self, agency: str, community: str) -> LastUse | None:
        row = await self.fetchrow("last_use", agency, community)
        return LastUse(**dict(row)) if row else None

    async def key(self, prefix: str) -> Key | None:
        row = await self.fetchrow("key", prefix)
        return row and Key(**{**dict(row), "scopes": frozenset(row["scopes"])})

    async def note_use(self, prefix: str, at: datetime) -> None:
        await self.execute("note_use", prefix, at)


def _view(row: Any) -> KeyView:
    return KeyView(**{**dict(row), "scopes": tuple(row["scopes"])})
