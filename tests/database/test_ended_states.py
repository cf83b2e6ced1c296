"""Which states are ended stands once, in the rules: what the database leaves out or lets go follows them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

from contracts.border.v1 import State
from contracts.referral import v1
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.referral import adapters
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.domain.handoff.record import Transition
from services.referral.domain.handoff.states import ENDED
from tests.support.referral import RECEIVER, Node, record


async def one_in_every_state(work: ReferralUnitOfWork) -> dict[str, State]:
    """A handoff that stands in each state there is, with a key that a part may be sealed to: id → state."""
    made: dict[str, State] = {new_id(): state for state in get_args(State)}
    for referral_id, state in made.items():
        await work.keep(
            Transition(record=record(state=state, referral_id=referral_id), act="record_stated", by=RECEIVER), None
        )
        await work.one_time_key(referral_id, RECEIVER)
    return made


def test_of_every_state_the_ended_ones_are_not_listed_as_open_and_lose_their_idle_keys(database: str) -> None:
    async def scene() -> None:
        node = Node(database)
        async with node.referral.work(RECEIVER) as work:
            made = await one_in_every_state(work)
        async with node.referral.work(RECEIVER) as work:
            listed = await work.list(v1.ListHandoffs(open_only=True))
            everything = await work.list(v1.ListHandoffs())
        assert {made[one.referral_id] for one in listed} == set(get_args(State)) - ENDED
        assert {made[one.referral_id] for one in everything} == set(get_args(State)), "control: closed ones too"
        async with node.referral.work(EVERYONE) as work:
            await work.tidy(1825, 100)
            keys = await work.connection.fetch("SELECT referral_id FROM one_time_keys")
        assert {made[str(one["referral_id"])] for one in keys} == set(get_args(State)) - ENDED
        await node.close()

    asyncio.run(scene())


def test_no_query_has_a_list_of_ended_states_of_its_own() -> None:
    folder = Path(adapters.__file__).parent
    lists = [
        path.name
        for path in folder.glob("*.sql")
        for line in path.read_text(encoding="utf-8").splitlines()
        if sum(f"'{state}'" in line for state in ENDED) > 2
    ]
    assert lists == []
