"""Every page of the portal, as a table: what is not listed here is not there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from services.chassis.edge.rpc_client import EdgeParts
from services.portal.pages import (
    acting,
    answered,
    answering,
    calendar,
    calendar_close,
    calendar_day,
    changing,
    consent,
    countering,
    enquiries,
    guests,
    guests_booking,
    handoff,
    party,
    passes,
    public,
    public_page,
    receiving,
    requests,
    sending,
    sending_check,
    sending_cross,
    sending_days,
    sending_what,
    sending_who,
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
    *handoff.PAGES,
    *acting.PAGES,
    *changing.PAGES,
    *sending.PAGES,
    *sending_what.PAGES,
    *sending_days.PAGES,
    *sending_who.PAGES,
    *sending_cross.PAGES,
    *sending_check.PAGES,
)


def routes(parts: EdgeParts) -> Sequence[BaseRoute]:
    """The routes of this portal."""
    return PortalSite(parts).routes(PAGES, (*public.PAGES, *enquiries.PUBLIC))
