"""Operators of the system in the portal: how they sign in, agencies' keys, and what nobody gets from it."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pyotp
import pytest

from contracts import refusals
from contracts.agencies.v1 import (
    AddAgency,
    AgencyStated,
    AgreeAgreement,
    AgreementStated,
    AgreementTerms,
    ProposeAgreement,
)
from contracts.agency_api.v1 import AskLastUse, ListKeys
from contracts.community.v1 import Offering, PublishOffering
from contracts.node.v1 import OF_THE_NODE, ListAudit, VerifyAudit
from contracts.portal.v1 import AddOperator, EndOperator, ListOperators
from contracts.principal import Agency, Member, Operator
from contracts.refusals import No
from services.agency_api.handlers import read_model
from services.chassis.ports import EVERYONE
from services.chassis.process import audit_checkpoints
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.client import agency_keys, codes
from services.client.answers import Refused
from services.portal.domain import accounts
from services.portal.handlers import accounts as opening
from tests.support.community import OFFERINGS
from tests.support.portal_pages import KEPT, PASSWORD, AtPortal, Bus, Phone, Site, code_of, coordinators
from tests.support.referral import SENDER

AGENCY = "mekong-tours"
KEY = re.compile(r'id="key" translate="no">([a-z2-7]{10}\.[A-Za-z0-9_-]{43})<')
#: As the node keeps it, and as `tests.support.portal_pages` judges a password.
HASH = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHR0aGF0aXNsb25n$dCOPV9a0JFNWAWsPqYQ3Kkpsh0iFqTLvjDfhHpmgnzM"


def bus() -> Bus:
    """The command line on the node."""
    return Bus(None, "local_api", Operator(account="local"))


async def added(site: Site, name: str = "Keo") -> str:
    """An operator by the verb, with the password of these tests."""
    made = await bus().send(AddOperator(name=name, password=HASH))
    await site.sql("UPDATE accounts SET password = $2 WHERE id = $1", made.account, KEPT)
    return str(made.account)


async def begun(site: Site) -> Phone:
    """An operator who has signed in and set the second step."""
    await added(site)
    phone = site.phone()
    assert (await phone.sign_in("Keo")).headers["location"] == "/node"
    await with_second_step(phone)
    return phone


async def with_second_step(phone: Phone) -> str:
    shown = await phone.post("/account/second", {"current": PASSWORD})
    secret = re.search(r"secret=([A-Z2-7]+)", shown.text)
    assert secret, shown.text
    done = await phone.post("/account/second/code", {"code": pyotp.TOTP(secret.group(1)).now()})
    assert done.status_code == 200
    assert 'href="/node"' in done.text
    return secret.group(1)


async def with_agency(phone: Phone) -> None:
    """An agency that takes part, of which the agencies' API has heard."""
    said = await phone.post("/node/new-agency", {"agency": AGENCY, "name": "Mekong Tours"})
    assert said.headers["location"] == f"/node/agencies/{AGENCY}"
    async with Bus.stores["agency_api"].work(EVERYONE) as work:
        await read_model.keep_agency(AgencyStated(agency=AGENCY, name="Mekong Tours"), work)


async def made(phone: Phone, **form: str) -> str:
    """A key, from the page that shows it."""
    answer = await phone.post(f"/node/agencies/{AGENCY}/key", {"opens": "book", **form})
    found = KEY.search(answer.text)
    assert found, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return found.group(1)


async def audited(site: Site) -> list[tuple[str, str, str]]:
    rows = await site.sql("SELECT who, what, about FROM node.audit WHERE community = $1 ORDER BY n", OF_THE_NODE)
    return [tuple(row) for row in rows]


# signing in


def test_an_operator_opens_nothing_before_the_second_step_and_is_asked_for_it_from_then_on(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await added(site)
        phone = site.phone()
        assert (await phone.sign_in("Keo")).headers["location"] == "/node"
        for path in ("/node", "/node/agencies", "/account"):
            assert (await phone.get(path)).headers["location"] == "/account/second"
        for path in ("/account/password", "/account/everywhere", f"/account/phones/{new_id()}/end"):
            answer = await phone.post(path, {"current": PASSWORD, "password": "rice and rivers 9"})
            assert answer.headers["location"] == "/account/second"
        secret = await with_second_step(phone)
        assert (await phone.get("/node")).status_code == 200
        assert (await phone.post("/account/second/end", {"current": PASSWORD})).status_code == 404
        other = site.phone()
        assert (await other.sign_in("Keo")).headers["location"] == "/signin/code"
        assert (await other.get("/node")).headers["location"] == "/signin"
        await site.sql("UPDATE accounts SET totp_step = 0")
        assert (await other.post("/signin/code", {"code": pyotp.TOTP(secret).now()})).headers["location"] == "/node"
        assert (await other.get("/")).headers["location"] == "/node"

    at_portal(story)


def test_a_first_password_counts_for_a_day(at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(site: Site) -> None:
        await added(site)
        await site.sql("UPDATE operators SET since = since - interval '25 hours'")
        assert (await site.phone().sign_in("Keo")).status_code == 403
        monkeypatch.setattr(accounts, "BEGINS", timedelta(days=2))
        assert (await site.phone().sign_in("Keo")).headers["location"] == "/node"

    at_portal(story)


def test_who_signed_in_on_the_first_day_and_set_no_second_step_is_signed_out_when_it_is_over(
    at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(site: Site) -> None:
        await added(site)
        late, other = site.phone(), await site.operator("Dam")
        await late.sign_in("Keo")
        assert (await late.get("/account/second")).status_code == 200
        await site.sql("UPDATE operators SET since = since - interval '25 hours'")
        for path in ("/node", "/account/second", "/account"):
            assert (await late.get(path)).headers["location"] == "/signin"
        assert (await other.get("/node")).status_code == 200, "with a second step it goes on"
        monkeypatch.setattr(accounts, "BEGINS", timedelta(days=2))  # the control
        assert (await late.get("/account/second")).status_code == 200

    at_portal(story)


async def signed_in_too(site: Site, name: str = "Keo") -> Phone:
    """The operator on another phone."""
    [(account,)] = await site.sql("SELECT id FROM accounts WHERE name = $1", name)
    return await site.signed_in_operator(account, name)


def test_an_operator_changes_the_password_and_signs_phones_out_and_the_nodes_chain_says_so(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone, stranger = await begun(site), await site.operator("Dam")
        [(account,)] = await site.sql("SELECT id FROM accounts WHERE name = 'Keo'")
        lost = await signed_in_too(site)
        page = (await phone.get("/account")).text
        assert page.count("/account/phones/") == 2
        for foreign in ("/account/leave", "/account/name", "/account/theme", "/today", "/community"):
            assert f'"{foreign}"' not in page
        [(its,)] = await site.sql("SELECT id::text FROM sessions WHERE account = $1 AND device = 'Test'", account)
        assert (await stranger.post(f"/account/phones/{its}/end")).status_code == 404
        assert (await lost.get("/node")).status_code == 200
        assert (await phone.post(f"/account/phones/{its}/end")).headers["location"] == "/account"
        assert (await lost.get("/node")).headers["location"] == "/signin"
        other, better = await signed_in_too(site), {"password": "rice and rivers 9"}
        wrong = await phone.post("/account/password", {"current": "not this one", **better})
        assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
        assert (await phone.post("/account/password", {"current": PASSWORD, **better})).status_code == 303
        assert [(await each.get("/node")).status_code for each in (phone, other)] == [200, 303]
        last = await signed_in_too(site)
        assert (await phone.post("/account/everywhere")).headers["location"] == "/signin"
        assert [(await each.get("/node")).status_code for each in (phone, last, stranger)] == [303, 303, 200]
        own = [what for who, what, about in await audited(site) if (who, about) == (f"operator:{account}", account)]
        assert [what for what in own if what != "sign_in"] == [
            "second_step_set", "phone_signed_out", "password_changed", "signed_out_everywhere",
        ]  # fmt: skip

    at_portal(story)


def test_whoever_looks_after_the_system_acts_for_no_community(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        [(_, noi)] = await coordinators(site, "Noi")
        phone = await begun(site)
        code = code_of(await noi.post("/members/invite", {"role": "coordinator"}))
        await phone.post("/join/code", {"code": code})
        assert "/join/too" not in (await phone.get("/join")).text
        assert (await phone.post("/join/too")).status_code == 404
        [(operator,)] = await site.sql("SELECT account FROM operators")
        async with site.store.work(EVERYONE) as work:
            assert await opening.join_too(work, codes.digest(code), operator) is None
        assert not await site.sql("SELECT FROM memberships JOIN operators USING (account)")
        for path in ("/today", "/account/leave", "/account/community", "/members", "/guests", "/community/export"):
            assert (await phone.get(path)).status_code == 404

    at_portal(story)


def test_a_closed_account_is_signed_out_at_once_and_nobody_elses_is_closed_so(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        [(noi, _)] = await coordinators(site, "Noi")
        phone = await begun(site)
        [one] = (await bus().send(ListOperators())).items
        assert (one.name, one.second) == ("Keo", True)
        with pytest.raises(Refused) as no:
            await bus().send(EndOperator(account=noi))
        assert no.value.code is No.UNKNOWN
        await bus().send(EndOperator(account=one.account))
        assert (await phone.get("/node")).headers["location"] == "/signin"
        assert (await site.phone().sign_in("Keo")).status_code == 422
        assert len(await site.sql("SELECT FROM accounts")) == 1

    at_portal(story)


def test_no_member_adds_an_operator(at_portal: AtPortal) -> None:
    async def story(_: Site) -> None:
        for acting in (SENDER, None):
            member = Bus(None, "portal", Member(account="x", community=SENDER, role="coordinator"), acting)
            with pytest.raises(Refused) as no:
                await member.send(AddOperator(name="Keo", password=HASH))
            assert no.value.code is No.NOT_ALLOWED

    at_portal(story)


# keys


def test_a_key_is_made_shown_once_replaced_and_revoked(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await with_agency(phone)
        first, second = await made(phone), await made(phone, opens="read", last="2099-12-31")
        full = await phone.post(f"/node/agencies/{AGENCY}/key", {"opens": "book"})
        assert (full.status_code, "Two keys open already" in full.text) == (422, True)
        listed = (await phone.get(f"/node/agencies/{AGENCY}")).text
        for key in (first, second):
            assert key.partition(".")[0] in listed
            assert key.partition(".")[2] not in listed
        path = f"/node/keys/{first.partition('.')[0]}/revoke"
        assert "Within a second" in (await phone.get(path)).text
        assert (await phone.post(path)).headers["location"] == f"/node/agencies/{AGENCY}"
        assert (await phone.get(path)).status_code == 303  # there is nothing to revoke any more
        keys = (await bus().send(ListKeys(agency=AGENCY))).items
        assert [(one.prefix, one.scopes, one.revoked_at is None) for one in keys] == [
            (second.partition(".")[0], ("read",), True),
            (first.partition(".")[0], ("read", "book"), False),
        ]

    at_portal(story)


def test_a_form_that_is_sent_twice_makes_one_key_and_shows_it_once(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone, same = await begun(site), new_id()
        await with_agency(phone)
        key = await made(phone, id=same)
        again = await phone.post(f"/node/agencies/{AGENCY}/key", {"opens": "book", "id": same})
        assert (again.status_code, again.headers["location"]) == (303, f"/node/agencies/{AGENCY}")
        assert [one.prefix for one in (await bus().send(ListKeys())).items] == [key.partition(".")[0]]

    at_portal(story)


def test_a_secret_is_in_no_log_no_table_and_no_second_answer(
    at_portal: AtPortal, caplog: pytest.LogCaptureFixture
) -> None:
    """With the control that a secret which is kept somewhere is found."""
    caplog.set_level(logging.DEBUG)

    async def story(site: Site) -> None:
        phone = await begun(site)
        await with_agency(phone)
        secret = (await made(phone)).partition(".")[2]
        assert secret not in caplog.text
        assert secret not in str(phone.last.request.url if phone.last else "")
        for path in ("/node/agencies", f"/node/agencies/{AGENCY}", f"/node/agencies/{AGENCY}/key"):
            assert secret not in (await phone.get(path)).text
        assert not await tables_with(site, secret)
        await site.sql("UPDATE accounts SET phone = $1", secret)
        assert await tables_with(site, secret) == ["portal.accounts"]
        assert secret not in repr(agency_keys.NewKey("abcdefgh23", secret))

    at_portal(story)


async def tables_with(site: Site, text: str) -> list[str]:
    """Where it stands, of all tables."""
    connection = await asyncpg.connect(site.url)
    try:
        names = await connection.fetch(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        )
        holds = "WHERE EXISTS (SELECT FROM {0} t WHERE strpos(t::text, $1) > 0)"
        asked = [f"SELECT '{name}' " + holds.format(name) for (name,) in names]
        return [name for (name,) in await connection.fetch(" UNION ALL ".join(asked), text)]
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"agency": AGENCY, "name": "Another"}, "There is an agency with this id already."),
        ({"agency": "Not An Id", "name": "Another"}, "small letters"),
        ({"agency": "another"}, ""),
    ],
)
def test_an_agency_is_added_once_and_never_renamed_by_it(at_portal: AtPortal, form: dict[str, Any], said: str) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await with_agency(phone)
        answer = await phone.post("/node/new-agency", form)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert "Mekong Tours" in (await phone.get("/node/agencies")).text

    at_portal(story)


def test_an_agency_of_a_moment_ago_and_a_day_that_is_over_are_told_in_words(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await phone.post("/node/new-agency", {"agency": AGENCY, "name": "Mekong Tours"})
        path = f"/node/agencies/{AGENCY}/key"
        early = await phone.post(path, {"opens": "book"})
        assert (early.status_code, "a moment ago" in early.text) == (422, True)
        over = await phone.post(path, {"opens": "book", "last": "2020-01-01"})
        assert (over.status_code, "This day is over." in over.text) == (422, True)
        assert (await phone.post("/node/agencies/nobody/key", {"opens": "book"})).status_code == 404
        assert (await phone.post("/node/keys/abcdefgh23/revoke")).status_code == 404

    at_portal(story)


# the audit


def test_every_act_of_an_operator_stands_in_the_nodes_own_chain(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await with_agency(phone)
        prefix = (await made(phone)).partition(".")[0]
        await phone.post(f"/node/keys/{prefix}/revoke")
        [(account,)] = await site.sql("SELECT account FROM operators")
        await bus().send(AddAgency(agency=AGENCY, name="Mekong"))
        await bus().send(AddAgency(agency=AGENCY, name="Mekong"))  # changes nothing
        await bus().send(EndOperator(account=account))
        own, local, about = f"operator:{account}", "operator:local", f"{AGENCY} {prefix}"
        assert await audited(site) == [
            (local, "operator_added", account), (own, "sign_in", account), (own, "second_step_set", account),
            (own, "agency_added", AGENCY), (own, "agency_key_made", about), (own, "agency_key_revoked", about),
            (local, "agency_renamed", AGENCY), (local, "operator_ended", account),
        ]  # fmt: skip

    at_portal(story)


def test_a_key_is_revoked_once_in_the_audit(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await with_agency(phone)
        prefix = (await made(phone)).partition(".")[0]
        for _ in range(2):
            assert (await phone.post(f"/node/keys/{prefix}/revoke")).status_code == 303
        assert [what for _, what, _ in await audited(site)].count("agency_key_revoked") == 1

    at_portal(story)


def test_no_community_takes_the_nodes_own_chain(at_portal: AtPortal) -> None:
    async def story(_: Site) -> None:
        theirs = OFFERINGS[SENDER].offering.community.model_copy(update={"id": OF_THE_NODE})
        with pytest.raises(Refused) as no:
            await bus().send(PublishOffering(offering=Offering(community=theirs)))
        assert no.value.refusal.reason == "id_is_the_nodes"

    at_portal(story)


def test_the_nodes_own_chain_is_listed_for_an_operator_alone_and_holds(
    at_portal: AtPortal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's key signs it, and nobody tries every 20 s."""
    caplog.set_level(logging.INFO)

    async def story(site: Site) -> None:
        await begun(site)
        store = Bus.stores["community"]
        settings = Settings(database_url=site.url)
        await audit_checkpoints.checkpoint(store, settings)
        assert "not signed" not in caplog.text
        with monkeypatch.context() as off:
            off.setattr(audit_checkpoints, "OF_THE_NODE", "another")
            await audit_checkpoints.checkpoint(store, settings)
        assert "not signed" in caplog.text
        verdict = await audit_checkpoints.verify(store, VerifyAudit(), settings)
        assert (verdict.faults, verdict.entries > 0) == ((), True)
        async with store.work(EVERYONE) as work:
            listed = await audit_checkpoints.listed(ListAudit(community=OF_THE_NODE), work)
        assert [one.what for one in listed] == ["operator_added", "sign_in", "second_step_set"]
        async with store.work(SENDER) as work:
            with pytest.raises(refusals.Refused):
                await audit_checkpoints.listed(ListAudit(community=OF_THE_NODE), work)

    at_portal(story)


# what a community sees of it


def test_a_coordinator_sees_when_an_agency_was_here_while_both_have_agreed(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        [(_, noi)] = await coordinators(site, "Noi")
        phone = await begun(site)
        await with_agency(phone)
        prefix = (await made(phone)).partition(".")[0]
        terms = AgreementTerms(valid_from=date(2027, 1, 4))
        asks = Bus(None, "test", Agency(account=prefix, agency=AGENCY), SENDER)
        await asks.send(ProposeAgreement(agency=AGENCY, terms=terms))
        path, never = f"/agencies/{AGENCY}", "Its software was not here yet."
        assert never not in (await noi.get(path)).text
        member = Bus(None, "portal", Member(account="x", community=SENDER, role="coordinator"), SENDER)
        with pytest.raises(Refused) as no:
            await member.send(AskLastUse(agency=AGENCY))
        assert no.value.code is No.UNKNOWN
        await member.send(AgreeAgreement(agency=AGENCY))
        assert never not in (await noi.get(path)).text  # the agencies' API has not heard of it yet
        async with Bus.stores["agency_api"].work(EVERYONE) as work:
            stated = AgreementStated(
                agency=AGENCY, community=SENDER, state="agreed", terms=terms, since=datetime(2027, 1, 4, tzinfo=UTC)
            )
            await read_model.keep_agreement(stated, work)
        assert never in (await noi.get(path)).text
        async with Bus.stores["agency_api"].work(EVERYONE) as work:
            await work.note_use(prefix, datetime(2027, 1, 5, 3, 4, tzinfo=UTC))
        shown = (await noi.get(path)).text
        assert "10:04" in shown
        assert prefix not in shown
        assert (await member.send(AskLastUse(agency=AGENCY))).last_used == datetime(2027, 1, 5, 3, 4, tzinfo=UTC)
        other = Bus(None, "portal", Member(account="x", community="bo-taen", role="coordinator"), "bo-taen")
        with pytest.raises(Refused):
            await other.send(AskLastUse(agency=AGENCY))

    at_portal(story)
