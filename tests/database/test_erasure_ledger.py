"""The ledger beside the database: written once, and a folder that takes it not is told as such. With its controls."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from services.referral.adapters import ledger
from tests.database.test_personal_part import apply, erase, obey, opened, written
from tests.support.database import Databases
from tests.support.referral import RECEIVER


def filed(folder: Path) -> list[str]:
    return (folder / ledger.FILE).read_text().splitlines()


def test_a_folder_that_cannot_be_written_is_told_as_such_and_nothing_is_lost_by_it(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "not there yet"

    async def scene() -> None:
        async with opened(database) as net:
            await erase(net, RECEIVER, await net.confirmed())
            await obey(net, folder)
            (told,) = [one for one in caplog.records if one.levelno == logging.ERROR]
            assert "give the node's user its folder" in told.getMessage()
            folder.mkdir()
            await obey(net, folder)
            assert len(filed(folder)) == 2
            assert [one.levelno for one in caplog.records].count(logging.ERROR) == 1, "control: all is well"

    asyncio.run(scene())


@pytest.mark.parametrize("by_hand", [False, True], ids=["from the file", "control: by hand"])
def test_lines_that_come_from_the_file_are_not_written_into_it_again(
    server: Databases, template: str, tmp_path: Path, by_hand: bool
) -> None:
    async def scene(new: str, old: str) -> None:
        async with opened(new) as net:
            ref = await net.confirmed()
            await erase(net, RECEIVER, ref)
            await obey(net, tmp_path)
            erased = await written(net)
        async with opened(old) as net:
            if by_hand:
                (tmp_path / ledger.FILE).unlink()
                await apply(net, erased)
            for _ in range(3):
                await obey(net, tmp_path)
            lines = filed(tmp_path)
            assert len(lines) == len(set(lines)) == 2, "what was given by hand stands in the file as well"
            assert {one.receipt for one in await written(net)} == {one.receipt for one in erased}

    urls = server.fresh(template), server.fresh(template)
    asyncio.run(scene(*urls))
    for url in urls:
        server.drop(url)
