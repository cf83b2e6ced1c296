"""All that is the community's, to take home as one file."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from contracts.node.v1 import ListAudit
from services.portal.site import archive, belongings, standing
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute


async def show(page: PageContext) -> Response:
    """What is in it, and what is not."""
    return page.render("export.html")


async def export(page: PageContext) -> Response:
    """The file, while it is made; that it was made is noted first."""
    offering = await standing.current(page)
    async with page.site.store.work(page.community) as work:
        work.principal = page.client.principal
        work.audit(page.community, "community_exported", page.community)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="handoff-export.zip"',
        "Content-Encoding": "identity",  # it is compressed already
    }
    pieces = archive.packed(belongings.parts(page, offering), page.now)
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


PAGES = (
    PageRoute("GET", "/community/export", show, asks=ListAudit),
    PageRoute("POST", "/community/export", export, asks=ListAudit),
)
