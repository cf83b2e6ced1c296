"""Rows, plans and reminders over real databases: kept by file, planned for each side, said on the day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.crossing import v1
from contracts.referral.v1 import ArriveParty, DelayParty, DepartParty, WithdrawHandoff
from contracts.refusals import Refused
from contracts.values import CommunityId, Party, Window
from services.chassis.ports import EVERYONE
from services.referral.handlers import crossing
from services.referral.handlers.handoff import acts
from tests.support.booking import HOMESTAY, MARKET, in_days, item_of
from tests.support.crossing import BOOK, travel
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, Network, Play, playing

GERMAN, LAO = travel("third_country", "passport"), travel("lao", "passport")
ARRIVAL = in_days(20)  # said of every party here: a run may go on past midnight
#: When somebody has looked again at a row of the demonstration.
LOOKED = in_days(0)


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


async def keep(net: Network, book: v1.CrossingBook) -> v1.CrossingsKept:
    """An operator brings a file to every node."""
    kept = []
    for node in net.nodes:
        async with node.referral.work(EVERYONE) as work:
            kept.append(await crossing.keep(v1.KeepCrossings(book=book), work))
    return kept[0]


async def sweep(net: Network) -> None:
    """What referral does by itself about reminders, and who hears of it."""
    for node in net.nodes:
        await node.referral.tick(crossing.plan_reminders)
        await node.referral.tick(crossing.say_reminders)


async def reminders(net: Network, community: CommunityId) -> list[v1.ReminderView]:
    return list(await net.act(crossing.list_reminders, v1.ListReminders(), community))


async def announced(net: Network) -> list[dict[str, Any]]:
    """Every reminder that ever went out."""
    asked = "SELECT envelope FROM outbox WHERE type = 'referral.reminder_due.v1' ORDER BY id"
    return [row["envelope"]["data"] for node in net.nodes for row in await node.sql(asked)]


async def kept_for(net: Network, table: str) -> set[str]:
    """Of which handoffs anything is in a table."""
    found: set[str] = set()
    for node in net.nodes:
        async with node.referral.work(EVERYONE) as work:
            found |= {row["id"] for row in await work.connection.fetch(f"SELECT referral_id::text AS id FROM {table}")}
    return found


def corrected(rule: str, **changes: Any) -> v1.CrossingBook:
    found = next(r for r in BOOK.rules if r.id == rule)
    return v1.CrossingBook(rules=(found.model_copy(update=changes),))


def corrected_margins(day: date) -> v1.CrossingBook:
    return v1.CrossingBook(margins=(BOOK.margins[0].model_copy(update={"checked_on": day}),))


def test_rows_are_kept_by_file_and_the_same_file_twice_changes_nothing(play: Play) -> None:
    async def story(net: Network) -> None:
        every = len(BOOK.crossings) + len(BOOK.rules) + len(BOOK.margins)
        assert (await keep(net, BOOK)).added == every
        again = await keep(net, BOOK)
        assert (again.added, again.superseded, again.unchanged) == (0, 0, every)
        book = await net.act(crossing.ask, v1.AskCrossings(), SENDER)
        assert {rule.id for rule in book.rules} == {rule.id for rule in BOOK.rules}
        assert next(c for c in book.crossings if c.id == "na-kraseng") == BOOK.crossings[0]

    play(story)


def test_a_later_check_supersedes_and_the_older_version_is_kept(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        later = corrected("voa-la-na-kraseng", allowed="unknown", checked_on=LOOKED)
        assert (await keep(net, later)).superseded == 1
        now = await net.act(crossing.ask, v1.AskCrossings(id="voa-la-na-kraseng"), SENDER)
        assert [rule.allowed for rule in now.rules] == ["unknown"]
        ever = await net.act(crossing.ask, v1.AskCrossings(id="voa-la-na-kraseng", history=True), SENDER)
        assert [(rule.allowed, str(rule.checked_on)) for rule in ever.rules] == [
            ("unknown", str(LOOKED)),
            ("no", "2026-11-20"),
        ]

    play(story)


def test_a_row_is_not_kept_before_the_day_on_which_it_was_looked_at(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        tomorrow = corrected("pp-th-la", allowed="no", checked_on=in_days(1))
        with pytest.raises(Refused) as no:
            await keep(net, tomorrow)
        assert no.value.refusal.field == "book.rules.0.checked_on"
        await net.pass_time(timedelta(days=1))
        assert (await keep(net, tomorrow)).superseded == 1

    play(story)


def test_a_row_may_be_corrected_for_years_and_its_history_is_told_piece_by_piece(play: Play) -> None:
    async def story(net: Network) -> None:
        days = [date(2020, 1, 1) + timedelta(days=n) for n in range(60)]
        for day in days:
            assert (await keep(net, corrected_margins(day))).unchanged == 0
        assert (await keep(net, corrected_margins(days[3]))).unchanged == 1
        asked = v1.AskCrossings(id=BOOK.margins[0].id, history=True)
        latest = await net.act(crossing.ask, asked, SENDER)
        assert [one.checked_on for one in latest.margins] == days[:-51:-1]
        older = await net.act(crossing.ask, asked.model_copy(update={"before": days[10]}), SENDER)
        assert [one.checked_on for one in older.margins] == days[9::-1]
        with pytest.raises(Refused) as no:
            await net.act(crossing.ask, v1.AskCrossings(history=True), SENDER)
        assert no.value.refusal.field == "id"

    play(story)


def test_a_file_with_one_bad_row_leaves_nothing(play: Play) -> None:
    async def story(net: Network) -> None:
        bad = BOOK.model_copy(update={"rules": (BOOK.rules[0], BOOK.rules[1].model_copy(update={"crossing": "boten"}))})
        with pytest.raises(Refused) as no:
            await keep(net, bad)
        assert no.value.refusal.field == "book.rules.1.crossing"
        assert await net.act(crossing.ask, v1.AskCrossings(), SENDER) == v1.CrossingBook()

    play(story)


def test_what_the_sender_says_of_the_party_stays_on_its_own_record(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.offer(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="na-kraseng")
        ours, theirs = await net.both(ref)
        assert (ours.travel, theirs.travel) == (GERMAN, None)
        crossed = [row["envelope"] for node in net.nodes for row in await node.sql("SELECT envelope FROM outbox")]
        assert not [one for one in crossed if "third_country" in json.dumps(one["data"])]
        sender = await net.act(crossing.plan_of_handoff, v1.PlanOfHandoff(referral=ref), SENDER)
        assert sender.crossings[0].crossing == sender.chosen == "na-kraseng"
        assert [one.code for one in sender.crossings[0].lines if one.about == "visa"] == ["visa_before_arrival"]
        receiver = await net.act(crossing.plan_of_handoff, v1.PlanOfHandoff(referral=ref), RECEIVER)
        assert [way.crossing for way in receiver.crossings] == ["na-kraseng"]
        assert {one.about for one in receiver.crossings[0].lines} == {"admission", "hours"}
        assert [one.code for one in receiver.lines] == ["travel_not_known", "lodging_if_foreign"]
        assert sender.nights == 1

    play(story)


def test_anybody_may_plan_for_a_party_that_is_not_there_yet(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        asked = v1.PlanCrossing(
            travel=GERMAN, party=Party(adult=1), origin=SENDER, destination=RECEIVER, day=ARRIVAL, nights=1
        )
        assert (await net.act(crossing.plan_crossing, asked, SENDER)).crossings[0].crossing == "na-kraseng"
        nowhere = asked.model_copy(update={"destination": "boten"})
        with pytest.raises(Refused) as no:
            await net.act(crossing.plan_crossing, nowhere, SENDER)
        assert no.value.refusal.field == "destination"

    play(story)


def test_both_sides_are_reminded_on_their_day_and_once(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="nong-khai-1")
        await sweep(net)
        ours = [(one.code, one.what, one.due - ARRIVAL, one.said) for one in await reminders(net, SENDER)]
        assert ours[1:] == [
            ("form_window", "ldif", timedelta(days=-3), False),
            ("papers_and_hours", None, timedelta(days=-1), False),
        ]
        assert (ours[0][0], ours[0][3]) == ("visa_before_arrival", True)
        theirs = [(one.code, one.due, one.said) for one in await reminders(net, RECEIVER)]
        assert theirs == [("lodging_report", ARRIVAL, False)]
        await net.pass_time(timedelta(days=17))
        for _ in range(2):
            await sweep(net)
        assert [one["code"] for one in await announced(net)] == ["visa_before_arrival", "form_window"]
        assert [one["referral_id"] for one in await announced(net)] == [ref, ref]

    play(story)


def test_when_the_arrival_moves_so_do_the_reminders(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="nong-khai-1")
        await sweep(net)
        record = await net.view(SENDER, ref)
        later = Window(day=ARRIVAL + timedelta(days=1), earliest=record.arrival.earliest, latest=record.arrival.latest)
        await net.says(SENDER, acts.delay, DelayParty(referral=ref, arrival=later))
        await sweep(net)
        due = {one.code: one.due for one in await reminders(net, SENDER) if not one.said}
        assert (due["form_window"], due["papers_and_hours"]) == (ARRIVAL - timedelta(days=2), ARRIVAL)
        assert [one.due for one in await reminders(net, RECEIVER)] == [later.day]

    play(story)


def test_when_a_rule_is_corrected_the_reminders_are_planned_anew(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="na-kraseng")
        await sweep(net)
        assert "form_window" not in {one.code for one in await reminders(net, SENDER)}
        await keep(net, corrected("ldif", enforced_at=("na-kraseng",), checked_on=LOOKED))
        await sweep(net)
        assert "form_window" in {one.code for one in await reminders(net, SENDER)}
        assert [one["code"] for one in await announced(net)] == ["visa_before_arrival"]

    play(story)


def test_a_withdrawn_handoff_reminds_nobody(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=LAO, crossing="nong-khai-1")
        await sweep(net)
        await net.says(SENDER, acts.withdraw, WithdrawHandoff(referral=ref))
        await net.pass_time(timedelta(days=30))
        await sweep(net)
        assert await announced(net) == []
        assert await reminders(net, SENDER) == await reminders(net, RECEIVER) == []

    play(story)


def test_a_host_that_was_reminded_on_the_day_still_welcomes_the_party(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="na-kraseng")
        await sweep(net)
        await net.pass_time(timedelta(days=20))
        await net.says(SENDER, acts.depart, DepartParty(referral=ref))
        await sweep(net)
        assert "lodging_report" in {one["code"] for one in await announced(net)}
        await net.says(RECEIVER, acts.arrive, ArriveParty(referral=ref))
        assert await net.state(ref) == "arrived"
        async with net.at[RECEIVER].booking.work(RECEIVER) as work:
            assert await work.connection.fetchval("SELECT string_agg(state, ' ') FROM holds") == "REDEEMED"

    play(story)


def test_a_community_sees_no_reminders_but_its_own(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="na-kraseng")
        await sweep(net)
        assert await reminders(net, SENDER)
        assert {one.code for one in await reminders(net, RECEIVER)} == {"lodging_report"}

    play(story)


def test_without_any_rows_a_plan_knows_nothing_and_reminds_of_the_day_before_only(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="na-kraseng")
        plan = await net.act(crossing.plan_of_handoff, v1.PlanOfHandoff(referral=ref), SENDER)
        assert plan.crossings == ()
        assert [one.result for one in plan.lines] == ["unknown"]
        await sweep(net)
        assert [one.code for one in await reminders(net, SENDER)] == ["papers_and_hours"]

    play(story)


def test_a_record_without_a_plan_does_not_delay_reminders_of_others(play: Play) -> None:
    async def story(net: Network) -> None:
        like = next(rule for rule in BOOK.rules if rule.about == "lodging" and "stay LA" in rule.directions)
        more = tuple(like.model_copy(update={"id": f"lodging-{n}"}) for n in range(101))  # more than a plan has lines
        await keep(net, BOOK.model_copy(update={"rules": (*BOOK.rules, *more)}))
        await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=LAO, crossing="nong-khai-1")
        await sweep(net)
        assert "papers_and_hours" in {one.code for one in await reminders(net, SENDER)}
        assert await reminders(net, RECEIVER) == []
        for node in net.nodes:
            assert await node.referral.tick(crossing.plan_reminders) == 0

    play(story)


def test_items_years_apart_are_planned_as_a_stay_that_is_too_long(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        ref = await net.offer(item_of(MARKET, ARRIVAL), item_of(MARKET, ARRIVAL + timedelta(days=1_200)), travel=GERMAN)
        made = await net.act(crossing.plan_of_handoff, v1.PlanOfHandoff(referral=ref), SENDER)
        assert made.nights == v1.MOST_NIGHTS

    play(story)


def test_what_was_said_long_ago_does_not_keep_what_comes_out_of_the_list(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="nong-khai-1")
        await sweep(net)
        assert "visa_before_arrival" in {one.code for one in await reminders(net, SENDER) if one.said}
        await net.pass_time(timedelta(days=7))
        (first,) = await net.act(crossing.list_reminders, v1.ListReminders(limit=1), SENDER)
        assert (first.code, first.said) == ("form_window", False)

    play(story)


def test_reminders_of_a_handoff_that_ended_long_ago_are_forgotten(play: Play) -> None:
    async def story(net: Network) -> None:
        await keep(net, BOOK)
        await net.confirmed(item_of(HOMESTAY, ARRIVAL), travel=GERMAN, crossing="nong-khai-1")
        coming = await net.confirmed(item_of(HOMESTAY, ARRIVAL + timedelta(days=95)), travel=LAO)
        await sweep(net)
        for days, left in ((22, 2), (88, 1)):
            await net.pass_time(timedelta(days=days))
            await sweep(net)
            for table in ("reminders", "reminder_plans"):
                assert len(found := await kept_for(net, table)) == left
                assert coming in found

    play(story)


def test_a_reminder_on_the_stream_of_holds_is_found_by_the_checks_of_every_story(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted()
        one = v1.ReminderDue(referral_id=ref, community=RECEIVER, due=ARRIVAL, code="papers_and_hours")
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            work.announce(one, subject=f"{RECEIVER}/{ref}")
        (problem,) = await net.torn()
        assert "referral.reminder_due.v1" in problem
        await net.at[RECEIVER].sql("DELETE FROM outbox WHERE type = 'referral.reminder_due.v1'")

    play(story)
