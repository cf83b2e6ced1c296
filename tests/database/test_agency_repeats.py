"""Requests with an Idempotency-Key: done once, whoever takes over from whom, and kept without what they say."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from contracts.refusals import No, refusal
from services.agency_api.domain.repeats import STALE
from services.agency_api.handlers import repeats
from services.agency_api.octo import problems
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.repeating import InFlight, OtherRequest, once
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.chassis.trust.vault import Vault
from services.client.answers import refused
from tests.support import agency
from tests.support.agency import Rows
from tests.support.vault import LINES, node_keys, write

ANNA, KENJI = b"POST /octo/bookings Anna", b"POST /octo/bookings Kenji"
NEWEST = f"newest {'A' * 43}="
AWAY = OctoProblem("SERVICE_UNAVAILABLE", "ask again", HTTPStatus.SERVICE_UNAVAILABLE)


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


async def ask(rows: Rows, said: bytes, comes: Any = None) -> Any:
    """Ask it under the one key: `comes` is what comes of it, an exception or an answer."""

    async def do() -> Any:
        if isinstance(comes, BaseException):
            raise comes
        return comes

    return await asked(rows, said, do)


async def asked(rows: Rows, said: bytes, do: Callable[[], Awaitable[Any]]) -> Any:
    rpc: Any = None
    parts = EdgeParts(rpc=rpc, settings=Settings(database_url=""), store=rows)
    signed_in = SignedIn(agency.SELLS, "aaaaaaaaaa", frozenset())
    return await once(Asking(parts=parts, signed_in=signed_in, url="http://x/octo"), "key", said, do)


async def became_stale(rows: Rows) -> None:
    await agency.done(rows, "UPDATE repeats SET at = at - $1::interval", STALE + timedelta(seconds=1))


def test_what_is_kept_of_a_request_cannot_be_tried_out_without_the_nodes_keys(url: str) -> None:
    async def story(rows: Rows) -> None:
        await ask(rows, ANNA, {"id": 1})
        ((kept,),) = await agency.done(rows, "SELECT digest FROM repeats")
        assert kept != hashlib.sha256(ANNA).digest()
        assert kept not in Vault(write(node_keys().with_name("others.keys"), NEWEST)).marks(
            ANNA, about=f"repeat v1|{agency.SELLS}|key"
        )
        assert await ask(rows, ANNA, {"id": 2}) == {"id": 1}
        with pytest.raises(OtherRequest):
            await ask(rows, KENJI)

    agency.play(url, story)


def test_renewed_keys_know_a_request_again_and_without_the_old_ones_it_is_another(url: str) -> None:
    async def story(rows: Rows) -> None:
        await ask(rows, ANNA, {"id": 1})
        rows.transactions.vault = Vault(write(node_keys().with_name("newer.keys"), NEWEST, *LINES))
        assert await ask(rows, ANNA) == {"id": 1}
        rows.transactions.vault = Vault(write(node_keys().with_name("only.keys"), NEWEST))
        with pytest.raises(OtherRequest):
            await ask(rows, ANNA)

    agency.play(url, story)


@pytest.mark.parametrize("end", [problems.unprocessable("no"), refused(refusal(No.INVALID, "key_would_be_over"))])
def test_after_a_refusal_the_key_is_free_for_any_request(url: str, end: Exception) -> None:
    async def story(rows: Rows) -> None:
        with pytest.raises(type(end)):
            await ask(rows, ANNA, end)
        assert await ask(rows, KENJI, {"id": 2}) == {"id": 2}

    agency.play(url, story)


@pytest.mark.parametrize(
    "end", [AWAY, refused(refusal(No.UNAVAILABLE, "bus_not_there")), RuntimeError(), asyncio.CancelledError()]
)
def test_after_an_open_end_the_same_is_tried_again_at_once_and_nothing_else(url: str, end: BaseException) -> None:
    async def story(rows: Rows) -> None:
        for _ in range(2):
            with pytest.raises(type(end)):
                await ask(rows, ANNA, end)
            with pytest.raises(OtherRequest):
                await ask(rows, KENJI, {"id": 2})
        assert await ask(rows, ANNA, {"id": 1}) == {"id": 1}
        with pytest.raises(OtherRequest):
            await ask(rows, KENJI, {"id": 2})

    agency.play(url, story)


@pytest.mark.parametrize("end", [AWAY, problems.unprocessable("no")])
def test_a_try_that_ends_late_takes_nothing_from_the_one_that_took_over(url: str, end: Exception) -> None:
    async def story(rows: Rows) -> None:
        async def second() -> Any:
            return {"id": 2}

        async def first() -> Any:
            """While it lasts, another takes over, and is not done when this ends."""
            await became_stale(rows)
            taking = asyncio.create_task(asked(rows, ANNA, slowly))
            await begun.wait()
            tasks.append(taking)
            raise end

        async def slowly() -> Any:
            begun.set()
            await over.wait()
            return await second()

        begun, over, tasks = asyncio.Event(), asyncio.Event(), list[asyncio.Task[Any]]()
        with pytest.raises(OctoProblem):
            await asked(rows, ANNA, first)
        with pytest.raises(InFlight):
            await ask(rows, ANNA, {"id": 3})
        with pytest.raises(OtherRequest):
            await ask(rows, KENJI, {"id": 4})
        over.set()
        assert await tasks[0] == await ask(rows, ANNA) == {"id": 2}

    agency.play(url, story)


def test_a_late_answer_is_none_to_another_request(url: str) -> None:
    async def story(rows: Rows) -> None:
        async def first() -> Any:
            """Another takes over and is refused, so that the key is free, and another request's."""
            await became_stale(rows)
            with pytest.raises(OctoProblem):
                await ask(rows, ANNA, problems.unprocessable("no"))
            assert await ask(rows, KENJI, {"id": 2}) == {"id": 2}
            return {"id": 1}

        assert await asked(rows, ANNA, first) == {"id": 1}
        assert await ask(rows, KENJI) == {"id": 2}

    agency.play(url, story)


def test_an_answer_is_kept_for_48_hours_and_forgotten_after_them(url: str) -> None:
    async def story(rows: Rows) -> None:
        await ask(rows, ANNA, {"id": 1})
        for by in (timedelta(hours=47, minutes=59), timedelta(minutes=2)):
            await agency.done(rows, "UPDATE repeats SET at = at - $1::interval", by)
            async with rows.work(EVERYONE) as work:
                await repeats.forget_answers(work)
            kept = await agency.done(rows, "SELECT FROM repeats")
            assert len(kept) == (by > timedelta(hours=1))
            if kept:
                assert await ask(rows, ANNA) == {"id": 1}
        assert await ask(rows, KENJI, {"id": 2}) == {"id": 2}, "the key is free again"

    agency.play(url, story)
