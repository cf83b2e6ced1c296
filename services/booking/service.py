"""Booking, as a table of contents: what it listens to, does, answers and does by itself."""

from __future__ import annotations

from pathlib import Path

from contracts.booking import v1
from contracts.community import v1 as community
from services.booking import handlers
from services.booking.adapters.postgres import BookingWork
from services.chassis.operations import Operated
from services.chassis.service import Database, command, message, periodic, query


class Booking(Operated):
    """Capacity pools, holds and bookings; owns every dated exception."""

    name = "booking"
    store = Database(BookingWork, migrations=Path(__file__).parent / "migrations")

    keep_offering = message(community.OfferingPublished, handlers.keep_offering)
    keep_partnership = message(community.PartnershipStated, handlers.keep_partnership)
    place_hold = message(v1.PlaceHold, handlers.place_hold)
    replace_hold = message(v1.ReplaceHold, handlers.replace_hold)
    extend_hold = message(v1.ExtendHold, handlers.extend_hold)
    confirm_hold = message(v1.ConfirmHold, handlers.confirm_hold)
    release_hold = message(v1.ReleaseHold, handlers.release_hold)
    redeem_hold = message(v1.RedeemHold, handlers.redeem_hold)

    reserve = command(v1.Reserve, handlers.reserve)
    change_booking = command(v1.ChangeBooking, handlers.change_booking)
    set_exception = command(v1.SetException, handlers.set_exception)
    restate_availability = command(v1.RestateAvailability, handlers.restate_availability)

    ask_availability = query(v1.AskAvailability, handlers.ask_availability)
    ask_pools = query(v1.AskPools, handlers.ask_pools)
    ask_booking = query(v1.AskBooking, handlers.ask_booking)
    ask_exceptions = query(v1.AskExceptions, handlers.ask_exceptions)
    check_invariants = query(v1.CheckInvariants, handlers.check_invariants)

    expire_holds = periodic(1.0, handlers.expire_holds)
    share_availability = periodic(5.0, handlers.share_availability)
    watch_invariants = periodic(60.0, handlers.watch_invariants)
    restate_daily = periodic(60.0, handlers.restate_daily)
