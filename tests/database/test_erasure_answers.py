"""An answer that was kept for who asks again does not outlive what it holds. With its control."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.messages import Call
from contracts.personal.v1 import ExportHandoff, ReadPersonalPart
from services.chassis.messaging.transactions import Handler
from services.chassis.runtime.ids import new_id
from services.chassis.trust import sealing
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.handlers.personal import personal_data
from tests.database.test_personal_part import audited, erase, opened
from tests.support.principals import OPERATOR
from tests.support.referral import RECEIVER

SOON = timedelta(seconds=60)
ASKED: dict[str, tuple[Any, Handler]] = {
    "read": (ReadPersonalPart, personal_data.read),
    "exported": (ExportHandoff, personal_data.export),
}


@pytest.mark.parametrize("erases", [True, False], ids=["erased", "control: kept"])
@pytest.mark.parametrize("asked", ASKED)
def test_who_asks_again_under_the_same_id_after_the_erasure_gets_nothing_and_that_is_audited(
    database: str, asked: str, erases: bool
) -> None:
    contract, handler = ASKED[asked]

    async def scene() -> None:
        async with opened(database) as net:
            ref, _ = await net.confirmed(), await net.confirmed()
            about = {"referral": ref, "reply_key": sealing.new_key()[1]}
            about_call = {
                "id": new_id(),
                "type": contract.type,
                "caller": "local_api",
                "acting": RECEIVER,
                "principal": OPERATOR,
            }
            call = Call.model_validate(about_call | {"deadline": datetime.now(UTC) + SOON, "data": about})
            referral = net.at[RECEIVER].referral
            first = (await referral.requests.answer(call, contract, handler)).result or {}
            assert sealed_in(first)
            if erases:
                await erase(net, RECEIVER, ref)
            again = (await referral.requests.answer(call, contract, handler)).result or {}
            readings = [result for what, result in await audited(net, RECEIVER) if what.endswith(("read", "exported"))]
            assert sealed_in(again) == ("" if erases else sealed_in(first))
            assert readings == (["done", "nothing_held"] if erases else ["done"])

    asyncio.run(scene())


def sealed_in(result: dict[str, Any]) -> str:
    return str(result.get("personal", result).get("sealed") or "")


def test_an_erasure_finds_the_answers_by_their_index(database: str) -> None:
    """Answers are many and an erasure is seldom: it must not read them all."""

    async def scene() -> None:
        async with opened(database) as net, net.at[RECEIVER].referral.work("*") as work:
            await work.connection.execute("SET LOCAL enable_seqscan = off")
            none: list[list[Any]] = [[], [], [], [], []]
            plan = await work.connection.fetch("EXPLAIN " + ReferralUnitOfWork.queries["destroy"], *none, work.now)
            assert any("answers_sealed" in row[0] for row in plan)

    asyncio.run(scene())
