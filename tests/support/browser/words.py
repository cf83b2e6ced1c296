"""Whether a page in Thai or Lao has English left in it, other than names from the data and codes.

A page marks what is of another language with `lang`, and what is no language with `translate="no"`; both are left out.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from services.client.phrases.files import translations

SCRIPT = (Path(__file__).parent / "words.js").read_text(encoding="utf-8").split("\n", 1)[1].strip()
#: What is written so in every language.
SAME_EVERYWHERE = frozenset({"WhatsApp", "Facebook", "Handoff", "https"})
ADDRESS = re.compile(r"\S+@\S+|\w+://\S+|/\S+")
PLACE = re.compile(r"\{[^}]*\}")
#: A word, not a code: LAK, QR and THB are codes.
WORD = re.compile(r"[A-Za-z]*[a-z]{2,}[A-Za-z]*")


def untranslated(page: Page, data: Collection[str] = ()) -> list[str]:
    """English words and whole phrases of the catalogue on a page that is not English. `data`: names it may show."""
    language = str(page.evaluate("() => document.documentElement.lang")).partition("-")[0]
    if language == "en":
        return []
    names = sorted(filter(None, data), key=len, reverse=True)
    return list(dict.fromkeys(said for text in page.evaluate(SCRIPT) for said in _english(text, names, language)))


def _english(text: str, names: Collection[str], language: str) -> Iterator[str]:
    if any(phrase.fullmatch(text) for phrase in _phrases(language)):
        yield f"a phrase of the catalogue: “{text}”"
        return
    rest = ADDRESS.sub(" ", text)
    for name in names:
        rest = rest.replace(name, " ")
    if words := [word for word in WORD.findall(rest) if word not in SAME_EVERYWHERE]:
        yield f"{', '.join(words)} in “{text[:60]}”"


@cache
def _phrases(language: str) -> tuple[re.Pattern[str], ...]:
    """The English of everything that is said otherwise in this language, with room for what fills its places."""
    english = [text for (_context, text), said in translations(language).items() if said != text]
    return tuple(_pattern(text) for text in english if WORD.search(PLACE.sub("", text)))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".+?".join(map(re.escape, PLACE.split(text))), re.DOTALL)
