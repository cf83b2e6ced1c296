"""Each check of a page finds what is planted for it, and leaves a good page alone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser.accessibility import violations
from tests.support.browser.glyphs import missing_glyphs
from tests.support.browser.keyboard import out_of_reach
from tests.support.browser.looks import broken_names, overflow
from tests.support.browser.phone import Phone, phone
from tests.support.browser.planted import Site
from tests.support.browser.words import untranslated

Check = Callable[[Page], list[str]]
GOOD = "<p>Three places are free in Tha Li.</p><p><a href='/'>Home</a> <button>Send</button></p>"
LONG = "<p style='white-space:nowrap'>" + "a long line of words " * 5 + "</p>"
SMALL = "<style>i{display:block;line-height:9px}i *{min-height:0;height:9px;padding:0;font-size:7px}</style>"
SMALL += "<i><button>one</button></i><i><button>two</button></i>"
NARROW = "<p style='overflow:hidden;white-space:nowrap;width:90px'>more than ninety wide</p>"
OVER = "<div style='position:fixed;inset:0;background:#fff'>over</div>"
TRAP = "<input id='trap'><script>trap.onkeydown=e=>e.preventDefault()</script><button>after</button>"
CHECKS: dict[str, Check] = {
    "accessible": violations,
    "overflow": overflow,
    "glyphs": missing_glyphs,
    "names": lambda page: broken_names(page, ["Bo Taen"]),
    "words": lambda page: untranslated(page, ["Bo Taen"]),
    "keyboard": out_of_reach,
}
#: Check → language, what is planted, and how what is found begins, as a pattern.
PLANTED = [
    ("accessible", "en", "<img src='data:,'>", "image-alt: img: "),
    ("accessible", "en", "<p style='color:#aaa'>faint</p>", "color-contrast: "),
    ("accessible", "en", "<input name='x'>", "label: input: "),
    ("accessible", "en", SMALL, "target-size: "),
    ("overflow", "en", LONG, "the page is "),
    ("overflow", "en", f"<style>html{{overflow-x:clip}}</style>{LONG}", "p “a long line of words"),
    ("overflow", "en", NARROW, "p “more than"),
    ("overflow", "en", "<p style='margin-left:-30px'>on the left</p>", "p “on the left” reaches from -"),
    ("glyphs", "en", "<p>an arrow ↗</p>", ".* drew 1 of “an arrow ↗”|no glyph for '↗'"),
    ("glyphs", "en", "<p>two letters \u1780\u1781</p>", "no glyph for '\u1780'|.* drew"),
    ("glyphs", "en", "<p>nobody's \U0010fffd</p>", r"no glyph for '\\U0010fffd'"),
    ("glyphs", "en", "<style>h1::after{content:'x';font-family:serif}</style>", ".* drew 1 of “A page”"),
    ("glyphs", "th", "<p>สวัสดี</p>", "no glyph for 'ส'|.* drew"),
    ("names", "th", "<p style='width:70px'>in <span class='nb'>บ้านนา กระเซ็ง</span></p>", "“บ้านนา กระเซ็ง” is broken"),
    ("names", "en", "<tt style='display:block;width:6ch;word-break:break-all'>xBo Taen</tt>", "“Bo Taen” is broken"),
    ("words", "th", "<p>boats float around</p>", "boats, float, around in “boats float around”"),
    ("words", "lo", "<p>run the tests; other arguments go to pytest</p>", "a phrase of the catalogue: “run the tests"),
    ("words", "th", "<button aria-label='close'>×</button>", "close in “close”"),
    ("words", "th", "<input placeholder='a name'>", "name in “a name”"),
    ("keyboard", "en", "<a href='/' style='outline:none'>plain</a>", "a “plain” looks the same with the focus"),
    ("keyboard", "en", OVER, "a “Home” has the focus beneath"),
    ("keyboard", "en", TRAP, "button “after” is not reached"),
]  # fmt: skip
#: What the checks must leave alone.
HARMLESS = [
    ("overflow", "en", f"<div style='overflow-x:auto' tabindex='0'>{LONG}</div>"),
    ("overflow", "en", "<a href='#x' style='position:absolute;left:-999px'>Skip</a>"),
    ("names", "en", "<p>in <span class='nb'>Bo Taen</span></p>"),
    ("words", "th", "<p>บ่อแตน Bo Taen 800,000 LAK <span lang='en'>English</span> <b translate='no'>Malee</b></p>"),
    ("words", "en", "<p>boats float around</p>"),
    ("keyboard", "en", "<label><input type='radio' name='a'>1</label><label><input type='radio' name='a'>2</label>"),
    ("keyboard", "en", "<button disabled>not now</button><a href='/' hidden>never</a>"),
]


@pytest.fixture
def held(browser: Browser, planted: Site) -> Iterator[Phone]:
    with phone(browser, planted.base_url) as one:
        yield one


@pytest.mark.parametrize(("check", "lang", "body", "found"), PLANTED)
def test_what_is_planted_is_found(held: Phone, planted: Site, check: str, lang: str, body: str, found: str) -> None:
    held.open(planted.page(GOOD + body, lang=lang, title="A page" if lang == "en" else "หน้า"))
    said = CHECKS[check](held.page)
    assert any(re.match(found, one) for one in said), said


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_page_is_left_alone(held: Phone, planted: Site, check: str) -> None:
    held.open(planted.page(GOOD))
    assert CHECKS[check](held.page) == []


@pytest.mark.parametrize(("check", "lang", "body"), HARMLESS)
def test_what_is_harmless_is_left_alone(held: Phone, planted: Site, check: str, lang: str, body: str) -> None:
    held.open(planted.page(body, lang=lang, title="A page" if lang == "en" else "หน้า"))
    assert CHECKS[check](held.page) == []
