"""Limits for agencies' keys: what a bucket gives, what the door answers, and that nobody pays for somebody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.agency_api.v1 import KeyScope
from services.agency_api.domain.limits import Bucket, Policy, take
from services.agency_api.site import answering, deadline, limits, turns
from services.agency_api.site.door import Door
from services.agency_api.site.limits import Limits
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from services.chassis.storage.failures import DatabaseUnavailable

TEN = Policy("read", 10.0, 20)
FLOODS, QUIET, WRONG = ("Bearer " + name for name in ("aaaaaaaaaa.x", "bbbbbbbbbb.x", "wrong"))


def emptied(policy: Policy, at: float) -> Bucket:
    bucket = None
    for _ in range(policy.burst):
        taken = take(policy, bucket, at)
        assert taken.granted
        bucket = taken.bucket
    assert bucket is not None
    return bucket


def test_a_bucket_gives_its_burst_at_once_and_then_one_at_its_pace() -> None:
    bucket = emptied(TEN, 5.0)
    refused = take(TEN, bucket, 5.0625)
    assert (refused.granted, refused.retry_after, refused.said) == (False, 1, '"read";r=0;t=2')
    assert take(TEN, refused.bucket, 5.125).granted
    assert [take(TEN, emptied(TEN, 5.0), 5.0 + later).said for later in (0.5, 1.0, 60.0)] == [
        '"read";r=4;t=2', '"read";r=9;t=2', '"read";r=19;t=1',
    ]  # fmt: skip


def test_a_bucket_says_when_to_come_again_and_never_runs_backwards() -> None:
    slow = Policy("write", 0.25, 4)
    refused = take(slow, emptied(slow, 0.0), 0.0)
    assert (refused.granted, refused.retry_after) == (False, 4)
    assert take(slow, Bucket(0.5, 100.0), 1.0).bucket.level == 0.5
    assert slow.said == '"write";q=4;w=16'


def test_without_a_rate_as_many_are_given_as_are_asked_for() -> None:
    bucket = None
    for _ in range(1000):
        taken = take(Policy("read", 0, 0), bucket, 0.0)
        assert taken.granted
        bucket = taken.bucket


@pytest.mark.parametrize("rate", [20.0, 100.0])
@pytest.mark.parametrize("times", [0.5, 1.2, 3.0], ids="{}x".format)
def test_over_a_minute_as_many_are_granted_as_is_said_within_a_twentieth(rate: float, times: float) -> None:
    """Asked for so much of its pace, evenly."""
    granted, asked = granted_in_a_minute(Policy("read", rate, int(rate)), rate * times)
    said = min(asked, rate * 60 + rate)
    assert abs(granted - said) <= said / 20
    unlimited, _ = granted_in_a_minute(Policy("read", 0, 0), rate * times)
    assert (abs(unlimited - said) <= said / 20) is (times < 1), "the control: without a limit it would not be so"


def granted_in_a_minute(policy: Policy, pace: float) -> tuple[int, int]:
    """How many of how many are granted."""
    bucket, granted, asked = None, 0, int(60 * pace)
    for number in range(asked):
        taken = take(policy, bucket, number / pace)
        bucket, granted = taken.bucket, granted + taken.granted
    return granted, asked


# at the door


class Keys:
    """Opens for two keys."""

    looked_up = 0
    away = False

    async def agency_of(self, header: str) -> SignedIn | None:
        self.looked_up += 1
        if self.away:
            raise DatabaseUnavailable
        prefix = header.removeprefix("Bearer ").partition(".")[0]
        scopes: frozenset[KeyScope] = frozenset({"read"} if prefix == "r" * 10 else {"read", "book"})
        return SignedIn(prefix, prefix, scopes) if len(prefix) == 10 else None


class Served:
    """An app that answers when it is told to, and counts who is inside."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.inside: list[str] = []
        self.most = 0
        self.fails = False

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if self.fails:
            await answering.problem(answering.ours())(scope, _receive, send)
            return
        agency = scope["state"]["asking"].agency
        self.inside.append(agency)
        self.most = max(self.most, self.inside.count("a" * 10))
        try:
            if agency == "a" * 10:
                await self.goes_on.wait()
        finally:
            self.inside.remove(agency)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"[]"})


class Asked:
    """A door, asked over ASGI."""

    def __init__(self, reads: int) -> None:
        self.app, self.keys = Served(), Keys()
        rpc: Any = None
        parts = EdgeParts(rpc=rpc, settings=Settings(database_url="postgresql://", agency_limit=reads))
        keys: Any = self.keys
        self.door = Door(self.app, parts, keys, answering.refuse)

    async def get(
        self, key: str, method: str = "GET", path: str = "/octo/products", *, env: str = "", length: str = "0"
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Status, headers and body of an answer."""
        said: list[Any] = []

        async def send(message: Any) -> None:
            said.append(message)

        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "query_string": b"", "client": ("192.0.2.1", 1),
            "headers": [
                (b"authorization", key.encode()), (b"octo-env", env.encode()), (b"content-length", length.encode()),
            ],
        }  # fmt: skip

        async def nothing() -> Any:
            return {"type": "http.request", "body": b""}

        await self.door(scope, nothing, send)
        headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        body = json.loads(said[1]["body"])
        return said[0]["status"], headers, body if isinstance(body, dict) else {}


def play(reads: int, story: Callable[[Asked], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story(Asked(reads)), 20)

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REFUSED_AFTER", 0.0)
    monkeypatch.setattr(Limits.__init__, "__defaults__", (lambda: 0.0,))


def test_answers_say_what_is_left_and_what_is_too_much_says_when_to_come_again() -> None:
    async def story(asked: Asked) -> None:
        status, headers, _ = await asked.get(QUIET)
        assert status == 200
        assert headers["ratelimit-policy"] == '"read";q=10;w=2, "write";q=3;w=3'
        assert headers["ratelimit"] == '"read";r=9;t=1'
        for _ in range(9):
            assert (await asked.get(QUIET))[0] == 200
        status, headers, body = await asked.get(QUIET)
        assert (status, body["error"], headers["retry-after"]) == (429, "TOO_MANY_REQUESTS", "1")
        assert headers["ratelimit"] == '"read";r=0;t=2'
        assert headers["octo-capabilities"] == ""
        # Writes have a bucket of their own, and asking for availability is none.
        assert (await asked.get(QUIET, "POST", "/octo/availability"))[0] == 429
        assert [(await asked.get(QUIET, "POST", "/octo/bookings"))[0] for _ in range(4)] == [200, 200, 200, 429]

    play(5, story)


def test_control_without_a_limit_nothing_is_too_much() -> None:
    async def story(asked: Asked) -> None:
        answers = [await asked.get(QUIET) for _ in range(300)]
        assert {status for status, _, _ in answers} == {200}
        assert "ratelimit" not in answers[0][1]

    play(0, story)


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "control: not limited"])
def test_an_agency_that_floods_has_only_so_many_inside_and_the_other_is_served(limited: bool) -> None:
    async def story(asked: Asked) -> None:
        flood = [asyncio.create_task(asked.get(FLOODS)) for _ in range(100)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (await asked.get(QUIET))[0] == 200
        assert (asked.app.most == turns.AT_ONCE) is limited
        asked.app.goes_on.set()
        statuses = [status for status, _, _ in await asyncio.gather(*flood)]
        assert statuses.count(200) == (turns.AT_ONCE + turns.WAITING if limited else 100)
        assert (asked.app.most == turns.AT_ONCE) is limited

    play(1000 if limited else 0, story)


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "control: not limited"])
def test_while_others_ask_only_one_read_of_a_key_is_served_at_once(limited: bool) -> None:
    async def story(asked: Asked) -> None:
        assert (await asked.get(QUIET))[0] == 200
        flood = [asyncio.create_task(asked.get(FLOODS)) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert asked.app.most == (turns.SHARED if limited else 20)
        # Writes are few, and wait for others: they keep their turns.
        writes = [asyncio.create_task(asked.get(FLOODS, "POST", "/octo/bookings")) for _ in range(9)]
        await asyncio.sleep(0)
        assert asked.app.most == (turns.SHARED + turns.AT_ONCE if limited else 29)
        asked.app.goes_on.set()
        assert {status for status, _, _ in await asyncio.gather(*flood, *writes)} == {200}

    play(1000 if limited else 0, story)


def test_one_who_waits_too_long_for_a_turn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.01)

    async def story(asked: Asked) -> None:
        inside = [asyncio.create_task(asked.get(FLOODS)) for _ in range(turns.AT_ONCE)]
        await asyncio.sleep(0)
        status, _, body = await asked.get(FLOODS)
        assert (status, body["error"]) == (429, "TOO_MANY_REQUESTS")
        asked.app.goes_on.set()
        await asyncio.gather(*inside)
        assert (await asked.get(FLOODS))[0] == 200

    play(1000, story)


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "control: not limited"])
def test_every_answer_has_the_headers_of_a_limit_errors_too(limited: bool) -> None:
    async def story(asked: Asked) -> None:
        asked.app.fails = True
        reads_only = "Bearer rrrrrrrrrr.x"
        found = [
            await asked.get(QUIET),  # 500
            await asked.get(reads_only, "POST", "/octo/bookings"),  # 403
            await asked.get(QUIET, env="production"),  # 400
            await asked.get(QUIET, length="999999"),  # 413
            await asked.get(WRONG),
            await asked.get(""),
            await asked.get(WRONG, length="999999"),
        ]
        asked.keys.away = True
        found.append(await asked.get(QUIET))
        asked.keys.away = False
        found += [await asked.get(f"{WRONG}{n}") for n in range(30)][-1:]
        found += [await asked.get(QUIET) for _ in range(10)][-1:]
        statuses = [500, 403, 400, 413, 403, 401, 403, 503, *([429, 429] if limited else [403, 500])]
        assert [status for status, _, _ in found] == statuses
        told = [{"ratelimit", "ratelimit-policy"} <= headers.keys() for _, headers, _ in found]
        assert told == [limited] * len(found)

    play(5 if limited else 0, story)


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "control: without an end"])
def test_what_stands_still_is_answered_in_time_and_then_let_go(cut: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "SECONDS", 0.01 if cut else 60.0)

    async def story(asked: Asked) -> None:
        waiting = asyncio.create_task(asked.get(FLOODS, "POST", "/octo/bookings"))
        await asyncio.sleep(0.1)
        assert waiting.done() is cut
        assert asked.app.inside == ([] if cut else ["a" * 10]), "what nobody waits for goes on no more"
        asked.app.goes_on.set()
        status, headers, _ = await waiting
        assert status == (503 if cut else 200)
        assert ("retry-after" in headers) is cut
        assert '"write"' in headers["ratelimit-policy"], "its own limits, whenever it is answered"
        assert (await asked.get(QUIET))[0] == 200

    play(100, story)


def test_what_is_wrong_with_a_request_is_one_of_its_keys_requests_all_the_same() -> None:
    async def story(asked: Asked) -> None:
        statuses = [(await asked.get(QUIET, env="production"))[0] for _ in range(12)]
        assert statuses == [400] * 10 + [429] * 2

    play(5, story)


def test_a_key_that_cannot_be_looked_up_now_is_to_come_again() -> None:
    async def story(asked: Asked) -> None:
        asked.keys.away = True
        status, headers, body = await asked.get(QUIET)
        assert (status, headers["retry-after"], body["error"]) == (503, "2", "INTERNAL_SERVER_ERROR")

    play(100, story)


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "control: not limited"])
def test_wrong_keys_are_not_looked_up_without_end_and_a_key_that_opens_is_not_hit(limited: bool) -> None:
    async def story(asked: Asked) -> None:
        assert (await asked.get(QUIET))[0] == 200
        statuses = [(await asked.get(f"{WRONG}{n}"))[0] for n in range(100)]
        assert statuses.count(429) == (70 if limited else 0)
        assert asked.keys.looked_up == (31 if limited else 101)
        assert (await asked.get(QUIET))[0] == 200

    play(100 if limited else 0, story)
