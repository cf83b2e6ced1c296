"""Operators of the system, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.portal.v1 import OperatorView
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.accounts import OperatorAccount


class OperatorRows(UnitOfWork):
    """`services.portal.ports.accounts.Operators`."""

    async def operator(self, account: str) -> OperatorAccount | None:
        row = await self.fetchrow("operator", account)
        return OperatorAccount(**dict(row)) if row else None

    async def add_operator(self, account: str, at: datetime) -> None:
        await self.execute("add_operator", account, at)

    async def operators(self) -> Sequence[OperatorView]:
        return [OperatorView(**dict(row)) for row in await self.fetch("operators")]

    async def close_operator(self, account: str) -> bool:
        return await self.execute("close_operator", account) == "DELETE 1"
