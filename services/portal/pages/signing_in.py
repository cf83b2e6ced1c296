"""Signing in and out, and the language."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from starlette.responses import Response

from services.client.phrases.catalogue import Phrases
from services.portal.domain import tries
from services.portal.domain.accounts import LONGEST, Account
from services.portal.handlers import sessions
from services.portal.site import passwords, security
from services.portal.site.context import LANGUAGE_COOKIE, PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=128)]


class SignIn(Form):
    """Who they say they are."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    password: Password


class SecondStep(Form):
    """What their phone shows, or a spare code."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class ChooseLanguage(Form):
    """What they read."""

    language: Literal["th", "lo", "en"]


async def start(page: PageContext) -> Response:
    """The first page: for those who are signed in, where they begin."""
    return page.redirect(page.home if page.session else "/signin")


async def form(page: PageContext) -> Response:
    """Name and password."""
    return page.redirect(page.home) if page.session else page.render("signin.html")


async def sign_in(page: PageContext) -> Response:
    """Start a session, or say that name and password do not fit: never which of them."""
    filled = page.read(SignIn)
    if filled.value is None:
        return page.render("signin.html", status=422, typed=filled.typed, wrong=filled.wrong)
    given, phone = filled.value, page.site.sessions.phone(page.request)
    async with page.work() as work:
        tried = await sessions.try_to_sign_in(work, given.name, page.place, phone)
    if tried.wait:
        return page.render("signin.html", status=429, typed=filled.typed, wait=tried.wait)
    if not await passwords.fits(given.password, tried.account.password if tried.account else None):
        return page.render("signin.html", status=422, typed=filled.typed, left_tries=tried.left)
    assert tried.account is not None
    async with page.work() as work:
        await sessions.succeeded(work, tried)
    if tried.account.second:
        response = page.redirect("/signin/code")
        await page.site.sessions.ask_second_step(tried.account, response)
        return response
    return await signed_in(page, tried.account)


async def second_form(page: PageContext) -> Response:
    """What the phone shows, after the password."""
    account = await page.site.sessions.at_second_step(page.request)
    return page.render("signin_code.html") if account else page.redirect("/signin")


async def take_second_step(page: PageContext) -> Response:
    """The second step; whoever fails it has shown the password already, so it counts by the account alone."""
    account = await page.site.sessions.at_second_step(page.request)
    if account is None:
        return page.redirect("/signin")
    filled = page.read(SecondStep)
    if filled.value is None:
        return page.render("signin_code.html", status=422, wrong=filled.wrong)
    async with page.work() as work:
        tried = await sessions.count(work, (tries.SECOND, account.id))
        if not tried.wait and await sessions.take_second_step(work, account.id, filled.value.code):
            await sessions.succeeded(work, tried)
            tried = replace(tried, account=account)
    if tried.account is None:
        return page.render("signin_code.html", status=429 if tried.wait else 422, tried=tried)
    await page.site.sessions.took_second_step(page.request)
    return await signed_in(page, account)


async def signed_in(page: PageContext, account: Account) -> Response:
    """Start the session; somebody who acts for several communities chooses, an invited one goes on to join."""
    async with page.work() as work:
        members, operator = await work.memberships(account.id), await work.operator(account.id)
        may_begin = bool(operator and operator.may_begin(account.second, await work.machine_now()))
        if page.phrases.language != account.language:  # the page on which they sign in is read by them
            await work.speak(account.id, page.phrases.language)
    if may_begin:
        response = page.redirect("/node")
        await page.site.sessions.start(page.request, account, None, response)
        return response
    if not members:
        return page.render("signin.html", status=403, no_community=True)
    invited = page.site.sessions.code_cookie in page.request.cookies
    response = page.redirect("/join" if invited else "/account/community" if len(members) > 1 else "/today")
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
    response = page.redirect(security.own_path(str(page.data.get("back", "/"))))
    if filled.value is None:
        return response
    page.site.sessions.keep(response, LANGUAGE_COOKIE, filled.value.language, LONGEST * 4)
    if page.session:
        async with page.work() as work:
            await work.speak(page.session.account, Phrases.of(filled.value.language).language)
    return response


PAGES = (
    PageRoute("GET", "/", start, anybody=True),
    PageRoute("GET", "/signin", form, anybody=True),
    PageRoute("POST", "/signin", sign_in, anybody=True),
    PageRoute("GET", "/signin/code", second_form, anybody=True),
    PageRoute("POST", "/signin/code", take_second_step, anybody=True),
    PageRoute("POST", "/signout", sign_out, anybody=True),
    PageRoute("POST", "/language", choose_language, anybody=True),
)
