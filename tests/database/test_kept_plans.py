"""Commands and relays keep their plans; queries and sweeps, which look at much or little, are planned as they come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.agency_api.v1 import KeyView, RevokeKey
from contracts.messages import Call
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from tests.support.agency import store
from tests.support.principals import OPERATOR

NOW, PREFIX = datetime.now(UTC), "abcdefgh23"


def test_a_command_keeps_its_plans_and_leaves_the_connection_as_it_was(agency_database: str) -> None:
    modes: dict[str, str] = {}

    async def look(where: str, connection: Any) -> None:
        modes[where] = await connection.fetchval("SHOW plan_cache_mode")

    async def handler(_: RevokeKey, work: Any) -> KeyView:
        await look("command", work.connection)
        times: dict[str, Any] = {"made_at": NOW, "expires_at": None, "revoked_at": None, "last_used": None}
        return KeyView(prefix=PREFIX, agency="mekong-tours", scopes=("read",), **times)

    async def story() -> None:
        rows = store(agency_database)
        rows.database.size = 1  # the same connection for all
        try:
            deadline = NOW + timedelta(seconds=20)
            about: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "deadline": deadline}
            call = Call(id=new_id(), type=RevokeKey.type, data={"prefix": PREFIX}, **about)
            first = await rows.requests.answer(call, RevokeKey, handler)
            assert first.result is not None, first.refusal
            async with rows.work(EVERYONE) as work:
                await look("sweep", work.connection)
            assert await rows.requests.answer(call, RevokeKey, handler) == first  # kept by what finishes the work
            relay = await rows.database.connect()
            await look("relay", relay)
            await relay.close()
        finally:
            await rows.close()

    asyncio.run(story())
    assert modes == {"command": "force_generic_plan", "sweep": "auto", "relay": "force_generic_plan"}
