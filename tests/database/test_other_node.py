"""Two nodes, a database each: what a person allowed one community to know is in clear on neither."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from contracts.personal.v1 import PersonalPart, WithdrawConsent
from services.chassis.trust import sealing
from services.referral.handlers.personal import consent
from tests.support.canary import Canaries, OpenSuite, dump, sightings
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, Network, migrated, network


@pytest.fixture
def urls(server: Databases) -> Iterator[tuple[str, str]]:
    template = migrated(server)
    ours, theirs = server.fresh(template), server.fresh(template)
    yield ours, theirs
    for url in (ours, theirs, template):
        server.drop(url)


async def handed_over(net: Network, part: PersonalPart) -> str:
    ref = await net.accepted()
    await net.consented(ref, part)
    assert await net.state(ref) == "confirmed"
    assert await net.read(RECEIVER, ref) == part
    return ref


def test_neither_node_has_it_in_clear_while_it_is_held_nor_when_it_was_withdrawn(
    server: Databases, urls: tuple[str, str]
) -> None:
    canaries = Canaries()

    def seen() -> list[str]:
        return sightings(canaries, (dump(server.psql, url) for url in urls))

    async def scene() -> None:
        net = await network(*urls)
        try:
            ref = await handed_over(net, PersonalPart.read(canaries.personal_part))
            assert seen() == []
            await net.says(SENDER, consent.withdraw, WithdrawConsent(referral=ref))
            assert {(await net.view(side, ref)).personal for side in (SENDER, RECEIVER)} == {"erased"}
            assert seen() == []
        finally:
            for node in net.nodes:
                await node.close()

    asyncio.run(scene())


def test_control_without_sealing_it_leaves_the_senders_node_in_clear(
    server: Databases, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries = Canaries()
    monkeypatch.setattr(sealing, "SUITE", OpenSuite())

    async def scene() -> None:
        net = await network(*urls)
        try:
            await handed_over(net, PersonalPart.read(canaries.personal_part))
            assert sightings(canaries, [dump(server.psql, urls[0])]), "what was sent is in the sender's outbox"
        finally:
            for node in net.nodes:
                await node.close()

    asyncio.run(scene())
