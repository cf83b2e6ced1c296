"""What a transaction costs beside its work: commands, messages and relays keep their plans, while queries and sweeps,
which look at much or little, are planned as they come; and only what causes nothing is committed without the disk.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.agency_api.v1 import KeyView, RevokeKey
from contracts.booking.v1 import CapacityChanged
from contracts.border.v1 import PartyDeparted
from contracts.messages import Call, Envelope, Message
from services.chassis.messaging.store import Delivery, Outcome
from services.chassis.ports import EVERYONE
from services.chassis.process.service import message
from services.chassis.runtime.ids import new_id
from tests.support.agency import Rows, store
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
            deadline = datetime.now(UTC) + timedelta(seconds=20)
            about: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "deadline": deadline}
            call = Call(id=new_id(), type=RevokeKey.type, data={"prefix": PREFIX}, **about)
            first = await rows.requests.answer(call, RevokeKey, handler)
            assert first.result is not None, first.refusal
            async with rows.work(EVERYONE) as work:
                await look("sweep", work.connection)
            assert await rows.requests.answer(call, RevokeKey, handler) == first  # kept by what finishes the work
            own = await rows.database.connect(plan_cache_mode="force_generic_plan")
            await look("relay", own)
            await own.close()
        finally:
            await rows.close()

    asyncio.run(story())
    assert modes == {"command": "force_generic_plan", "sweep": "auto", "relay": "force_generic_plan"}


async def heard(rows: Rows, said: Message, number: int) -> Outcome:
    """A fact of booking, as it comes from the bus."""
    head: dict[str, Any] = {"source": "booking", "type": said.type, "subject": "bo-taen", "correlationid": "bo-taen"}
    envelope = Envelope(id=new_id(), time=NOW, seq=number, data=said.wire(), **head)
    body = envelope.model_dump_json(exclude_none=True).encode()
    return await rows.inbox.receive(Delivery(body=body, queue="agency_api.internal", headers={"user-id": "booking"}))


def test_only_a_fact_that_is_marked_so_does_not_wait_for_the_disk_and_it_may_cause_nothing(
    agency_database: str,
) -> None:
    modes: list[str] = []
    speaks = False

    async def keep(fact: CapacityChanged, work: Any) -> None:
        modes.append(await work.connection.fetchval("SHOW synchronous_commit"))
        if speaks:
            work.announce(fact, subject="bo-taen")

    async def story() -> None:
        nonlocal speaks
        rows, fact = store(agency_database), CapacityChanged(community="bo-taen")
        rows.database.size = 1
        rows.readers[CapacityChanged.type] = (CapacityChanged, keep)
        try:
            assert await heard(rows, fact, 1) is Outcome.APPLIED
            rows.inbox.relaxed.add(CapacityChanged.type)
            assert await heard(rows, fact, 2) is Outcome.APPLIED
            async with rows.work(EVERYONE) as work:
                modes.append(await work.connection.fetchval("SHOW synchronous_commit"))
            speaks = True
            assert await heard(rows, fact, 3) is Outcome.PARKED
            rows.inbox.relaxed.clear()
            assert await heard(rows, fact, 4) is Outcome.WAITING  # behind the one that was set aside
        finally:
            await rows.close()

    asyncio.run(story())
    assert modes == ["on", "off", "on", "off"]


def test_what_comes_over_the_border_always_waits_for_the_disk() -> None:
    with pytest.raises(TypeError, match="over the border"):
        message(PartyDeparted, keep_nothing, is_relaxed=True)


async def keep_nothing(_: Message, work: Any) -> None:
    """Nothing."""


def test_statements_alone_say_nothing(agency_database: str) -> None:
    async def story() -> None:
        rows = store(agency_database)
        try:
            with pytest.raises(RuntimeError, match="needs a transaction"):
                async with rows.statements() as work:
                    work.audit("bo-taen", "tried", "nothing")
        finally:
            await rows.close()

    asyncio.run(story())
