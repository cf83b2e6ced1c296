"""What is asked for after the password."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp

from services.chassis.trust.vault import Vault
from tests.support.portal_pages import PASSWORD, AtPortal, Phone, Site, coordinators
from tests.support.vault import LINES, write


async def with_second_step(phone: Phone) -> tuple[str, list[str]]:
    shown = await phone.post("/account/second", {"current": PASSWORD})
    secret = re.search(r"secret=([A-Z2-7]+)", shown.text)
    assert secret, shown.text
    done = await phone.post("/account/second/code", {"code": pyotp.TOTP(secret.group(1)).now()})
    assert done.status_code == 200, done.text
    return secret.group(1), re.findall(r'<span class="nb">([A-Z0-9]{5}-[A-Z0-9]{5})<', done.text)


def test_the_second_step_is_asked_for_and_each_code_counts_once(at_portal: AtPortal) -> None:
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

    at_portal(story)


def test_guesses_of_the_second_step_are_few_and_need_the_password_first(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        ((_, own),) = await coordinators(site, "Noi")
        _, spare = await with_second_step(own)
        phone = site.phone()
        assert (await phone.post("/signin/code", {"code": spare[0]})).headers["location"] == "/signin"
        await phone.sign_in("Noi")
        codes = [(await phone.post("/signin/code", {"code": f"{n:06d}"})).status_code for n in range(6)]
        assert codes == [422] * 5 + [429]
        assert (await phone.post("/signin/code", {"code": spare[0]})).status_code == 429

    at_portal(story)


def test_a_wrong_code_is_said_to_be_wrong_while_the_step_is_set_up(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        ((_, phone),) = await coordinators(site, "Noi")
        await phone.post("/account/second", {"current": PASSWORD})
        told = [await phone.post("/account/second/code", {"code": f"no{n}"}) for n in range(6)]
        assert [one.status_code for one in told] == [422] * 5 + [429]
        assert all("This code does not count." in one.text for one in told[:5])
        assert "Too many tries" in told[5].text

    at_portal(story)


def test_secrets_are_wrapped_anew_with_the_newest_key_of_the_node(at_portal: AtPortal, tmp_path: Path) -> None:
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

    at_portal(story)
