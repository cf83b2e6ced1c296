"""What community and booking state, kept so that reading asks nobody."""

from __future__ import annotations

from datetime import timedelta

from contracts.agencies.v1 import AgencyStated, AgreementStated
from contracts.booking.v1 import BookingChanged, CapacityChanged
from contracts.community.v1 import OfferingPublished
from services.agency_api.domain.bookings import Standing
from services.agency_api.handlers import notifying
from services.agency_api.ports import Facts, ReadModel

#: Pools and rules of days before are forgotten.
KEPT = timedelta(days=7)


async def keep_agency(message: AgencyStated, work: ReadModel) -> None:
    """An agency and its name."""
    await work.keep_agency(message.agency, message.name)


async def keep_agreement(message: AgreementStated, work: Facts) -> None:
    """Where an agreement stands: what is in force, or nothing; agencies are told where other places are kept by it."""
    terms = message.terms if message.state != "ended" else None
    before = await work.keep_agreement(message.agency, message.community, terms)
    await notifying.allotments_changed(work, message.community, before, terms)


async def keep_offering(message: OfferingPublished, work: Facts) -> None:
    """What a community offers; agencies are told of products that are other than before."""
    before = await work.offering(message.offering.community.id)
    await work.keep_offering(message.offering)
    await notifying.offering_changed(work, before, message.offering)


async def keep_capacity(message: CapacityChanged, work: Facts) -> None:
    """What was taken or given back, and new rules."""
    if message.levels:
        await work.keep_levels(message.community, message.levels)
    if message.lines:
        await work.keep_rules(message.community, message.lines)
    await notifying.capacity_changed(work, message)


async def keep_booking(message: BookingChanged, work: Facts) -> None:
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
        pass_token=message.pass_token,
    )
    await work.keep_standing(standing)
    await notifying.booking_changed(work, message.agency, message.community, message.hold_id)
    if message.replaced_by is not None:
        await work.adopt(message.hold_id, message.replaced_by)


async def forget_days(work: ReadModel) -> int:
    """Delete what is about days long gone. Returns how much."""
    return await work.forget_days((work.now - KEPT).date())
