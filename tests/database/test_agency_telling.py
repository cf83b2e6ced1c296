"""Notifications of agencies reach a real receiver, signed, and only one that may be reached; kill -9 loses none."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.agency_api.domain.notifying import Attempt
from services.agency_api.handlers import notifying
from services.agency_api.site import telling
from services.agency_api.site.telling import Teller
from services.chassis.runtime import faults
from services.client import reaching
from services.client.posting import Poster
from services.client.webhooks import written
from tests.support import agency, receivers
from tests.support.agency import SECRET, Rows
from tests.support.receivers import Listening, hook_says

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


async def waiting(rows: Rows, receiver: Listening, **given: Any) -> str:
    """A booking of which an agency is to be told; its uuid."""
    await agency.prepared(rows)
    await agency.subscribed(rows, url=receiver.url("/octo"), receiver=receiver.named, **given)
    booking = await agency.booked(rows)
    await agency.changed(rows, booking)
    return booking.uuid


async def log_of(rows: Rows) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in await agency.done(rows, "SELECT standing, problem, tries FROM notifications")]


def test_a_receiver_is_told_enough_to_ask_again_with_a_signature_and_its_own_headers(url: str) -> None:
    async def story() -> None:
        rows = agency.store(url)
        async with receivers.listening() as receiver:
            uuid = await waiting(rows, receiver, headers={"Api-Key": "theirs"})
            assert await Teller(rows, Poster((receiver.named,))).run() == 1
            (got,) = receiver.got
            said = hook_says(got, written(SECRET))
            assert (got.path, got.headers["api-key"]) == ("/octo", "theirs")
            assert said == {"type": "BOOKING_UPDATE", "timestamp": said["timestamp"], "data": {"uuid": uuid}}
            assert await log_of(rows) == [("sent", "", 1)]
            # Controls: another secret, and another body, are not what was signed.
            with pytest.raises(AssertionError):
                hook_says(got, written(b"x" * 32))
            with pytest.raises(AssertionError):
                hook_says(receivers.Got(got.path, got.headers, got.body + b" "), written(SECRET))
        await rows.close()

    asyncio.run(story())


def test_what_is_not_public_is_not_reached(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        rows = agency.store(url)
        async with receivers.listening() as inside:
            await waiting(rows, inside)
            await agency.done(rows, "UPDATE subscriptions SET url = $1", f"https://127.0.0.1:{inside.port}/")
            await Teller(rows, Poster()).run()
            assert (inside.connections, await log_of(rows)) == (0, [("waits", "not_public", 1)])
            # Control: with nothing said against it, this is where it leads.
            monkeypatch.setattr(reaching, "may_be_reached", lambda _address: True)
            await agency.passed(rows, timedelta(minutes=5))
            await Teller(rows, Poster()).run()
            assert inside.connections == 1
        await rows.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "standing", "active"), [(500, "waits", True), (307, "waits", True), (410, "failed", False)]
)
def test_whatever_is_no_thanks_is_tried_again_but_gone_is_gone(
    url: str, status: int, standing: str, active: bool
) -> None:
    async def story() -> None:
        rows = agency.store(url)
        async with receivers.listening() as receiver, receivers.listening() as other:
            receiver.status, receiver.more = status, f"Location: {other.url()}\r\n"
            await waiting(rows, receiver)
            await Teller(rows, Poster((receiver.named, other.named))).run()
            assert (await log_of(rows), other.got) == ([(standing, f"http_{status}", 1)], [])
            assert [row[0] for row in await agency.done(rows, "SELECT active FROM subscriptions")] == [active]
        await rows.close()

    asyncio.run(story())


def test_a_failure_says_nothing_of_where_it_was_to_go(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("https://canary.example/")

    async def story() -> None:
        rows = agency.store(url)
        async with receivers.listening() as receiver:
            await waiting(rows, receiver)
            monkeypatch.setattr(telling, "send", broken)
            await Teller(rows, Poster()).run()
            assert await log_of(rows) == [("waits", "ours", 1)]
            said = json.dumps([{**vars(record), "exc_info": None} for record in caplog.records], default=str)
            assert "canary" not in said
            assert receiver.named not in said
        await rows.close()

    with caplog.at_level("INFO"):
        asyncio.run(story())


def test_of_one_agency_only_so_many_are_sent_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    async def slow(*_: object) -> Attempt:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05 * now)  # they end one by one, and others begin meanwhile
        now -= 1
        return Attempt(result="sent")

    async def story() -> None:
        rows = agency.store(url)
        await agency.prepared(rows)
        for number in range(9):
            await agency.subscribed(rows, receiver=f"r{number}.example:443")
        await agency.changed(rows, await agency.booked(rows))
        monkeypatch.setattr(telling, "send", slow)
        assert await Teller(rows, Poster()).run() == 9
        assert most == notifying.EACH
        await rows.close()

    asyncio.run(story())


async def process(url: str, receiver: str, crash: str = "") -> int:
    """A process of the agency API; its exit code."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), faults.SETTING: crash}
    command = [sys.executable, "-P", "-W", "ignore", "-m", "tests.support.agency_telling_once", url, receiver]
    return await (await asyncio.create_subprocess_exec(*command, env=environment)).wait()


def test_a_process_that_is_killed_after_it_sent_leaves_one_repeat_with_the_same_id(url: str) -> None:
    async def story() -> None:
        rows = agency.store(url)
        async with receivers.listening() as receiver:
            await waiting(rows, receiver)
            assert await process(url, receiver.named, "after_notify_before_mark") == -signal.SIGKILL
            assert len(receiver.got) == 1
            await Teller(rows, Poster((receiver.named,))).run()
            assert len(receiver.got) == 1  # the claim holds still
            await agency.passed(rows, notifying.LEASE)
            for _ in range(2):
                await Teller(rows, Poster((receiver.named,))).run()
            assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
            assert (len(receiver.got), await log_of(rows)) == (2, [("sent", "", 2)])
        await rows.close()

    asyncio.run(story())
