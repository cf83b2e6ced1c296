"""What the phone has ready for when there is no signal, and how it shows the portal among its own programs."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute

#: The head of every page, and the mist behind it.
INDIGO, MIST = "#26386f", "#eff3f5"
#: How often the same manifest is asked for again, in seconds.
_A_DAY = 24 * 3600


async def no_copy(page: PageContext) -> Response:
    """There is no signal, and no copy of what was asked for."""
    return page.render("offline.html")


async def saved(page: PageContext) -> Response:
    """Something was saved on the phone; the phone fills in what."""
    return page.render("offline_saved.html")


async def manifest(page: PageContext) -> Response:
    """What a phone needs to put the portal beside its own programs."""
    icon = page.site.assets.url
    said = {
        "name": page.phrases.gettext("Handoff"),
        "lang": page.phrases.language,
        "id": "/",
        "start_url": "/today",
        "scope": "/",
        "display": "standalone",
        "theme_color": INDIGO,
        "background_color": MIST,
        "icons": [
            {"src": icon("icon.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any maskable"},
            {"src": icon("icon.png"), "type": "image/png", "sizes": "192x192", "purpose": "any maskable"},
        ],
    }
    headers = {"Cache-Control": f"public, max-age={_A_DAY}", "Vary": "Accept-Language"}
    return JSONResponse(said, headers=headers, media_type="application/manifest+json")


PAGES = (
    PageRoute("GET", "/offline", no_copy, anybody=True),
    PageRoute("GET", "/offline/saved", saved, anybody=True),
    PageRoute("GET", "/manifest.webmanifest", manifest, anybody=True, public=True),
)
