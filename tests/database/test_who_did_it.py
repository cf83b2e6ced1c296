"""Which member did an act: the others of their community read it in the story, and nobody else ever learns it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from contracts.principal import Principal
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.referral.domain.handoff.record import Transition
from services.referral.handlers.handoff import acts
from tests.support.database import Databases
from tests.support.principals import OPERATOR, member
from tests.support.referral import RECEIVER, SENDER, Network, Play, playing, record

KHAM, NOI = "kham-of-bo-taen", "noi-of-tha-li"


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


async def does(
    net: Network, who: Principal, handler: Callable[[Any, Any], Awaitable[Any]], command: Any, acting: str = RECEIVER
) -> None:
    async with net.at[acting].referral.work(acting) as work:
        work.principal = who
        await handler(command, work)


def done_by(view: v1.HandoffView) -> dict[str, str | None]:
    return {line.act: line.account for line in view.story}


def test_whoever_comes_second_reads_who_answered_first_and_when(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await does(net, member(RECEIVER, account=KHAM), acts.accept, v1.AcceptHandoff(referral=ref))
        with pytest.raises(Refused) as no:
            await does(net, member(RECEIVER, account="somsak"), acts.accept, v1.AcceptHandoff(referral=ref))
        assert no.value.refusal.code is No.WRONG_STATE
        await net.carry()
        ours, theirs = await net.both(ref)
        assert done_by(theirs) == {
            "handoff_offered": None, "hold_placed": None, "accept": KHAM, "hold_extended": None,
        }  # fmt: skip
        assert set(done_by(ours).values()) == {None}

    play(story)


def test_no_message_names_whoever_acted(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await does(net, member(RECEIVER, "helper", KHAM), acts.accept, v1.AcceptHandoff(referral=ref))
        await net.carry()
        await net.consented(ref)
        await does(net, member(SENDER, account=NOI), acts.depart, v1.DepartParty(referral=ref), SENDER)
        await net.carry()
        ours, theirs = await net.both(ref)
        assert (done_by(ours)["depart"], done_by(theirs)["party_departed"]) == (NOI, None)
        for node in net.nodes:
            for service in ("referral", "booking"):
                store = node.referral if service == "referral" else node.booking
                async with store.database.connection() as connection:
                    for row in await connection.fetch("SELECT envelope::text FROM outbox"):
                        assert KHAM not in row["envelope"]
                        assert NOI not in row["envelope"]

    play(story)


def test_only_a_members_own_act_has_an_account(play: Play) -> None:
    async def story(net: Network) -> None:
        told = record("receiver", "held")
        own = Transition(record=told, act="accept", by=RECEIVER)
        of_partner = Transition(record=told, act="party_departed", by=SENDER)
        cases: list[tuple[Principal | None, Transition, str | None]] = [
            (member(RECEIVER, account=KHAM), own, KHAM), (OPERATOR, own, None), (None, own, None),
            (member(RECEIVER, account=KHAM), of_partner, None), (member(SENDER, account=NOI), own, None),
        ]  # fmt: skip
        for principal, transition, _ in cases:
            async with net.at[RECEIVER].referral.work("*") as work:
                work.principal = principal
                await work.keep(transition, None)
        view = await net.view(RECEIVER, told.referral_id)
        assert [line.account for line in view.story] == [expected for *_, expected in cases]
        async with net.at[RECEIVER].referral.work("*") as work:
            await work.connection.execute("DELETE FROM story")
            await work.connection.execute("DELETE FROM records")

    play(story)
