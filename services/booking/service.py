"""Booking, as a table of contents: messages, commands, queries and sweeps."""

from __future__ import annotations

from pathlib import Path

from contracts.agencies.v1 import AgreementStated
from contracts.booking import v1
from contracts.community import v1 as community
from contracts.reconcile import v1 as reconcile
from services.booking.adapters.unit_of_work import BookingUnitOfWork
from services.booking.handlers import (
    agencies,
    availability,
    bookings,
    capacity,
    holds,
    queries,
    reconciliation,
    rule_changes,
    vouchers,
)
from services.chassis.process.operations import Operated
from services.chassis.process.service import Database, command, message, periodic, query


class Booking(Operated):
    """Capacity pools, holds and bookings; owns every dated exception."""

    name = "booking"
    store = Database(BookingUnitOfWork, migrations=Path(__file__).parent / "migrations")

    keep_offering = message(community.OfferingPublished, rule_changes.keep_offering)
    keep_partnership = message(community.PartnershipStated, availability.keep_partnership)
    keep_agreement = message(AgreementStated, agencies.keep_agreement)
    place_hold = message(v1.PlaceHold, holds.place_hold)
    replace_hold = message(v1.ReplaceHold, holds.replace_hold)
    extend_hold = message(v1.ExtendHold, holds.extend_hold)
    confirm_hold = message(v1.ConfirmHold, holds.confirm_hold)
    release_hold = message(v1.ReleaseHold, holds.release_hold)
    redeem_hold = message(v1.RedeemHold, holds.redeem_hold)

    reserve = command(v1.Reserve, bookings.reserve)
    change_booking = command(v1.ChangeBooking, bookings.change_booking)
    replace_booking = command(v1.ReplaceBooking, bookings.replace_booking)
    present_voucher = command(v1.PresentVoucher, vouchers.present)
    set_exception = command(v1.SetException, rule_changes.set_exception)
    restate_availability = command(v1.RestateAvailability, availability.restate_availability)
    restate_capacity = command(v1.RestateCapacity, capacity.restate_capacity)
    restate_hold = command(reconcile.RestateHold, reconciliation.restate_hold)

    ask_availability = query(v1.AskAvailability, queries.ask_availability)
    ask_pools = query(v1.AskPools, queries.ask_pools)
    ask_booking = query(v1.AskBooking, queries.ask_booking)
    list_bookings = query(v1.ListBookings, queries.list_bookings)
    try_exception = query(v1.TryException, rule_changes.try_exception)
    ask_exceptions = query(v1.AskExceptions, queries.ask_exceptions)
    state_holds = query(reconcile.StateHolds, reconciliation.state_holds)
    check_invariants = query(v1.CheckInvariants, queries.check_invariants)

    expire_holds = periodic(1.0, holds.expire_holds)
    share_availability = periodic(5.0, availability.share_availability)
    watch_invariants = periodic(60.0, queries.watch_invariants)
    restate_daily = periodic(60.0, availability.restate_daily)
