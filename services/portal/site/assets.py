"""Files that never change under their address: style, scripts, fonts. The address carries their digest."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.portal.site import security

FOLDER = Path(__file__).parents[1] / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
#: A year: another content has another address.
FOR_EVER = "public, max-age=31536000, immutable"
#: A week: what is asked for by a name of old, where a page names nothing else.
FOR_A_WEEK = "public, max-age=604800"
#: What is compressed already.
_PACKED = frozenset({".png", ".woff2"})
_STYLE, _WORKER, _ICON = "portal.css", "sw.js", "icon.png"
#: What is written for those who change a file. In a style anywhere; in a script on lines of its own.
_COMMENTS = {
    ".css": re.compile(rb"/\*.*?\*/\n?", re.DOTALL),
    ".js": re.compile(rb"^[ \t]*/\*.*?\*/\n", re.DOTALL | re.MULTILINE),
}


@dataclass(frozen=True)
class Asset:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    kind: str
    digest: str


class Assets:
    """All of them, read once: a running portal does not see them change."""

    def __init__(self, folder: Path = FOLDER) -> None:
        names = [path for path in sorted(folder.rglob("*")) if path.suffix in KINDS]
        self._assets = {path.relative_to(folder).as_posix(): _asset(path, bare(path)) for path in names}
        style = self._assets[_STYLE]
        self._assets[_STYLE] = _asset(folder / _STYLE, self._with_addresses(style.body))

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError when there is none."""
        return f"/static/{name}?v={self._assets[name].digest}"

    @property
    def names(self) -> tuple[str, ...]:
        """Every file."""
        return tuple(self._assets)

    def asset(self, name: str) -> Asset | None:
        """One file, or None."""
        return self._assets.get(name)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Where they are; the worker of the phone where it may look after every page, the icon where browsers look."""
        return (
            Route("/static/{name:path}", self._send),
            Route(f"/{_WORKER}", self._send_worker),
            Route("/favicon.ico", self._send_icon),
        )

    async def _send(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404)
        current = request.query_params.get("v") == asset.digest
        return sent(request, asset, FOR_EVER if current else "no-cache")

    async def _send_worker(self, request: Request) -> Response:
        response = sent(request, self._assets[_WORKER], "no-cache")
        response.headers["Content-Security-Policy"] = security.POLICY
        return response

    async def _send_icon(self, request: Request) -> Response:
        return sent(request, self._assets[_ICON], FOR_A_WEEK)

    def _with_addresses(self, style: bytes) -> bytes:
        """The style, with the digests of the fonts that it names."""
        for name, asset in self._assets.items():
            if name.startswith("fonts/"):
                style = style.replace(f"({name})".encode(), f"({Path(name).name}?v={asset.digest})".encode())
        return style.replace(b"url(", b"url(fonts/")


def sent(request: Request, asset: Asset, cache: str) -> Response:
    """A file as this browser takes it."""
    headers = {
        "Cache-Control": cache, "Vary": "Accept-Encoding", "ETag": f'"{asset.digest}"',
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.kind)
    return Response(asset.body, headers=headers, media_type=asset.kind)


def bare(path: Path) -> bytes:
    """A file as it travels: without comments."""
    comments = _COMMENTS.get(path.suffix)
    return comments.sub(b"", path.read_bytes()) if comments else path.read_bytes()


def _asset(path: Path, body: bytes) -> Asset:
    packed = None if path.suffix in _PACKED else gzip.compress(body, 9, mtime=0)
    return Asset(body, packed, KINDS[path.suffix], hashlib.sha256(body).hexdigest()[:12])
