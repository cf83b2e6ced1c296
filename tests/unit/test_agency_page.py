"""The page for agencies' developers: the same in three languages, small, and nothing in it is taken for markup."""

import json
import re
from pathlib import Path

import pytest

from services.agency_api.developer import page, writing
from services.agency_api.site.asking import LANGUAGES

TEXTS = page.HERE / "texts"
MOST_BYTES = 40_000
ADDRESS = "https://book.example"


def skeleton(language: str) -> list[tuple[str, int]]:
    """Kinds of blocks, and of how many lines, without the words."""
    text = (TEXTS / f"{language}.md").read_text(encoding="utf-8")
    return [(kind, len(lines)) for kind, lines in writing.blocks(text)]


def codes(language: str) -> list[str]:
    """All code and all links of a text, in the order of its lines; within a line languages differ."""
    text = (TEXTS / f"{language}.md").read_text(encoding="utf-8")
    found = re.compile(r"`[^`]+`|\]\([^)]+\)|^> \w+")
    return [code for line in text.splitlines() for code in sorted(found.findall(line))]


@pytest.mark.parametrize("language", ["th", "lo"])
def test_every_language_says_the_same_in_the_same_order(language: str) -> None:
    assert skeleton(language) == skeleton("en")
    assert codes(language) == codes("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_small_and_asks_no_other_host(language: str) -> None:
    shown = page.rendered(language, ADDRESS, "1.0.0")
    assert f'<html lang="{language}">' in shown
    assert "$ADDRESS" not in shown
    assert "$VERSION" not in shown
    assert len(shown.encode()) < MOST_BYTES
    assert "<script" not in shown
    assert " style=" not in shown
    loaded = re.findall(r'(?:src|href)="([^"]*)"', shown)
    assert [link for link in loaded if not link.startswith("/")] == []


def test_every_command_is_on_the_page_once() -> None:
    text = (TEXTS / "en.md").read_text(encoding="utf-8")
    named = [lines[0] for kind, lines in writing.blocks(text) if kind == "pre"]
    assert named == list(writing.commands((page.HERE / "commands.sh").read_text(encoding="utf-8")))


def test_an_address_is_text_wherever_it_stands() -> None:
    shown = page.rendered("en", "http://a'<b>&", "1.0.0")
    assert "<b>" not in shown
    assert "&lt;b&gt;&amp;" in shown


def test_what_is_no_code_and_no_link_is_escaped() -> None:
    assert writing.inline("a < b, `c < d`, [e](/f)") == 'a &lt; b, <code>c &lt; d</code>, <a href="/f">e</a>'
    assert "javascript" not in str(writing.inline("[x](javascript:alert)")).partition("<a")[2]


def test_the_list_of_changes_begins_with_this_version() -> None:
    version = json.loads((page.HERE.parent / "openapi.json").read_text(encoding="utf-8"))["info"]["version"]
    first = re.search(r"^## (.+)$", Path(page.CHANGES).read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == version
