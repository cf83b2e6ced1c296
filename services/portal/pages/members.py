"""Members of the community: who they are, roles, invitations, help to sign in again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import segno
from markupsafe import Markup
from starlette.responses import Response

from contracts.portal import v1
from contracts.principal import Role
from contracts.refusals import No
from services.client import codes
from services.client.answers import OpenEnd, Refused
from services.portal.domain.members import SETTLED, is_settled
from services.portal.site.context import PageContext, machine_now
from services.portal.site.forms import Form
from services.portal.site.members import may_confirm, may_speak
from services.portal.site.portal_site import PageRoute, refusal_page


class ChosenRole(Form):
    """What somebody is to do for the community."""

    role: Role


async def show(page: PageContext) -> Response:
    """Who can sign in, who is invited, who needs help."""
    members, invitations, recoveries = await asyncio.gather(
        page.list(v1.ListMembers()), page.list(v1.ListInvitations()), page.list(v1.ListRecoveries())
    )
    may = {one.id: may_confirm(members, one) for one in recoveries}
    return page.render(
        "members.html", members=members, invitations=invitations, recoveries=recoveries, may_confirm=may,
        days=SETTLED.days, is_new=lambda one: not is_settled(one.since, machine_now()),
    )  # fmt: skip


async def member(page: PageContext) -> Response:
    """One of them, with what can be changed."""
    return await _member_page(page)


async def change_role(page: PageContext) -> Response:
    """Another role."""
    filled = page.read(ChosenRole)
    if filled.value is None:
        return await _member_page(page, status=422, wrong=filled.wrong)
    await page.ask(v1.ChangeRole(account=page.request.path_params["account"], role=filled.value.role))
    return page.redirect("/members")


async def ask_end(page: PageContext) -> Response:
    """Ask before a membership ends."""
    found = await _member(page)
    return page.render("member_end.html", member=found) if found else page.gone()


async def end(page: PageContext) -> Response:
    """End it; they are signed out of the community at once."""
    await page.ask(v1.EndMembership(account=page.request.path_params["account"]))
    return page.redirect("/members")


async def invite_form(page: PageContext) -> Response:
    """For which role."""
    return page.render("invite.html")


async def invite(page: PageContext) -> Response:
    """Make an invitation; its code is shown on this answer and nowhere again."""
    filled = page.read(ChosenRole)
    if filled.value is None:
        return page.render("invite.html", status=422, wrong=filled.wrong)
    code = codes.new_code()
    try:
        made = await page.ask(v1.InviteMember(role=filled.value.role, digest=codes.digest(code).hex()))
    except Refused as no:
        return await _sent_twice(page, no)
    url = f"{page.site.address(page.request)}/join/{code}"
    return page.render("invited.html", made=made, code=codes.spelled(code), url=url, picture=picture(url))


async def withdraw(page: PageContext) -> Response:
    """Nobody may use it any more."""
    await page.ask(v1.WithdrawInvitation(id=page.request.path_params["id"]))
    return page.redirect("/members")


async def ask_recovery(page: PageContext) -> Response:
    """Ask that a member gets a new password."""
    await page.ask(v1.AskRecovery(account=page.request.path_params["account"]))
    return page.redirect("/members")


async def confirm_recovery(page: PageContext) -> Response:
    """The second word; the code is shown on this answer and nowhere again."""
    code = codes.new_code()
    wanted = v1.ConfirmRecovery(id=page.request.path_params["id"], digest=codes.digest(code).hex())
    try:
        view = await page.ask(wanted)
    except Refused as no:
        return await _sent_twice(page, no)
    return page.render("recovery.html", view=view, code=codes.spelled(code))


def picture(url: str) -> Markup:
    """An address to scan, drawn into the page."""
    drawn = segno.make(url, micro=False, error="m")
    return Markup(drawn.svg_inline(scale=5, border=3, light="#fff", svgclass="qrc", lineclass=None, omitsize=True))


async def _sent_twice(page: PageContext, no: Refused) -> Response:
    """A form that is sent again makes another code, which is another command under the same id: it was done before."""
    if not isinstance(no, OpenEnd) and no.code is No.CONFLICT:
        return page.redirect("/members")
    return refusal_page(page, no)


async def _member_page(page: PageContext, status: int = 200, **values: Any) -> Response:
    members = await page.list(v1.ListMembers())
    if (found := _of_path(page, members)) is None:
        return page.gone()
    may = may_speak(members, found.account, machine_now())
    return page.render(
        "member.html", status=status, member=found, days=SETTLED.days,
        may_ask=page.signed_in.account in may and len(may) > 1, **values,
    )  # fmt: skip


async def _member(page: PageContext) -> v1.MemberView | None:
    return _of_path(page, await page.list(v1.ListMembers()))


def _of_path(page: PageContext, members: Sequence[v1.MemberView]) -> v1.MemberView | None:
    return next((one for one in members if one.account == page.request.path_params["account"]), None)


PAGES = (
    PageRoute("GET", "/members", show, asks=v1.ListMembers),
    PageRoute("GET", "/members/invite", invite_form, asks=v1.InviteMember),
    PageRoute("POST", "/members/invite", invite, asks=v1.InviteMember),
    PageRoute("POST", "/members/invitations/{id}/withdraw", withdraw, asks=v1.WithdrawInvitation),
    PageRoute("POST", "/members/recoveries/{id}", confirm_recovery, asks=v1.ConfirmRecovery),
    PageRoute("GET", "/members/{account}", member, asks=v1.ChangeRole),
    PageRoute("POST", "/members/{account}/role", change_role, asks=v1.ChangeRole),
    PageRoute("GET", "/members/{account}/end", ask_end, asks=v1.EndMembership),
    PageRoute("POST", "/members/{account}/end", end, asks=v1.EndMembership),
    PageRoute("POST", "/members/{account}/recover", ask_recovery, asks=v1.AskRecovery),
)
