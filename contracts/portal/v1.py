"""Portal, v1: the accounts of the people who sign in to its pages, and what each does for which community."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.messages import Command, Query, Several
from contracts.principal import AccountId, Role
from contracts.values import DisplayName, Instant, Value

#: An argon2id hash in its own text form; a password itself never travels.
PasswordHash = Annotated[str, Field(pattern=r"^\$argon2id\$[!-~]{20,240}$")]


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
