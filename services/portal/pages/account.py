"""One's own account: where it is signed in, name, number and password, light or dark, other communities, leaving."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from contracts.community.v1 import FindCommunities
from contracts.portal.v1 import LeaveCommunity
from contracts.referral.v1 import AcceptHandoff
from contracts.values import DisplayName
from services.client import formatting
from services.client.answers import Refused
from services.portal.domain import tries
from services.portal.domain.accounts import LONGEST, phone_number
from services.portal.handlers import accounts, sessions
from services.portal.handlers.sessions import Try
from services.portal.pages.joining import wrong_account, wrong_password
from services.portal.pages.signing_in import Password
from services.portal.site import passwords
from services.portal.site.context import THEME_COOKIE, PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute


class Theme(Form):
    """How pages look on this phone."""

    theme: Literal["auto", "light", "dark"]


class Called(Form):
    """By what they sign in."""

    name: DisplayName
    phone: Annotated[str | None, Field(max_length=30)] = None


class OtherPassword(Form):
    """The one that counts, and the one that is to count."""

    current: Password
    password: Password


class Community(Form):
    """For which they act from now on."""

    community: Annotated[str, Field(max_length=64)]


async def show(page: PageContext) -> Response:
    """Everything of it on one page."""
    return await _account_page(page)


async def choose_theme(page: PageContext) -> Response:
    """Light, dark, or as the phone is; on this phone alone."""
    filled, response = page.read(Theme), page.redirect("/account")
    if filled.value is not None:
        page.site.sessions.keep(response, THEME_COOKIE, filled.value.theme, LONGEST * 4)
    return response


async def rename(page: PageContext) -> Response:
    """Another name or number to sign in with."""
    filled = page.read(Called)
    wrong = dict(filled.wrong)
    if (given := filled.value) is not None:
        wrong |= wrong_account(page, given.name, given.phone)
    if given is None or wrong:
        return await _account_page(page, status=422, typed=filled.typed, wrong=wrong)
    async with page.work() as work:
        account, phone = page.signed_in.account, phone_number(given.phone or "")
        tried = await sessions.count(work, (tries.TAKEN, account))
        done = not tried.wait and await accounts.rename(work, account, given.name, phone)
        if done:
            await sessions.succeeded(work, tried)
    if tried.wait:
        wrong = {"name": page.phrases.gettext("Too many tries: wait a quarter of an hour.")}
        return await _account_page(page, status=429, typed=filled.typed, wrong=wrong)
    if not done:
        taken = {"name": page.phrases.gettext("Somebody signs in with this name or number already.")}
        return await _account_page(page, status=422, typed=filled.typed, wrong=taken)
    return page.redirect("/account")


async def change_password(page: PageContext) -> Response:
    """Another password; other phones are signed out."""
    filled = page.read(OtherPassword)
    if filled.value is None:
        return await _account_page(page, status=422, wrong=filled.wrong)
    given, session = filled.value, page.signed_in
    wrong = wrong_password(page, given.password, session.name)
    wrong = wrong or await wrong_current(page, given.current)
    if wrong:
        return await _account_page(page, status=422, wrong=wrong)
    kept = await passwords.hashed(given.password)
    async with page.work() as work:
        await accounts.change_password(work, session.account, kept, session.id)
        work.audit(page.chain, "password_changed", session.account)
    return page.redirect("/account")


async def wrong_current(page: PageContext, given: str) -> dict[str, str]:
    """Nothing when it is the password of whoever is signed in; else what to say at the field."""
    account = page.signed_in.account
    async with page.work() as work:
        tried: Try = await sessions.count(work, (tries.OWN, account))
        own = await work.own_account(account)
    if tried.wait:
        return {"current": page.phrases.gettext("Too many tries: wait a quarter of an hour.")}
    if not await passwords.fits(given, own.password):
        return {"current": page.phrases.gettext("This is not your password.")}
    async with page.work() as work:
        await sessions.succeeded(work, tried)
    return {}


async def end_session(page: PageContext) -> Response:
    """Lost phone: it is signed out within a second, for every page looks its session up."""
    try:
        wanted = str(UUID(page.request.path_params["id"]))
    except ValueError:
        return page.gone()
    async with page.work() as work:
        ended = await work.end_session_of(wanted, page.signed_in.account)
        if ended:
            work.audit(page.chain, "phone_signed_out", page.signed_in.account)
    return page.redirect("/account") if ended else page.gone()


async def end_all(page: PageContext) -> Response:
    """Sign out everywhere, here too."""
    response = page.redirect("/signin")
    async with page.work() as work:
        await work.end_sessions(page.signed_in.account)
        await work.forget_phones(page.signed_in.account)
        work.audit(page.chain, "signed_out_everywhere", page.signed_in.account)
    await page.site.sessions.end(page.signed_in, response)
    return response


async def stop_recovery(page: PageContext) -> Response:
    """Whoever is signed in needs no help to."""
    async with page.work() as work:
        await work.stop_recoveries(page.signed_in.account)
    return page.redirect("/account")


async def communities(page: PageContext) -> Response:
    """For which of their communities they act now."""
    async with page.work() as work:
        members = await work.memberships(page.signed_in.account)
    names = await _names(page, [one.community for one in members])
    return page.render("communities.html", members=members, names=names)


async def switch(page: PageContext) -> Response:
    """Act for another of them; a session of its own, the one before ends."""
    filled = page.read(Community)
    async with page.work() as work:
        members = await work.memberships(page.signed_in.account)
        account = await work.account(page.signed_in.account)
    chosen = next((one for one in members if filled.value and one.community == filled.value.community), None)
    if chosen is None or account is None:
        return page.gone()
    response = page.redirect("/today")
    await page.site.sessions.start(page.request, account, chosen, response)
    return response


async def ask_leave(page: PageContext) -> Response:
    """Ask before somebody leaves."""
    return page.render("leave.html", known=await page.known())


async def leave(page: PageContext) -> Response:
    """They act for this community no longer; the session has ended with it."""
    await page.ask(LeaveCommunity())
    response = page.redirect("/signin")
    page.site.sessions.drop(response, page.site.sessions.cookie)
    return response


async def _account_page(page: PageContext, status: int = 200, **values: Any) -> Response:
    async with page.work() as work:
        at, account = await work.machine_now(), page.signed_in.account
        marks: dict[str, Any] = {
            "own": await work.own_account(account),
            "phones": await work.sessions_of(account, at),
            "members": await work.memberships(account),
            "helped": await work.recoveries_of_account(account, at),
            "spare": await work.spare_codes(account),
        }
    marks |= {"told": page.may(AcceptHandoff), "known": None if page.operates else await page.known()}
    return page.render("account.html", status=status, **marks, **values)


async def _names(page: PageContext, ids: list[str]) -> dict[str, str]:
    """Names of communities that may be no partners of each other."""
    try:
        found = await page.list(FindCommunities(ids=tuple(ids)))
    except Refused:
        found = ()
    names = {one.id: formatting.picked(page.phrases, one.names.model_dump()) for one in found}
    return {one: names.get(one, one) for one in ids}


PAGES = (
    PageRoute("GET", "/account", show, whose="both"),
    PageRoute("POST", "/account/theme", choose_theme),
    PageRoute("POST", "/account/name", rename),
    PageRoute("POST", "/account/password", change_password, whose="both"),
    PageRoute("POST", "/account/phones/{id}/end", end_session, whose="both"),
    PageRoute("POST", "/account/everywhere", end_all, whose="both"),
    PageRoute("POST", "/account/no-help", stop_recovery),
    PageRoute("GET", "/account/community", communities),
    PageRoute("POST", "/account/community", switch),
    PageRoute("GET", "/account/leave", ask_leave, asks=LeaveCommunity),
    PageRoute("POST", "/account/leave", leave, asks=LeaveCommunity),
)
