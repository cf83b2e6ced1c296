"""The community's own page: what it is and offers, and the way to everything that is not of today."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from contracts.agencies.v1 import ListAgreements
from contracts.community.v1 import FindCommunities, ListPartnerships, PublishOffering
from contracts.node.v1 import ListAudit
from contracts.portal.v1 import ListMembers
from contracts.statements.v1 import ListStatements
from services.portal.site import agreements, standing
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute


async def show(page: PageContext) -> Response:
    """Only what whoever looks may open."""
    known, offering, proposing = await asyncio.gather(page.known(), standing.current(page), agreements.proposing(page))
    may = {
        "edit": page.may(PublishOffering),
        "partners": page.may(ListPartnerships),
        "agencies": page.may(ListAgreements),
        "statements": page.may(ListStatements),
        "members": page.may(ListMembers),
        "export": page.may(ListAudit),
    }
    return page.render(
        "community.html", here="/community", known=known, offering=offering, may=may, proposing=len(proposing)
    )


PAGES = (PageRoute("GET", "/community", show, asks=FindCommunities),)
