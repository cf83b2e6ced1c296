"""What somebody does to the portal who means harm: a stranger, a member who wants more, a coordinator who had to go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

import pytest

from contracts import permissions
from contracts.permissions import Permission
from contracts.portal.v1 import RecoverMember
from contracts.principal import Member, Operator, Role
from contracts.referral.v1 import WithdrawHandoff
from services.client import codes
from services.portal.domain import members
from services.portal.domain.members import SETTLED
from services.portal.pages import joining
from services.portal.site import passwords
from tests.support.portal_pages import AtPortal, Bus, Phone, Site, code_of, coordinators
from tests.support.referral import RECEIVER, SENDER

NEW = "another mountain"
#: Written the other way round, and what is kept nowhere.
UNFIT = ("Noi\u202eimahK", "Noi\x00")


async def helped(site: Site, asks: Phone, confirms: Phone, account: str) -> str:
    """The code with which somebody may sign in again."""
    await asks.post(f"/members/{account}/recover")
    [row] = await site.sql("SELECT id::text AS id FROM recoveries WHERE account = $1", account)
    return code_of(await confirms.post(f"/members/recoveries/{row['id']}"))


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed, which costs much."""
    found: list[str] = []

    async def counted(password: str) -> str:
        found.append(password)
        return f"plain {password}"

    monkeypatch.setattr(passwords, "hashed", counted)
    return found


# strangers


def test_a_stranger_without_a_code_costs_no_hash(at_portal: AtPortal, hashed: list[str]) -> None:
    async def story(site: Site) -> None:
        phone = site.phone()
        for _ in range(3):
            assert (await phone.post("/recover", {"code": "ABCDE-FGHJK", "password": NEW})).status_code == 422
        assert not hashed
        (_, noi), (_, kham) = await coordinators(site, "Noi", "Kham")
        code = await helped(site, noi, kham, await site.account("Dam", (SENDER, "helper")))
        assert (await phone.post("/recover", {"code": code, "password": NEW})).headers["location"] == "/today"
        assert hashed == [NEW]

    at_portal(story)


async def invited(site: Site) -> Phone:
    """Somebody who wants an account with an invitation, where Noi has one."""
    [(_, noi)] = await coordinators(site, "Noi")
    code, phone = code_of(await noi.post("/members/invite", {"role": "helper"})), site.phone()
    await phone.post("/join/code", {"code": code})
    return phone


def test_a_name_that_is_taken_costs_no_hash(at_portal: AtPortal, hashed: list[str]) -> None:
    async def story(site: Site) -> None:
        phone = await invited(site)
        for name in ("Noi", "n o i", "NOI"):
            said = await phone.post("/join", {"name": name, "password": NEW, "phone": "+66 81 234 5678"})
            assert said.status_code == 422
            assert "Somebody signs in with this name or number already." in said.text
            assert 'value="+66 81 234 5678"' in said.text
        assert not hashed
        assert (await phone.post("/join", {"name": "Kham", "password": NEW})).headers["location"] == "/today"
        assert hashed == [NEW]

    at_portal(story)


def test_who_has_an_account_is_not_found_out_with_an_invitation(at_portal: AtPortal, hashed: list[str]) -> None:
    """From wherever it is tried: what counts is the invitation."""

    async def story(site: Site) -> None:
        phone = await invited(site)
        held, said = phone.http.cookies, list[int]()
        for n in range(8):
            other = site.phone(f"203.0.113.{n}")
            other.http.cookies.update(held)
            said.append((await other.post("/join", {"name": "Noi", "password": NEW})).status_code)
        assert said == [*[422] * 5, *[429] * 3]
        assert (await phone.post("/join", {"name": "Kham", "password": NEW})).status_code == 429
        assert not hashed

    at_portal(story)


@pytest.mark.parametrize("code", ["ก๓", "a\x00b", "\u202e"])
def test_what_no_cookie_holds_is_a_wrong_code(at_portal: AtPortal, code: str) -> None:
    async def story(site: Site) -> None:
        phone = site.phone()
        assert (await phone.post("/join/code", {"code": code})).headers["location"] == "/join"
        assert (await phone.get(f"/join/{quote(code)}")).headers["location"] == "/join"
        assert (await phone.get("/join")).status_code == 200

    at_portal(story)


def test_a_code_is_held_as_it_is_meant() -> None:
    assert joining.holdable("abcde-fghjk") == "ABCDEFGHJK"
    assert joining.holdable("ก; Path=/") == "PATH"
    assert joining.holdable("") == "0"


@pytest.mark.parametrize("back", ["http://[x", "//[x", "/\\x"])
def test_no_way_back_leads_elsewhere_or_fails(at_portal: AtPortal, back: str) -> None:
    async def story(site: Site) -> None:
        said = await site.phone().post("/language", {"language": "lo", "back": back})
        assert (said.status_code, said.headers["location"]) == (303, "/")

    at_portal(story)


@pytest.mark.parametrize("host", ["a b", '"><i>', "[x", "a/b"])
def test_no_public_page_leads_to_what_is_no_host(at_portal: AtPortal, host: str) -> None:
    async def story(site: Site) -> None:
        phone = site.phone()
        for path in ("/en", "/robots.txt"):
            said = await phone.get(path, host=host)
            assert said.status_code == 400
            assert host not in said.text

    at_portal(story)


# members who want more


@pytest.mark.parametrize("name", UNFIT)
def test_no_name_hides_its_owner_from_those_who_decide(at_portal: AtPortal, name: str) -> None:
    async def story(site: Site) -> None:
        [(_, noi)] = await coordinators(site, "Noi")
        code = code_of(await noi.post("/members/invite", {"role": "helper"}))
        phone = site.phone()
        await phone.post("/join/code", {"code": code})
        assert (await phone.post("/join", {"name": name, "password": NEW})).status_code == 422
        kham = await site.signed_in(await site.account("Kham", (SENDER, "observer")), SENDER, "observer")
        assert (await kham.post("/account/name", {"name": name})).status_code == 422
        assert (await noi.get("/members")).status_code == 200

    at_portal(story)


def test_who_has_an_account_is_not_found_out_by_wanting_their_number(at_portal: AtPortal) -> None:
    """A name that is free takes nothing of what was counted before."""

    async def story(site: Site) -> None:
        await coordinators(site, "Noi")
        kham = await site.signed_in(await site.account("Kham", (SENDER, "observer")), SENDER, "observer")
        wanted = [*("Noi", "Kham") * 4, "Noi"]
        said = [(await kham.post("/account/name", {"name": name})).status_code for name in wanted]
        assert said == [*[422, 303] * 4, 422]
        assert (await kham.post("/account/name", {"name": "Noi"})).status_code == 429

    at_portal(story)


async def alone(site: Site, asks: str) -> bool:
    """Whether one coordinator, with a second account that they have invited, gets into Dam's account."""
    (_, noi), (dam, _) = await coordinators(site, "Noi", "Dam")
    code, second = code_of(await noi.post("/members/invite", {"role": "coordinator"})), site.phone()
    await second.post("/join/code", {"code": code})
    assert (await second.post("/join", {"name": "Noi again", "password": NEW})).status_code == 303
    asked, confirmed = (noi, second) if asks == "first" else (second, noi)
    await asked.post(f"/members/{dam}/recover")
    return await confirms(site, confirmed)


async def confirms(site: Site, phone: Phone) -> bool:
    """Whether somebody gets the code of what was asked for, if anything was."""
    for row in await site.sql("SELECT id::text AS id FROM recoveries"):
        return (await phone.post(f"/members/recoveries/{row['id']}")).status_code == 200
    return False


@pytest.mark.parametrize("asks", ["first", "second"])
def test_one_coordinator_does_not_become_two_by_an_invitation(at_portal: AtPortal, asks: str) -> None:
    async def story(site: Site) -> None:
        assert not await alone(site, asks)

    at_portal(story)


@pytest.mark.parametrize("asks", ["first", "second"])
def test_control_one_becomes_two_where_new_members_count(
    at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    monkeypatch.setattr(members, "SETTLED", timedelta())

    async def story(site: Site) -> None:
        assert await alone(site, asks)

    at_portal(story)


@pytest.mark.parametrize(("before", "counts"), [(timedelta(minutes=-1), False), (timedelta(minutes=1), True)])
def test_a_member_counts_who_was_one_for_a_week_when_it_was_asked(
    at_portal: AtPortal, before: timedelta, counts: bool
) -> None:
    """Waiting after it was asked does not help."""

    async def story(site: Site) -> None:
        (_, noi), (dam, _) = await coordinators(site, "Noi", "Dam")
        new = await site.account("Kham", (SENDER, "coordinator"), member_for=SETTLED + before)
        kham = await site.signed_in(new, SENDER, "coordinator")
        await noi.post(f"/members/{dam}/recover")
        await site.sql("UPDATE memberships SET since = since - interval '1 day'")
        await site.sql("UPDATE recoveries SET ends_at = ends_at - interval '1 day'")
        said = (await kham.get("/members")).text
        assert ("/members/recoveries/" in said, "Here that is not so yet" in said) == (counts, not counts)
        assert await confirms(site, kham) is counts

    at_portal(story)


def test_where_all_are_new_the_page_leads_to_the_operator_who_still_can(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        opened = [await site.account(name, (SENDER, "coordinator"), member_for=timedelta()) for name in ("Noi", "Dam")]
        noi = await site.signed_in(opened[0], SENDER, "coordinator")
        said = (await noi.get(f"/members/{opened[1]}")).text
        assert "the operator of the system can give one" in said
        assert f"/members/{opened[1]}/recover" not in said
        code = "ABCDEFGHJK"
        asked = RecoverMember(account=opened[1], digest=codes.digest(code).hex())
        await Bus(None, "portal", Operator(account="x"), SENDER).send(asked)
        phone = site.phone()
        assert (await phone.post("/recover", {"code": code, "password": NEW})).headers["location"] == "/today"

    at_portal(story)


async def read_in_a_story(site: Site, role: Role) -> str:
    """What somebody who does not know the members reads of a handoff that Noi has sent."""
    noi = await site.account("Noi Saelee", (SENDER, "coordinator"))
    referral = await site.net.accepted()
    own = Member(account=noi, community=SENDER, role="coordinator")
    await Bus(None, "portal", own, SENDER).send(WithdrawHandoff(referral=referral))
    reader = await site.signed_in(await site.account("Kham", (SENDER, role)), SENDER, role)
    pages = [await reader.get(f"/handoffs/{referral}{path}") for path in ("", "/depart")]
    assert {page.status_code for page in pages} == {200}
    return "".join(page.text for page in pages)


def test_a_story_tells_sign_in_names_only_to_those_who_may_list_members(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        said = await read_in_a_story(site, "helper")
        assert "Noi" not in said
        assert said.count(">a member<") == 2

    at_portal(story)


def test_control_who_may_list_members_reads_their_names(at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    may = Permission("community", permissions.PERMISSIONS["referral.show_handoff.v1"].roles)
    opened: Mapping[str, Permission] = {**permissions.PERMISSIONS, "portal.list_members.v1": may}
    monkeypatch.setattr(permissions, "PERMISSIONS", opened)

    async def story(site: Site) -> None:
        assert (await read_in_a_story(site, "helper")).count(">Noi Saelee<") == 2

    at_portal(story)


@pytest.mark.parametrize("go", ["end", "role"])
def test_a_coordinator_who_had_to_go_comes_back_by_no_code_of_theirs(at_portal: AtPortal, go: str) -> None:
    async def story(site: Site) -> None:
        (_, noi), (kham, kham_s), (_, _) = await coordinators(site, "Noi", "Kham", "Dam")
        dam = await site.account("Seng", (SENDER, "helper"))
        own = code_of(await kham_s.post("/members/invite", {"role": "coordinator"}))
        others = code_of(await noi.post("/members/invite", {"role": "helper"}))
        help_ = await helped(site, noi, kham_s, dam)
        assert (await noi.post(f"/members/{kham}/{go}", {"role": "observer"})).status_code == 303
        back = site.phone()
        await back.post("/join/code", {"code": own})
        assert (await back.post("/join", {"name": "Kham again", "password": NEW})).status_code == 422
        assert (await back.post("/recover", {"code": help_, "password": NEW})).status_code == 422
        await back.post("/join/code", {"code": others})
        assert (await back.post("/join", {"name": "Thip", "password": NEW})).headers["location"] == "/today"

    at_portal(story)


def test_help_that_coordinators_gave_stays_theirs_when_they_are_gone(at_portal: AtPortal) -> None:
    """Only the operator of the system decides over what somebody does for two communities."""

    async def story(site: Site) -> None:
        (_, noi), (kham, kham_s), _ = await coordinators(site, "Noi", "Kham", "Dam")
        late = await site.account("Late", (SENDER, "helper"))
        code = await helped(site, noi, kham_s, late)
        async with site.store.work("*") as work:
            await work.join(late, RECEIVER, "coordinator", await work.machine_now())
            await work.end_membership(kham, SENDER)  # and what they began is left, as by another way
        assert (await site.phone().post("/recover", {"code": code, "password": NEW})).status_code == 422
        assert (await site.phone().sign_in("Late")).status_code == 303

    at_portal(story)


@pytest.mark.parametrize("body", ['{"scans":' + "[" * 90_000 + "]" * 90_000 + "}", '{"scans": [{"id": "\\ud800"}]}'])
def test_no_scan_makes_the_portal_fail(at_portal: AtPortal, body: str) -> None:
    async def story(site: Site) -> None:
        [(_, noi)] = await coordinators(site, "Noi")
        headers = {"x-csrf-token": await noi.token(), "content-type": "application/json"}
        assert (await noi.http.post("/receive/scans", content=body, headers=headers)).status_code in (200, 422)

    at_portal(story)


def test_no_day_of_an_address_is_too_far(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        [(_, noi)] = await coordinators(site, "Noi")
        assert (await noi.get("/guests?day=9999-12-31")).status_code == 200

    at_portal(story)
