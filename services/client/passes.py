"""What is asked about a pass or code that is shown; and verifying one without a node, by keys saved before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.booking.v1 import PresentVoucher
from contracts.community.v1 import KeyView
from contracts.passes import codec
from contracts.passes.codec import Claims
from contracts.referral.v1 import PresentPass
from contracts.values import Party
from services.chassis.trust import passes, sealing

#: After these it may still be of the other kind.
NOT_HERE = frozenset({"unknown", "too_many_tries"})
_SPACES = re.compile(r"[\s-]")
_REFERENCE = re.compile(r"[0-9A-F]{6}")
_CODE = re.compile(rf"[{codec.SIGNS}]{{{codec.CODE_LENGTH}}}")


def code_in(text: str) -> str | None:
    """A code as people write and say it (`k7m-p2x`, `9c 01 f3`), or None when it is longer, as a pass is."""
    code = _SPACES.sub("", text).upper()
    return code if len(code) <= codec.CODE_LENGTH else None


def asked_about(text: str, party: Party | None = None, **more: Any) -> tuple[PresentVoucher | PresentPass, ...]:
    """What is asked about a pass or code, in order, until a verdict is none of NOT_HERE.

    A pass says whose it is. Six signs may be the end of a booking's id, a handoff's code, or either. Raises
    ValidationError for what is neither.
    """
    code = code_in(text)
    if code is None:
        token = text.strip()
        if _is_of_booking(token):
            return (PresentVoucher.model_validate({"pass_token": token, **more}),)
        return (PresentPass.model_validate({"pass_token": token, "party": party, **more}),)
    asked: list[PresentVoucher | PresentPass] = []
    if _REFERENCE.fullmatch(code):
        asked.append(PresentVoucher.model_validate({"reference": code.lower(), **more}))
    if _CODE.fullmatch(code) or not asked:
        asked.append(PresentPass.model_validate({"short_code": code, "party": party, **more}))
    return tuple(asked)


def can_be_code(code: str) -> bool:
    """Whether six signs can be a handoff's code or the end of a booking's id."""
    return bool(_CODE.fullmatch(code) or _REFERENCE.fullmatch(code))


def _is_of_booking(token: str) -> bool:
    try:
        return codec.read(token).claims.is_of_booking
    except ValueError:
        return False


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
