"""Every page of the portal, as a table: what is not listed here is not there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from services.chassis.edge.rpc_client import EdgeParts
from services.portal.pages import (
    consent,
    enquiries,
    party,
    passes,
    public,
    public_page,
    receiving,
    signing_in,
    today,
)
from services.portal.site.portal_site import PageRoute, PortalSite

PAGES: tuple[PageRoute, ...] = (
    *signing_in.PAGES,
    *today.PAGES,
    *consent.PAGES,
    *passes.PAGES,
    *party.PAGES,
    *receiving.PAGES,
    *public_page.PAGES,
    *enquiries.PAGES,
)


def routes(parts: EdgeParts) -> Sequence[BaseRoute]:
    """The routes of this portal."""
    return PortalSite(parts).routes(PAGES, (*public.PAGES, *enquiries.PUBLIC))
