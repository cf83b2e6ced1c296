"""Opening accounts, joining a community, signing in again with help, and what somebody changes of their own account."""

from __future__ import annotations

from datetime import datetime

from contracts.portal import v1
from contracts.principal import Role
from contracts.refusals import No, Refused
from services.portal.domain.accounts import Account, phone_number, sign_in_name
from services.portal.domain.members import Invitation, Recovered
from services.portal.ports.accounts import Accounts, AllOfIt, Members

#: What somebody reads who has not chosen yet.
FIRST_LANGUAGE = "en"


async def open_account(wanted: v1.OpenAccount, work: Accounts) -> v1.MemberView:
    """A new account, as a member of the acting community. Raises Refused when the name is taken."""
    account = Account(id=work.new_id()[-12:], name=wanted.name, password=wanted.password, language=FIRST_LANGUAGE)
    return await _opened(work, account, None, work.acting, wanted.role)


async def join_anew(work: Members, digest: bytes, account: Account, phone: str | None) -> Invitation | None:
    """Take an invitation with a new account; None when it may not be used any more. Raises Refused as above."""
    invited = await work.use_invitation(digest, await work.machine_now())
    if invited is None:
        return None
    account = Account(id=work.new_id()[-12:], name=account.name, password=account.password, language=account.language)
    await _opened(work, account, phone, invited.community, invited.role)
    return invited


async def join_too(work: Members, digest: bytes, account: str) -> Invitation | None:
    """Take an invitation with an account that there is; one that acts for the community already keeps its role."""
    now = await work.machine_now()
    if (offered := await work.invitation_of(digest, now)) is None or await work.operator(account):
        return None  # whoever looks after the system acts for no community
    if any(one.community == offered.community for one in await work.memberships(account)):
        raise Refused(No.WRONG_STATE, "member_already")
    invited = await work.use_invitation(digest, now)
    if invited is not None:
        await work.join(account, invited.community, invited.role, now)
        work.audit(invited.community, "join", account)
    return invited


async def recover(work: AllOfIt, digest: bytes, password: str) -> Account | None:
    """Take the code of a recovery: a new password, no second step, no phone of before. None for a code of nothing."""
    taken = await work.use_recovery(digest, await work.machine_now())
    if taken is None or await _is_beyond(work, taken):
        return None
    await work.change_password(taken.account, password)
    await work.drop_second_step(taken.account)
    await work.forget_phones(taken.account)
    await work.end_sessions(taken.account)
    await work.stop_recoveries(taken.account)
    work.audit(taken.community, "recovered", taken.account)
    return await work.account(taken.account)


async def rename(work: Accounts, account: str, name: str, phone: str | None) -> bool:
    """Another name or number; False when somebody else signs in with it."""
    return await work.rename(account, name, sign_in_name(name), phone)


async def change_password(work: Members, account: str, password: str, session: str) -> None:
    """Another password: everywhere else they are signed out, and nobody's help is waited for."""
    await work.change_password(account, password)
    await work.end_sessions(account, session)
    await work.stop_recoveries(account)


async def _is_beyond(work: Members, taken: Recovered) -> bool:
    """Coordinators of one community do not decide over what somebody does for another; the operator may."""
    return not taken.by_operator and await work.acts_elsewhere(taken.account, taken.community)


async def open_new(work: Accounts, account: Account, phone: str | None, at: datetime) -> None:
    """Keep an account under a name that nobody has. Raises Refused."""
    key = sign_in_name(account.name)
    if not key or phone_number(account.name) or not await work.open_account(account, key, phone, at):
        raise Refused(No.CONFLICT, "name_is_taken", "name")


async def _opened(work: Accounts, account: Account, phone: str | None, community: str, role: Role) -> v1.MemberView:
    now = await work.machine_now()
    await open_new(work, account, phone, now)
    await work.join(account.id, community, role, now)
    work.audit(community, "open_account", account.id)
    return v1.MemberView(account=account.id, name=account.name, role=role, since=now)
