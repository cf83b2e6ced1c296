"""What a database of before says in English is read, and rewritten, as codes; what comes next is asked at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.referral import v1
from services.chassis.ports import EVERYONE
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.domain.handoff.attention import needed
from services.referral.handlers.handoff import acts as acting
from services.referral.handlers.handoff import queries
from tests.support.database import Databases
from tests.support.referral import MIGRATIONS, RECEIVER, SENDER, Network, Play, playing

REWRITES = (MIGRATIONS["referral"] / "0007_acts_as_codes.sql").read_text(encoding="utf-8")
BEFORE = {
    "hold_placed": "hold placed",
    "hold_placed_accepted_by_itself": "hold placed, accepted by itself",
    "handoff_offered": "handoff offered",
    "give_places_back": "give places back",
    "offer": "offer",
}


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 1) as play:
        yield play


async def everywhere(net: Network, statement: str, *arguments: Any) -> list[Any]:
    """At Bo Taen's, over the records of all communities."""
    async with net.at[RECEIVER].referral.work(EVERYONE) as work:
        return list(await work.connection.fetch(statement, *arguments))


def test_acts_that_were_written_in_english_become_their_codes(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        add = "INSERT INTO story SELECT referral_id, community, n + $1, at, $2, by, state, round, crossed FROM story"
        for n, act in enumerate(BEFORE.values()):
            await everywhere(net, add + " WHERE community = $3 AND n = 1", 10 + n, act, RECEIVER)
        await everywhere(net, REWRITES)
        view = await net.view(RECEIVER, ref)
        assert [line.act for line in view.story] == ["handoff_offered", "hold_placed", *BEFORE]

    play(story)


def test_a_record_stored_before_codes_existed_can_still_move(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        old = json.dumps({"marked": "counter refused: no_room", "wish": ""})
        await everywhere(
            net, "UPDATE records SET body = (body - 'attention') || $1::text::jsonb WHERE community = $2", old, RECEIVER
        )
        view = await net.view(RECEIVER, ref)
        assert view.attention == needed("counter_refused", reason="no_room")
        assert view.marked == "counter_refused"
        recorded = await net.act(acting.accept, v1.AcceptHandoff(referral=ref), RECEIVER)
        assert (recorded.intent, recorded.waits_for) == ("accept", "extend")
        (body,) = await everywhere(net, "SELECT body FROM records WHERE community = $1", RECEIVER)
        assert "marked" not in body["body"]
        assert body["body"]["wish"] == "extend"
        await net.carry()

    play(story)


def test_a_list_says_what_can_be_done_next_without_asking_for_each(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        await net.confirmed()
        await net.offer(replaces=old)
        asked: list[str] = []
        fetch = ReferralUnitOfWork.fetch

        async def counting(self: ReferralUnitOfWork, name: str, *arguments: object) -> object:
            asked.append(name)
            return await fetch(self, name, *arguments)

        monkeypatch.setattr(ReferralUnitOfWork, "fetch", counting)
        for community in (SENDER, RECEIVER):
            asked.clear()
            lines = await net.act(queries.list_handoffs, v1.ListHandoffs(), community)
            assert len(lines) == 3
            assert asked == ["list", "changes_of"]
            for line in lines:
                view = await net.view(community, line.referral_id)
                assert (line.next_acts, line.whose_move) == (view.next_acts, view.whose_move)

    play(story)


def test_what_is_listed_can_be_done(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        view = await net.view(RECEIVER, ref)
        assert [act.act for act in view.next_acts] == ["accept", "counter", "decline"]
        assert (view.whose_move, view.their_acts) == ("receiver", ("consent", "refuse_consent", "withdraw"))
        await net.says(RECEIVER, acting.accept, v1.AcceptHandoff(referral=ref))
        ours, theirs = await net.both(ref)
        assert [act.act for act in ours.next_acts if act.is_move] == ["consent", "refuse_consent"]
        assert ours.next_acts[0].until == ours.consent_by
        assert [act.act for act in theirs.next_acts] == ["cancel"]

    play(story)
