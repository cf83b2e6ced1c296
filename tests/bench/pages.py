"""How soon the portal answers: Today beside running handoffs, in a small and in a large network, and on a slow line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import httpx

from contracts.portal.v1 import OpenAccount
from services.client import passwords
from services.client.local_api import LocalApi
from tests.bench import figures, network
from tests.bench.client import FastClient
from tests.support.browser.chromium import launched
from tests.support.browser.phone import Account, Phone, phone

NAME, PASSWORD = "bench", "only for the bench"
#: As many as there are village tourism communities in the one country that counts them.
LARGE = 3273
RATE, HANDOFFS_BESIDE = 20.0, 5.0
PUBLISHED_AT_ONCE = 8


def open_account(client: LocalApi, community: str) -> Account:
    """Somebody who may sign in for a community of the bench."""
    account = OpenAccount(name=NAME, password=passwords.hashed(PASSWORD), role="coordinator")
    client.send(account, acting=community)
    return Account(NAME, PASSWORD, community)


def signed_in(base_url: str) -> dict[str, str]:
    """The cookies of a session."""
    with httpx.Client(base_url=base_url, headers={"Accept-Language": "en"}) as browser:
        page = browser.get("/signin").text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        browser.post("/signin", data={"csrf": csrf, "name": NAME, "password": PASSWORD})
        return dict(browser.cookies)


async def today(
    base_url: str, cookies: dict[str, str], client: FastClient, pairs: Sequence[figures.Pair], seconds: float
) -> dict[str, float]:
    """Milliseconds to the first byte of Today at RATE a second, while offers are made and held.

    The looks of the first second are not counted: they open connections. The offers go on a second longer than the
    looks, for afterwards all of them are asked about at once.
    """
    beside = asyncio.create_task(figures.offered_to_held(client, pairs, HANDOFFS_BESIDE, seconds + 2))
    async with httpx.AsyncClient(base_url=base_url, cookies=cookies, timeout=30) as browser:
        begin = time.monotonic()
        looks = []
        for n in range(int(RATE * (seconds + 1))):
            await asyncio.sleep(max(0.0, begin + n / RATE - time.monotonic()))
            looks.append(asyncio.create_task(_first_byte(browser, "/today")))
        taken = (await asyncio.gather(*looks))[int(RATE) :]
    await beside
    return {
        "looks": len(taken),
        "p50_ms": round(figures.percentile(taken, 0.5), 1),
        "p99_ms": round(figures.percentile(taken, 0.99), 1),
    }


async def _first_byte(browser: httpx.AsyncClient, path: str) -> float:
    begin = time.monotonic()
    async with browser.stream("GET", path) as answer:
        taken = 1000 * (time.monotonic() - begin)
        answer.raise_for_status()
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        await answer.aread()
    return taken


async def publish_many(client: FastClient, count: int) -> None:
    """So many communities more."""
    turn = asyncio.Semaphore(PUBLISHED_AT_ONCE)

    async def publish(n: int) -> None:
        async with turn:
            offering = network.offering(f"many-{n}", "TH" if n % 2 else "LA")
            await client.ask("community.publish_offering", {"offering": offering})

    await asyncio.gather(*(publish(n) for n in range(count)))


def on_a_slow_line(base_url: str, account: Account, held: str) -> dict[str, float]:
    """Milliseconds until Today is shown, and until a yes has been said, at 400 ms and 50 KB a second."""
    with launched() as browser, phone(browser, base_url) as hand:
        hand.sign_in(account)
        hand.on_a_slow_line()
        shown = _timed(hand, "/today")
        begin = time.monotonic()
        hand.open(f"/handoffs/{held}/accept")
        hand.page.locator("main form button.main").click()
        hand.page.wait_for_load_state()
        return {"today_ms": shown, "answer_ms": round(1000 * (time.monotonic() - begin))}


def _timed(hand: Phone, path: str) -> float:
    begin = time.monotonic()
    hand.open(path)
    return round(1000 * (time.monotonic() - begin))
