"""How often what is shown of communities has changed: one statement, and no transaction around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.agency_api.adapters.unit_of_work import AgencyUnitOfWork
from services.chassis.storage.database import ConnectionPool


class States:
    """Reads `states`."""

    def __init__(self, database: ConnectionPool) -> None:
        self._database = database

    async def read(self, communities: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        """The number of each, and the node's time. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(AgencyUnitOfWork.queries["states"], list(communities))
        return {row["community"]: (row["number"], row["now"]) for row in rows}
