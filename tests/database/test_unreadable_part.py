"""A part that does not open any more is what one wants to see: whoever reads it is told, and the audit has it."""

from __future__ import annotations

import asyncio

import pytest

from contracts.personal.v1 import ExportHandoff, ReadPersonalPart
from contracts.refusals import Refused
from services.chassis.trust import sealing
from services.referral.handlers.personal import personal_data
from tests.database.test_personal_part import audited, opened, rows
from tests.support.referral import RECEIVER

TOUCHED = {
    "a value": "UPDATE personal_fields SET ciphertext = ciphertext || '\\x00' WHERE community = $1",
    "the key": "UPDATE personal_keys SET wrapped = wrapped || 'AAAA' WHERE community = $1",
    "control: nothing": "SELECT $1",
}


@pytest.mark.parametrize("touched", TOUCHED)
def test_a_reading_of_what_was_tampered_with_is_answered_without_it_and_audited(database: str, touched: str) -> None:
    well = touched.startswith("control")

    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.confirmed()
            await rows(net, RECEIVER, TOUCHED[touched], RECEIVER)
            key = sealing.new_key()[1]
            read = await net.act(personal_data.read, ReadPersonalPart(referral=ref, reply_key=key), RECEIVER)
            export = await net.act(personal_data.export, ExportHandoff(referral=ref, reply_key=key), RECEIVER)
            assert (read.holding, export.personal.holding) == ("held", "held")
            assert [found.sealed is not None for found in (read, export.personal)] == [well, well]
            result = "done" if well else "cannot_be_opened"
            assert [one for one in await audited(net, RECEIVER) if one[0].endswith(("read", "exported"))] == [
                ("personal_part_read", result),
                ("handoff_exported", result),
            ]

    asyncio.run(scene())


def test_an_invalid_reply_key_is_refused(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.confirmed()
            with pytest.raises(Refused) as no:
                await net.act(personal_data.read, ReadPersonalPart(referral=ref, reply_key="A" * 43), RECEIVER)
            assert no.value.refusal.field == "reply_key"

    asyncio.run(scene())
