"""What waits for communities to decide: exactly what each of them is shown as its move, and cheap to ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any, get_args

import pytest

from contracts.border.v1 import State
from contracts.referral import v1
from contracts.referral.codes import Request
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Record, Transition
from services.referral.handlers.handoff import acts, queries
from tests.support.database import Databases
from tests.support.referral import NOW, RECEIVER, SENDER, Network, Play, playing, record

BOTH = (SENDER, RECEIVER)
#: What is decided; the other states wait for what is done on the day, or for nobody.
DECIDED = ("offered", "held", "countered", "accepted")
HOUR = timedelta(hours=1)


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 1) as play:
        yield play


async def awaited(net: Network, *communities: str, **page: Any) -> list[v1.Awaited]:
    query = v1.ListAwaited(communities=communities or BOTH, **page)
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        return list(await queries.list_awaited(query, work))


async def put(net: Network, *records: Record) -> None:
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        for one in records:
            await work.keep(Transition(record=one, act="offer", by=one.community), None)


def every_record() -> Iterator[Record]:
    """Each side in each state, with whatever it may wait for of booking, before and after the release."""
    for side, state, request, released in product(
        get_args(v1.Side), get_args(State), ("", *get_args(Request)), (False, True)
    ):
        if side == "receiver" or not request:
            given = {"referral_id": new_id(), "pending_request": request, "released": released}
            yield record(side, state, consent_by=NOW + HOUR, held_until=NOW + 2 * HOUR, **given)


def test_what_waits_is_what_each_side_is_shown_as_its_move(play: Play) -> None:
    async def story(net: Network) -> None:
        everything = list(every_record())
        await put(net, *everything)
        moves = {
            (community, line.referral_id): line
            for community in BOTH
            for line in await net.act(queries.list_handoffs, v1.ListHandoffs(limit=200), community)
            if line.whose_move == line.side and line.state in DECIDED
        }
        found = await awaited(net)
        assert len(moves) == 7, "offered and held, and countered and accepted unless the word has been passed on"
        assert {(one.community, one.referral_id) for one in found} == moves.keys()
        assert [one.referral_id for one in found] == sorted(one.referral_id for one in found)
        ends = {"offered": NOW + 12 * HOUR, "held": NOW + 2 * HOUR, "countered": NOW + 2 * HOUR, "accepted": NOW + HOUR}
        for one in found:
            line = moves[one.community, one.referral_id]
            for name in ("side", "partner", "state", "round", "party", "arrival_day"):
                assert getattr(one, name) == getattr(line, name)
            assert one.until == ends[one.state]
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute("DELETE FROM story; DELETE FROM records")

    play(story)


def test_a_handoff_waits_for_one_side_after_the_other_until_nobody_has_to_decide(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        assert [(one.community, one.state) for one in await awaited(net)] == [(RECEIVER, "held")]
        assert await awaited(net, SENDER) == []
        await net.act(acts.accept, v1.AcceptHandoff(referral=ref), RECEIVER)
        assert await awaited(net) == [], "booking has not answered yet"
        await net.carry()
        (waits,) = await awaited(net)
        assert (waits.community, waits.state, waits.attention) == (SENDER, "accepted", None)
        assert waits.until == (await net.view(SENDER, ref)).consent_by
        await net.consented(ref)
        assert await awaited(net) == []

    play(story)


def test_a_line_says_why_a_person_is_needed_and_an_older_record_waits_too(play: Play) -> None:
    async def story(net: Network) -> None:
        trouble = record(state="offered", attention=needed("no_room"))
        await put(net, trouble)
        older = json.dumps({"held_until": None})
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            change = "UPDATE records SET arrival_day = NULL, body = (body - 'released' - 'wish') || $1::text::jsonb"
            await work.connection.execute(change, older)
        (one,) = await awaited(net)
        assert (one.attention, one.arrival_day, one.until) == (
            needed("no_room"),
            trouble.arrival.day,
            trouble.answer_by,
        )

    play(story)


def test_pages_go_on_behind_the_last_id_and_never_part_the_two_sides_of_one_handoff(play: Play) -> None:
    async def story(net: Network) -> None:
        ids = sorted(new_id() for _ in range(4))
        await put(net, *(record(state="held", referral_id=one) for one in ids))
        await put(net, record("sender", "countered", referral_id=ids[1]))
        first = await awaited(net, limit=2)
        assert [one.referral_id for one in first] == [ids[0], ids[1], ids[1]]
        rest = await awaited(net, limit=2, after=first[-1].referral_id)
        assert [one.referral_id for one in rest] == ids[2:]
        assert await awaited(net, limit=2, after=ids[-1]) == []
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute("DELETE FROM story; DELETE FROM records")

    play(story)


#: Many communities with a history and nothing that waits.
HISTORY = """
    INSERT INTO records (referral_id, community, partner, side, state, round, body, touched_at, arrival_day)
    SELECT gen_random_uuid(), 'c-' || n % 300, 'p', CASE n % 2 WHEN 0 THEN 'sender' ELSE 'receiver' END,
        (ARRAY['completed', 'declined', 'expired', 'withdrawn', 'confirmed'])[1 + n % 5], 0,
        '{"wish": "", "released": true}', '2027-01-04Z', '2026-01-01'::date + n % 400
    FROM generate_series(1, 60000) AS n
"""


def touched(plan: dict[str, Any]) -> int:
    """Pages that a plan has read."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def scans(plan: dict[str, Any]) -> list[str]:
    """How each table of a plan is read: by which index, or whole."""
    own = [plan.get("Index Name", plan["Node Type"])] if "Scan" in plan["Node Type"] else []
    return own + [found for part in plan.get("Plans", ()) for found in scans(part)]


async def explained(net: Network, acting: str, query: str, *arguments: Any) -> dict[str, Any]:
    """How a statement of the service is carried out, as the service, under its policies."""
    async with net.at[SENDER].referral.work(acting) as work:
        asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {ReferralUnitOfWork.queries[query]}"
        (found,) = json.loads(await work.connection.fetchval(asked, *arguments))
        return dict(found["Plan"])


async def grown(net: Network, server: Databases, url: str) -> None:
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        await work.connection.execute(HISTORY)
    server.execute("ANALYZE referral.records", url)


def test_asking_costs_nothing_where_nothing_waits_whatever_has_ended(server: Databases, play: Play) -> None:
    async def story(net: Network) -> None:
        await grown(net, server, net.at[SENDER].referral.database.url)
        asked = [f"c-{n}" for n in range(200)], None, 500
        plan = await explained(net, EVERYONE, "awaited", *asked)
        assert scans(plan) == ["records_awaited"]
        assert touched(plan) < 10, "not even a page for each community"
        server.execute("DROP INDEX referral.records_awaited", net.at[SENDER].referral.database.url)
        assert touched(await explained(net, EVERYONE, "awaited", *asked)) > 100, "without the index it reads what ended"
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute("DELETE FROM records")

    play(story)


def test_a_list_of_one_day_reads_no_other_day(server: Databases, play: Play) -> None:
    async def story(net: Network) -> None:
        await grown(net, server, net.at[SENDER].referral.database.url)
        day = NOW.date()
        plan = await explained(net, "c-7", "list_arriving", "c-7", None, None, False, 50, [], day, day)
        assert "records_arriving" in scans(plan)
        assert touched(plan) < 20
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            await work.connection.execute("DELETE FROM records")

    play(story)
