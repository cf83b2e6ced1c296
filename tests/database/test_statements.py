"""Monthly statements over real databases: the same on both sides, confirmed over the border, in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.border.v1 import StatementConfirmed
from contracts.referral.v1 import ArriveParty, CompleteVisit
from contracts.refusals import Refused
from contracts.statements import v1
from contracts.values import Item, Party
from services.chassis.messaging.store import Outcome
from services.referral.domain.statements.figures import Figures, last_day, month_of
from services.referral.handlers import statements
from services.referral.handlers.handoff import acts
from tests.support import identity
from tests.support.booking import HOMESTAY, MARKET, in_days, item_of
from tests.support.database import Databases
from tests.support.referral import NOW, RECEIVER, SENDER, Network, Play, network, playing

DAYS = timedelta(days=1)
NIGHT = item_of(HOMESTAY, in_days(20))
MONTH = month_of(NIGHT.day)
SUBJECT = f"{RECEIVER}--{SENDER}/{MONTH}"


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


async def arrived(net: Network, *items: Item) -> str:
    """A party that is there by now."""
    ref = await net.confirmed(*(items or (NIGHT,)), party=Party(adult=2, child=1))
    await net.pass_time(20 * DAYS)
    await net.says(RECEIVER, acts.arrive, ArriveParty(referral=ref))
    return ref


async def complete(net: Network, ref: str) -> None:
    await net.says(RECEIVER, acts.complete, CompleteVisit(referral=ref))


async def visited(net: Network) -> None:
    """One visit was completed, and its month is over."""
    await complete(net, await arrived(net))
    await net.pass_time(32 * DAYS)


async def shown(net: Network, community: str, month: str = MONTH) -> v1.StatementView:
    partner = RECEIVER if community == SENDER else SENDER
    view: v1.StatementView = await net.act(statements.show, v1.ShowStatement(partner=partner, month=month), community)
    return view


def word(seen: v1.StatementView, community: str) -> v1.ConfirmStatement:
    partner = RECEIVER if community == SENDER else SENDER
    return v1.ConfirmStatement(partner=partner, month=seen.month, digest=seen.digest)


async def confirm(net: Network, community: str) -> None:
    """Somebody looks, and confirms; the partner hears of it."""
    await net.says(community, statements.confirm, word(await shown(net, community), community))


async def listed(net: Network, community: str, **about: Any) -> list[v1.StatementSummary]:
    return list(await net.act(statements.list_statements, v1.ListStatements(**about), community))


def standing(seen: v1.StatementSummary) -> tuple[bool | None, bool | None]:
    """Whether we and they have confirmed what the records say now; None for no word."""
    ours, theirs = seen.ours, seen.theirs
    return ours.same if ours else None, theirs.same if theirs else None


def test_both_see_the_same_month_and_confirm_it(play: Play) -> None:
    async def story(net: Network) -> None:
        await visited(net)
        ours, theirs = await shown(net, SENDER), await shown(net, RECEIVER)
        assert (ours.lines, ours.totals, ours.digest) == (theirs.lines, theirs.totals, theirs.digest)
        (line,) = ours.lines
        assert (line.owed_by, line.owed_to, line.last_day) == (RECEIVER, SENDER, NIGHT.day)
        assert (line.price.amount, line.fee.amount, line.fee.currency) == ("650000.00", "32500.00", "LAK")
        assert (standing(ours), standing(theirs), ours.over) == ((None, None), (None, None), True)
        await confirm(net, SENDER)
        assert standing(await shown(net, SENDER)) == (True, None)
        assert standing(await shown(net, RECEIVER)) == (None, True)
        await confirm(net, RECEIVER)
        for community in (SENDER, RECEIVER):
            assert standing(await shown(net, community)) == (True, True)
            (one,) = await listed(net, community)
            assert (one.month, one.totals, standing(one)) == (MONTH, ours.totals, (True, True))

    play(story)


def test_a_visit_that_is_heard_of_late_leaves_a_confirmation_as_of_other_figures(play: Play) -> None:
    async def story(net: Network) -> None:
        late = await net.confirmed(NIGHT)
        await complete(net, await arrived(net))
        await net.says(RECEIVER, acts.arrive, ArriveParty(referral=late))
        await net.act(acts.complete, CompleteVisit(referral=late), RECEIVER)
        assert await net.lose() == ["visit_completed"]
        await net.pass_time(20 * DAYS)
        assert [(await shown(net, each)).count for each in (SENDER, RECEIVER)] == [1, 2]
        assert (await shown(net, SENDER)).under_way == 1
        for community in (SENDER, RECEIVER):
            await confirm(net, community)
        ours, theirs = await shown(net, SENDER), await shown(net, RECEIVER)
        assert (standing(ours), standing(theirs)) == ((True, False), (True, False))
        assert ours.theirs
        assert ours.theirs.totals == theirs.totals != ours.totals
        await net.state_unseen()
        ours, theirs = await shown(net, SENDER), await shown(net, RECEIVER)
        assert (standing(ours), standing(theirs)) == ((False, True), (True, False))
        assert ours.digest == theirs.digest
        await confirm(net, SENDER)
        assert [standing(await shown(net, each)) for each in (SENDER, RECEIVER)] == [(True, True)] * 2

    play(story)


def test_confirming_again_says_it_again_and_changes_nothing(play: Play) -> None:
    async def story(net: Network) -> None:
        await visited(net)
        seen = await shown(net, SENDER)
        await net.act(statements.confirm, word(seen, SENDER), SENDER)
        assert await net.lose() == ["statement_confirmed"]
        first = await shown(net, SENDER)
        assert standing(await shown(net, RECEIVER)) == (None, None)
        await net.pass_time(DAYS)
        await confirm(net, SENDER)
        again = await shown(net, SENDER)
        assert again.ours == first.ours
        heard = (await shown(net, RECEIVER)).theirs
        assert heard is not None
        assert again.ours is not None
        assert heard.at == again.ours.at

    play(story)


def test_a_confirmation_that_comes_twice_or_late_is_heard_once_and_the_newest_counts(play: Play) -> None:
    async def story(net: Network) -> None:
        await visited(net)
        right = await shown(net, RECEIVER)
        newer = StatementConfirmed(at=NOW, month=MONTH, digest=right.digest, totals=right.totals)
        older = newer.model_copy(update={"digest": Figures().digest, "totals": ()})
        assert await net.speak(newer, RECEIVER, SENDER, SUBJECT, 2) is Outcome.APPLIED
        assert await net.speak(older, RECEIVER, SENDER, SUBJECT, 1) is not Outcome.PARKED
        assert await net.speak(newer, RECEIVER, SENDER, SUBJECT, 2) is not Outcome.PARKED
        assert standing(await shown(net, SENDER)) == (None, True)
        assert await net.speak(older, RECEIVER, SENDER, SUBJECT, 3) is Outcome.APPLIED
        assert standing(await shown(net, SENDER)) == (None, False)

    play(story)


@pytest.mark.parametrize(
    ("source", "subject"), [("nong-bua", f"nong-bua--{SENDER}/{MONTH}"), (RECEIVER, f"{RECEIVER}--{SENDER}/2020-09")]
)
def test_what_no_partner_says_or_about_another_month_is_parked(
    source: str, subject: str, server: Databases, template: str
) -> None:
    async def told(url: str) -> None:
        net = await network(url)
        await identity.introduce(url, SENDER, "nong-bua")
        try:
            message = StatementConfirmed(at=NOW, month=MONTH, digest=Figures().digest, totals=())
            assert await net.speak(message, source, SENDER, subject) is Outcome.PARKED
            assert await listed(net, SENDER) == []
            assert await net.speak(message, RECEIVER, SENDER, SUBJECT, 1) is Outcome.APPLIED
            assert [one.month for one in await listed(net, SENDER)] == [MONTH]
        finally:
            for node in net.nodes:
                await node.close()

    url = server.fresh(template)
    asyncio.run(told(url))
    server.drop(url)


def test_a_month_that_runs_on_and_a_stranger_are_refused(play: Play) -> None:
    async def story(net: Network) -> None:
        with pytest.raises(Refused) as no:
            await net.act(statements.show, v1.ShowStatement(partner="nong-bua", month=MONTH), SENDER)
        assert (no.value.refusal.code, no.value.refusal.field) == ("unknown", "partner")
        await complete(net, await arrived(net))
        behind = month_of(in_days(20) + 40 * DAYS)
        with pytest.raises(Refused) as runs_on:
            await net.act(statements.confirm, word(await shown(net, SENDER, behind), SENDER), SENDER)
        assert runs_on.value.refusal.reason == "month_runs_on"

    play(story)


def test_months_are_listed_newest_first_page_by_page_and_of_one_partner(play: Play) -> None:
    async def story(net: Network) -> None:
        other = item_of(MARKET, in_days(55))
        first, second = await net.confirmed(NIGHT), await net.confirmed(other)
        await net.pass_time(20 * DAYS)
        await net.says(RECEIVER, acts.arrive, ArriveParty(referral=first))
        await net.pass_time(35 * DAYS)
        await net.says(RECEIVER, acts.arrive, ArriveParty(referral=second))
        await complete(net, second)
        months = [month_of(other.day), MONTH]
        assert [one.month for one in await listed(net, SENDER)] == months
        assert [one.month for one in await listed(net, SENDER, limit=1)] == months[:1]
        before = v1.StatementRef(partner=RECEIVER, month=months[0])
        assert [one.month for one in await listed(net, SENDER, before=before)] == months[1:]
        assert await listed(net, SENDER, partner="nong-bua") == []

    play(story)


def test_nobody_sees_what_others_have_confirmed(server: Databases, template: str) -> None:
    async def told(url: str) -> None:
        net = await network(url)
        try:
            await visited(net)
            for community in (SENDER, RECEIVER):
                await confirm(net, community)
            for acting, seen in ((SENDER, 1), (RECEIVER, 1), ("nong-bua", 0), ("*", 2)):
                async with net.nodes[0].referral.work(acting) as work:
                    for table in ("statements_confirmed", "partner_statements_confirmed"):
                        assert len(await work.connection.fetch(f"SELECT * FROM {table}")) == seen
        finally:
            for node in net.nodes:
                await node.close()

    url = server.fresh(template)
    asyncio.run(told(url))
    server.drop(url)


@pytest.mark.parametrize(
    "items",
    [
        (NIGHT,),
        (item_of(HOMESTAY, in_days(20), nights=3), item_of(MARKET, in_days(21))),
        (item_of(MARKET, in_days(25)), item_of(HOMESTAY, in_days(22), nights=2)),
    ],
)
def test_the_column_and_the_rule_have_the_same_last_day(items: tuple[Item, ...], play: Play) -> None:
    async def story(net: Network) -> None:
        await net.offer(*items)
        days: list[date] = []
        for node in net.nodes:
            async with node.referral.work("*") as work:
                days += [row["last_day"] for row in await work.connection.fetch("SELECT last_day FROM records")]
        assert days == [last_day(items)] * 2

    play(story)
