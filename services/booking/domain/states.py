"""The states of a hold and its transitions, as a table: a transition that is not in it does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from contracts.booking.v1 import HoldState

Act = Literal["extend", "confirm", "request", "approve", "reject", "release", "redeem", "expire"]

#: These take capacity. REDEEMED does too: the visit took place, its places stay used.
LIVE: frozenset[HoldState] = frozenset({"ON_HOLD", "PENDING", "CONFIRMED", "REDEEMED"})
#: These take none; nothing leads out of them.
ENDED: frozenset[HoldState] = frozenset({"EXPIRED", "CANCELLED", "REJECTED"})

MOVES: Mapping[tuple[HoldState, Act], HoldState] = {
    ("ON_HOLD", "extend"): "ON_HOLD",
    ("ON_HOLD", "confirm"): "CONFIRMED",
    ("ON_HOLD", "request"): "PENDING",
    ("ON_HOLD", "release"): "CANCELLED",
    ("ON_HOLD", "expire"): "EXPIRED",
    ("PENDING", "approve"): "CONFIRMED",
    ("PENDING", "reject"): "REJECTED",
    ("PENDING", "release"): "CANCELLED",
    ("PENDING", "expire"): "EXPIRED",
    ("CONFIRMED", "confirm"): "CONFIRMED",
    ("CONFIRMED", "redeem"): "REDEEMED",
    ("CONFIRMED", "release"): "CANCELLED",
    ("REDEEMED", "confirm"): "REDEEMED",
    ("REDEEMED", "redeem"): "REDEEMED",
}


def after(state: HoldState, act: Act) -> HoldState | None:
    """The state that `act` leads to, or None when there is no such transition."""
    return MOVES.get((state, act))
