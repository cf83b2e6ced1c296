"""Members of a community: invited, in a role, and helped to sign in again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.portal.domain import members
from tests.support.portal_pages import AtPortal, Phone, Site, code_of, coordinators
from tests.support.referral import RECEIVER, SENDER

NEW = "another mountain"


async def audited(site: Site) -> list[tuple[str, str, str]]:
    rows = await site.sql("SELECT who, what, about FROM node.audit ORDER BY n")
    return [(row["who"], row["what"], row["about"]) for row in rows]


# members


def test_a_community_keeps_a_coordinator(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_an_invitation_is_shown_once_counts_once_and_is_kept_as_a_digest(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_an_invitation_ends_by_itself_or_is_withdrawn(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_one_account_joins_a_second_community_and_chooses(at_portal: AtPortal) -> None:
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

    at_portal(story)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Noi", NEW), ("n o i", NEW), ("0812345678", NEW), ("…", NEW), ("Kham", "short"), ("Kham", "khamkham1")],
)
def test_a_name_that_is_taken_or_none_and_a_weak_password_are_refused(
    at_portal: AtPortal, name: str, password: str
) -> None:
    async def story(site: Site) -> None:
        noi = await site.signed_in(await site.account("Noi", (SENDER, "coordinator")), SENDER, "coordinator")
        code = code_of(await noi.post("/members/invite", {"role": "observer"}))
        phone = site.phone()
        await phone.get(f"/join/{code}")
        assert (await phone.post("/join", {"name": name, "password": password})).status_code in (409, 422)
        assert len(await site.sql("SELECT 1 FROM accounts")) == 1
        good = await phone.post("/join", {"name": "Kham", "password": NEW})
        assert good.status_code == 303  # the invitation was not used up

    at_portal(story)


# help to sign in again


async def asked(site: Site, by: Phone, account: str) -> str:
    await by.post(f"/members/{account}/recover")
    return str((await site.sql("SELECT id::text AS id FROM recoveries"))[0]["id"])


def test_two_coordinators_give_a_new_password_and_one_does_not(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_whoever_is_asked_for_can_stop_it_and_nobody_asks_for_themselves(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        (noi, noi_s), (_, kham_s), (dam, dam_s) = await coordinators(site, "Noi", "Kham", "Dam")
        id_ = await asked(site, noi_s, dam)
        assert "Somebody asks for a new password for you" in (await dam_s.get("/account")).text
        await dam_s.post("/account/no-help")
        assert (await kham_s.post(f"/members/recoveries/{id_}")).status_code == 404
        assert (await noi_s.post(f"/members/{noi}/recover")).status_code == 403

    at_portal(story)


def test_coordinators_of_one_community_do_not_take_what_somebody_does_for_another(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_help_is_over_after_three_days() -> None:
    assert members.HELPED == members.INVITED == timedelta(days=3)
