"""Accounts and sessions: what they are, and the rules that need no table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from contracts.principal import Role
from contracts.values import search_key

#: A session ends so long after it was last used, and at the latest so long after it began.
IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
#: So long a phone on which somebody has signed in is known as theirs.
KNOWN = timedelta(days=400)
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


@dataclass(frozen=True, kw_only=True)
class Session:
    """One phone on which somebody is signed in."""

    id: str
    account: str
    name: str
    community: str
    role: Role
    language: str
    #: The secret that forms of this session prove to come from its own pages.
    forms: bytes
    ends_at: datetime


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
