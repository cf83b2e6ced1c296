"""Files of the portal as they travel: without comments, under an address that has their digest, small."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from services.portal.site.assets import FOLDER, Assets, bare

MOST_STYLE = 8_000
SCRIPTS = sorted(FOLDER.glob("*.js"))


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets()


def body(assets: Assets, name: str) -> str:
    asset = assets.asset(name)
    assert asset is not None
    return asset.body.decode()


def test_files_travel_without_comments(assets: Assets) -> None:
    written = [path.name for path in (*SCRIPTS, FOLDER / "portal.css") if "/*" in path.read_text("utf-8")]
    assert len(written) >= 8, "so there is something to leave out"
    assert [name for name in written if re.search(r"(?m)^\s*/\*", body(assets, name))] == []


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("a.js", "/* of a\n   file */\nuse('/*no*/');\n  /* of a line */\n  act();\n", "use('/*no*/');\n  act();\n"),
        ("a.js", "const web = 'a//b'; /* beside */\n", "const web = 'a//b'; /* beside */\n"),
        ("a.css", "/* bars */\n.a{b:c}/* x */.d{e:f}\n", ".a{b:c}.d{e:f}\n"),
        ("a.svg", "<!-- kept --><svg/>", "<!-- kept --><svg/>"),
    ],
)  # fmt: skip
def test_nothing_but_comments_is_left_out(tmp_path: Path, name: str, text: str, left: str) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    assert bare(file).decode() == left


def test_another_content_has_another_address(assets: Assets, tmp_path: Path) -> None:
    for name, more in (("portal.css", ".a{b:c}"), ("portal.js", "act();")):
        (tmp_path / name).write_text((FOLDER / name).read_text("utf-8") + more, "utf-8")
    (tmp_path / "sw.js").write_text("", "utf-8")
    changed = Assets(tmp_path)
    assert assets.url("portal.js") == Assets().url("portal.js") != changed.url("portal.js")
    assert assets.url("portal.css") != changed.url("portal.css")


def test_the_style_is_small(assets: Assets) -> None:
    weight = len(gzip.compress(body(assets, "portal.css").encode(), 9))
    print(f"portal.css: {weight} of {MOST_STYLE} bytes")
    assert weight <= MOST_STYLE


def test_the_icon_is_where_browsers_look_for_one(assets: Assets) -> None:
    async def asked(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=assets.routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://village.test") as browser:
            return await browser.get(path)

    icon = asyncio.run(asked("/favicon.ico"))
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/png")
    assert "max-age=604800" in icon.headers["cache-control"]
    assert asyncio.run(asked("/favicon.png")).status_code == 404
