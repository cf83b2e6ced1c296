"""How far the read model is behind: by what is owed and not applied, and ever further while nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from contracts.node.v1 import AskOwed, OwedTo, StreamApplied, StreamSaid
from contracts.refusals import No, refusal
from services.agency_api.site import freshness
from services.agency_api.site.freshness import BOUND_SECONDS, EVERY_SECONDS, Freshness
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from services.client import bus
from services.client.answers import refused

SAID = StreamSaid(stream="booking>|bo-taen", seq=7)


class Scene:
    """Two speakers and our own tables, as far as looking sees them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.applied, self.waited, self.away = 0.0, 7, 0.0, ""
        nothing: Any = None
        store: Any = self
        parts = EdgeParts(rpc=nothing, settings=Settings(database_url=""), store=store)
        self.fresh = Freshness(parts, lambda: self.now)
        monkeypatch.setattr(bus.BusClient, "send", self._answer)
        monkeypatch.setattr(freshness, "behind", self._behind)

    async def _answer(self, asked: AskOwed, *, service: str, seconds: float) -> OwedTo:
        assert seconds < EVERY_SECONDS
        if service == self.away:
            raise refused(refusal(No.UNAVAILABLE, "bus_not_there"))
        if service == "community":
            return OwedTo(streams=())
        return OwedTo(streams=(SAID,), seconds=self.waited if asked.applied else None)

    async def _behind(self, said: tuple[StreamSaid, ...], _: Any) -> tuple[StreamApplied, ...]:
        lacks = (StreamApplied(stream=each.stream, seq=self.applied, lacks=True) for each in said)
        return tuple(each for each in lacks if each.seq < 7)

    @asynccontextmanager
    async def work(self, *_: Any, **__: Any) -> Any:
        yield None

    async def look(self) -> float | None:
        self.now += EVERY_SECONDS
        await self.fresh.problem()
        for _ in range(20):
            await asyncio.sleep(0)
        return self.fresh.lag


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Scene], Awaitable[None]]], None]:
    async def whole(story: Callable[[Scene], Awaitable[None]]) -> None:
        await story(Scene(monkeypatch))

    return lambda story: asyncio.run(whole(story))


Play = Callable[[Callable[[Scene], Awaitable[None]]], None]


def test_what_is_owed_and_applied_is_no_lag_and_what_is_not_applied_is_as_old_as_its_oldest(play: Play) -> None:
    async def story(scene: Scene) -> None:
        assert scene.fresh.lag is None
        assert await scene.look() == 0.0
        scene.now += 3
        assert scene.fresh.lag == 3.0, "since then nobody has been asked"
        scene.applied, scene.waited = 6, 12.5
        assert await scene.look() == 12.5
        scene.applied = 7
        assert await scene.look() == 0.0

    play(story)


@pytest.mark.parametrize("speaker", ["community", "booking"])
def test_while_one_does_not_answer_the_lag_grows_until_the_process_is_not_ready(play: Play, speaker: str) -> None:
    async def story(scene: Scene) -> None:
        assert await scene.look() == 0.0
        scene.away = speaker
        for _ in range(int(BOUND_SECONDS / EVERY_SECONDS)):
            assert await scene.fresh.problem() is None
            await scene.look()
        scene.now += 1
        assert scene.fresh.lag == BOUND_SECONDS + 1
        assert "behind" in (await scene.fresh.problem() or "")
        scene.away = ""
        await scene.look()
        assert await scene.fresh.problem() is None

    play(story)


def test_who_was_never_answered_is_not_ready_for_ever(play: Play) -> None:
    async def story(scene: Scene) -> None:
        scene.away = "booking"
        assert await scene.look() is None
        scene.now += BOUND_SECONDS
        assert await scene.fresh.problem() is not None

    play(story)


def test_answers_say_it_once_it_is_known(play: Play) -> None:
    async def story(scene: Scene) -> None:
        said: list[Any] = []

        async def send(message: Any) -> None:
            said.append(dict(message.get("headers", ())))

        for _ in range(2):
            await scene.fresh.telling(send)({"type": "http.response.start", "status": 200, "headers": []})
            await scene.look()
            scene.now += 1.2
        assert said == [{}, {b"read-model-lag": b"2"}]

    play(story)
