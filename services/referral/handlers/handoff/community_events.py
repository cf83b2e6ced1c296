"""The community service's statements about communities of this node: what they offer, and who their partners are."""

from __future__ import annotations

from contracts.community.v1 import OfferingPublished, PartnershipStated
from services.referral.ports import Records


async def offering_published(message: OfferingPublished, work: Records) -> None:
    """One of our communities states what it offers."""
    await work.keep_offering(message.offering)


async def partnership_stated(message: PartnershipStated, work: Records) -> None:
    """Where a partnership of one of our communities stands."""
    await work.keep_partnership(message)
