"""What crosses the border may be lost, or come from the wrong mouth: records mend; no third moves or sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from contracts.border import v1 as border
from contracts.messages import BorderMessage
from contracts.personal.v1 import ErasePersonalPart, RefuseConsent
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.chassis.messaging.store import Outcome
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.referral.domain.handoff.attention import needed
from services.referral.handlers.handoff import acts, deadlines, queries
from services.referral.handlers.personal import consent, personal_data
from tests.support import identity
from tests.support.booking import COUPLE, HOMESTAY, in_days, item_of
from tests.support.database import Databases
from tests.support.referral import (
    CONFIRMED,
    DAY,
    KEY,
    NOW,
    RECEIVER,
    RELEASED,
    SENDER,
    Network,
    Play,
    network,
    playing,
    quote,
    record,
    wanted,
)

MINUTES = timedelta(minutes=1)
STRANGER = "sam-ngao"
PERSONAL = ("personal_keys", "personal_fields", "one_time_keys", "consents", "erasures")
PRIVATE = ("records", "story", "partners", "catalogues", "availability", *PERSONAL)
#: Guarded as well, and empty in what is lived here by one of the two.
BESIDE = {
    "passes", "wrong_codes", "reminders", "reminder_plans", "statements_confirmed", "partner_statements_confirmed",
    "contacts", "contact_keys", "contact_fields", "agreements",
}  # fmt: skip
OFFER = border.HandoffOffered(
    party=COUPLE, items=(item_of(HOMESTAY, DAY),), language="th", arrival=record().arrival, answer_by=NOW
)


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


# what is lost


async def mended(net: Network, ref: str) -> str:
    """Let the timers state where records stand: both hear everything, then know so. Returns where they stand."""
    await net.pass_time(2 * MINUTES)
    await net.state_unseen()
    ours, theirs = await net.both(ref)
    assert (ours.seen, theirs.seen) == (theirs.sent, ours.sent)
    await net.pass_time(16 * MINUTES)
    await net.state_unseen()
    ours, theirs = await net.both(ref)
    assert (ours.partner_seen, theirs.partner_seen) == (ours.sent, theirs.sent)
    return await net.state(ref)


LOST: dict[str, tuple[str, Callable[[str], Any], str, str]] = {
    "a no": (RECEIVER, lambda ref: (acts.decline, v1.DeclineHandoff(referral=ref)), "handoff_declined", "declined"),
    "a withdrawal": (
        SENDER,
        lambda ref: (acts.withdraw, v1.WithdrawHandoff(referral=ref)),
        "handoff_withdrawn",
        "withdrawn",
    ),
    "a consent": (
        SENDER,
        lambda ref: (consent.refuse, RefuseConsent(referral=ref)),
        "party_released",
        "confirmed",
    ),
}


@pytest.mark.parametrize("lost", LOST)
def test_a_message_that_was_lost_is_sent_again_once_records_are_stated(play: Play, lost: str) -> None:
    acts, doing, kind, state = LOST[lost]

    async def story(net: Network) -> None:
        ref = await net.offer() if kind == "handoff_declined" else await net.accepted()
        handler, command = doing(ref)
        await net.act(handler, command, acts)
        assert kind in await net.lose()
        await net.carry()
        ours, theirs = await net.both(ref)
        assert ours.sent > theirs.seen or theirs.sent > ours.seen
        assert await mended(net, ref) == state

    play(story)


def test_an_offer_that_was_lost_whole_is_sent_again(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = (await net.act(acts.offer, wanted(), SENDER)).referral_id
        assert await net.lose() == ["handoff_offered"]
        assert await mended(net, ref) == "held"

    play(story)


def test_losses_in_both_directions_are_repaired(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        await net.act(acts.depart, v1.DepartParty(referral=ref), SENDER)
        await net.act(acts.cancel, v1.CancelHandoff(referral=ref), RECEIVER)
        assert set(await net.lose()) == {"party_departed", "handoff_cancelled"}
        assert await mended(net, ref) == "cancelled"
        assert [line.crossed for line in (await net.view(RECEIVER, ref)).story][-1], "it departed before that"

    play(story)


def test_records_that_have_heard_all_and_differ_are_marked_for_a_person(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        ours, _ = await net.both(ref)
        stated = border.RecordStated(state="confirmed", sent=ours.seen, seen=ours.sent)
        assert await net.speak(stated, RECEIVER, SENDER, ref) is Outcome.APPLIED
        assert (await net.view(SENDER, ref)).attention == needed("records_differ", theirs="confirmed")
        older = border.RecordStated(state="accepted", sent=ours.seen - 1, seen=ours.sent)
        assert await net.speak(older, SENDER, RECEIVER, ref) is Outcome.APPLIED
        assert (await net.view(RECEIVER, ref)).marked is None, "it was said before everything had been heard"

    play(story)


def test_record_statements_do_not_trigger_one_another_without_end(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        for speaker, to in ((SENDER, RECEIVER), (RECEIVER, SENDER)):
            far = border.RecordStated(state="held", sent=99, seen=0)
            assert await net.speak(far, speaker, to, ref, seq=9) is Outcome.APPLIED
        assert [kind for kind in await net.lose() if kind == "record_stated"] == []

    play(story)


# who may speak

SPOKEN: tuple[tuple[str, BorderMessage], ...] = (
    (RECEIVER, border.HandoffWithdrawn(reason="other", seen="held")),
    (RECEIVER, RELEASED),
    (RECEIVER, border.ConsentWithdrawn(at=NOW)),
    (RECEIVER, OFFER),
    (RECEIVER, border.RecordStated(state="offered", sent=0, seen=0)),
    (SENDER, border.HandoffAccepted(consent_by=NOW, items=OFFER.items, quote=quote(), one_time_key=KEY)),
    (SENDER, border.HandoffDeclined(reason="other")),
    (SENDER, OFFER),
)


async def _all_rows(net: Network) -> list[Any]:
    rows = []
    for node in net.nodes:
        async with node.referral.work(EVERYONE) as work:
            for table in ("records", "story", "consents", "erasures"):
                rows += [tuple(row) for row in await work.connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]
    return rows


@asynccontextmanager
async def opened(*urls: str) -> AsyncIterator[Network]:
    net = await network(*urls)
    for url in urls:
        await identity.introduce(url, STRANGER, SENDER, RECEIVER)
    try:
        yield net
    finally:
        for node in net.nodes:
            await node.close()


@pytest.mark.parametrize(("to", "said"), SPOKEN, ids=lambda one: getattr(one, "type", one))
def test_a_message_not_from_the_counterpart_is_parked_and_changes_nothing(
    database: str, to: str, said: BorderMessage
) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.offer()
            before = await _all_rows(net)
            assert await net.speak(said, STRANGER, to, ref) is Outcome.PARKED
            assert await _all_rows(net) == before
            assert len(await net.parked()) == 1

    asyncio.run(scene())


def test_an_offer_with_an_id_that_exists_is_parked_also_from_the_counterpart(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.confirmed()
            before, sent = await _all_rows(net), (await net.view(SENDER, ref)).sent
            assert await net.speak(OFFER, SENDER, RECEIVER, ref, seq=sent + 1) is Outcome.PARKED
            assert await _all_rows(net) == before

    asyncio.run(scene())


@pytest.mark.parametrize("said", [border.HandoffWithdrawn(reason="other", seen="held"), CONFIRMED])
def test_a_message_about_an_unknown_handoff_is_parked(database: str, said: BorderMessage) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            assert await net.speak(said, SENDER, RECEIVER, new_id()) is Outcome.PARKED
            assert await _all_rows(net) == []

    asyncio.run(scene())


def test_an_offer_to_a_community_of_another_node_is_parked(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            net.at[STRANGER] = net.at[RECEIVER]
            assert await net.speak(OFFER, SENDER, STRANGER, new_id()) is Outcome.PARKED

    asyncio.run(scene())


# who may see


async def _visible(net: Network, acts: str) -> dict[str, int]:
    """How many rows of each private table the service's own connection shows to a community, by bare SELECT."""
    async with net.at[SENDER].referral.work(acts) as work:
        count = "SELECT count(*) FROM "
        return {table: await work.connection.fetchval(count + table) for table in PRIVATE}


async def _lived(net: Network) -> str:
    ref, over, asked = await net.confirmed(), await net.confirmed(), await net.accepted()
    await net.prepared(asked)
    await net.says(SENDER, personal_data.erase, ErasePersonalPart(referral=over))
    shared = border.AvailabilityShared(as_of=NOW, days=())
    assert await net.speak(shared, RECEIVER, SENDER, RECEIVER) is Outcome.APPLIED
    return ref


def test_a_third_community_sees_nothing_of_a_handoff(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await _lived(net)
            nobody = dict.fromkeys(PRIVATE, 0)
            assert await _visible(net, STRANGER) == nobody
            assert await _visible(net, "") == nobody
            assert all((await _visible(net, SENDER)).values())
            assert (await _visible(net, SENDER))["records"] == (await _visible(net, RECEIVER))["records"] == 3
            net.at[STRANGER] = net.at[SENDER]
            for part in (ref, ref[-6:], ref[-4:]):
                with pytest.raises(Refused) as no:
                    await net.view(STRANGER, part)
                assert no.value.refusal.code is No.UNKNOWN
            assert await net.act(queries.list_handoffs, v1.ListHandoffs(), STRANGER) == []

    asyncio.run(scene())


def test_control_without_its_policies_the_tables_would_show_everything(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            await _lived(net)
            owner = await asyncpg.connect(database, server_settings={"search_path": "referral"})
            for table in PRIVATE:
                await owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            await owner.close()
            assert all((await _visible(net, STRANGER)).values())

    asyncio.run(scene())


def test_every_table_of_a_communitys_own_has_a_policy(database: str) -> None:
    async def scene() -> None:
        owner = await asyncpg.connect(database)
        rows = await owner.fetch(
            "SELECT c.relname, c.relrowsecurity FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'referral'::regnamespace AND c.relkind = 'r' AND a.attname = 'community'"
        )
        await owner.close()
        open_to_all = {"hosts": "what we offer is no secret", "unproven": "the node has not believed it yet"}
        assert {name for name, guarded in rows if not guarded} == open_to_all.keys()
        assert {name for name, guarded in rows if guarded} == {*PRIVATE, *BESIDE}

    asyncio.run(scene())


def test_an_id_that_ends_like_anothers_is_found_only_among_ones_own(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.offer()
            twin = ref[:-8] + f"{int(ref[-8:-4], 16) ^ 1:04x}" + ref[-4:]
            assert await net.speak(OFFER, STRANGER, RECEIVER, twin) is Outcome.APPLIED
            assert (await net.view(SENDER, ref[-4:])).referral_id == ref
            with pytest.raises(Refused) as no:
                await net.view(RECEIVER, ref[-4:])
            assert no.value.refusal.field == "referral"
            for odd in ("-" * 36, "f" * 36, ref[:-1] + "-"):
                with pytest.raises(Refused) as no:
                    await net.view(SENDER, odd)
                assert no.value.refusal.code is No.UNKNOWN

    asyncio.run(scene())


def test_no_table_contains_the_travellers_name_in_clear_text(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            await _lived(net)
            owner = await asyncpg.connect(database, server_settings={"search_path": "referral"})
            rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'referral'")
            tables = [row["tablename"] for row in rows]
            count = "SELECT count(*) FROM {} r WHERE r::text ~ 'Malee|5555 ?0100'"
            found = {table: await owner.fetchval(count.format(table)) for table in tables}
            await owner.close()
            assert {table for table, rows in found.items() if rows} == set()

    asyncio.run(scene())


# one record holds up no other


def test_a_record_whose_deadline_is_refused_is_marked_and_the_others_go_on(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            sound, broken = await net.confirmed(), await net.confirmed(item_of(HOMESTAY, in_days(19)))
            await net.pass_time(timedelta(days=19))
            for ref in (sound, broken):
                await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref))
            async with net.at[RECEIVER].referral.work(EVERYONE) as work:
                unquoted = "UPDATE records SET body = body - 'quote' WHERE referral_id = $1"
                await work.connection.execute(unquoted, broken)
            await net.pass_time(timedelta(days=4))
            assert await net.state(sound) == "completed"
            theirs = await net.view(RECEIVER, broken)
            assert (theirs.state, theirs.attention) == ("arrived", needed("deadline_refused", reason="wrong_state"))
            assert await net.at[RECEIVER].referral.tick(deadlines.deadlines_passed) == 0

    asyncio.run(scene())


def test_messages_of_a_change_do_not_count_as_seen_for_the_handoff_it_replaces(play: Play) -> None:
    async def story(net: Network) -> None:
        old = await net.confirmed()
        new = await net.offer(replaces=old)
        other = v1.CounterHandoff(referral=new, items=(item_of(HOMESTAY, in_days(21)),))
        await net.says(RECEIVER, acts.counter, other)
        await net.says(SENDER, acts.take_counter, v1.TakeCounter(referral=new, round=1))
        before = (await net.view(SENDER, old)).partner_seen
        await net.consented(new)
        await net.carry()
        ours = await net.view(SENDER, old)
        assert ours.state == "withdrawn"
        assert before <= ours.partner_seen < ours.sent, "nobody has said yet that the withdrawal was heard"
        assert await mended(net, old) == "withdrawn"

    play(story)
