"""Agencies at Bo Taen: what is agreed with them, and what they do with bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from contracts.agencies.v1 import AgreementStated, AgreementTerms
from contracts.booking import v1
from contracts.community.v1 import CancellationRule, Offering
from contracts.principal import Agency, Principal
from contracts.refusals import Refusal, Refused
from services.booking.handlers import agencies, bookings
from services.chassis.runtime.ids import new_id
from tests.support.booking import COUPLE, HOMESTAY, MARKET, experience, in_days, item_of, offering, usual_experiences
from tests.support.booking_fixture import BookingFixture
from tests.support.principals import agency, member

OURS = "bo-taen"
DAY = in_days(10)
MEKONG, LANNA = agency(), agency(name="lanna-trails")
HELPER = member(OURS, "helper")
NIGHTS = item_of(HOMESTAY, DAY, nights=2)
#: The market of DAY begins at six, in Laos.
MARKET_AT = datetime.combine(DAY, time(6), UTC) - timedelta(hours=7)
#: All is given back until three days before, half until one day.
RULE = CancellationRule.model_validate(
    {"steps": [{"hours": 72, "refund_percent": 100}, {"hours": 24, "refund_percent": 50}]}
)


async def agreed(booking: BookingFixture, who: Agency = MEKONG, *, state: str = "agreed", **terms: Any) -> None:
    """Booking learns what an agency and Bo Taen have agreed."""
    said = AgreementTerms(**({"valid_from": in_days(-1)} | terms)) if state == "agreed" else None
    stated = {"agency": who.agency, "community": OURS, "state": state, "since": datetime.now(UTC)}
    await booking.do(agencies.keep_agreement, AgreementStated(**stated, terms=said))


def reserve(*items: Any, minutes: float = 30, now: datetime | None = None, **given: Any) -> v1.Reserve:
    """A couple's hold for half an hour, unless told otherwise."""
    until = (now or datetime.now(UTC)) + timedelta(minutes=minutes)
    usual = {"hold_id": new_id(), "party": COUPLE, "items": items, "confirm": False, "expires_at": until}
    return v1.Reserve(**(usual | given))


async def held(booking: BookingFixture, *items: Any, who: Principal = MEKONG, now: Any = None, **given: Any) -> Any:
    """The same, placed."""
    return await booking.do(bookings.reserve, reserve(*items, now=now, **given), OURS, now, who)


async def change(
    booking: BookingFixture, hold_id: str, act: Any, who: Principal = MEKONG, now: Any = None, **given: Any
) -> Any:
    """One act, by the agency unless told otherwise."""
    command = v1.ChangeBooking(hold_id=hold_id, act=act, **given)
    return await booking.do(bookings.change_booking, command, OURS, now, who)


async def refusal(asked: Any) -> Refusal:
    """The no that something is answered with."""
    with pytest.raises(Refused) as no:
        await asked
    return no.value.refusal


async def states(booking: BookingFixture) -> Sequence[str]:
    """What agencies were told since the last time."""
    return [one.state for one in await booking.changed()]


def on_request(**given: Any) -> Offering:
    """Bo Taen's usual offer; whoever books the market waits for its word."""
    others = [one for one in usual_experiences() if one.id != MARKET]
    return offering(experience(MARKET, instant_confirmation=False, **given), *others)
