"""Accounts and sessions of the portal, through its pages and its tables."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from contracts.permissions import PERMISSIONS
from contracts.portal.v1 import RecoveryView
from services.chassis.trust.vault import Vault
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain import members, tries
from tests.support import portal_pages as portal
from tests.support.database import Databases
from tests.support.portal_pages import PASSWORD, Phone, Site
from tests.support.referral import RECEIVER, SENDER
from tests.support.vault import LINES, write

Play = Callable[[Callable[[Site], Any]], None]
NEW = "another mountain"


@pytest.fixture(scope="module")
def made(server: Databases) -> str:
    return portal.template(server)


@pytest.fixture
def play(server: Databases, made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    portal.without_bus(monkeypatch)
    yield from portal.played(server, made)


@pytest.fixture
def play_safe(server: Databases, made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    portal.without_bus(monkeypatch)
    yield from portal.played(server, made, edge_urls={"portal": "https://portal.test"})


def code_of(answer: httpx.Response) -> str:
    found = re.search(r'id="given"><span class="nb" translate="no">([A-Z0-9-]+)<', answer.text)
    assert found, answer.text
    return found.group(1)


async def audited(site: Site) -> list[tuple[str, str, str]]:
    rows = await site.sql("SELECT who, what, about FROM node.audit ORDER BY n")
    return [(row["who"], row["what"], row["about"]) for row in rows]


# signing in


def test_signing_in_and_out(play: Play) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "coordinator"))
        phone = site.phone()
        said = await phone.sign_in("noi")
        assert (said.status_code, said.headers["location"]) == (303, "/today")
        assert [(await phone.get(path)).status_code for path in ("/today", "/account", "/members")] == [200] * 3
        assert (await phone.post("/signout")).headers["location"] == "/signin"
        assert (await phone.get("/account")).headers["location"] == "/signin"

    play(story)


def test_a_session_of_somebody_else_that_was_planted_is_not_signed_in(play: Play) -> None:
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

    play(story)


@pytest.mark.parametrize("name", ["Noi", "Nobody"])
def test_wrong_passwords_are_few_and_say_nothing_of_whose_name_it_is(play: Play, name: str) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone()
        answers = [await phone.sign_in(name, f"wrong {n}") for n in range(7)]
        assert [each.status_code for each in answers] == [422] * 5 + [429] * 2
        assert (await phone.sign_in(name)).status_code == 429  # the right one too
        said = await site.sql("SELECT count(*) AS n FROM tries")
        assert said[0]["n"] == 10  # five by name, five by address: what was refused counts for nothing

    play(story)


def test_many_tries_at_once_are_no_way_around_the_limit(play: Play) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        phone = site.phone()
        csrf = await phone.token()

        async def guess(n: int) -> int:
            form = {"name": "Noi", "password": f"wrong {n}"}
            return (await phone.post("/signin", form, csrf=csrf)).status_code

        statuses = await asyncio.gather(*(guess(n) for n in range(24)))
        assert sorted(statuses) == [422] * 5 + [429] * 19

    play(story)


def test_control_without_the_lock_more_get_through(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unlocked(work: PortalUnitOfWork, about: bytes, at: Any) -> list[Any]:
        found = [row["at"] for row in await work.fetch("tries", about, at - tries.DAY)]
        await asyncio.sleep(0.1)
        return found

    monkeypatch.setattr(PortalUnitOfWork, "tries_locked", unlocked)
    with pytest.raises(AssertionError):
        test_many_tries_at_once_are_no_way_around_the_limit(play)


def test_strangers_do_not_lock_an_owner_out_of_their_own_phone(play: Play) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        own = site.phone("198.51.100.1")
        await own.sign_in("Noi")
        await own.post("/signout")
        for n in range(8):
            await site.phone(f"203.0.113.{n}").sign_in("Noi", "wrong")
        assert (await site.phone("198.51.100.2").sign_in("Noi")).status_code == 429
        assert (await own.sign_in("Noi")).headers["location"] == "/today"

    play(story)


def test_a_known_phone_has_few_tries_too_and_is_known_for_its_own_account_alone(play: Play) -> None:
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

    play(story)


def test_one_address_tries_many_names_only_so_often_and_success_takes_only_its_own_try_back(play: Play) -> None:
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

    play(story)


# sessions


def test_a_lost_phone_is_signed_out_by_another_at_once_and_nobody_elses_is(play: Play) -> None:
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

    play(story)


def test_another_password_ends_the_other_phones_and_everywhere_ends_all(play: Play) -> None:
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

    play(story)


def test_a_session_ends_with_its_membership_and_follows_its_role(play: Play) -> None:
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

    play(story)


# members


def test_a_community_keeps_a_coordinator(play: Play) -> None:
    async def story(site: Site) -> None:
        noi = await site.account("Noi", (SENDER, "coordinator"))
        kham = await site.account("Kham", (SENDER, "coordinator"))
        noi_s, kham_s = [await site.signed_in(one, SENDER, "coordinator") for one in (noi, kham)]
        await asyncio.gather(
            noi_s.post(f"/members/{kham}/role", {"role": "helper"}),
            kham_s.post(f"/members/{noi}/role", {"role": "helper"}),
        )
        left = await site.sql("SELECT account FROM memberships WHERE role = 'coordinator'")
        assert len(left) == 1
        last = noi_s if left[0]["account"] == noi else kham_s
        for path in ("/account/leave", f"/members/{left[0]['account']}/end"):
            assert (await last.post(path)).status_code == 409
        assert (await last.post(f"/members/{left[0]['account']}/role", {"role": "observer"})).status_code == 409

    play(story)


def test_an_invitation_is_shown_once_counts_once_and_is_kept_as_a_digest(play: Play) -> None:
    async def story(site: Site) -> None:
        noi = await site.signed_in(await site.account("Noi", (SENDER, "coordinator")), SENDER, "coordinator")
        shown = await noi.post("/members/invite", {"role": "helper"})
        code = code_of(shown)
        bare = code.replace("-", "")
        kept = await site.sql("SELECT invitations::text AS row FROM invitations")
        answered = await site.sql("SELECT answers::text AS row FROM answers")
        assert not any(bare in row["row"] or code in row["row"] for row in (*kept, *answered))
        kham = site.phone()
        followed = await kham.get(f"/join/{bare}")
        assert (followed.status_code, followed.headers["location"]) == (303, "/join")
        form = {"name": "Kham", "password": NEW, "phone": "+66 81 234 5678"}
        assert (await kham.post("/join", form)).headers["location"] == "/today"
        assert (await kham.get("/today")).status_code == 200
        again = site.phone()
        await again.post("/join/code", {"code": code.lower()})
        assert (await again.post("/join", {"name": "Dam", "password": NEW})).status_code == 422
        assert (await site.phone().sign_in("+66812345678", NEW)).status_code == 303
        assert bare not in repr(await audited(site))

    play(story)


def test_an_invitation_ends_by_itself_or_is_withdrawn(play: Play) -> None:
    async def story(site: Site) -> None:
        noi = await site.signed_in(await site.account("Noi", (SENDER, "coordinator")), SENDER, "coordinator")
        for end in ("UPDATE invitations SET ends_at = clock_timestamp()", ""):
            code = code_of(await noi.post("/members/invite", {"role": "coordinator"}))
            row = (await site.sql("SELECT id::text AS id FROM invitations ORDER BY ends_at DESC"))[0]
            if end:
                await site.sql(end)
            else:
                await noi.post(f"/members/invitations/{row['id']}/withdraw")
            phone = site.phone()
            await phone.post("/join/code", {"code": code})
            assert (await phone.post("/join", {"name": "Kham", "password": NEW})).status_code == 422

    play(story)


def test_one_account_joins_a_second_community_and_chooses(play: Play) -> None:
    async def story(site: Site) -> None:
        await site.account("Noi", (SENDER, "helper"))
        kham = await site.signed_in(await site.account("Kham", (RECEIVER, "coordinator")), RECEIVER, "coordinator")
        code = code_of(await kham.post("/members/invite", {"role": "observer"}))
        noi = site.phone()
        await noi.get(f"/join/{code}")
        assert (await noi.sign_in("Noi")).headers["location"] == "/join"
        assert (await noi.post("/join/too")).headers["location"] == "/account/community"
        await noi.post("/account/community", {"community": RECEIVER})
        rows = await site.sql("SELECT community FROM sessions WHERE device <> 'Test'")
        assert [row["community"] for row in rows] == [RECEIVER]
        assert (await noi.post("/account/community", {"community": "elsewhere"})).status_code == 404
        fresh = site.phone()
        assert (await fresh.sign_in("Noi")).headers["location"] == "/account/community"

    play(story)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Noi", NEW), ("n o i", NEW), ("0812345678", NEW), ("…", NEW), ("Kham", "short"), ("Kham", "khamkham1")],
)
def test_a_name_that_is_taken_or_none_and_a_weak_password_are_refused(play: Play, name: str, password: str) -> None:
    async def story(site: Site) -> None:
        noi = await site.signed_in(await site.account("Noi", (SENDER, "coordinator")), SENDER, "coordinator")
        code = code_of(await noi.post("/members/invite", {"role": "observer"}))
        phone = site.phone()
        await phone.get(f"/join/{code}")
        assert (await phone.post("/join", {"name": name, "password": password})).status_code in (409, 422)
        assert len(await site.sql("SELECT 1 FROM accounts")) == 1
        good = await phone.post("/join", {"name": "Kham", "password": NEW})
        assert good.status_code == 303  # the invitation was not used up

    play(story)


# help to sign in again


async def coordinators(site: Site, *names: str) -> list[tuple[str, Phone]]:
    made = [await site.account(name, (SENDER, "coordinator")) for name in names]
    return [(each, await site.signed_in(each, SENDER, "coordinator")) for each in made]


async def asked(site: Site, by: Phone, account: str) -> str:
    await by.post(f"/members/{account}/recover")
    return str((await site.sql("SELECT id::text AS id FROM recoveries"))[0]["id"])


def test_two_coordinators_give_a_new_password_and_one_does_not(play: Play) -> None:
    async def story(site: Site) -> None:
        (_noi, noi_s), (_, kham_s), (dam, dam_s) = await coordinators(site, "Noi", "Kham", "Dam")
        id_ = await asked(site, noi_s, dam)
        assert (await noi_s.post(f"/members/recoveries/{id_}")).status_code == 403  # who asked
        assert (await dam_s.post(f"/members/recoveries/{id_}")).status_code == 403  # whom it is for
        code = code_of(await kham_s.post(f"/members/recoveries/{id_}"))
        new = site.phone()
        assert (await new.post("/recover", {"code": code, "password": "12345678"})).status_code == 422
        assert (await new.post("/recover", {"code": code, "password": NEW})).headers["location"] == "/today"
        assert (await dam_s.get("/today")).headers["location"] == "/signin"
        assert (await site.phone().sign_in("Dam")).status_code == 422
        assert (await site.phone().post("/recover", {"code": code, "password": NEW})).status_code == 422
        lines = [(what, about) for _, what, about in await audited(site) if "recover" in what]
        assert lines == [("ask_recovery", dam), ("confirm_recovery", dam), ("recovered", dam)]
        told = repr(await audited(site))
        assert not any(name in told for name in ("Noi", "Kham", "Dam", code))

    play(story)


def test_whoever_is_asked_for_can_stop_it_and_nobody_asks_for_themselves(play: Play) -> None:
    async def story(site: Site) -> None:
        (noi, noi_s), (_, kham_s), (dam, dam_s) = await coordinators(site, "Noi", "Kham", "Dam")
        id_ = await asked(site, noi_s, dam)
        assert "Somebody asks for a new password for you" in (await dam_s.get("/account")).text
        await dam_s.post("/account/no-help")
        assert (await kham_s.post(f"/members/recoveries/{id_}")).status_code == 404
        assert (await noi_s.post(f"/members/{noi}/recover")).status_code == 403

    play(story)


def test_coordinators_of_one_community_do_not_take_what_somebody_does_for_another(play: Play) -> None:
    async def story(site: Site) -> None:
        (_, noi_s), (_, kham_s) = await coordinators(site, "Noi", "Kham")
        both = await site.account("Both", (SENDER, "helper"), (RECEIVER, "coordinator"))
        assert (await noi_s.post(f"/members/{both}/recover")).status_code == 403
        late = await site.account("Late", (SENDER, "helper"))
        code = code_of(await kham_s.post(f"/members/recoveries/{await asked(site, noi_s, late)}"))
        async with site.store.work("*") as work:  # joins the other community while the code is under way
            await work.join(late, RECEIVER, "coordinator", await work.machine_now())
        assert (await site.phone().post("/recover", {"code": code, "password": NEW})).status_code == 422
        assert (await site.phone().sign_in("Late")).status_code == 303

    play(story)


def test_help_is_over_after_three_days() -> None:
    assert members.HELPED == members.INVITED == timedelta(days=3)


# second step


async def with_second_step(phone: Phone) -> tuple[str, list[str]]:
    shown = await phone.post("/account/second", {"current": PASSWORD})
    secret = re.search(r"secret=([A-Z2-7]+)", shown.text)
    assert secret, shown.text
    done = await phone.post("/account/second/code", {"code": pyotp.TOTP(secret.group(1)).now()})
    assert done.status_code == 200, done.text
    return secret.group(1), re.findall(r'<span class="nb">([A-Z0-9]{5}-[A-Z0-9]{5})<', done.text)


def test_the_second_step_is_asked_for_and_each_code_counts_once(play: Play) -> None:
    async def story(site: Site) -> None:
        ((_noi, own),) = await coordinators(site, "Noi")
        secret, spare = await with_second_step(own)
        assert len(spare) == 8
        kept = repr(await site.sql("SELECT accounts::text FROM accounts"))
        assert secret not in kept
        assert "test-new." in kept
        phone = site.phone()
        assert (await phone.sign_in("Noi")).headers["location"] == "/signin/code"
        assert (await phone.get("/today")).headers["location"] == "/signin"  # the password alone opens nothing
        used = pyotp.TOTP(secret).now()
        assert (await phone.post("/signin/code", {"code": used})).status_code == 422  # was taken when it was set up
        assert (await phone.post("/signin/code", {"code": spare[0]})).headers["location"] == "/today"
        other = site.phone()
        await other.sign_in("Noi")
        assert (await other.post("/signin/code", {"code": spare[0]})).status_code == 422
        await site.sql("UPDATE accounts SET totp_step = 0")
        await site.sql("DELETE FROM tries")
        assert (await other.post("/signin/code", {"code": pyotp.TOTP(secret).now()})).status_code == 303

    play(story)


def test_guesses_of_the_second_step_are_few_and_need_the_password_first(play: Play) -> None:
    async def story(site: Site) -> None:
        ((_, own),) = await coordinators(site, "Noi")
        _, spare = await with_second_step(own)
        phone = site.phone()
        assert (await phone.post("/signin/code", {"code": spare[0]})).headers["location"] == "/signin"
        await phone.sign_in("Noi")
        codes = [(await phone.post("/signin/code", {"code": f"{n:06d}"})).status_code for n in range(6)]
        assert codes == [422] * 5 + [429]
        assert (await phone.post("/signin/code", {"code": spare[0]})).status_code == 429

    play(story)


def test_secrets_are_wrapped_anew_with_the_newest_key_of_the_node(play: Play, tmp_path: Path) -> None:
    async def story(site: Site) -> None:
        ((noi, own),) = await coordinators(site, "Noi")
        await with_second_step(own)
        before = Vault(write(tmp_path / "node.keys", LINES[1]))
        async with site.store.work("*") as work:
            plain, _, _ = await work.second_step(noi)
            assert plain is not None
            old = before.wrap(plain, about=f"totp {noi}")
            await work.connection.execute("UPDATE accounts SET totp = $1, totp_wanted = $1", old)
            assert [await work.rewrap(10), await work.rewrap(10)] == [1, 0]
            assert (await work.second_step(noi))[:2] == (plain, plain)
        kept = (await site.sql("SELECT totp, totp_wanted FROM accounts"))[0]
        assert [text.partition(".")[0] for text in kept] == ["test-new"] * 2

    play(story)


# over https


def test_over_https_cookies_are_bound_and_browsers_stay_with_it(play_safe: Play) -> None:
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

    play_safe(story)


# the second wall


def test_a_query_that_forgets_its_community_sees_its_own_rows_alone(play: Play) -> None:
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

    play(story)


def test_what_an_observer_may_do_is_leave() -> None:
    may = {name for name, line in PERMISSIONS.items() if name.startswith("portal.") and "observer" in line.roles}
    assert "portal.leave_community.v1" in may
    assert not may & {"portal.list_members.v1", "portal.invite_member.v1", "portal.change_role.v1"}
