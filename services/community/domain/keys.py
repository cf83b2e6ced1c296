"""Which keys sign for a community, which of its partner's count, and what becomes of them when one is replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.community.v1 import KeyView

#: A new key is used a day after it was told, and the one before stays good for a week more.
NOTICE = timedelta(days=1)
OVERLAP = timedelta(days=7)


class PartnerKey(NamedTuple):
    """A partner's key; `pinned` by a person's act, `root` the id of the first key that it replaces.

    `successor` is the id of the one key that it has named to come after it.
    """

    view: KeyView
    pinned: bool
    root: str
    successor: str | None


class Rotation(NamedTuple):
    """From when the new key signs, and until when those before it count."""

    used_from: datetime
    old_until: datetime

    @property
    def at_once(self) -> bool:
        """Without an overlap: whatever was signed with an older key counts no more."""
        return self.old_until <= self.used_from


def rotation(now: datetime, *, at_once: bool) -> Rotation:
    """At once when the old key may be in other hands: then it counts no more."""
    return Rotation(now, now) if at_once else Rotation(now + NOTICE, now + NOTICE + OVERLAP)


def limited(rotated: Rotation, now: datetime) -> Rotation:
    """A partner's rotation, limited to our notice and overlap, so that a stolen key gains no extra time."""
    used_from = min(max(rotated.used_from, now), now + NOTICE)
    if rotated.at_once or rotated.old_until <= now:
        return Rotation(used_from, min(rotated.old_until, now))
    return Rotation(used_from, min(rotated.old_until, used_from + OVERLAP))


def subject(public_key: str, rotated: Rotation) -> str:
    """The subject of a rotation: one of its own, so that no other stream's numbers can block it."""
    text = f"{public_key} {int(rotated.used_from.timestamp())} {int(rotated.old_until.timestamp())}"
    return f"key-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def has_named(known: Sequence[PartnerKey], keyid: str, public_key: str) -> bool:
    """Whether this key of a partner has named that one before; False when it may name it now.

    Raises ValueError when it named another: only people can tell whose key it is then.
    """
    successor = next((key.successor for key in known if key.view.keyid == keyid), None)
    named = next((key.view.keyid for key in known if key.view.public_key == public_key), None)
    if successor is None and named is not None:
        raise ValueError("a key names one that is known already to come after it")
    if successor not in (None, named):
        raise ValueError(
            "a key has named two others to come after it, so a thief may have it: suspend the partnership, phone them,"
            " compare fingerprints"
        )
    return successor is not None


def counting(keys: Iterable[KeyView], now: datetime) -> list[KeyView]:
    """Those that count, also the ones whose time has not come."""
    return [key for key in keys if key.used_until is None or key.used_until > now]


def last(keys: Iterable[KeyView]) -> KeyView | None:
    """The one that nothing replaces yet; it may wait for its day."""
    return next((key for key in keys if key.used_until is None), None)


def signing(keys: Iterable[KeyView], now: datetime) -> KeyView | None:
    """The one that signs now: the newest whose time has come."""
    begun = [key for key in counting(keys, now) if key.used_from <= now]
    return max(begun, key=lambda key: key.used_from, default=None)


def theirs(keys: Iterable[PartnerKey], partner: str, root: str | None) -> list[KeyView]:
    """A partner's keys: those pinned, or before any is, those of the proposal on the table."""
    known = [key for key in keys if key.view.community == partner]
    pinned = [key.view for key in known if key.pinned]
    return pinned or [key.view for key in known if key.root == root]
