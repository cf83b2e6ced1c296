"""Says phrases in one language: `Phrases.of("th")`, as many languages at once as a process needs.

The English text is the key, with named places: `"{name} holds the places"`. Thai and Lao stand in
`locale/…/handoff.po`, which is read once per process, when its language is first asked for; English reads no file.
`extraction` checks that no phrase is missing, so nobody sees the English that replaces a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, get_args

Language = Literal["en", "th", "lo"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TRANSLATED: tuple[Language, ...] = ("th", "lo")


class UnknownLanguage(ValueError):
    """A language that nothing here is written in; its text says which ones there are."""


class Phrase(NamedTuple):
    """A phrase that is marked where it stands and said elsewhere; made by `N_`, `NC_` and `NP_` only."""

    text: str
    #: Tells apart two meanings of one English word.
    context: str = ""
    #: The English plural; the others have none.
    many: str = ""


def N_(text: str) -> Phrase:  # noqa: N802 - gettext's own name
    """Mark a phrase that stands in a table."""
    return Phrase(text)


def NC_(context: str, text: str) -> Phrase:  # noqa: N802 - gettext's own name
    """Mark a phrase whose English is said of something else as well."""
    return Phrase(text, context)


def NP_(one: str, many: str) -> Phrase:  # noqa: N802 - gettext's own name
    """Mark a phrase that counts, by `{count}`."""
    return Phrase(one, many=many)


class Phrases:
    """What there is to say, in one language; immutable, so threads and requests share it."""

    def __init__(self, language: Language, translations: Mapping[tuple[str, str], str]) -> None:
        """`translations`: (context, English) → the phrase. Most callers want `of`."""
        self.language = language
        self._translations = translations

    @staticmethod
    def of(language: str) -> Phrases:
        """The phrases of a language. Raises UnknownLanguage."""
        return _phrases(language_named(language))

    def gettext(self, text: str, /, **places: object) -> str:
        """A phrase with its places filled; `_` is its name in code."""
        return self._said("", text, places)

    _ = gettext

    def pgettext(self, context: str, text: str, /, **places: object) -> str:
        """The same for a phrase that has a context."""
        return self._said(context, text, places)

    def ngettext(self, one: str, many: str, count: int, /, **places: object) -> str:
        """A phrase that counts: `{count}` is filled with the number. Thai and Lao have one form for every number."""
        return self._counted(Phrase(one, many=many), count, places)

    def say(self, phrase: Phrase, /, **places: object) -> str:
        """A phrase that was marked; one that counts takes `count`."""
        if phrase.many:
            count = places.pop("count")
            assert isinstance(count, int)
            return self._counted(phrase, count, places)
        return self._said(phrase.context, phrase.text, places)

    def _counted(self, phrase: Phrase, count: int, places: Mapping[str, object]) -> str:
        english = phrase.text if count == 1 else phrase.many
        text = self._translations.get((phrase.context, phrase.text), english)
        return text.format_map({**places, "count": count})

    def _said(self, context: str, text: str, places: Mapping[str, object]) -> str:
        said = self._translations.get((context, text), text)
        return said.format_map(places) if places else said


def language_named(name: str) -> Language:
    """The language by its two letters. Raises UnknownLanguage."""
    for language in LANGUAGES:
        if name == language:
            return language
    raise UnknownLanguage(f"there is no language {name!r} here: write th, lo or en")


def language_of(environment: Mapping[str, str]) -> Language:
    """What `HANDOFF_LANG` says (`th`, `TH`, `th_TH.UTF-8`), which must be one of ours.

    Else that of `LANG`, and English when it is none of ours. Raises UnknownLanguage.
    """
    if chosen := environment.get("HANDOFF_LANG"):
        try:
            return language_named(chosen[:2].lower() if chosen[2:3] in ("", "_", "-", ".") else chosen)
        except UnknownLanguage as unknown:
            raise UnknownLanguage(f"HANDOFF_LANG: {unknown}") from None
    usual = environment.get("LANG", "")[:2].lower()
    return language_named(usual) if usual in LANGUAGES else "en"


@cache
def _phrases(language: Language) -> Phrases:
    if language == "en":
        return Phrases(language, {})
    from services.client.phrases.files import translations  # with Babel, which English does without

    return Phrases(language, translations(language))
