"""Keys of agencies, `prefix.secret`: made at the edge and shown there once; the node is told a digest of the secret."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from contracts.agencies.v1 import AgencyId
from contracts.agency_api.v1 import AddKey, KeyScopes, KeyView
from services.client.formatting import HERE

#: Signs of a key's public half, and how many of them it has.
SIGNS, LENGTH = "abcdefghijklmnopqrstuvwxyz234567", 10
SECRET_BYTES = 32
#: What a key may be for; each may also do what the one before may.
SCOPES: Mapping[str, KeyScopes] = {
    "read": ("read",),
    "book": ("read", "book"),
    "hand-over": ("read", "book", "hand-over"),
}


@dataclass(frozen=True)
class NewKey:
    """A prefix and a secret that nobody has seen. What shows this object shows no secret."""

    prefix: str
    secret: str = field(repr=False)

    @property
    def whole(self) -> str:
        """As the agency's software sends it; to be shown once."""
        return f"{self.prefix}.{self.secret}"

    def wanted(self, agency: AgencyId, *, scopes: KeyScopes, last: date | None) -> AddKey:
        """What the node is asked: nothing of it opens anything. `last` is the last day of the key."""
        return AddKey(
            agency=agency,
            prefix=self.prefix,
            digest=hashlib.sha256(self.secret.encode()).hexdigest(),
            scopes=scopes,
            expires_at=end_of(last) if last else None,
        )


def new_key() -> NewKey:
    """A key that nobody has seen."""
    drawn = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return NewKey(drawn, base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode())


def end_of(day: date) -> datetime:
    """The midnight that ends a day, where the communities are."""
    return datetime.combine(day + timedelta(days=1), time(), HERE)


def is_live(key: KeyView, now: datetime) -> bool:
    """Whether it opens anything at a moment of the machine's clock."""
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)
