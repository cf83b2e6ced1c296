"""Accounts and sessions: what they are, and the rules that need no table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.principal import Role
from contracts.values import search_key

#: A session ends so long after it was last used, and at the latest so long after it began.
IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
#: So many tries of one name, and so many from one address, within this time; then one waits.
TRIES_OF_NAME, TRIES_FROM_ADDRESS, WITHIN = 5, 50, timedelta(minutes=15)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can sign in."""

    id: str
    name: str
    password: str
    language: str


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


def wait(tries: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """How long to wait before the next try; nothing while fewer than `most` lie within the time."""
    recent = sorted(at for at in tries if at > now - WITHIN)
    return recent[-most] + WITHIN - now if len(recent) >= most else timedelta()


def ends_at(started_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends unless it is used again."""
    return min(seen_at + IDLE, started_at + LONGEST)
