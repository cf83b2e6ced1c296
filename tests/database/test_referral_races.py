"""People answer, take back and run out of time in the same instant: each handoff has one outcome, on both sides."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from contracts.booking import v1 as booking
from contracts.referral import v1
from contracts.refusals import Refused
from services.booking.handlers import holds
from services.booking.handlers import queries as booking_queries
from services.chassis.ports import EVERYONE
from services.referral.handlers.handoff import acts as acting
from services.referral.handlers.personal import consent as consenting
from tests.support.booking import MARKET, ONE, experience, in_days, item_of, offering
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, TERMS, Network, network, wanted

RACES = 100
ROOMY = offering(experience(MARKET, seats=2_000), visitors_per_day=2_000)
LOOSE = TERMS.model_copy(update={"max_open_handoffs": 1_000})
HELD_FOR = timedelta(hours=12)
Act = Callable[[str], Awaitable[Any]]


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def urls(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[list[str]]:
    made = [server.fresh(template) for _ in range(request.param)]
    yield made
    for url in made:
        server.drop(url)


@asynccontextmanager
async def busy(urls: list[str]) -> AsyncIterator[tuple[Network, list[str]]]:
    """A hundred parties for one morning, all held."""
    net = await network(*urls, offer=ROOMY, terms=LOOSE)
    try:
        asked = [wanted(item_of(MARKET, in_days(20)), party=ONE) for _ in range(RACES)]
        refs = [(await net.act(acting.offer, one, SENDER)).referral_id for one in asked]
        await net.carry()
        yield net, refs
    finally:
        for node in net.nodes:
            await node.close()


async def tried(doing: Awaitable[Any]) -> None:
    """Somebody was faster: then it is refused."""
    with suppress(Refused):
        await doing


async def expire(net: Network) -> None:
    """One round of booking's sweep, when every unanswered hold has just run out."""
    async with net.at[RECEIVER].booking.work(EVERYONE) as work:
        work.now += HELD_FOR
        await holds.expire_holds(work)


async def race(net: Network, refs: list[str], *acts: Act, seed: int) -> None:
    """Everybody at once, while messages travel and the sweep comes by."""
    everybody = [tried(act(ref)) for ref in refs for act in acts]
    everybody += [expire(net) for _ in range(RACES // 4)]
    everybody += [tried(net.carry_once()) for _ in range(RACES // 4)]
    random.Random(seed).shuffle(everybody)
    await asyncio.gather(*everybody)
    await net.carry()


async def outcomes(net: Network, refs: list[str]) -> Counter[str]:
    """Where each handoff stands, the same on both sides, after nothing is left to be told; and all checks are clean."""
    assert await net.wrong() == []
    found = Counter([await net.state(ref) for ref in refs])
    for ref in refs:
        ours, theirs = await net.both(ref)
        assert (ours.seen, theirs.seen) == (theirs.sent, ours.sent)
        assert theirs.wish == "", "booking owes no answer"
    return found


async def taken(net: Network) -> int:
    """Places that booking has given away on that morning."""
    async with net.at[RECEIVER].booking.work(RECEIVER) as work:
        query = booking.AskPools(first=in_days(20), last=in_days(20))
        views = await booking_queries.ask_pools(query, work)
    return next((one.taken for one in views if one.pool == "visitors"), 0)


@pytest.mark.parametrize("seed", range(2))
def test_a_yes_a_withdrawal_and_the_end_of_the_hold_leave_one_outcome(
    urls: list[str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "BATCH", 3)

    async def scene() -> None:
        async with busy(urls) as (net, refs):
            accept: Act = lambda ref: net.act(acting.accept, v1.AcceptHandoff(referral=ref), RECEIVER)  # noqa: E731 - a name for one call
            withdraw: Act = lambda ref: net.act(acting.withdraw, v1.WithdrawHandoff(referral=ref), SENDER)  # noqa: E731 - as above
            await race(net, refs[::2], accept, seed=seed)
            await race(net, refs[1::2], accept, withdraw, seed=seed)
            found = await outcomes(net, refs)
            assert found.keys() <= {"accepted", "expired", "withdrawn", "held"}
            assert found.total() == RACES
            assert len(found) > 1, "they have raced"
            assert await taken(net) == found["accepted"] + found["held"]
            await net.pass_time(timedelta(days=2))
            assert not (await outcomes(net, refs)).keys() & {"held", "accepted"}
            assert await taken(net) == 0

    asyncio.run(scene())


def test_consent_a_cancellation_and_a_withdrawal_leave_one_outcome(urls: list[str]) -> None:
    async def scene() -> None:
        async with busy(urls) as (net, refs):
            for ref in refs:
                await net.act(acting.accept, v1.AcceptHandoff(referral=ref), RECEIVER)
            await net.carry()
            words = {ref: await net.word(ref) for ref in refs}
            consent: Act = lambda ref: net.act(consenting.give, words[ref], SENDER)  # noqa: E731 - a name for one call
            cancel: Act = lambda ref: net.act(acting.cancel, v1.CancelHandoff(referral=ref), RECEIVER)  # noqa: E731 - as above
            withdraw: Act = lambda ref: net.act(acting.withdraw, v1.WithdrawHandoff(referral=ref), SENDER)  # noqa: E731 - as above
            await race(net, refs[:40], consent, cancel, seed=1)
            await race(net, refs[40:80], consent, withdraw, seed=2)
            await race(net, refs[80:], consent, cancel, withdraw, seed=3)
            found = await outcomes(net, refs)
            assert found.keys() <= {"confirmed", "cancelled", "withdrawn"}
            assert found.total() == RACES
            assert await taken(net) == found["confirmed"]

    asyncio.run(scene())


def test_a_partners_limit_of_unanswered_offers_holds_when_they_all_come_at_once(urls: list[str]) -> None:
    async def scene() -> None:
        async with busy(urls) as (net, _):
            await net.partners(terms=LOOSE.model_copy(update={"max_open_handoffs": RACES + 5}))
            asked = [wanted(item_of(MARKET, in_days(21)), party=ONE) for _ in range(30)]
            refs = [(await net.act(acting.offer, one, SENDER)).referral_id for one in asked]
            await net.carry_at_once()
            await net.carry()
            found = await outcomes(net, refs)
            assert found == {"held": 5, "declined": 25}

    asyncio.run(scene())
