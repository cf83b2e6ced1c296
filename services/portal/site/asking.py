"""The form on a public page, which has no cookie to prove it: a token of the node's own, good for a day.

A page that many keep carries the same token to all of them; so it says only that somebody has seen this page lately.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from services.chassis.trust.vault import Vault

#: A token is another after this time, and good for so many of these.
STEP, GOOD_FOR = timedelta(hours=6), 5
_LABEL = b"handoff enquiry form v1"


def token(vault: Vault, community: str, now: datetime) -> str:
    """A token for the form of this community."""
    step = int(now.timestamp() // STEP.total_seconds())
    return f"{step}-{_mixed(vault.keys[vault.newest], f'form {community} {step}').hex()[:32]}"


def is_token(vault: Vault, community: str, given: str, now: datetime) -> bool:
    """Whether this page made it, within a day or so."""
    step, _, _ = given.partition("-")
    this = int(now.timestamp() // STEP.total_seconds())
    if not (step.isascii() and step.isdecimal() and this - GOOD_FOR < int(step[:12]) <= this):
        return False
    wanted = [f"{step}-{_mixed(key, f'form {community} {step}').hex()[:32]}" for key in vault.keys.values()]
    return any(hmac.compare_digest(each.encode(), given.encode()) for each in wanted)


def digest(vault: Vault, what: str, value: str) -> bytes:
    """What somebody's address is counted by: without the node's keys nobody finds the address again."""
    return _mixed(vault.keys[vault.newest], f"{what} {value}")


def id_of(vault: Vault, *said: str) -> str:
    """The id of what was said: sent twice, it is the same."""
    return str(uuid.UUID(bytes=digest(vault, "enquiry", "\n".join(said))[:16], version=5))


def _mixed(key: bytes, text: str) -> bytes:
    return hmac.digest(hmac.digest(key, _LABEL, hashlib.sha256), text.encode(), hashlib.sha256)
