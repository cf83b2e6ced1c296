"""The language of a process that speaks one, as its environment says: the command line.

Pages speak three languages at once: they take `Phrases.of(…)` for each request and never import this module.
"""

from __future__ import annotations

import os

from services.client.phrases.catalogue import Phrase, Phrases, language_of


def spoken() -> Phrases:
    """The phrases of `HANDOFF_LANG`, else of `LANG`. Raises UnknownLanguage, which a start should show."""
    return Phrases.of(language_of(os.environ))


def _(text: str, /, **places: object) -> str:
    """A phrase with its places filled."""
    return spoken().gettext(text, **places)


def pgettext(context: str, text: str, /, **places: object) -> str:
    """A phrase with a context."""
    return spoken().pgettext(context, text, **places)


def ngettext(one: str, many: str, count: int, /, **places: object) -> str:
    """A phrase that counts, by `{count}`."""
    return spoken().ngettext(one, many, count, **places)


def say(phrase: Phrase, /, **places: object) -> str:
    """A phrase that was marked elsewhere."""
    return spoken().say(phrase, **places)
