"""Drafts in the portal's own table: each account's own, removed when offered, discarded or forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from contracts.values import Party
from services.chassis.messaging.store import Store
from services.chassis.runtime.ids import new_id
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import Account
from services.portal.domain.drafts import KEPT, MOST_DRAFTS, Draft
from services.portal.handlers import drafts
from tests.support.vault import vault

Told = Callable[[Callable[[Store[PortalUnitOfWork]], Awaitable[None]]], None]
DRAFT = Draft(to="bo-taen", party=Party(adult=2))


@pytest.fixture
def told(portal_database: str) -> Told:
    """Tell a story on an empty portal with the members Noy and Kham of Tha Li, and Noy of Bo Taen too."""

    async def run(story: Callable[[Store[PortalUnitOfWork]], Awaitable[None]]) -> None:
        store = Store(portal_database, PortalUnitOfWork, vault=vault())
        try:
            await _opened(store)
            await story(store)
        finally:
            await store.close()

    return lambda story: asyncio.run(run(story))


async def _opened(store: Store[PortalUnitOfWork]) -> None:
    async with store.work("*") as work:
        for name in ("noy", "kham"):
            account = Account(id=name, name=name, password="", language="th")
            assert await work.open_account(account, name, None, work.now)
            await work.join(name, "tha-li", "coordinator", work.now)
        await work.join("noy", "bo-taen", "coordinator", work.now)


async def begun(store: Store[PortalUnitOfWork], account: str = "noy", draft: Draft = DRAFT) -> str:
    id_ = new_id()
    async with store.work("tha-li") as work:
        await drafts.start_draft(work, id_, account, draft)
    return id_


async def listed(store: Store[PortalUnitOfWork], account: str = "noy", acting: str = "tha-li") -> list[str]:
    async with store.work(acting) as work:
        return [one.id for one in await work.drafts(account)]


def test_a_draft_is_found_by_its_account_for_its_community_and_by_nobody_else(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        id_ = await begun(store)
        for account, acting, found in (("noy", "tha-li", True), ("kham", "tha-li", False), ("noy", "bo-taen", False)):
            async with store.work(acting) as work:
                kept = await work.draft(id_, account)
                assert (kept is not None) == found, (account, acting)
                if account == "kham":
                    assert not await drafts.keep_draft(work, id_, account, DRAFT)
                    await work.discard_draft(id_, account)
        assert await listed(store) == [id_]

    told(story)


def test_row_level_security_is_the_second_wall(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        await begun(store)
        for acting, seen in (("tha-li", 1), ("bo-taen", 0)):
            async with store.work(acting) as work:
                assert await work.connection.fetchval("SELECT count(*) FROM drafts") == seen, acting

    told(story)


def test_what_is_kept_reads_back_and_the_same_form_begins_one_draft(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        id_ = await begun(store)
        async with store.work("tha-li") as work:
            await drafts.start_draft(work, id_, "noy", Draft(to="kok-sathon"))
            assert await drafts.keep_draft(work, id_, "noy", DRAFT.changed(language="lo"))
            kept = await work.draft(id_, "noy")
        assert kept is not None
        assert kept.content == DRAFT.changed(language="lo")
        assert await listed(store) == [id_]

    told(story)


def test_an_offered_draft_leaves_only_which_handoff_it_became(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        id_, handoff = await begun(store), new_id()
        async with store.work("tha-li") as work:
            await drafts.offered(work, id_, "noy", handoff)
            kept = await work.draft(id_, "noy")
            assert kept is not None
            assert (kept.content, kept.offered_as) == (None, handoff)
            assert not await drafts.keep_draft(work, id_, "noy", DRAFT), "nothing is written into it any more"
        assert await listed(store) == []

    told(story)


@pytest.mark.parametrize(("age", "left"), [(KEPT - timedelta(minutes=1), 1), (KEPT, 0)])
def test_a_draft_that_nobody_touches_is_forgotten(told: Told, age: timedelta, left: int) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        await begun(store)
        async with store.work("*") as work:
            await work.connection.execute('UPDATE node.clock SET "offset" = "offset" + $1', age)
        async with store.work("*") as work:
            assert await drafts.sweep(work) == 0
        assert len(await listed(store)) == left

    told(story)


def test_somebody_with_very_many_loses_the_oldest(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        ids = [await begun(store) for _ in range(MOST_DRAFTS + 2)]
        other = await begun(store, "kham")
        assert sorted(await listed(store)) == sorted(ids[2:])
        assert await listed(store, "kham") == [other]

    told(story)


def test_drafts_go_with_the_membership(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        await begun(store)
        async with store.work("*") as work:
            await work.connection.execute("DELETE FROM memberships WHERE account = 'noy'")
        assert await listed(store) == []

    told(story)


def test_one_that_cannot_be_read_any_more_counts_as_forgotten(told: Told) -> None:
    async def story(store: Store[PortalUnitOfWork]) -> None:
        id_ = await begun(store)
        async with store.work("tha-li") as work:
            await work.connection.execute("""UPDATE drafts SET content = '{"to": 7}'""")
        async with store.work("tha-li") as work:
            assert await work.draft(id_, "noy") is None
        assert await listed(store) == []

    told(story)
