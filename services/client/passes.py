"""Verifying a pass without a node, by keys saved before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.community.v1 import KeyView
from contracts.passes import codec
from contracts.passes.codec import Claims
from services.chassis.trust import passes, sealing


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a pass is worth without a node. What it says only when its key has signed it."""

    reason: str
    claims: Claims | None = None


def verified(token: str, keys: Sequence[KeyView], now: datetime) -> Verified:
    """What a pass is worth by these keys at this moment."""
    try:
        shown = codec.read(token)
    except ValueError:
        return Verified(reason="malformed")
    claims = shown.claims
    named = [key for key in keys if key.keyid == shown.keyid and codec.in_pass(key.community) == claims.issuer]
    if not named or claims.audience != claims.issuer:
        return Verified(reason="unknown_key")
    if not shown.signed_by(sealing.read(named[0].public_key), passes.verified):
        return Verified(reason="forged")
    if named[0].used_until is not None and named[0].used_until <= now:
        return Verified(reason="key_over", claims=claims)
    if now < claims.days.opens:
        return Verified(reason="early", claims=claims)
    return Verified(reason="late" if now >= claims.days.closes else "valid", claims=claims)
