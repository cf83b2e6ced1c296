"""Public pages, photos and questions of strangers in a real database: whose they are, how long, in what form."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.node.v1 import Rewrap
from contracts.principal import Member
from contracts.refusals import Refused
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.process import operations
from services.chassis.runtime.settings import Settings
from services.chassis.storage.migrations import migrate
from services.chassis.trust.vault import Vault
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.enquiries import FROM_ADDRESS, KEPT, TO_COMMUNITY, Asker, Enquiry
from services.portal.domain.public import MOST_PHOTOS, Photo
from services.portal.handlers import enquiries, public
from tests.support.database import Databases
from tests.support.vault import LINES, write

MIGRATIONS = Path(__file__).parents[2] / "services" / "portal" / "migrations"
OURS, THEIRS = "bo-taen", "tha-li"
CANARY = Asker(contact="Canary 0812345678", question="May a canary come?")
NOI = Member(account="noi", community=OURS, role="coordinator")
PortalStore = Store[PortalUnitOfWork]
Play = Callable[[Callable[[PortalStore], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def made(server: Databases) -> str:
    url = server.fresh()
    asyncio.run(migrate(url, {"portal": MIGRATIONS}))
    return url


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write(tmp_path / "node.keys", LINES[1])


@pytest.fixture
def play(server: Databases, made: str, keys: Path) -> Iterator[Play]:
    url = server.fresh(made)

    def run(story: Callable[[PortalStore], Awaitable[None]]) -> None:
        async def played() -> None:
            store = Store(url, PortalUnitOfWork, vault=Vault(keys))
            try:
                await story(store.acted_by(NOI))
            finally:
                await store.close()

        asyncio.run(played())

    yield run
    server.drop(url)


def a_photo(n: int, about: str = "") -> Photo:
    digest = f"{n:032x}"
    id_ = f"00000000-0000-4000-8000-{n:012x}"
    return Photo(id=id_, about=about, digest=digest, alt="A valley", language="en", width=3, height=2)


async def asked(store: PortalStore, n: int = 1, address: bytes = b"here", to: str = OURS) -> bool:
    async with store.work(to) as work:
        id_ = f"00000000-0000-5000-8000-{n:012x}"
        enquiry = Enquiry(id=id_, about="", language="en", asked_at=work.now)
        return await enquiries.ask(work, to, enquiry, CANARY, address=address, to=to.encode())


async def waiting(store: PortalStore, community: str = OURS) -> int:
    async with store.work(community) as work:
        return len(await enquiries.waiting(work, community))


async def audited(store: PortalStore) -> list[tuple[str, str]]:
    async with store.work(EVERYONE) as work:
        return [
            (row["who"], row["what"])
            for row in await work.connection.fetch("SELECT who, what FROM node.audit ORDER BY n")
        ]


def test_a_page_is_off_until_it_is_switched_on_and_its_photos_with_it(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        async with store.work(OURS) as work:
            assert not (await work.public_page(OURS)).shown
            await public.add_photo(work, OURS, a_photo(1), b"jpeg")
        async with store.work(EVERYONE) as work:
            assert await work.shown_photo(a_photo(1).digest) is None
            assert await work.shown_communities() == []
        async with store.work(OURS) as work:
            await public.show_page(work, OURS, True)
        async with store.work(EVERYONE) as work:
            assert await work.shown_photo(a_photo(1).digest) == b"jpeg"
            assert await work.shown_communities() == [OURS]
            assert await work.shown_texts() == {OURS: {}}
        async with store.work(OURS) as work:
            await public.remove_photo(work, OURS, a_photo(1).id)
        async with store.work(EVERYONE) as work:
            assert await work.shown_photo(a_photo(1).digest) is None
        assert await audited(store) == [
            ("member:noi", what) for what in ("add_photo", "show_public_page", "remove_photo")
        ]

    play(story)


def test_the_list_knows_what_each_says_of_itself(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        for community, texts in ((OURS, {"en": "A valley", "lo": "ກ"}), (THEIRS, {})):
            async with store.work(community) as work:
                await public.say_texts(work, community, "", texts)
                await public.say_texts(work, community, f"{community}.walk", {"th": "เดิน"})
                await public.show_page(work, community, True)
        async with store.work(EVERYONE) as work:
            assert await work.shown_texts() == {OURS: {"en": "A valley", "lo": "ກ"}, THEIRS: {}}
        async with store.work(OURS) as work:
            await public.show_page(work, OURS, False)
        async with store.work(EVERYONE) as work:
            assert await work.shown_texts() == {THEIRS: {}}

    play(story)


def test_what_is_another_communitys_is_not_there(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        async with store.work(OURS) as work:
            await public.say_texts(work, OURS, "", {"en": "A valley"})
            await public.show_page(work, OURS, True)
            await public.add_photo(work, OURS, a_photo(1), b"jpeg")
        await asked(store)
        async with store.work(THEIRS) as work:
            assert (await work.public_page(OURS)).texts == {}
            assert not (await work.public_page(OURS)).shown
            assert await work.own_photo(OURS, a_photo(1).digest) is None
            assert not await work.remove_photo(OURS, a_photo(1).id)
            assert await work.enquiries(OURS) == []
            assert await work.enquiry(OURS, "00000000-0000-5000-8000-000000000001") is None
            assert not await work.erase_enquiry(OURS, "00000000-0000-5000-8000-000000000001")
        assert await waiting(store) == 1

    play(story)


def test_a_page_has_room_for_so_many_photos_however_many_come_at_once(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        async def add(n: int) -> bool:
            try:
                async with store.work(OURS) as work:
                    await public.add_photo(work, OURS, a_photo(n), b"jpeg")
            except Refused:
                return False
            return True

        assert sum(await asyncio.gather(*map(add, range(MOST_PHOTOS + 3)))) == MOST_PHOTOS
        async with store.work(OURS) as work:
            kept = (await work.public_page(OURS)).photos
            assert len(kept) == MOST_PHOTOS
            await public.add_photo(work, OURS, kept[0], b"jpeg")  # the same once more is no more
            await public.add_photo(work, OURS, a_photo(99, f"{OURS}.baci"), b"jpeg")

    play(story)


def test_a_question_is_wrapped_read_by_its_community_and_gone_when_answered(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        assert await asked(store)
        assert await asked(store)  # sent twice
        async with store.work(EVERYONE) as work:
            (row,) = await work.connection.fetch("SELECT * FROM enquiries")
        assert not [value for value in row.values() if "Canary" in str(value) or "canary" in str(value)]
        async with store.work(OURS) as work:
            found = await enquiries.read(work, OURS, str(row["id"]))
            assert found is not None
            assert found[1] == CANARY
            await enquiries.answered(work, OURS, str(row["id"]))
        assert await waiting(store) == 0
        assert await audited(store) == [("member:noi", "read_enquiry"), ("member:noi", "erase_enquiry")]

    play(story)


def test_what_waits_too_long_is_erased(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        await asked(store)
        for age, left in ((KEPT - timedelta(hours=1), 1), (KEPT + timedelta(hours=1), 0)):
            async with store.work(EVERYONE) as work:
                await work.connection.execute("UPDATE enquiries SET asked_at = $1", datetime.now(UTC) - age)
                await work.connection.execute("UPDATE enquiry_tries SET at = $1", datetime.now(UTC) - age)
            await store.tick(enquiries.sweep)
            assert await waiting(store) == left
        async with store.work(EVERYONE) as work:
            assert await work.connection.fetchval("SELECT count(*) FROM enquiry_tries") == 0

    play(story)


def test_so_many_questions_from_one_address_and_no_more_however_many_come_at_once(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        kept = await asyncio.gather(*(asked(store, n) for n in range(FROM_ADDRESS + 3)))
        assert sum(kept) == FROM_ADDRESS
        assert await asked(store, 50, address=b"elsewhere")
        assert await waiting(store) == FROM_ADDRESS + 1

    play(story)


def test_one_who_asks_on_and_on_keeps_nobody_else_from_asking(play: Play) -> None:
    async def story(store: PortalStore) -> None:
        given = [await asked(store, n, b"there") for n in range(TO_COMMUNITY + 5)]
        assert sum(given) == FROM_ADDRESS
        assert await asked(store, 100)
        async with store.work(EVERYONE) as work:
            assert await work.connection.fetchval("SELECT count(*) FROM enquiry_tries") == 2 * (FROM_ADDRESS + 1)

    play(story)


def test_questions_are_wrapped_anew_and_then_an_old_key_of_the_node_may_go(play: Play, keys: Path) -> None:
    async def story(store: PortalStore) -> None:
        await asked(store)
        write(keys, *LINES)
        os.utime(keys, ns=(1, 1))
        done = [await operations.rewrap(store, Rewrap(), Settings(database_url="")) for _ in range(2)]
        assert [one.rewrapped for one in done] == [1, 0]
        write(keys, LINES[0])
        os.utime(keys, ns=(2, 2))
        async with store.work(OURS) as work:
            (enquiry,) = await enquiries.waiting(work, OURS)
            found = await enquiries.read(work, OURS, enquiry.id)
        assert found is not None
        assert found[1] == CANARY

    play(story)
