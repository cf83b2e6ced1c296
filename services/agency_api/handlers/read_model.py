"""What community and booking state, kept so that reading asks nobody."""

from __future__ import annotations

from datetime import timedelta

from contracts.agencies.v1 import AgencyStated, AgreementStated
from contracts.booking.v1 import BookingChanged, CapacityChanged
from contracts.community.v1 import OfferingPublished
from services.agency_api.domain.bookings import Standing
from services.agency_api.ports import ReadModel, Standings

#: Pools and rules of days before are forgotten.
KEPT = timedelta(days=7)


async def keep_agency(message: AgencyStated, work: ReadModel) -> None:
    """An agency and its name."""
    await work.keep_agency(message.agency, message.name)


async def keep_agreement(message: AgreementStated, work: ReadModel) -> None:
    """Where an agreement stands: what is in force, or nothing."""
    terms = message.terms if message.state != "ended" else None
    await work.keep_agreement(message.agency, message.community, terms)


async def keep_offering(message: OfferingPublished, work: ReadModel) -> None:
    """What a community offers."""
    await work.keep_offering(message.offering)


async def keep_capacity(message: CapacityChanged, work: ReadModel) -> None:
    """What was taken or given back, and new rules."""
    if message.levels:
        await work.keep_levels(message.community, message.levels)
    if message.lines:
        await work.keep_rules(message.community, message.lines)


async def keep_booking(message: BookingChanged, work: Standings) -> None:
    """How an agency's hold stands."""
    times = message.times
    standing = Standing(
        hold_id=message.hold_id,
        agency=message.agency,
        community=message.community,
        state=message.state,
        expires_at=message.expires_at,
        placed_at=times.placed_at,
        changed_at=times.changed_at,
        confirmed_at=times.confirmed_at,
        redeemed_at=times.redeemed_at,
        cancelled=message.cancelled,
    )
    await work.keep_standing(standing)
    if message.replaced_by is not None:
        await work.adopt(message.hold_id, message.replaced_by)


async def forget_days(work: ReadModel) -> int:
    """Delete what is about days long gone. Returns how much."""
    return await work.forget_days((work.now - KEPT).date())
