"""The page of the agencies' API, in three languages: from a key to a booking. It needs no key and asks no service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from services.agency_api.developer import writing
from services.agency_api.site.asking import LANGUAGES, language_of
from services.chassis.edge.rpc_client import EdgeParts

HERE = Path(__file__).parent
CHANGES = HERE.parent / "CHANGELOG.md"
NAMES = {"en": "English", "th": "ไทย", "lo": "ລາວ"}
#: Nothing from elsewhere, nothing inline, no script at all.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_PAGE = Markup("""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Handoff</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<nav>{languages}</nav>
<main>
{main}
</main>
</body>
</html>
""")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def routes(parts: EdgeParts, version: str) -> Sequence[BaseRoute]:
    """`/` in the reader's language, `/en`, `/th` and `/lo`, and what they lead to."""

    async def show(request: Request) -> Response:
        named = request.url.path.strip("/")
        language = named if named in LANGUAGES else language_of(request.headers.get("accept-language", ""))
        address = parts.settings.edge_urls.get("agency_api") or _asked_at(request)
        vary = {} if named else {"Vary": "Accept-Language"}
        headers = {**HEADERS, **vary, "Content-Language": language}
        return Response(rendered(language, address.rstrip("/"), version), headers=headers, media_type="text/html")

    return [
        *(Route(path, show) for path in ("/", *(f"/{language}" for language in LANGUAGES))),
        Route("/page.css", _style),
        Route("/changelog", _changes),
    ]


def rendered(language: str, address: str, version: str) -> str:
    """The page for whoever reaches the API at this address."""
    text = _filled(_read(HERE / "texts" / f"{language}.md"), address, version)
    shown = writing.commands(_filled(_read(HERE / "commands.sh"), address, version))
    title = next(lines[0] for kind, lines in writing.blocks(text) if kind == "h1")
    return _PAGE.format(
        language=language, title=title, languages=_languages(language), main=writing.page(text, shown)
    )  # fmt: skip


def _filled(text: str, address: str, version: str) -> str:
    return text.replace("$ADDRESS", address).replace("$VERSION", version)


def _languages(shown: str) -> Markup:
    links = (
        Markup('<a href="/{}" lang="{}" hreflang="{}"{}>{}</a>').format(
            one, one, one, Markup(' aria-current="page"') if one == shown else "", name
        )
        for one, name in NAMES.items()
    )
    return Markup(" ").join(links)


def _asked_at(request: Request) -> str:
    """The address that the reader has typed; one that is none is not written into commands."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{escape(host)}" if _HOST.fullmatch(host) else "http://localhost"


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


async def _style(_: Request) -> Response:
    kept = {**HEADERS, "Cache-Control": "max-age=3600"}
    return Response(_read(HERE / "page.css"), headers=kept, media_type="text/css")


async def _changes(_: Request) -> Response:
    return PlainTextResponse(_read(CHANGES), headers=HEADERS)
