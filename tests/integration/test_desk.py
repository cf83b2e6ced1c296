"""An edge asks a service of its own process without the bus between: the same call, judged and done the same."""

from __future__ import annotations

import asyncio
from typing import Any

from contracts.messages import Answer
from contracts.refusals import No
from services.chassis.runtime import bridge
from services.chassis.runtime.ids import new_id
from tests.support.engine import AskCounted, Engine, Tell, running, until
from tests.support.principals import OPERATOR, agency


def asked(engine: Engine, *keys: str, **how: Any) -> Answer:
    usual: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "acting": None}
    return bridge.run(engine.rpc_client.ask("tally", Tell, {"keys": keys}, **usual | how), seconds=10)


def no(answer: Answer) -> No | None:
    return answer.refusal.code if answer.refusal else None


def test_it_is_asked_while_nobody_takes_calls_from_the_bus(database: str, inproc_bus: str) -> None:
    with running(database, inproc_bus) as engine:
        engine.consumers()[-1].stop(1)
        assert no(asked(engine, "a")) is None
        until(lambda: engine.counted() == ["a"], 5)
        assert no(engine.call(Tell, {"keys": ["b"]}, seconds=0.5)) == No.NOT_KNOWN_YET  # the control: over the bus


def test_a_command_is_done_once_by_whichever_way_it_comes(database: str, inproc_bus: str) -> None:
    with running(database, inproc_bus) as engine:
        same = new_id()
        for _ in range(3):
            assert no(asked(engine, "a", command_id=same)) is None
        assert no(engine.call(Tell, {"keys": ["a"]}, command_id=same)) is None
        assert no(asked(engine, "other", command_id=same)) == No.CONFLICT
        asked(engine, "last")
        until(lambda: engine.counted() == ["a", "last"], 5)


def test_who_may_not_ask_is_refused_as_on_the_bus(database: str, inproc_bus: str) -> None:
    with running(database, inproc_bus) as engine:
        for how in ({"caller": "portal"}, {"principal": agency("mekong-tours")}):
            assert no(asked(engine, "a", **how)) == no(engine.call(Tell, {"keys": ["a"]}, **how)) == No.NOT_ALLOWED
        assert engine.counted() == []


def test_what_has_begun_is_done_also_when_nobody_waits_for_it(database: str, inproc_bus: str) -> None:
    async def left(engine: Engine) -> None:
        how: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "acting": None}
        asking = asyncio.create_task(engine.rpc_client.ask("tally", Tell, {"keys": ["a"]}, **how))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()

    with running(database, inproc_bus) as engine:
        bridge.run(left(engine), seconds=5)
        until(lambda: engine.counted() == ["a"], 5)


def test_an_answer_that_takes_too_long_is_not_known_and_a_stopped_service_is_not_there(
    database: str, inproc_bus: str
) -> None:
    async def look(engine: Engine) -> Answer:
        how: dict[str, Any] = {"caller": "local_api", "principal": OPERATOR, "acting": None, "seconds": 0.3}
        return await engine.rpc_client.ask("tally", AskCounted, {"seconds": 3}, **how)

    with running(database, inproc_bus) as engine:
        assert no(bridge.run(look(engine), seconds=5)) == No.NOT_KNOWN_YET
        engine.node.runner.service_map["tally"].stop()
        assert no(asked(engine, "a")) == No.UNAVAILABLE
