"""Bookings by what an agency looks for them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.agency_api.domain.bookings import Found
from services.agency_api.domain.products import MOST_NIGHTS
from services.agency_api.domain.seeking import window
from services.agency_api.octo import problems, showing
from services.agency_api.octo.asked import Filters
from services.agency_api.ports import Looked
from services.agency_api.site.asking import Asking
from services.chassis.ports import EVERYONE

#: A list has no pages in OCTO: so many of the newest are listed.
MOST = 200


async def bookings(asking: Asking, filters: Filters) -> list[dict[str, Any]]:
    """The agency's bookings that fit all filters, newest first."""
    async with asking.store.work(EVERYONE, readonly=True) as work:
        found: Sequence[Found] = await work.bookings(asking.agency, _looked(asking, filters), MOST)
        supplies = {community: await work.supply(*about) for community, about in _places(asking, found).items()}
        now = work.now
    return [
        showing.booking(one, supply, now, asking)
        for one in found
        if (supply := supplies.get(one.request.wish.community)) is not None
    ]


def _looked(asking: Asking, filters: Filters) -> Looked:
    """Raises OctoProblem when there is nothing to look by."""
    first = filters.local_date or filters.local_date_start
    last = filters.local_date or filters.local_date_end
    if (first is None) != (last is None):
        raise problems.bad_request("Give both localDateStart and localDateEnd")
    looked = Looked(
        community=asking.community,
        reseller_reference=filters.reseller_reference,
        supplier_reference=filters.supplier_reference,
        first=first,
        last=last,
        product=filters.product_id,
        option=filters.option_id,
    )
    if looked == Looked(community=asking.community):
        raise problems.bad_request(
            "Give resellerReference, supplierReference, localDate or localDateStart and localDateEnd"
        )
    return looked


def _places(asking: Asking, found: Sequence[Found]) -> dict[str, tuple[str, str, date, date]]:
    """One read for each community, over all its bookings' days: never one for each booking."""
    days: dict[str, list[date]] = {}
    for one in found:
        days.setdefault(one.request.wish.community, []).append(one.request.wish.day)
    return {
        community: (asking.agency, community, *window(min(those), max(those), MOST_NIGHTS))
        for community, those in days.items()
    }
