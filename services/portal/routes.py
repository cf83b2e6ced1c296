"""Every page of the portal, as a table: what is not listed here is not there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from services.chassis.edge.rpc_client import EdgeParts
from services.portal.pages import (
    answered,
    answering,
    calendar,
    calendar_close,
    calendar_day,
    consent,
    countering,
    enquiries,
    guests,
    guests_booking,
    party,
    passes,
    public,
    public_page,
    receiving,
    requests,
    signing_in,
    today,
)
from services.portal.site.portal_site import PageRoute, PortalSite

PAGES: tuple[PageRoute, ...] = (
    *signing_in.PAGES,
    *today.PAGES,
    *requests.PAGES,
    *answering.PAGES,
    *countering.PAGES,
    *answered.PAGES,
    *consent.PAGES,
    *passes.PAGES,
    *party.PAGES,
    *receiving.PAGES,
    *public_page.PAGES,
    *enquiries.PAGES,
    *calendar.PAGES,
    *calendar_close.PAGES,
    *calendar_day.PAGES,
    *guests_booking.PAGES,
    *guests.PAGES,
)


def routes(parts: EdgeParts) -> Sequence[BaseRoute]:
    """The routes of this portal."""
    return PortalSite(parts).routes(PAGES, (*public.PAGES, *enquiries.PUBLIC))
