"""Who acts for a community: invitations, roles, help to sign in again, and that somebody always decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.principal import Role
from contracts.refusals import No, Refused

#: So long an invitation may be used, and so long help to sign in again may be confirmed and used.
INVITED, HELPED = timedelta(days=3), timedelta(days=3)
#: So long somebody has to be a member before help is asked for that they ask for or confirm: time for the others to
#: notice a member whom nobody knows.
SETTLED = timedelta(days=7)
#: So many invitations of one community wait at once.
MOST_INVITATIONS = 50


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """To act for a community, for whoever has the code."""

    id: str
    community: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """Whose code to sign in again was taken, and who has asked for it and confirmed it."""

    account: str
    community: str
    asked_by: str
    confirmed_by: str

    @property
    def by_operator(self) -> bool:
        """Whether one alone has given it, which only the operator of the system may."""
        return self.asked_by == self.confirmed_by


def is_settled(since: datetime, asked_at: datetime) -> bool:
    """Whether a member of since then may have a say in help that is asked for at a moment.

    Else one coordinator alone makes a second account by an invitation, asks with one and confirms with the other.
    """
    return since <= asked_at - SETTLED


def asked_at(ends_at: datetime) -> datetime:
    """When help was asked for that ends then."""
    return ends_at - HELPED


def keep_led(roles: Mapping[str, Role], account: str, role: Role | None) -> None:
    """After a change to `role`, or an end, a coordinator must be left. Raises Refused.

    Raises it too for an account that is no member.
    """
    if account not in roles:
        raise Refused(No.UNKNOWN, "no_such_member", "account")
    after = {**roles, account: role}
    if roles[account] == "coordinator" and "coordinator" not in after.values():
        raise Refused(No.WRONG_STATE, "last_coordinator", "account")
