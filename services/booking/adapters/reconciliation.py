"""Where holds stand, for comparing them with records."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.reconcile.v1 import HoldStanding
from services.chassis.messaging.unit_of_work import UnitOfWork


class StandingRows(UnitOfWork):
    """The port `Standings`."""

    async def holds_running(self, after: str | None, limit: int) -> list[HoldStanding]:
        return [HoldStanding.read(dict(row)) for row in await self.fetch("holds_running", after, limit)]

    async def holds_named(self, hold_ids: Sequence[str]) -> list[HoldStanding]:
        return [HoldStanding.read(dict(row)) for row in await self.fetch("holds_named", list(hold_ids))]
