"""Notifications of agencies: written with the fact, to those whom it concerns alone, by one process at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.booking.v1 import RuleLine
from contracts.community.v1 import OfferingPublished
from services.agency_api.domain.notifying import MOST_SUBSCRIPTIONS, Attempt, Claimed
from services.agency_api.handlers import notifying, read_model
from services.chassis.ports import EVERYONE
from services.chassis.trust.vault import Vault
from tests.support import agency
from tests.support.agency import OFFERING, OTHER, Rows
from tests.support.booking import HOMESTAY, MARKET
from tests.support.vault import LINES, node_keys, write

SENT, LATER, GONE = (Attempt(result="sent"), Attempt(result="later", problem="http_500"), Attempt(result="gone"))
DAY = date(2027, 1, 14)


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


async def marked(rows: Rows, one: Claimed, attempt: Attempt) -> bool:
    async with rows.work(EVERYONE) as work:
        return await notifying.mark(work, one, attempt)


async def standings(rows: Rows) -> list[tuple[str, str]]:
    return [tuple(row) for row in await agency.done(rows, "SELECT standing, problem FROM notifications ORDER BY 1, 2")]


def test_an_agency_is_told_of_its_own_bookings_by_its_own_uuids_and_of_no_others(url: str) -> None:
    async def story(rows: Rows) -> None:
        own, other = await agency.subscribed(rows), await agency.subscribed(rows, OTHER)
        mine, yours = await agency.booked(rows), await agency.booked(rows, OTHER)
        await agency.changed(rows, mine)
        (one,) = await agency.due(rows)
        assert (one.subscription.id, one.subscription.secret) == (own.id, agency.SECRET)
        assert agency.told([one]) == [("BOOKING_UPDATE", {"uuid": mine.uuid})]
        await agency.changed(rows, yours)
        (two,) = await agency.due(rows)
        assert (two.subscription.id, two.delivery.news.subject) == (other.id, yours.uuid)
        # A hold that another agency asked for is nobody's business, whatever is said of it.
        await agency.changed(rows, mine, agency=OTHER)
        assert await agency.due(rows) == []

    agency.play(url, story, prepare=True)


def test_what_happens_before_it_was_told_is_told_once_and_what_happens_after_once_more(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        mine = await agency.booked(rows)
        for _ in range(3):
            await agency.changed(rows, mine)
        (one,) = await agency.due(rows)
        await agency.changed(rows, mine)  # while it is being told
        (two,) = await agency.due(rows)
        assert one.delivery.id != two.delivery.id

    agency.play(url, story, prepare=True)


def test_a_booking_that_is_being_changed_is_told_of_by_its_new_hold(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        mine = await agency.booked(rows)
        new = agency.moved(mine)
        async with rows.work(EVERYONE) as work:
            assert await work.intend(mine, new.change_of())
        await agency.changed(rows, new)
        assert agency.told(await agency.due(rows)) == [("BOOKING_UPDATE", {"uuid": mine.uuid})]

    agency.play(url, story, prepare=True)


def test_products_are_told_of_when_they_are_other_than_before_where_there_is_an_agreement(url: str) -> None:
    async def story(rows: Rows) -> None:
        own, _ = await agency.subscribed(rows), await agency.subscribed(rows, OTHER)
        await agency.published(rows, OFFERING)
        assert await agency.due(rows) == []
        await agency.published(rows, agency.other_price())
        found = await agency.due(rows)
        assert agency.told(found) == [("PRODUCT_UPDATE", {"productId": MARKET})]
        assert {one.subscription.id for one in found} == {own.id}
        # Control: with an agreement the other one is told as well; and with one that has ended nobody is.
        async with rows.work(EVERYONE) as work:
            await read_model.keep_agreement(agency.agreed().model_copy(update={"agency": OTHER}), work)
            await read_model.keep_agreement(agency.agreed("ended"), work)
        await agency.published(rows, OFFERING)
        assert {one.subscription.agency for one in await agency.due(rows)} == {OTHER}

    agency.play(url, story, prepare=True)


def test_an_agreement_that_has_not_begun_or_has_ended_meanwhile_tells_nothing(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        async with rows.work(EVERYONE) as work:
            await read_model.keep_agreement(agency.agreed(first=date(2199, 1, 1)), work)
        await agency.taken(rows, DAY)
        async with rows.work(EVERYONE) as work:
            await read_model.keep_agreement(agency.agreed(), work)
        assert await agency.due(rows) == []
        await agency.taken(rows, DAY, version=2)
        async with rows.work(EVERYONE) as work:
            await read_model.keep_agreement(agency.agreed("ended"), work)
        assert await agency.due(rows) == []
        async with rows.work(EVERYONE) as work:  # control
            await read_model.keep_agreement(agency.agreed(), work)
        assert len(await agency.due(rows)) == 1

    agency.play(url, story, prepare=True)


def test_a_busy_house_is_told_of_once_in_a_while_by_product_and_month(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        for number in range(1, 11):
            await agency.taken(rows, DAY + timedelta(days=number % 4), version=number)
        await agency.taken(rows, date(2027, 3, 2))
        assert await agency.claimed(rows) == []  # not yet
        days = {"localDateStart": "2027-01-14", "localDateEnd": "2027-01-17"}
        march = {"localDateStart": "2027-03-02", "localDateEnd": "2027-03-02"}
        assert agency.told(await agency.due(rows)) == [
            ("AVAILABILITY_UPDATE", {"productId": MARKET, **days}),
            ("AVAILABILITY_UPDATE", {"productId": MARKET, **march}),
        ]

    agency.play(url, story, prepare=True)


def test_guest_places_are_of_every_stay_that_reaches_the_night_and_a_rule_of_all_its_days(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows, types=["AVAILABILITY_UPDATE"])
        await agency.taken(rows, DAY, "guests")
        stay = {"productId": HOMESTAY, "localDateStart": "2027-01-08", "localDateEnd": "2027-01-14"}
        assert agency.told(await agency.due(rows)) == [("AVAILABILITY_UPDATE", stay)]
        closed = RuleLine(number=1, day=DAY, until=date(2027, 1, 20), kind="closed")
        await agency.ruled(rows, closed)
        market = {"productId": MARKET, "localDateStart": "2027-01-14", "localDateEnd": "2027-01-20"}
        assert agency.told(await agency.due(rows)) == [
            ("AVAILABILITY_UPDATE", {**stay, "localDateEnd": "2027-01-20"}), ("AVAILABILITY_UPDATE", market)
        ]  # fmt: skip

    agency.play(url, story, prepare=True)


def test_a_fact_that_is_not_kept_is_not_told(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)

        async def fails() -> None:
            async with rows.work(EVERYONE) as work:
                await read_model.keep_offering(OfferingPublished(offering=agency.other_price()), work)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fails()
        assert await standings(rows) == []

    agency.play(url, story, prepare=True)


def test_two_processes_never_take_the_same_and_a_claim_of_one_that_died_ends(url: str) -> None:
    async def story(rows: Rows) -> None:
        hosts = [f"r{n}.example:443" for n in range(notifying.EACH)]
        for host in hosts:
            await agency.subscribed(rows, receiver=host)
        await agency.changed(rows, await agency.booked(rows))
        others = [agency.store(url) for _ in range(4)]
        found = [one for some in await asyncio.gather(*(agency.claimed(each, 8) for each in others)) for one in some]
        assert sorted(one.subscription.receiver for one in found) == hosts
        assert await agency.claimed(rows) == []
        await agency.passed(rows, notifying.LEASE + timedelta(seconds=1))
        again = await agency.claimed(rows)
        assert {one.delivery.id for one in again} == {one.delivery.id for one in found}
        # The one that was thought dead marks nothing any more.
        await marked(rows, found[0], SENT)
        assert {standing for standing, _ in await standings(rows)} == {"waits"}
        for each in others:
            await each.close()

    agency.play(url, story, prepare=True)


def test_one_receiver_never_takes_all_places(url: str) -> None:
    async def story(rows: Rows) -> None:
        slow = await agency.subscribed(rows, receiver="slow.example:443")
        await agency.subscribed(rows, OTHER, receiver="slow.example:443")
        for whose in (agency.SELLS, OTHER) * 3:
            await agency.changed(rows, await agency.booked(rows, whose))
        await agency.subscribed(rows, OTHER, receiver="fast.example:443")
        await agency.changed(rows, await agency.booked(rows, OTHER))
        receivers = sorted(one.subscription.receiver for one in await agency.due(rows))
        assert receivers == ["fast.example:443", *["slow.example:443"] * notifying.EACH]
        of_nobody = replace(slow, agency="nobody")
        assert await agency.claimed(rows, busy=[of_nobody] * notifying.EACH) == []
        assert len(await agency.claimed(rows, busy=[of_nobody] * (notifying.EACH - 1))) == 1

    agency.play(url, story, prepare=True)


def test_one_agency_never_takes_all_places_however_many_receivers_it_has(url: str) -> None:
    async def story(rows: Rows) -> None:
        for number in range(8):
            await agency.subscribed(rows, receiver=f"slow{number}.example:443")
        await agency.changed(rows, await agency.booked(rows))
        await agency.subscribed(rows, OTHER)
        await agency.changed(rows, await agency.booked(rows, OTHER))
        found = [one.subscription for one in await agency.due(rows)]
        assert sorted(one.agency for one in found) == sorted([OTHER, *[agency.SELLS] * notifying.EACH])
        busy = [one for one in found if one.agency == agency.SELLS]
        assert await agency.claimed(rows, busy=busy) == []
        assert len(await agency.claimed(rows, busy=busy[1:])) == 1

    agency.play(url, story, prepare=True)


def test_receivers_that_fail_never_take_all_places_however_many_agencies_they_are_of(url: str) -> None:
    async def story(rows: Rows) -> None:
        for number in range(notifying.FAILING + 4):
            one = f"dead-{number}"
            await agency.subscribed(rows, one, receiver=f"{one}.example:443")
            await agency.changed(rows, await agency.booked(rows, one))
        await agency.subscribed(rows, OTHER)
        await agency.changed(rows, await agency.booked(rows, OTHER))
        await agency.passed(rows, timedelta(seconds=6))
        await agency.done(rows, "UPDATE subscriptions SET failing_since = now() WHERE agency LIKE 'dead-%'")
        found = [one.subscription for one in await agency.claimed(rows)]
        dead = [one for one in found if one.is_failing]
        assert [one.agency for one in found if not one.is_failing] == [OTHER]
        assert len(dead) == notifying.FAILING
        assert await agency.claimed(rows, busy=dead) == []
        assert len(await agency.claimed(rows, busy=dead[1:])) == 1
        await agency.done(rows, "UPDATE subscriptions SET failing_since = NULL")
        assert len(await agency.claimed(rows, busy=dead)) == 3, "the control: the others are not failing any more"

    agency.play(url, story, prepare=True)


def test_what_may_not_go_to_one_receiver_now_takes_no_place_of_its_agency(url: str) -> None:
    async def story(rows: Rows) -> None:
        slow = await agency.subscribed(rows, receiver="slow.example:443")
        for _ in range(8):
            await agency.changed(rows, await agency.booked(rows))
        await agency.subscribed(rows, receiver="fast.example:443")
        await agency.changed(rows, await agency.booked(rows))
        await agency.passed(rows, timedelta(seconds=6))
        busy = [replace(slow, agency=OTHER)] * notifying.EACH
        assert [one.subscription.receiver for one in await agency.claimed(rows, busy=busy)] == ["fast.example:443"]

    agency.play(url, story, prepare=True)


def test_it_is_tried_for_three_days_and_then_the_subscription_is_sent_nothing_more(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        await agency.changed(rows, await agency.booked(rows))
        tries, ended = 0, False
        while not ended:
            (one,) = await agency.claimed(rows)
            ended = await marked(rows, one, LATER)
            tries += 1
            if not ended:
                ((wait,),) = await agency.done(rows, "SELECT due_at - clock_timestamp() FROM notifications")
                await agency.passed(rows, wait + timedelta(milliseconds=1))
        ((made, problem, active),) = await agency.done(
            rows, "SELECT n.made_at, s.problem, s.active FROM notifications n JOIN subscriptions s ON true"
        )
        assert timedelta(days=3) <= datetime.now(UTC) - made < timedelta(days=3, minutes=10)
        assert (tries, problem, active) == (13, "failed_for_three_days", False)
        assert await standings(rows) == [("failed", "http_500")]
        await agency.changed(rows, await agency.booked(rows))
        assert await agency.due(rows) == []

    agency.play(url, story, prepare=True)


def test_one_that_fails_in_between_stays_and_one_that_is_gone_ends_at_once(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        await agency.changed(rows, await agency.booked(rows))
        (one,) = await agency.claimed(rows)
        assert not await marked(rows, one, LATER)
        await agency.passed(rows, timedelta(days=2))
        await agency.changed(rows, await agency.booked(rows))
        first, second = await agency.claimed(rows)
        assert not await marked(rows, second, SENT)
        await agency.passed(rows, timedelta(days=1, minutes=2))
        assert not await marked(rows, first, LATER)  # given up, but something has arrived since
        await agency.changed(rows, await agency.booked(rows))
        (last,) = await agency.due(rows)
        assert await marked(rows, last, GONE)
        assert [row[0] for row in await agency.done(rows, "SELECT active FROM subscriptions")] == [False]

    agency.play(url, story, prepare=True)


def test_what_was_told_is_told_again_under_the_same_id(url: str) -> None:
    async def story(rows: Rows) -> None:
        one = await agency.subscribed(rows)
        await agency.changed(rows, await agency.booked(rows))
        (first,) = await agency.claimed(rows)
        await marked(rows, first, SENT)
        assert await agency.due(rows) == []
        async with rows.work(EVERYONE) as work:
            (found,) = await work.deliveries(one.id, 10)
            await notifying.tell_again(work, found)
        (second,) = await agency.claimed(rows)
        assert second.delivery.id == first.delivery.id

    agency.play(url, story, prepare=True)


def test_another_agencys_subscriptions_are_not_there_and_there_are_only_so_many(url: str) -> None:
    async def story(rows: Rows) -> None:
        one = await agency.subscribed(rows, community="bo-taen")
        async with rows.work(EVERYONE) as work:
            assert [each.id for each in await work.subscriptions(agency.SELLS, None)] == [one.id]
            assert [each.id for each in await work.subscriptions(agency.SELLS, "bo-taen", one.id)] == [one.id]
            assert not await work.subscriptions(agency.SELLS, "tha-li", one.id)
            assert not await work.subscriptions(OTHER, None, one.id)
        made = [agency.subscribed(rows) for _ in range(MOST_SUBSCRIPTIONS + 5)]
        results = await asyncio.gather(*made, return_exceptions=True)
        assert sum(not isinstance(each, BaseException) for each in results) == MOST_SUBSCRIPTIONS - 1

    agency.play(url, story, prepare=True)


def test_secrets_and_headers_are_wrapped_and_wrapped_anew(url: str) -> None:
    async def story(rows: Rows) -> None:
        one = await agency.subscribed(rows, headers={"Api-Key": "canary-header"})
        ((sealed,),) = await agency.done(rows, "SELECT sealed FROM subscriptions")
        assert sealed.startswith("test-new.")
        assert "canary" not in sealed
        assert "canary" not in repr(one)
        rows.transactions.vault = Vault(write(node_keys().with_name("newer.keys"), f"newest {'A' * 43}=", *LINES))
        async with rows.work(EVERYONE) as work:
            assert [await work.rewrap(200), await work.rewrap(200)] == [1, 0]
        rows.transactions.vault = Vault(write(node_keys().with_name("only.keys"), f"newest {'A' * 43}="))
        async with rows.work(EVERYONE) as work:
            (found,) = await work.subscriptions(agency.SELLS, None)
        assert (found.secret, found.headers) == (agency.SECRET, {"Api-Key": "canary-header"})

    agency.play(url, story, prepare=True)


def test_what_is_long_ago_is_forgotten(url: str) -> None:
    async def story(rows: Rows) -> None:
        await agency.subscribed(rows)
        for attempt in (SENT, LATER):
            await agency.changed(rows, await agency.booked(rows))
            (one,) = await agency.due(rows)
            await marked(rows, one, attempt)
        await agency.passed(rows, timedelta(days=31))
        async with rows.work(EVERYONE) as work:
            assert await notifying.forget(work) == 1
        assert await standings(rows) == [("failed", "over")]

    agency.play(url, story, prepare=True)
