"""What the receiver's pass for a handoff says."""

from __future__ import annotations

from contracts.passes.codec import Claims, days_of, in_pass
from services.referral.domain.handoff.record import Record


def claims_of(record: Record) -> Claims:
    """What the receiver's pass for a handoff says."""
    ours = in_pass(record.community)
    return Claims(
        issuer=ours,
        audience=ours,
        sender=in_pass(record.partner),
        referral_id=record.referral_id,
        days=days_of(record.arrival.day, record.zone),
        party=record.party,
    )
