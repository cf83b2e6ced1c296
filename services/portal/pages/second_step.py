"""Setting up the second step of signing in: a program on the phone shows six digits, new every half minute."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any

import pyotp
from pydantic import Field
from starlette.responses import Response

from services.client import codes
from services.client.phrases.catalogue import N_
from services.portal.domain import tries
from services.portal.domain.second_step import SPARE
from services.portal.handlers import sessions
from services.portal.pages.account import wrong_current
from services.portal.pages.members import picture
from services.portal.pages.signing_in import Password
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: What RFC 4226 asks for.
SECRET_BYTES = 20
NOT_RIGHT = N_("This code does not count. Type the six digits that the phone shows now, and check the phone's clock.")
TOO_MANY = N_("Too many tries: wait a quarter of an hour.")


class Shown(Form):
    """What the program shows."""

    code: Annotated[str, Field(min_length=1, max_length=20)]


class Confirmed(Form):
    """The password, before something that counts is changed."""

    current: Password


async def show(page: PageContext) -> Response:
    """Whether there is one, and how to set it up or end it."""
    return await _page(page)


async def begin(page: PageContext) -> Response:
    """A secret of its own, after the password; it counts once the phone has shown that it has it."""
    if wrong := await _wrong(page):
        return await _page(page, status=422, wrong=wrong)
    secret = secrets.token_bytes(SECRET_BYTES)
    async with page.work() as work:
        await work.want_second_step(page.signed_in.account, secret)
    return _secret_page(page, secret)


async def confirm(page: PageContext) -> Response:
    """The phone has it: from now on it is asked for. The spare codes are shown on this answer and nowhere again."""
    filled, account = page.read(Shown), page.signed_in.account
    spare = [codes.new_code() for _ in range(SPARE)]
    async with page.work() as work:
        tried = await sessions.count(work, (tries.SECOND, account))
        _, wanted, _ = await work.second_step(account)
        code = filled.value.code if filled.value and not tried.wait else ""
        done = bool(code) and await sessions.start_second_step(work, account, code, spare)
        if done:
            await sessions.succeeded(work, tried)
            await work.end_sessions(account, page.signed_in.id)
            work.audit(page.chain, "second_step_set", account)
    if done:
        return page.render("second_spare.html", spare=[codes.spelled(each) for each in spare])
    if not wanted:
        return page.redirect("/account/second")
    wrong = {"code": page.phrases.say(TOO_MANY if tried.wait else NOT_RIGHT)}
    return _secret_page(page, wanted, status=429 if tried.wait else 422, wrong=wrong)


async def end(page: PageContext) -> Response:
    """A password is enough again."""
    if wrong := await _wrong(page):
        return await _page(page, status=422, wrong=wrong)
    async with page.work() as work:
        await work.drop_second_step(page.signed_in.account)
        work.audit(page.community, "second_step_ended", page.signed_in.account)
    return page.redirect("/account")


async def _wrong(page: PageContext) -> dict[str, str]:
    filled = page.read(Confirmed)
    return dict(filled.wrong) if filled.value is None else await wrong_current(page, filled.value.current)


async def _page(page: PageContext, status: int = 200, **values: Any) -> Response:
    async with page.work() as work:
        own = await work.own_account(page.signed_in.account)
        spare = await work.spare_codes(own.id)
    return page.render("second.html", status=status, own=own, spare=spare, **values)


def _secret_page(page: PageContext, secret: bytes, status: int = 200, **values: Any) -> Response:
    text = base64.b32encode(secret).decode()
    url = pyotp.TOTP(text).provisioning_uri(name=page.signed_in.name, issuer_name="Handoff")
    spaced = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return page.render("second_secret.html", status=status, secret=spaced, picture=picture(url), url=url, **values)


PAGES = (
    PageRoute("GET", "/account/second", show, whose="both", begins=True),
    PageRoute("POST", "/account/second", begin, whose="both", begins=True),
    PageRoute("POST", "/account/second/code", confirm, whose="both", begins=True),
    PageRoute("POST", "/account/second/end", end),
)
