"""Portal, v1: the accounts of the people who sign in to its pages, and what each does for which community."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.messages import Command, Nothing, Query, Several
from contracts.principal import AccountId, Role
from contracts.values import DisplayName, Instant, Uuid, Value

#: An argon2id hash in its own text form; a password itself never travels.
PasswordHash = Annotated[str, Field(pattern=r"^\$argon2id\$[!-~]{20,240}$")]
#: SHA-256 of a code that somebody is given; the code itself never travels and is never kept.
CodeDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class MemberView(Value):
    """Somebody of the acting community who can sign in."""

    account: AccountId
    name: DisplayName
    role: Role
    since: Instant


class OpenAccount(Command[MemberView]):
    """Open an account with a password for a member of the acting community; `name` is what they sign in with."""

    type: ClassVar[str] = "portal.open_account.v1"
    name: DisplayName
    password: PasswordHash
    role: Role


class ListMembers(Query[Several[MemberView]]):
    """Who can sign in for the acting community, by name."""

    type: ClassVar[str] = "portal.list_members.v1"


class ChangeRole(Command[MemberView]):
    """Give a member of the acting community another role; a coordinator is always left."""

    type: ClassVar[str] = "portal.change_role.v1"
    account: AccountId
    role: Role


class EndMembership(Command[Nothing]):
    """A member acts for the community no longer, and is signed out of it; a coordinator is always left."""

    type: ClassVar[str] = "portal.end_membership.v1"
    account: AccountId


class LeaveCommunity(Command[Nothing]):
    """Whoever asks acts for the community no longer."""

    type: ClassVar[str] = "portal.leave_community.v1"


class InvitationView(Value):
    """An invitation that may still be used, once."""

    id: Uuid
    role: Role
    ends_at: Instant


class InviteMember(Command[InvitationView]):
    """Let whoever has a code act for the community in a role; the code counts once, for three days."""

    type: ClassVar[str] = "portal.invite_member.v1"
    role: Role
    digest: CodeDigest


class ListInvitations(Query[Several[InvitationView]]):
    """Invitations of the acting community that may still be used."""

    type: ClassVar[str] = "portal.list_invitations.v1"


class WithdrawInvitation(Command[Nothing]):
    """Nobody may use an invitation any more."""

    type: ClassVar[str] = "portal.withdraw_invitation.v1"
    id: Uuid


class RecoveryView(Value):
    """Help for a member who cannot sign in; `confirmed` when it has a code."""

    id: Uuid
    account: AccountId
    name: DisplayName
    asked_by: AccountId
    confirmed: bool
    ends_at: Instant


class AskRecovery(Command[RecoveryView]):
    """Ask that a member gets a new password; another coordinator has to confirm it within three days."""

    type: ClassVar[str] = "portal.ask_recovery.v1"
    account: AccountId


class ConfirmRecovery(Command[RecoveryView]):
    """Confirm what another coordinator has asked; the code is for the member, and counts once."""

    type: ClassVar[str] = "portal.confirm_recovery.v1"
    id: Uuid
    digest: CodeDigest


class RecoverMember(Command[RecoveryView]):
    """Give a member a code for a new password at once, by an operator of the system."""

    type: ClassVar[str] = "portal.recover_member.v1"
    account: AccountId
    digest: CodeDigest


class ListRecoveries(Query[Several[RecoveryView]]):
    """Help that was asked for in the acting community and not used yet."""

    type: ClassVar[str] = "portal.list_recoveries.v1"


class OperatorView(Value):
    """An account of an operator of the system; without `second` it opens nothing but setting the second step."""

    account: AccountId
    name: DisplayName
    since: Instant
    second: bool


class AddOperator(Command[OperatorView]):
    """Open an account for an operator of the system, with a first password; it acts for no community."""

    type: ClassVar[str] = "portal.add_operator.v1"
    name: DisplayName
    password: PasswordHash


class EndOperator(Command[Nothing]):
    """The account is closed, and signed out everywhere at once."""

    type: ClassVar[str] = "portal.end_operator.v1"
    account: AccountId


class ListOperators(Query[Several[OperatorView]]):
    """Accounts of operators of the system, by name."""

    type: ClassVar[str] = "portal.list_operators.v1"
