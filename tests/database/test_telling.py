"""The outbox of what people are told: once, by one process at a time, and not when nobody needs it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from services.chassis.ports import EVERYONE
from services.chassis.storage.migrations import migrate
from services.chassis.trust.vault import Vault
from services.portal.domain.enquiries import Asker, Enquiry
from services.portal.domain.telling import Attempt, Claimed
from services.portal.handlers import channels, enquiries, telling
from tests.support.database import Databases
from tests.support.telling import MIGRATIONS, RECEIVER, Rows, channel, done, noted, person, store, waits
from tests.support.vault import LINES, node_keys, write

SENT, LATER = Attempt(result="sent"), Attempt(result="later", problem="timeout")


@pytest.fixture(scope="module")
def portal_template(server: Databases) -> str:
    url = server.fresh()
    asyncio.run(migrate(url, MIGRATIONS))
    return url


@pytest.fixture
def url(server: Databases, portal_template: str) -> Iterator[str]:
    fresh = server.fresh(portal_template)
    yield fresh
    server.drop(fresh)


def told(url: str, story: Callable[[Rows], Awaitable[None]]) -> None:
    """Play a story in which nobody has quiet hours, whatever time it is now."""

    async def play() -> None:
        rows = store(url)
        try:
            await story(rows)
        finally:
            await rows.close()

    asyncio.run(play())


async def awake(rows: Rows, **given: str) -> str:
    """Somebody without quiet hours."""
    account = await person(rows, **given)
    async with rows.work(EVERYONE) as work:
        await channels.choose_quiet(work, account, time(), time())
    return account


async def claimed(rows: Rows, most: int = 16, busy: tuple[str, ...] = ()) -> list[Claimed]:
    async with rows.work(EVERYONE) as work:
        return list(await telling.claim(work, most, busy))


async def marked(rows: Rows, one: Claimed, attempt: Attempt = SENT) -> None:
    async with rows.work(EVERYONE) as work:
        await telling.mark(work, one, attempt)


async def moved(rows: Rows, by: timedelta) -> None:
    """Let time pass, for the outbox."""
    times = "due_at = due_at - $1::interval, claimed_until = claimed_until - $1::interval"
    await done(rows, f"UPDATE tellings SET {times}", by)


async def standings(rows: Rows) -> list[str]:
    return [row["standing"] for row in await done(rows, "SELECT standing FROM tellings ORDER BY standing")]


def test_what_waits_is_told_once_however_often_it_is_found_and_once_more_before_the_deadline(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        one = waits()
        assert [await noted(rows, one) for _ in range(3)] == [2, 0, 0]
        (first,) = await claimed(rows)
        assert (first.telling.what, first.telling.referral_id) == ("asked", one.referral_id)
        await marked(rows, first)
        assert await claimed(rows) == []
        await moved(rows, timedelta(hours=8))
        (second,) = await claimed(rows)
        assert second.telling.what == "reminder"
        await marked(rows, second)
        await noted(rows, one)
        await moved(rows, timedelta(hours=8))
        assert await claimed(rows) == []
        assert await noted(rows, one.model_copy(update={"round": 1})) == 2  # another question

    told(url, story)


def test_two_processes_that_look_at_once_tell_it_once(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        found = [waits() for _ in range(20)]
        others = [store(url) for _ in range(4)]
        await asyncio.gather(*(noted(other, *found) for other in others))
        assert await standings(rows) == ["waits"] * 40
        await asyncio.gather(*(other.close() for other in others))

    told(url, story)


def test_two_processes_never_take_the_same_line(url: str) -> None:
    async def story(rows: Rows) -> None:
        for number in range(12):
            await channel(rows, await awake(rows), receiver=f"{number}.example:443")
        await noted(rows, waits())
        others = [store(url) for _ in range(4)]
        taken = [one.telling.id for some in await asyncio.gather(*map(claimed, others)) for one in some]
        taken += [one.telling.id for one in await claimed(rows)]  # what a race has skipped
        assert len(taken) == len(set(taken)) == 12
        await asyncio.gather(*(other.close() for other in others))

    told(url, story)


def test_a_process_that_dies_while_it_sends_leaves_one_repeat_under_the_same_id(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        await noted(rows, waits())
        (dead,) = await claimed(rows)
        assert await claimed(rows) == []  # while it may be sending
        await moved(rows, telling.LEASE)
        (again,) = await claimed(rows)
        assert again.telling.id == dead.telling.id
        await marked(rows, dead, LATER)  # it was only slow: what it says counts no longer
        assert await claimed(rows) == []
        await marked(rows, again)
        await moved(rows, timedelta(days=1))
        assert [one.telling.what for one in await claimed(rows)] == ["reminder"]

    told(url, story)


def test_what_fails_is_taken_again_later_and_given_up_when_the_time_is_over(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        await noted(rows, waits(until=datetime.now(UTC) + timedelta(minutes=80)))
        (one,) = await claimed(rows)
        await marked(rows, one, LATER)
        assert await claimed(rows) == []
        await moved(rows, timedelta(seconds=10))
        (again,) = await claimed(rows)
        assert again.tries == 2
        await done(rows, "UPDATE tellings SET until = clock_timestamp() - interval '1 second'")
        await marked(rows, again, LATER)
        await claimed(rows)
        assert set(await standings(rows)) == {"expired"}

    told(url, story)


def test_what_no_longer_waits_is_not_sent_and_what_came_after_the_question_is_left(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        answered, other = waits(), waits()
        await noted(rows, answered, other)
        before = datetime.now(UTC) - timedelta(minutes=1)
        await noted(rows, asked=before)  # a slow process that asked before they came
        assert await standings(rows) == ["waits"] * 4
        await noted(rows, other)
        assert await standings(rows) == ["over", "over", "waits", "waits"]
        assert [one.telling.referral_id for one in await claimed(rows)] == [other.referral_id]

    told(url, story)


def test_nothing_is_sent_while_nobody_knows_what_waits(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        await noted(rows, waits())
        await done(rows, "UPDATE looked SET at = at - interval '2 minutes'")
        assert await claimed(rows) == []
        await noted(rows)  # control: it is known that nothing waits, and nothing is sent for another reason
        assert "over" in await standings(rows)

    told(url, story)


@pytest.mark.parametrize(("role", "count"), [("coordinator", 1), ("helper", 0), ("observer", 0)])
def test_only_whoever_may_answer_is_told(url: str, role: str, count: int) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows, role=role))
        await noted(rows, waits())
        assert len(await claimed(rows)) == count

    told(url, story)


def test_whoever_has_left_is_told_nothing_more(url: str) -> None:
    async def story(rows: Rows) -> None:
        account = await awake(rows)
        await channel(rows, account)
        await noted(rows, waits())
        async with rows.work(EVERYONE) as work:
            await work.join(account, RECEIVER, "observer", work.now)
        assert await claimed(rows) == []

    told(url, story)


def test_one_receiver_never_takes_all_places(url: str) -> None:
    async def story(rows: Rows) -> None:
        for _ in range(10):
            await channel(rows, await awake(rows), receiver="slow.example:443")
        await channel(rows, await awake(rows), receiver="fast.example:443")
        await noted(rows, waits())
        receivers = sorted(one.channel.receiver for one in await claimed(rows))
        assert receivers == ["fast.example:443", *["slow.example:443"] * telling.EACH]
        assert await claimed(rows, busy=("slow.example:443",)) == []
        assert len(await claimed(rows)) == telling.EACH  # control: they are due

    told(url, story)


def test_a_channel_without_a_receiver_is_removed_and_its_line_stays_to_be_read(url: str) -> None:
    async def story(rows: Rows) -> None:
        account = await awake(rows)
        await channel(rows, account)
        await noted(rows, waits())
        (one,) = await claimed(rows)
        await marked(rows, one, Attempt(result="gone", problem="http_410"))
        async with rows.work(EVERYONE) as work:
            assert await work.channels(account) == []
            assert [(line.standing, line.problem) for line in await work.last_tellings(account, 1)] == [
                ("gone", "http_410")
            ]

    told(url, story)


def test_an_address_is_told_nothing_before_its_code_was_typed_and_a_code_has_few_tries(url: str) -> None:
    async def story(rows: Rows) -> None:
        account = await awake(rows)
        one = await channel(rows, account, confirmed=False)
        await noted(rows, waits())
        assert await claimed(rows) == []
        async with rows.work(EVERYONE) as work:
            await channels.keep_code(work, one, "123456")
        for _ in range(channels.CODE_TRIES):
            async with rows.work(EVERYONE) as work:
                assert not await channels.confirm(work, account, one.id, "000000")
        async with rows.work(EVERYONE) as work:
            assert not await channels.confirm(work, account, one.id, "123456")  # too late
            await channels.keep_code(work, one, "654321")
            assert not await channels.confirm(work, await person(rows), one.id, "654321")  # somebody else's
            assert await channels.confirm(work, account, one.id, "654321")
        await noted(rows, waits())
        assert len(await claimed(rows)) == 1

    told(url, story)


def test_one_browser_belongs_to_whoever_uses_it_now(url: str) -> None:
    async def story(rows: Rows) -> None:
        before, now = await person(rows), await person(rows)
        for account in (before, now):
            await channel(rows, account, "push", "https://push.example/1", public=b"p", shared=b"s")
        async with rows.work(EVERYONE) as work:
            assert (len(await work.channels(before)), len(await work.channels(now))) == (0, 1)

    told(url, story)


def test_the_key_for_push_is_made_once_and_both_secrets_are_wrapped_anew(url: str) -> None:
    async def story(rows: Rows) -> None:
        keys = set()
        for _ in range(2):
            async with rows.work(EVERYONE) as work:
                keys.add(await work.push_key())
        (key,) = keys
        hook = await channel(rows, await person(rows))
        ((stored,),) = await done(rows, "SELECT wrapped FROM push_key")
        assert stored.startswith("test-new.")
        assert key[1].hex() not in stored
        newer = Vault(write(node_keys().with_name("newer.keys"), f"newest {'A' * 43}=", *LINES))
        rows.transactions.vault = newer
        async with rows.work(EVERYONE) as work:
            assert await work.rewrap(200) == 2
            assert await work.rewrap(200) == 0
        rows.transactions.vault = Vault(write(node_keys().with_name("only.keys"), f"newest {'A' * 43}="))
        async with rows.work(EVERYONE) as work:
            assert await work.push_key() == key
            again = await work.channel(hook.account, hook.id)
            assert again
            assert work.secret_of(again) == b"secret"

    told(url, story)


def test_another_community_sees_no_line(url: str) -> None:
    async def story(rows: Rows) -> None:
        account = await awake(rows)
        await channel(rows, account)
        await noted(rows, waits())
        await claimed(rows)
        for acting, count in ((RECEIVER, 1), ("tha-li", 0), (EVERYONE, 1)):
            async with rows.work(acting) as work:
                assert len(await work.last_tellings(account, 20)) == count  # of the one that was taken

    told(url, story)


def question(number: int) -> Enquiry:
    id_ = f"00000000-0000-5000-8000-{number:012}"
    return Enquiry(id=id_, about="", language="en", asked_at=datetime.now(UTC))


async def asks(rows: Rows, number: int = 1) -> str:
    """A stranger asks Bo Taen on its public page."""
    async with rows.work("bo-taen") as work:
        asker = Asker(contact="Canarina", question="May we come?")
        assert await enquiries.ask(work, "bo-taen", question(number), asker, address=bytes([number]), to=b"bo-taen")
    return question(number).id


async def answers(rows: Rows, number: int = 1) -> None:
    async with rows.work("bo-taen") as work:
        await enquiries.answered(work, "bo-taen", question(number).id)


def test_a_question_on_the_public_page_is_told_once_and_not_when_it_is_answered(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows))
        await asks(rows)
        await asks(rows)  # sent twice
        await noted(rows)  # what waits of handoffs says nothing of questions
        (one,) = await claimed(rows)
        assert (one.telling.what, one.telling.community, one.telling.partner) == ("question", "bo-taen", "")
        await asks(rows, 2)  # the first still waits to be read: whoever reads it sees both
        assert await claimed(rows) == []
        await marked(rows, one)
        await asks(rows, 3)
        assert await claimed(rows) == []
        await answers(rows)
        await asks(rows, 4)
        (other,) = await claimed(rows)
        assert other.telling.referral_id == question(4).id
        await answers(rows, 4)
        assert await standings(rows) == ["over", "sent"]

    told(url, story)


def test_another_community_is_told_of_no_question(url: str) -> None:
    async def story(rows: Rows) -> None:
        await channel(rows, await awake(rows, community="tha-li"))
        await asks(rows)
        assert await standings(rows) == []

    told(url, story)
