"""A partner may say what it likes, well signed: what is personal goes all the same when it has to."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from contracts.personal.v1 import ErasePersonalPart, WithdrawConsent
from services.chassis.messaging.store import Delivery, Outcome
from services.chassis.runtime.ids import new_id
from services.referral.adapters.blanking import blanked
from services.referral.handlers.personal import consent, personal_data
from tests.support import identity
from tests.support.referral import NOW, RECEIVER, SENDER, Network, network

POISON = {
    "not a number": float("nan"),
    "no sign": "\u0000",
    "a long number": 10**4000,
    "a depth": json.loads("[" * 800 + "]" * 800),
}


async def poisoned(net: Network, ref: str, poison: Any) -> None:
    """Bo Taen says something far ahead of its turn that talks of a release and is hard to read."""
    seq = (await net.view(RECEIVER, ref)).sent + 90
    said = {
        "id": new_id(), "source": RECEIVER, "to": SENDER, "type": "border.party_arrived.v1", "subject": ref, "seq": seq,
        "time": NOW.isoformat(), "data": {"at": NOW.isoformat(), "party": {"adult": 2}},
        "tomorrow": ["border.party_released.v1", poison],
    }  # fmt: skip
    body = json.dumps(identity.signed(said)).encode()
    outcome = await net.at[SENDER].referral.inbox.receive(Delivery(body=body, queue="referral.border", headers={}))
    assert outcome in (Outcome.WAITING, Outcome.PARKED)


@pytest.mark.parametrize("poison", POISON)
def test_consent_is_withdrawn_and_a_part_erased_whatever_waits_in_the_stream(database: str, poison: str) -> None:
    async def scene() -> None:
        net = await network(database)
        try:
            ref, other, kept = await net.confirmed(), await net.confirmed(), await net.confirmed()
            for one in (ref, other, kept):
                await poisoned(net, one, POISON[poison])
            await net.act(consent.withdraw, WithdrawConsent(referral=ref), SENDER)
            await net.act(personal_data.erase, ErasePersonalPart(referral=other), SENDER)
            await net.at[SENDER].sql('UPDATE node.clock SET "offset" = "offset" + $1', timedelta(days=400))
            await net.at[SENDER].referral.tick(personal_data.keep_retention)
            assert {(await net.view(SENDER, one)).personal for one in (ref, other, kept)} == {"erased"}
        finally:
            for node in net.nodes:
                await node.close()

    asyncio.run(scene())


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"type":"border.party_released.v1"}', b'{"data":NaN}'])
def test_what_cannot_be_read_is_blanked_whole(body: bytes) -> None:
    assert blanked(body) == b"{}"
