"""Which keys sign for a community, which of its partner's count, and what becomes of them when one is replaced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.community.v1 import KeyView

#: A new key is used a day after it was told, and the one before stays good for a week more.
NOTICE = timedelta(days=1)
OVERLAP = timedelta(days=7)


class PartnerKey(NamedTuple):
    """A partner's key; `pinned` by a person's act, `root` the id of the first key that it replaces."""

    view: KeyView
    pinned: bool
    root: str


class Rotation(NamedTuple):
    """From when the new key signs, and until when those before it count."""

    used_from: datetime
    old_until: datetime


def rotation(now: datetime, *, at_once: bool) -> Rotation:
    """At once when the old key may be in other hands: then it counts no more."""
    return Rotation(now, now) if at_once else Rotation(now + NOTICE, now + NOTICE + OVERLAP)


def counting(keys: Iterable[KeyView], now: datetime) -> list[KeyView]:
    """Those that count, also the ones whose time has not come."""
    return [key for key in keys if key.used_until is None or key.used_until > now]


def signing(keys: Iterable[KeyView], now: datetime) -> KeyView | None:
    """The one that signs now: the newest whose time has come."""
    begun = [key for key in counting(keys, now) if key.used_from <= now]
    return max(begun, key=lambda key: key.used_from, default=None)


def theirs(keys: Iterable[PartnerKey], partner: str, root: str | None) -> list[KeyView]:
    """A partner's keys: those pinned, or before any is, those of the proposal on the table."""
    known = [key for key in keys if key.view.community == partner]
    pinned = [key.view for key in known if key.pinned]
    return pinned or [key.view for key in known if key.root == root]
