"""Who acts in tests."""

from __future__ import annotations

from contracts.principal import Agency, Member, Operator, Role

OPERATOR = Operator(account="test")


def member(community: str, role: Role = "coordinator", account: str = "noi") -> Member:
    """A member of a community."""
    return Member(account=account, community=community, role=role)


def agency(account: str = "kham", name: str = "mekong-tours") -> Agency:
    """Somebody of an agency."""
    return Agency(account=account, agency=name)
