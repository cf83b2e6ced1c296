"""Reads the file of a language; all that knows how a catalogue is written, and Babel with it."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
#: (context, English).
Key = tuple[str, str]


def file_of(language: str, locale: Path = LOCALE) -> Path:
    """Where the phrases of a language stand."""
    return locale / language / "LC_MESSAGES" / "handoff.po"


def catalogue_of(language: str, locale: Path = LOCALE) -> Catalog:
    """What stands in the file of a language; nothing when there is none."""
    path = file_of(language, locale)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def entries_of(catalogue: Catalog) -> dict[Key, Message]:
    """Its entries by key, without the header."""
    return {key_of(entry): entry for entry in catalogue if entry.id}


def key_of(entry: Message) -> Key:
    """What an entry is found by."""
    return (entry.context or "", entry.id if isinstance(entry.id, str) else entry.id[0])


def said_by(entry: Message) -> str:
    """Its translation; Thai and Lao have one form for every number."""
    return entry.string if isinstance(entry.string, str) else next(iter(entry.string or ()), "")


def translations(language: str) -> dict[Key, str]:
    """Everything that is translated."""
    entries = entries_of(catalogue_of(language))
    return {key: said for key, entry in entries.items() if (said := said_by(entry))}
