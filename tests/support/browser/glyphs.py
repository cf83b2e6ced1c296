"""Whether every letter is drawn, and by a font that a phone has or the page brings along.

Chromium names the fonts that drew a text; a letter that no font has is counted for the first one, as its empty box.
So both are asked: which fonts drew, and which letters look like that box.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "glyphs.js").read_text(encoding="utf-8").split("\n", 1)[1]
#: What a phone has for Latin letters and digits. Everything else that is used comes with the page.
PHONES = ("Roboto",)
#: Any machine has letters of one width, each its own; for codes of plain signs these serve alike.
FIXED_WIDTH = ("Roboto Mono", "Noto Sans Mono", "DejaVu Sans Mono", "Liberation Mono")
WITH_TEXT = """() => { let count = 0;
  for (const one of document.querySelectorAll("body *")) {
    const before = ["::before", "::after"].some((part) => /^"./.test(getComputedStyle(one, part).content));
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if ((text || before) && one.getClientRects().length) one.dataset.drawn = count++;
  }
  return count; }"""


def missing_glyphs(page: Page, fonts: Collection[str] = PHONES) -> list[str]:
    """Letters without a glyph, and texts for which the machine lent a font that no phone need have."""
    page.evaluate("() => document.fonts.ready.then(() => true)")
    empty = [f"no glyph for {letter!r}" for letter in page.evaluate(SCRIPT)]
    return empty + list(dict.fromkeys(_lent(page, fonts)))


def fonts_used(page: Page) -> set[str]:
    """The fonts that drew the page: families of the machine, or `web:` and the name of one that came along."""
    return {_name(font) for _text, fonts in _drawn(page) for font in fonts}


def _lent(page: Page, fonts: Collection[str]) -> Iterator[str]:
    for text, drew in _drawn(page):
        for font in drew:
            plain = font["familyName"] in FIXED_WIDTH and text.isascii()
            if not (font["isCustomFont"] or plain or font["familyName"] in fonts):
                yield f"{font['familyName']} drew {font['glyphCount']:g} of “{text}”"


def _drawn(page: Page) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each element with text of its own, shortened, and what drew it."""
    page.evaluate(WITH_TEXT)
    texts = page.locator("[data-drawn]").evaluate_all(
        "all => all.map(one => one.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40))"
    )
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-drawn]"})["nodeIds"]
    for node, text in zip(nodes, texts, strict=True):
        yield str(text), list(session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"])
    session.detach()


def _name(font: dict[str, Any]) -> str:
    return f"web:{font['postScriptName']}" if font["isCustomFont"] else str(font["familyName"])
