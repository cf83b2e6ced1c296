"""Who acts for a community: roles, invitations, help to sign in again. In the audit they are accounts, never names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.portal import v1
from contracts.principal import Member
from contracts.refusals import No, Refused
from services.portal.domain import members
from services.portal.domain.members import HELPED, INVITED, MOST_INVITATIONS, SETTLED, Invitation
from services.portal.ports.accounts import Members


async def list_members(_: v1.ListMembers, work: Members) -> Sequence[v1.MemberView]:
    """Who can sign in for the acting community."""
    return await work.members(work.acting)


async def change_role(wanted: v1.ChangeRole, work: Members) -> v1.MemberView:
    """Another role, also for whoever asks. Raises Refused when no coordinator would be left."""
    members.keep_led(await work.roles_locked(work.acting), wanted.account, wanted.role)
    await work.change_role(wanted.account, work.acting, wanted.role)
    if wanted.role != "coordinator":
        await work.withdraw_all_of(wanted.account, work.acting)
    work.audit(work.acting, "change_role", wanted.account)
    return await _member(work, wanted.account)


async def end_membership(wanted: v1.EndMembership, work: Members) -> None:
    """They act for the community no longer. Raises Refused when no coordinator would be left."""
    await _end(work, wanted.account, "end_membership")


async def leave_community(_: v1.LeaveCommunity, work: Members) -> None:
    """Whoever asks goes. Raises Refused when no coordinator would be left."""
    if not isinstance(work.principal, Member):
        raise Refused(No.NOT_ALLOWED, "members_only")
    await _end(work, work.principal.account, "leave_community")


async def invite_member(wanted: v1.InviteMember, work: Members) -> v1.InvitationView:
    """Keep an invitation by the digest of its code."""
    now = await work.machine_now()
    if len(await work.invitations(work.acting, now)) >= MOST_INVITATIONS:
        raise Refused(No.TOO_MANY_OPEN, "too_many_invitations")
    made = Invitation(id=work.new_id(), community=work.acting, role=wanted.role)
    await work.add_invitation(made, bytes.fromhex(wanted.digest), _account(work), now + INVITED)
    work.audit(work.acting, "invite_member", made.id)
    return v1.InvitationView(id=made.id, role=made.role, ends_at=now + INVITED)


async def list_invitations(_: v1.ListInvitations, work: Members) -> Sequence[v1.InvitationView]:
    """Those that may still be used."""
    return await work.invitations(work.acting, await work.machine_now())


async def withdraw_invitation(wanted: v1.WithdrawInvitation, work: Members) -> None:
    """Nobody may use it any more."""
    if not await work.withdraw_invitation(wanted.id, work.acting):
        raise Refused(No.UNKNOWN, "no_such_invitation", "id")
    work.audit(work.acting, "withdraw_invitation", wanted.id)


async def ask_recovery(wanted: v1.AskRecovery, work: Members) -> v1.RecoveryView:
    """Ask that a member gets a new password; it needs another coordinator's word."""
    now = await work.machine_now()
    if wanted.account == _account(work):
        raise Refused(No.NOT_ALLOWED, "another_confirms", "account")
    if wanted.account not in await work.roles_locked(work.acting):  # locked: two who ask do so one after the other
        raise Refused(No.UNKNOWN, "no_such_member", "account")
    if any(one.account == wanted.account for one in await work.recoveries(work.acting, now)):
        raise Refused(No.WRONG_STATE, "asked_already", "account")
    if await work.acts_elsewhere(wanted.account, work.acting):
        raise Refused(No.NOT_ALLOWED, "acts_for_others", "account")
    await _keep_settled(work, now)
    return await _recovery(work, wanted.account, None)


async def confirm_recovery(wanted: v1.ConfirmRecovery, work: Members) -> v1.RecoveryView:
    """The second word: neither of whoever asked, nor of whom it is for."""
    asked = await work.recovery_locked(wanted.id, work.acting, await work.machine_now())
    if asked is None or asked.confirmed:
        raise Refused(No.UNKNOWN, "no_such_recovery", "id")
    if _account(work) in (asked.asked_by, asked.account):
        raise Refused(No.NOT_ALLOWED, "another_confirms", "id")
    if await work.acts_elsewhere(asked.account, work.acting):
        raise Refused(No.NOT_ALLOWED, "acts_for_others", "account")
    await _keep_settled(work, members.asked_at(asked.ends_at))
    await work.confirm_recovery(asked.id, _account(work), bytes.fromhex(wanted.digest))
    work.audit(work.acting, "confirm_recovery", asked.account)
    return v1.RecoveryView(**asked.model_dump() | {"confirmed": True})


async def recover_member(wanted: v1.RecoverMember, work: Members) -> v1.RecoveryView:
    """By an operator of the system: confirmed at once."""
    return await _recovery(work, wanted.account, bytes.fromhex(wanted.digest))


async def list_recoveries(_: v1.ListRecoveries, work: Members) -> Sequence[v1.RecoveryView]:
    """What waits for a second word, or for the member."""
    return await work.recoveries(work.acting, await work.machine_now())


async def _keep_settled(work: Members, asked_at: datetime) -> None:
    """Neither of the two words is that of a new member, whom one coordinator alone can make; an operator is none."""
    who = work.principal
    if isinstance(who, Member) and not members.is_settled((await _member(work, who.account)).since, asked_at):
        raise Refused(No.NOT_ALLOWED, "member_too_new", "principal", days=SETTLED.days)


async def _recovery(work: Members, account: str, digest: bytes | None) -> v1.RecoveryView:
    member, ends_at = await _member(work, account), await work.machine_now() + HELPED
    view = v1.RecoveryView(
        id=work.new_id(), account=account, name=member.name, asked_by=_account(work), confirmed=digest is not None,
        ends_at=ends_at,
    )  # fmt: skip
    await work.add_recovery(view, _account(work), digest)
    work.audit(work.acting, "recover_member" if digest else "ask_recovery", account)
    return view


async def _end(work: Members, account: str, what: str) -> None:
    members.keep_led(await work.roles_locked(work.acting), account, None)
    await work.end_membership(account, work.acting)
    await work.withdraw_all_of(account, work.acting)
    work.audit(work.acting, what, account)


async def _member(work: Members, account: str) -> v1.MemberView:
    found = next((one for one in await work.members(work.acting) if one.account == account), None)
    if found is None:
        raise Refused(No.UNKNOWN, "no_such_member", "account")
    return found


def _account(work: Members) -> str:
    assert work.principal is not None  # a command has one, or it was refused
    return work.principal.account
