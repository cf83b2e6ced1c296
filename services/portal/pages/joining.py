"""Becoming a member with a code, and signing in again with one.

A link with a code is exchanged for a cookie at once, so that the code stands in no address that is looked at, kept or
sent on; looking at it uses nothing up, for programs that pass a message on look at its links.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from contracts.values import DisplayName
from services.client import codes
from services.portal.domain import accounts, tries
from services.portal.domain.accounts import Account, phone_number
from services.portal.domain.members import Invitation
from services.portal.handlers import accounts as opening
from services.portal.handlers import sessions
from services.portal.pages.signing_in import Password, signed_in
from services.portal.site import passwords
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: So long a phone holds a code that it was given.
HELD = timedelta(hours=1)


class GivenCode(Form):
    """A code as it is typed."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class NewAccount(Form):
    """Who they want to be."""

    name: DisplayName
    phone: Annotated[str | None, Field(max_length=30)] = None
    password: Password


class NewPassword(GivenCode):
    """A code, and the password that counts from now on."""

    password: Password


async def follow(page: PageContext) -> Response:
    """A link with a code: keep it on this phone alone, and go on without it."""
    response = page.redirect("/join")
    page.site.sessions.keep(response, page.site.sessions.code_cookie, holdable(page.request.path_params["code"]), HELD)
    return response


async def form(page: PageContext) -> Response:
    """The code, if there is none yet; else name and password, or joining with the account that one has."""
    invited, _ = await _invited(page) if _held(page) else (None, None)
    return page.render("join.html", invited=invited, stale=bool(_held(page)) and invited is None)


async def give_code(page: PageContext) -> Response:
    """A code that was read out."""
    filled = page.read(GivenCode)
    if filled.value is None:
        return page.render("join.html", status=422, invited=None, stale=False, wrong=filled.wrong)
    response = page.redirect("/join")
    page.site.sessions.keep(response, page.site.sessions.code_cookie, holdable(filled.value.code), HELD)
    return response


async def join(page: PageContext) -> Response:
    """With a new account."""
    filled, (invited, wait) = page.read(NewAccount), await _invited(page)
    if invited is None:
        return page.render("join.html", status=429 if wait else 422, invited=None, stale=True, wait=wait)
    wrong = dict(filled.wrong)
    if (given := filled.value) is not None:
        wrong |= wrong_account(page, given.name, given.phone, given.password)
    if given is None or wrong:
        return page.render("join.html", status=422, invited=invited, stale=False, typed=filled.typed, wrong=wrong)
    status, wrong = await _taken(page, invited, given)
    if wrong:
        return page.render("join.html", status=status, invited=invited, stale=False, typed=filled.typed, wrong=wrong)
    wanted = Account(
        id="", name=given.name, password=await passwords.hashed(given.password), language=page.phrases.language
    )
    async with page.work() as work:
        phone = phone_number(given.phone or "")
        done = await opening.join_anew(work, codes.digest(_held(page)), wanted, phone)
        account = await work.account_named(accounts.sign_in_name(given.name), None) if done else None
    return await _arrived(page, account)


async def join_too(page: PageContext) -> Response:
    """With the account of whoever is signed in."""
    invited, wait = await _invited(page)
    if invited is None:
        return page.render("join.html", status=429 if wait else 422, invited=None, stale=True, wait=wait)
    async with page.work() as work:
        done = await opening.join_too(work, codes.digest(_held(page)), page.signed_in.account)
    response = page.redirect("/account/community" if done else "/join")
    page.site.sessions.drop(response, page.site.sessions.code_cookie)
    return response


async def recover_form(page: PageContext) -> Response:
    """A code from two coordinators, or from the operator of the system."""
    return page.render("recover.html")


async def recover(page: PageContext) -> Response:
    """A new password with it. Signed out everywhere, this phone is signed in."""
    filled = page.read(NewPassword)
    if filled.value is None:
        return page.render("recover.html", status=422, typed=filled.typed, wrong=filled.wrong)
    given = filled.value
    if weak := wrong_password(page, given.password, ""):
        return page.render("recover.html", status=422, typed=filled.typed, wrong=weak)
    digest, account = codes.digest(given.code), None
    async with page.work() as work:
        tried = await sessions.count(work, (tries.CODE, page.place))
        is_open = not tried.wait and await work.has_recovery(digest, await work.machine_now())
    if is_open:  # a hash costs much: whoever has no code gets none
        kept = await passwords.hashed(given.password)
        async with page.work() as work:
            if account := await opening.recover(work, digest, kept):
                await sessions.succeeded(work, tried)
    if account is None:
        return page.render("recover.html", status=429 if tried.wait else 422, typed={}, tried=tried)
    return await signed_in(page, account)


def wrong_account(page: PageContext, name: str, phone: str | None, password: str | None = None) -> dict[str, str]:
    """What is wrong with a name, a number and a password, by field."""
    gettext, wrong = page.phrases.gettext, dict[str, str]()
    if not accounts.sign_in_name(name) or phone_number(name):
        wrong["name"] = gettext("Choose a name with letters; your number goes into the field below.")
    if phone and not phone_number(phone):
        wrong["phone"] = gettext("This is no phone number: digits, with + and the country first if you like.")
    return wrong | (wrong_password(page, password, name) if password is not None else {})


def wrong_password(page: PageContext, password: str, name: str) -> dict[str, str]:
    """Why a password will not do."""
    gettext = page.phrases.gettext
    sentences = {
        "short": gettext("Use at least 8 letters, digits or signs."),
        "name": gettext("The password may not have your name in it."),
        "easy": gettext("This password is too easy to guess."),
    }
    weak = accounts.weakness(password, name)
    return {"password": sentences[weak]} if weak else {}


def holdable(text: str) -> str:
    """A code as a cookie can hold it; what has no sign of a code stays wrong."""
    return "".join(sign for sign in codes.bare(text) if sign.isascii())[:40] or "0"


def _held(page: PageContext) -> str:
    return page.request.cookies.get(page.site.sessions.code_cookie, "")


async def _invited(page: PageContext) -> tuple[Invitation | None, object]:
    """What the code of this phone invites to; a wrong one is a try, and so many count from one place."""
    async with page.work() as work:
        tried = await sessions.count(work, (tries.CODE, page.place))
        if tried.wait:
            return None, tried.wait
        invited = await work.invitation_of(codes.digest(_held(page)), await work.machine_now())
        if invited:
            await sessions.succeeded(work, tried)
    return invited, None


async def _taken(page: PageContext, invited: Invitation, given: NewAccount) -> tuple[int, dict[str, str]]:
    """Why nothing is hashed for a name or number yet: a hash costs much, and each try with an invitation counts."""
    key, phone = accounts.sign_in_name(given.name), phone_number(given.phone or "")
    async with page.work() as work:
        tried = await sessions.count(work, (tries.TAKEN, invited.id))
        if tried.wait:
            return 429, {"name": page.phrases.gettext("Too many tries: wait a quarter of an hour.")}
        if await work.account_named(key, phone):
            return 422, {"name": page.phrases.gettext("Somebody signs in with this name or number already.")}
    return 200, {}


async def _arrived(page: PageContext, account: Account | None) -> Response:
    if account is None:
        return page.render("join.html", status=422, invited=None, stale=True)
    async with page.work() as work:
        members = await work.memberships(account.id)
    response = page.redirect("/today")
    await page.site.sessions.start(page.request, account, members[0], response)
    page.site.sessions.drop(response, page.site.sessions.code_cookie)
    return response


PAGES = (
    PageRoute("GET", "/join", form, anybody=True),
    PageRoute("POST", "/join", join, anybody=True),
    PageRoute("POST", "/join/code", give_code, anybody=True),
    PageRoute("POST", "/join/too", join_too),
    PageRoute("GET", "/join/{code}", follow, anybody=True),
    PageRoute("GET", "/recover", recover_form, anybody=True),
    PageRoute("POST", "/recover", recover, anybody=True),
)
