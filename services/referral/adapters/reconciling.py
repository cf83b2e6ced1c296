"""Where receivers' records stand, for comparing them with holds."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.reconcile.v1 import RecordStanding
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.referral.domain.handoff.states import ENDED


class StandingUnitOfWork(UnitOfWork):
    """The port `Standings`."""

    async def records_open(self, after: str | None, limit: int) -> list[RecordStanding]:
        rows = await self.fetch("records_open", after, limit, [*ENDED])
        return [RecordStanding.read(row["body"]) for row in rows]

    async def records_named(self, referral_ids: Sequence[str]) -> list[RecordStanding]:
        return [RecordStanding.read(row["body"]) for row in await self.fetch("records_named", list(referral_ids))]
