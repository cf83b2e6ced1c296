"""Accounts and sessions: what they are, and the rules that need no table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from contracts.principal import Member, Operator, Role
from contracts.values import search_key

#: A session ends so long after it was last used, and at the latest so long after it began.
IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
#: So long a phone on which somebody has signed in is known as theirs.
KNOWN = timedelta(days=400)
#: So long an operator's first password counts without a second step: whoever finds it later cannot set one.
BEGINS = timedelta(days=1)
SHORTEST_PASSWORD, LONGEST_PASSWORD, DIFFERENT_SIGNS = 8, 128, 4


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can sign in."""

    id: str
    name: str
    password: str
    language: str
    #: Whether a second step is asked for.
    second: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnAccount(Account):
    """What somebody sees of their own account."""

    phone: str | None


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """One phone in the list of its owner."""

    id: str
    community: str
    device: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What an account does for a community."""

    account: str
    community: str
    role: Role

    @property
    def principal(self) -> Member:
        """Who acts for it, as the services are told."""
        return Member(account=self.account, community=self.community, role=self.role)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One phone on which somebody is signed in: a member for a community, or an operator of the system, for none."""

    id: str
    account: str
    name: str
    community: str | None
    role: Role | None
    language: str
    #: Whether the account has a second step.
    second: bool = False
    #: The secret that forms of this session prove to come from its own pages.
    forms: bytes
    ends_at: datetime

    @property
    def principal(self) -> Member | Operator:
        """Who acts, as the services are told."""
        if self.community is None or self.role is None:
            return Operator(account=self.account)
        return Member(account=self.account, community=self.community, role=self.role)


@dataclass(frozen=True, kw_only=True)
class OperatorAccount:
    """What an account is that looks after the system."""

    account: str
    since: datetime

    def may_begin(self, second: bool, at: datetime) -> bool:
        """Whether it may sign in: with a second step, or for the first day without."""
        return second or at < self.since + BEGINS


def sign_in_name(given: str) -> str:
    """What a name is found by: without case, spaces and tone marks, which a small keyboard makes hard."""
    return search_key(given)


def phone_number(given: str) -> str | None:
    """The number with its digits alone, a leading plus kept; None for what is no number."""
    kept = "".join(sign for sign in given if sign not in " -()./")
    digits = kept.removeprefix("+")
    return kept if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 else None


def weakness(password: str, name: str) -> str | None:
    """Why a password is too easy, as a code; None for one that will do."""
    plain = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    if sign_in_name(name) and sign_in_name(name) in sign_in_name(password):
        return "name"
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return "easy" if len(set(plain)) < DIFFERENT_SIGNS or len(steps) == 1 else None


def ends_at(started_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends unless it is used again."""
    return min(seen_at + IDLE, started_at + LONGEST)
