"""Signing in and out, and the language."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from starlette.responses import Response

from services.chassis.ports import EVERYONE
from services.client.phrases.catalogue import Phrases
from services.portal.domain.accounts import Account
from services.portal.handlers import sessions
from services.portal.site import passwords
from services.portal.site.context import LANGUAGE_COOKIE, PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=128)]
_A_YEAR = 365 * 24 * 3600


class SignIn(Form):
    """Who they say they are."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    password: Password


class ChooseLanguage(Form):
    """What they read."""

    language: Literal["th", "lo", "en"]


async def start(page: PageContext) -> Response:
    """The first page: Today for those who are signed in."""
    return page.redirect("/today" if page.session else "/signin")


async def form(page: PageContext) -> Response:
    """Name and password."""
    return page.redirect("/today") if page.session else page.render("signin.html")


async def sign_in(page: PageContext) -> Response:
    """Start a session, or say that name and password do not fit: never which of them."""
    filled = page.read(SignIn)
    if filled.value is None:
        return page.render("signin.html", status=422, typed=filled.typed, wrong=filled.wrong)
    given, address = filled.value, page.request.client.host if page.request.client else ""
    async with page.site.store.work(EVERYONE) as work:
        tried = await sessions.try_to_sign_in(work, given.name, address)
    if tried.wait:
        return page.render("signin.html", status=429, typed=filled.typed, wait=tried.wait)
    if not await passwords.fits(given.password, tried.account.password if tried.account else None):
        return page.render("signin.html", status=422, typed=filled.typed, left_tries=tried.left)
    assert tried.account is not None
    return await _signed_in(page, tried.account, given.name)


async def _signed_in(page: PageContext, account: Account, name: str) -> Response:
    async with page.site.store.work(EVERYONE) as work:
        members = await sessions.memberships_of(work, account, name)
        if page.request.cookies.get(LANGUAGE_COOKIE):
            await work.speak(account.id, page.phrases.language)
    if not members:
        return page.render("signin.html", status=403, no_community=True, typed={"name": name})
    response = page.redirect("/today")
    await page.site.sessions.start(page.request, account, members[0], response)
    return response


async def sign_out(page: PageContext) -> Response:
    """End the session on this phone, and have the phone forget what it keeps."""
    response = page.redirect("/signin")
    if page.session:
        await page.site.sessions.end(page.session, response)
    return response


async def choose_language(page: PageContext) -> Response:
    """Show everything in another language from now on, and go back to where it was chosen."""
    filled = page.read(ChooseLanguage)
    back = str(page.data.get("back", "/"))
    response = page.redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    if filled.value is None:
        return response
    response.set_cookie(LANGUAGE_COOKIE, filled.value.language, max_age=_A_YEAR, httponly=True, samesite="lax")
    if page.session:
        async with page.site.store.work(EVERYONE) as work:
            await work.speak(page.session.account, Phrases.of(filled.value.language).language)
    return response


PAGES = (
    PageRoute("GET", "/", start, anybody=True),
    PageRoute("GET", "/signin", form, anybody=True),
    PageRoute("POST", "/signin", sign_in, anybody=True),
    PageRoute("POST", "/signout", sign_out, anybody=True),
    PageRoute("POST", "/language", choose_language, anybody=True),
)
