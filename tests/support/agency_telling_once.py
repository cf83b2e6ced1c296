"""`python -m tests.support.agency_telling_once DATABASE HOST:PORT`: the agency API sends what is due, and ends."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from services.agency_api.site.telling import tell
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from tests.support.agency import store


async def main(url: str, receiver: str) -> None:
    """Send what is due."""
    rows = store(url)
    settings = Settings(database_url=url, private_receivers=frozenset({receiver}))
    rpc: Any = None
    await tell(EdgeParts(rpc=rpc, settings=settings, store=rows))
    await rows.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
