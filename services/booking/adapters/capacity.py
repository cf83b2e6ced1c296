"""How much room there is, for restating it."""

from __future__ import annotations

from datetime import date

from services.booking.adapters import rows
from services.booking.ports import Standing
from services.chassis.messaging.unit_of_work import UnitOfWork


class CapacityRows(UnitOfWork):
    """The port `Capacities`."""

    async def standing_capacities(self, after: str, first: date, limit: int) -> list[Standing]:
        found = await self.fetch("standing_capacities", after, first, limit)
        return [
            Standing(row["community"], [*map(rows.stated, row["levels"])], [*map(rows.said, row["lines"])])
            for row in found
        ]
