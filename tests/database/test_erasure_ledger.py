"""The ledger beside the database: written once, and a folder that takes it not is told as such. With its controls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.referral.adapters import ledger
from tests.database.test_personal_part import erase, obey, opened
from tests.support.database import Databases
from tests.support.referral import RECEIVER, migrated


@pytest.fixture(scope="module")
def template(server: Databases) -> str:
    return migrated(server)


@pytest.fixture
def database(server: Databases, template: str) -> Iterator[str]:
    url = server.fresh(template)
    yield url
    server.drop(url)


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
