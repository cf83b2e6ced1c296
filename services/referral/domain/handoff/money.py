"""The amounts of a visit: exact to the minor unit, in the receiving community's currency."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from contracts.border.v1 import Amounts
from contracts.values import Money, Quote


def amounts(quote: Quote, fee_percent: str) -> Amounts:
    """What was quoted, and the referral fee on its adult and child lines; half a unit goes to the even one."""
    base = sum(line.total.minor for line in quote.lines if line.unit in ("adult", "child"))
    fee = (Decimal(base) * Decimal(fee_percent) / 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    return Amounts(
        quote=quote,
        total=quote.total,
        referral_fee=Money.of_minor(int(fee), quote.total.currency),
        fee_percent=fee_percent,
    )
