"""Opening accounts, and who can sign in for a community."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.portal import v1
from contracts.refusals import No, Refused
from services.portal.domain.accounts import Account, sign_in_name
from services.portal.ports import Accounts

#: What somebody reads who has not chosen yet.
FIRST_LANGUAGE = "en"


async def open_account(wanted: v1.OpenAccount, work: Accounts) -> v1.MemberView:
    """A new account, as a member of the acting community. Raises Refused when the name is taken."""
    now = await work.machine_now()
    account = Account(id=work.new_id()[-12:], name=wanted.name, password=wanted.password, language=FIRST_LANGUAGE)
    if not await work.open_account(account, sign_in_name(wanted.name), None, now):
        raise Refused(No.CONFLICT, "name_is_taken", "name")
    await work.join(account.id, work.acting, wanted.role, now)
    work.audit(work.acting, "open_account", account.id)
    return v1.MemberView(account=account.id, name=wanted.name, role=wanted.role, since=now)


async def list_members(_: v1.ListMembers, work: Accounts) -> Sequence[v1.MemberView]:
    """Who can sign in for the acting community."""
    return await work.members(work.acting)
