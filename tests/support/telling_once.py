"""`python -m tests.support.telling_once DATABASE HOST:PORT`: a process of the portal that sends what is due, once.

The services that it would ask for names are not there; who asks is called by its id.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from services.portal.site.directory import Directory, Known
from services.portal.site.telling import tell
from tests.support.telling import store


async def _nobody_known(_self: Directory, client: Any) -> Known:
    return Known(client.acting or "")


async def main(url: str, gateway: str) -> None:
    """Send what is due."""
    setattr(Directory, "known", _nobody_known)  # noqa: B010 - nobody is there to ask
    rows = store(url)
    settings = Settings(database_url=url, private_receivers=frozenset({gateway}))
    rpc: Any = None
    await tell(EdgeParts(rpc=rpc, settings=settings, store=rows))
    await rows.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
