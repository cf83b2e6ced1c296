"""Numbers as people type them: digits of three scripts, thousands apart or not, the decimals of two languages."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from contracts.sentences import Unfit

#: Thousands apart by a comma, a dot or a space; at the end one or two decimals.
_AMOUNT = re.compile(r"(\d{1,3}(?:[ ,.]\d{3})+|\d+)(?:[,.](\d{1,2}))?")
_PERCENT = re.compile(r"(\d{1,2})(?:[,.](\d{1,2}))? ?%?")


def digits(text: Any) -> Any:
    """The text with Thai, Lao and other decimal digits as 0-9; what is no text stays as it is."""
    if not isinstance(text, str):
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.strip())


def amount(text: str) -> str:
    """An amount in two decimals: of `1,800`, `1.800` and `1800` the same. Raises ValueError."""
    found = _AMOUNT.fullmatch(digits(text).replace("\u00a0", " "))
    if found is None:
        raise Unfit("must_be_amount")
    whole = re.sub(r"[ ,.]", "", found[1])
    return f"{Decimal(f'{whole}.{found[2] or 0}'):.2f}"


def percentage(text: str) -> str:
    """A percentage below 100 in two decimals. Raises ValueError."""
    found = _PERCENT.fullmatch(digits(text))
    if found is None:
        raise Unfit("must_be_below_hundred")
    return f"{int(found[1])}.{(found[2] or '').ljust(2, '0')}"


def plain(amount: str) -> str:
    """An amount as it stands in a field: without decimals that are zero."""
    return amount.removesuffix(".00")


#: Before the limits of a whole number.
Digits = BeforeValidator(digits)
Amount = Annotated[str, AfterValidator(amount)]
Percentage = Annotated[str, AfterValidator(percentage)]
