"""The pass of an agency's booking: what it says, and what it is worth when it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from contracts.booking import v1
from contracts.capacity.pools import Host
from contracts.passes.codec import Claims, Days, days_of, in_pass
from contracts.passes.showing import SKEW
from services.booking.domain.hold import Hold, Visit

Worth = Literal["good", "used", "early", "late", "over", "replaced", "unknown"]


def days_for(hold: Hold, host: Host) -> Days:
    """When the pass is good: as a handoff's, from the eve of the first day to the end of the day after it."""
    return days_of(min(item.day for item in hold.items), host.offering.community.zone)


def claims_of(hold: Hold, host: Host) -> Claims:
    """What the pass of a booking says. That nobody else sends its guests tells it apart from a handoff's."""
    if hold.party is None:
        raise TypeError("a tombstone has no pass")
    ours = in_pass(hold.community)
    return Claims(
        issuer=ours,
        audience=ours,
        sender=ours,
        referral_id=hold.hold_id,
        days=days_for(hold, host),
        party=hold.party,
    )


def worth(hold: Hold, host: Host, at: datetime, *, known: bool = False) -> Worth:
    """What it is worth at a moment; good: its guests may be received. `known`: by their faces, for the whole visit."""
    if hold.state == "REDEEMED":
        return "used"
    if hold.state == "CANCELLED":
        return "replaced" if hold.was_replaced else "over"
    if hold.state != "CONFIRMED":
        return "unknown"
    visit = Visit.of(hold.items, host)
    days = Days(visit.opens, visit.closes) if known else days_for(hold, host)
    if at < max(days.opens, (hold.confirmed_at or days.opens) - SKEW):
        return "early"
    return "late" if at >= days.closes else "good"


def meant(found: Sequence[Hold], host: Host, at: datetime) -> Hold | None:
    """Of bookings that go by one reference, newest first, the one whose guests may come now; None when several may."""
    good = [hold for hold in found if worth(hold, host, at) == "good"] or found[:1]
    return good[0] if len(good) == 1 else None


def judged(hold: Hold, verdict: Worth) -> v1.VoucherJudged:
    """The answer about a booking of ours."""
    return v1.VoucherJudged(
        verdict=verdict,
        hold_id=hold.hold_id,
        state=hold.state,
        party=hold.party,
        agency=hold.agency,
        items=hold.items,
        used_at=hold.redeemed_at,
    )


def came(hold: Hold, at: datetime) -> Hold:
    """The same, with the moment at which its guests were there, which may be told later."""
    return replace(hold, redeemed_at=at)
