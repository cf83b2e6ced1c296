"""Whether a page keeps within its window and its names whole."""

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8").split("\n", 1)[1].strip()


def overflow(page: Page) -> list[str]:
    """What reaches over the edge of the window, also where the page hides that; and text that is cut in its box."""
    return list(page.evaluate(f"() => {SCRIPT}.overflow()"))


def broken_names(page: Page, names: Iterable[str] = ()) -> list[str]:
    """Elements marked as not to be broken that stand on more than one line, and words of `names` that do."""
    return list(page.evaluate(f"names => {SCRIPT}.broken(names)", sorted(set(names))))
