"""What is asked about a pass or code that is shown."""

import re
from typing import Any

from contracts.booking.v1 import PresentVoucher
from contracts.passes import codec
from contracts.referral.v1 import PresentPass
from contracts.values import Party

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
