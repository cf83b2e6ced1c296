"""Keys of agencies: what opens, and for what."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.agency_api.v1 import KeyScope

#: So many keys of an agency open at once: the old one and the one that replaces it.
MOST_LIVE = 2
#: How exactly the last use of a key is kept.
NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as it is kept; times are the machine's."""

    prefix: str
    agency: str
    digest: bytes
    scopes: frozenset[KeyScope]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used: datetime | None = None

    def opens(self, secret: str, now: datetime) -> bool:
        """Whether this secret is its own and the key counts."""
        return self.is_of(secret) and self.is_live(now)

    def is_of(self, secret: str) -> bool:
        """Whether this secret is its own; takes as long for every wrong one."""
        return hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), self.digest)

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor over."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def is_unnoted(self, now: datetime) -> bool:
        """Whether its use is to be written down again."""
        return self.last_used is None or now - self.last_used >= NOTED
