"""axe-core over a page: no violation of WCAG 2.2 A and AA, nor of what is known to be good practice."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = "tags => axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}})"


def violations(page: Page, *without: str) -> list[str]:
    """What axe finds, one line a place; `without` names rules that do not apply, and a test that uses it says why."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, list(TAGS))["violations"]
    return [line for rule in found if rule["id"] not in without for line in _places(rule)]


def contrasts(page: Page) -> list[str]:
    """What axe finds of colours alone: of one page in other colours nothing else can differ."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], runOnly: ['color-contrast']})")
    return [line for rule in found["violations"] for line in _places(rule)]


def _places(rule: dict[str, Any]) -> list[str]:
    return [f"{rule['id']}: {' '.join(map(str, node['target']))}: {rule['help']}" for node in rule["nodes"]]
