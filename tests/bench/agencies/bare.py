"""What the database alone could do in the same run: the statement of a calendar, with no node before it."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from pathlib import Path

import asyncpg

from services.chassis.storage.sql import Queries
from tests.bench.agencies.asking import CALENDAR_DAYS, READY
from tests.bench.agencies.filling import AGENCY, DAYS_AHEAD, Network
from tests.bench.agencies.loads import closed

READ_MODEL = Path(__file__).resolve().parents[3] / "services" / "agency_api" / "adapters" / "read_model.sql"
#: So many days beyond those that are asked about may be touched.
BEYOND = timedelta(days=7)


async def calendars(url: str, network: Network, at_once: int, seconds: float) -> float:
    """Readings a second of what a calendar of one community is made from, the offering known already."""
    statement = Queries.load(READ_MODEL)["standing_offer"]
    async with asyncpg.create_pool(
        url, min_size=at_once, max_size=at_once, server_settings={"search_path": "agency_api"}
    ) as pool:
        names = network.communities[:READY]
        rows = await pool.fetch("SELECT community, version FROM hosts WHERE community = ANY ($1::text[])", names)
        versions = {row["community"]: row["version"] for row in rows}
        asked = cycle((f"{AGENCY}-0000", name, versions[name], *_window(network, n)) for n, name in enumerate(names))

        async def read() -> bool:
            return await pool.fetchrow(statement, *next(asked)) is not None

        return round((await closed(read, at_once, seconds=seconds)).rate, 1)


def _window(network: Network, n: int) -> tuple[object, object]:
    first = network.first_day + timedelta(days=n % (DAYS_AHEAD - CALENDAR_DAYS))
    return first, first + timedelta(days=CALENDAR_DAYS - 1) + BEYOND
