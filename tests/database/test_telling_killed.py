"""kill -9 between sending and writing down that it was sent: at most one repeat, by which whoever gets it can tell."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults
from services.chassis.storage.migrations import migrate
from services.portal.handlers import channels, telling
from tests.support import receivers
from tests.support.database import Databases
from tests.support.telling import MIGRATIONS, Rows, channel, done, noted, person, store, waits

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(server: Databases) -> Iterator[str]:
    fresh = server.fresh()
    asyncio.run(migrate(fresh, MIGRATIONS))
    yield fresh
    server.drop(fresh)


async def process(url: str, gateway: str, crash: str = "") -> int:
    """A process of the portal; its exit code."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), faults.SETTING: crash}
    command = [sys.executable, "-P", "-W", "ignore", "-m", "tests.support.telling_once", url, gateway]
    return await (await asyncio.create_subprocess_exec(*command, env=environment)).wait()


async def prepared(rows: Rows, address: str) -> None:
    account = await person(rows)
    async with rows.work(EVERYONE) as work:
        await channels.choose_quiet(work, account, time(), time())
    await channel(rows, account, address=address)
    await noted(rows, waits())


def test_a_process_that_is_killed_after_it_sent_leaves_one_repeat_with_the_same_id(url: str) -> None:
    async def story() -> None:
        rows = store(url)
        async with receivers.listening() as gateway:
            await prepared(rows, gateway.url())
            assert await process(url, gateway.named, "after_tell_before_mark") == -signal.SIGKILL
            assert len(gateway.got) == 1
            assert await process(url, gateway.named) == 0
            assert len(gateway.got) == 1  # the claim holds still
            await done(rows, "UPDATE tellings SET claimed_until = claimed_until - $1::interval", telling.LEASE)
            for _ in range(2):
                assert await process(url, gateway.named) == 0
            assert len(gateway.got) == 2
            assert len({got.headers["webhook-id"] for got in gateway.got}) == 1
        await rows.close()

    asyncio.run(story())
