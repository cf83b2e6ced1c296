"""Signing in and out, sessions, and what keeps them apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.permissions import PERMISSIONS
from contracts.portal.v1 import RecoveryView
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain import members, tries
from tests.support import portal_pages as portal
from tests.support.database import Databases
from tests.support.portal_pages import PASSWORD, AtPortal, Site
from tests.support.referral import RECEIVER, SENDER

NEW = "another mountain"


@pytest.fixture
def safely(server: Databases, whole_template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtPortal]:
    portal.without_bus(monkeypatch)
    yield from portal.played(server, whole_template, edge_urls={"portal": "https://portal.test"})


# signing in


def test_signing_in_and_out(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "coordinator"))
        phone = site.phone()
        said = await phone.sign_in("noi")
        assert (said.status_code, said.headers["location"]) == (303, "/today")
        assert [(await phone.get(path)).status_code for path in ("/today", "/account", "/members")] == [200] * 3
        assert (await phone.post("/signout")).headers["location"] == "/signin"
        assert (await phone.get("/account")).headers["location"] == "/signin"

    at_portal(story)


def test_a_session_of_somebody_else_that_was_planted_is_not_signed_in(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        noi, kham = await site.account("Noi", (SENDER, "helper")), await site.account("Kham", (SENDER, "helper"))
        theirs, phone = await site.signed_in(kham, SENDER, "helper"), site.phone()
        planted = theirs.http.cookies["handoff"]
        await phone.sign_in("Noi")
        before = phone.http.cookies["handoff"]
        assert before != planted
        assert (await phone.sign_in("Noi")).headers["location"] == "/today"
        assert phone.http.cookies["handoff"] != before  # and the one before has ended
        held = await site.sql("SELECT account FROM sessions ORDER BY account")
        assert [row["account"] for row in held] == sorted((noi, kham))

    at_portal(story)


@pytest.mark.parametrize("name", ["Noi", "Nobody"])
def test_wrong_passwords_are_few_and_say_nothing_of_whose_name_it_is(at_portal: AtPortal, name: str) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone()
        answers = [await phone.sign_in(name, f"wrong {n}") for n in range(7)]
        assert [each.status_code for each in answers] == [422] * 5 + [429] * 2
        assert (await phone.sign_in(name)).status_code == 429  # the right one too
        said = await site.sql("SELECT count(*) AS n FROM tries")
        assert said[0]["n"] == 10  # five by name, five by address: what was refused counts for nothing

    at_portal(story)


def test_many_tries_at_once_are_no_way_around_the_limit(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone()
        csrf = await phone.token()

        async def guess(n: int) -> int:
            form = {"name": "Noi", "password": f"wrong {n}"}
            return (await phone.post("/signin", form, csrf=csrf)).status_code

        statuses = await asyncio.gather(*(guess(n) for n in range(24)))
        assert sorted(statuses) == [422] * 5 + [429] * 19

    at_portal(story)


def test_control_without_the_lock_more_get_through(at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unlocked(work: PortalUnitOfWork, about: bytes, at: Any) -> list[Any]:
        found = [row["at"] for row in await work.fetch("tries", about, at - tries.DAY)]
        await asyncio.sleep(0.1)
        return found

    monkeypatch.setattr(PortalUnitOfWork, "tries_locked", unlocked)
    with pytest.raises(AssertionError):
        test_many_tries_at_once_are_no_way_around_the_limit(at_portal)


def test_strangers_do_not_lock_an_owner_out_of_their_own_phone(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        own = site.phone("198.51.100.1")
        await own.sign_in("Noi")
        await own.post("/signout")
        for n in range(8):
            await site.phone(f"203.0.113.{n}").sign_in("Noi", "wrong")
        assert (await site.phone("198.51.100.2").sign_in("Noi")).status_code == 429
        assert (await own.sign_in("Noi")).headers["location"] == "/today"

    at_portal(story)


def test_a_known_phone_has_few_tries_too_and_is_known_for_its_own_account_alone(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        await site.account("Kham", (SENDER, "helper"))
        own = site.phone()
        await own.sign_in("Noi")
        await own.post("/signout")
        assert [(await own.sign_in("Noi", "wrong")).status_code for _ in range(6)] == [422] * 5 + [429]
        counted = await site.sql("SELECT count(DISTINCT about) AS n FROM tries")
        await own.sign_in("Kham", "wrong")
        assert (await site.sql("SELECT count(DISTINCT about) AS n FROM tries"))[0]["n"] == counted[0]["n"] + 2

    at_portal(story)


def test_one_address_tries_many_names_only_so_often_and_success_takes_only_its_own_try_back(
    at_portal: AtPortal,
) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone()
        most = tries.LIMITS[tries.ADDRESS][0].most
        for n in range(most - 1):
            assert (await phone.sign_in(f"somebody {n}", "wrong")).status_code == 422
        assert (await site.phone().sign_in("Noi")).status_code == 303
        assert (await phone.sign_in("one more", "wrong")).status_code == 422
        assert (await phone.sign_in("yet another", "wrong")).status_code == 429
        assert (await site.phone("203.0.113.8").sign_in("yet another", "wrong")).status_code == 422

    at_portal(story)


# sessions


def test_a_lost_phone_is_signed_out_by_another_at_once_and_nobody_elses_is(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        noi, kham = await site.account("Noi", (SENDER, "helper")), await site.account("Kham", (SENDER, "helper"))
        lost, found = [await site.signed_in(noi, SENDER, "helper") for _ in range(2)]
        other = await site.signed_in(kham, SENDER, "helper")
        rows = await site.sql("SELECT id::text AS id, account FROM sessions ORDER BY started_at")
        assert [row["account"] for row in rows] == [noi, noi, kham]
        assert (await found.post(f"/account/phones/{rows[2]['id']}/end")).status_code == 404
        assert (await other.get("/account")).status_code == 200
        assert (await found.post(f"/account/phones/{rows[0]['id']}/end")).status_code == 303
        assert (await lost.get("/account")).headers["location"] == "/signin"
        assert (await found.get("/account")).status_code == 200
        assert (await found.post("/account/phones/nothing/end")).status_code == 404

    at_portal(story)


def test_another_password_ends_the_other_phones_and_everywhere_ends_all(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        noi = await site.account("Noi", (SENDER, "helper"))
        one, two = [await site.signed_in(noi, SENDER, "helper") for _ in range(2)]
        wrong = await one.post("/account/password", {"current": "not it", "password": NEW})
        assert wrong.status_code == 422
        easy = await one.post("/account/password", {"current": PASSWORD, "password": "11111111"})
        assert easy.status_code == 422
        done = await one.post("/account/password", {"current": PASSWORD, "password": NEW})
        assert done.status_code == 303
        assert (await two.get("/account")).status_code == 303
        assert (await site.phone().sign_in("Noi")).status_code == 422
        assert (await site.phone().sign_in("Noi", NEW)).status_code == 303
        await one.post("/account/everywhere")
        assert await site.sql("SELECT 1 FROM sessions") == []

    at_portal(story)


def test_a_session_ends_with_its_membership_and_follows_its_role(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        noi = await site.account("Noi", (SENDER, "coordinator"))
        kham = await site.account("Kham", (SENDER, "helper"))
        noi_s, kham_s = await site.signed_in(noi, SENDER, "coordinator"), await site.signed_in(kham, SENDER, "helper")
        assert (await kham_s.get("/members")).status_code == 403
        await noi_s.post(f"/members/{kham}/role", {"role": "coordinator"})
        assert (await kham_s.get("/members")).status_code == 200
        await noi_s.post(f"/members/{kham}/end")
        assert (await kham_s.get("/members")).headers["location"] == "/signin"
        assert (await site.phone().sign_in("Kham")).status_code == 403

    at_portal(story)


# over https


def test_over_https_cookies_are_bound_and_browsers_stay_with_it(safely: AtPortal) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone(base="https://portal.test")
        said = await phone.sign_in("Noi")
        for line in said.headers.get_list("set-cookie"):
            if "Max-Age=0" not in line:
                assert line.startswith("__Host-handoff")
                assert all(word in line for word in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"))
                assert "Domain" not in line
        assert "max-age" in said.headers["strict-transport-security"]
        elsewhere = {"sec-fetch-site": "same-site"}
        assert (await phone.post("/signout", headers=elsewhere)).status_code == 403

    safely(story)


# the second wall


def test_a_query_that_forgets_its_community_sees_its_own_rows_alone(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        noi, kham = await site.account("Noi", (SENDER, "helper")), await site.account("Kham", (RECEIVER, "helper"))
        await site.account("Nobody")
        for account, community in ((noi, SENDER), (kham, RECEIVER)):
            await site.signed_in(account, community, "helper")
            async with site.store.work(community) as work:
                at = await work.machine_now() + timedelta(days=1)
                made = members.Invitation(id=work.new_id(), community=community, role="helper")
                await work.add_invitation(made, account.encode(), "x", at)
                view = {"id": work.new_id(), "name": "x", "asked_by": "x", "confirmed": False, "ends_at": at}
                await work.add_recovery(RecoveryView.model_validate({"account": account, **view}), "x", None)
        own = {"memberships": "account", "sessions": "account", "accounts": "id", "recoveries": "account"}
        for table, column in {**own, "invitations": "convert_from(digest, 'utf8')"}.items():
            for acting, seen in ((SENDER, [noi]), (RECEIVER, [kham]), ("elsewhere", [])):
                async with site.store.work(acting) as work:
                    rows = await work.connection.fetch(f"SELECT {column} AS whose FROM {table}")
                    assert [row["whose"] for row in rows] == seen, (table, acting)
        async with site.store.work("elsewhere") as work:
            for table in ("sessions", "recoveries", "invitations", "memberships"):
                assert await work.connection.execute(f"DELETE FROM {table}") == "DELETE 0", table

    at_portal(story)


def test_what_an_observer_may_do_is_leave() -> None:
    may = {name for name, line in PERMISSIONS.items() if name.startswith("portal.") and "observer" in line.roles}
    assert "portal.leave_community.v1" in may
    assert not may & {"portal.list_members.v1", "portal.invite_member.v1", "portal.change_role.v1"}
