"""Booking's use cases, one function each: a message, command or question, one transaction, nothing else."""

from services.booking.handlers.asking import (
    ask_availability,
    ask_booking,
    ask_exceptions,
    ask_pools,
    check_invariants,
    watch_invariants,
)
from services.booking.handlers.holding import (
    UnknownHold,
    confirm_hold,
    expire_holds,
    extend_hold,
    place_hold,
    redeem_hold,
    release_hold,
    replace_hold,
)
from services.booking.handlers.operating import change_booking, reserve
from services.booking.handlers.ruling import keep_offering, set_exception
from services.booking.handlers.sharing import (
    keep_partnership,
    restate_availability,
    restate_daily,
    share_availability,
)

__all__ = [
    "UnknownHold",
    "ask_availability",
    "ask_booking",
    "ask_exceptions",
    "ask_pools",
    "change_booking",
    "check_invariants",
    "confirm_hold",
    "expire_holds",
    "extend_hold",
    "keep_offering",
    "keep_partnership",
    "place_hold",
    "redeem_hold",
    "release_hold",
    "replace_hold",
    "reserve",
    "restate_availability",
    "restate_daily",
    "set_exception",
    "share_availability",
    "watch_invariants",
]
