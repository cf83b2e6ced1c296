"""Who acts for a community: invitations, roles, help to sign in again, and that somebody always decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from contracts.principal import Role
from contracts.refusals import No, Refused

#: So long an invitation may be used, and so long help to sign in again may be confirmed and used.
INVITED, HELPED = timedelta(days=3), timedelta(days=3)
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
    """Whose code to sign in again was taken, and by whom it was confirmed."""

    account: str
    community: str
    confirmed_by: str


def keep_led(roles: Mapping[str, Role], account: str, role: Role | None) -> None:
    """After a change to `role`, or an end, a coordinator must be left. Raises Refused.

    Raises it too for an account that is no member.
    """
    if account not in roles:
        raise Refused(No.UNKNOWN, "no_such_member", "account")
    after = {**roles, account: role}
    if roles[account] == "coordinator" and "coordinator" not in after.values():
        raise Refused(No.WRONG_STATE, "last_coordinator", "account")
