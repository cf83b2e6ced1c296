"""`python -m services.client.phrases.update [--check]`: regenerates both catalogues from the sources, or checks them.

Translations stay; new phrases come in empty, unused ones go. Sorted, one line each, without places in the sources and
without dates, so that a change shows what changed and nothing else.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from services.client.phrases.catalogue import TRANSLATED, Language
from services.client.phrases.extraction import ROOT, all_problems, marked
from services.client.phrases.files import LOCALE, catalogue_of, entries_of, file_of, said_by

_HEADER = """\
# {language}. English is the key. Written anew by: python -m services.client.phrases.update
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_NAMES = {"th": "Thai", "lo": "Lao"}


def written(language: Language, root: Path = ROOT, locale: Path = LOCALE) -> str:
    """The text of a catalogue as it should stand."""
    before = entries_of(catalogue_of(language, locale))
    after = Catalog(locale=language)
    for key, phrase in marked(root).items():
        entry = before.get(key)
        said = said_by(entry) if entry else ""
        after.add(
            (phrase.text, phrase.many) if phrase.many else phrase.text,
            (said,) if phrase.many else said,
            flags=["fuzzy"] if entry and entry.fuzzy else [],
            context=phrase.context or None,
        )
    body = io.BytesIO()
    write_po(body, after, width=0, no_location=True, omit_header=True, sort_output=True)
    return header(language) + body.getvalue().decode().lstrip("\n")


def header(language: Language) -> str:
    """What stands before the phrases."""
    return _HEADER.format(language=_NAMES[language], code=language)


def main(arguments: Sequence[str]) -> int:
    """Write the files of both languages and say how many phrases wait for a translation; or only say what is wrong."""
    if "--check" in arguments:
        wrong = all_problems()
        print("\n".join(wrong) or f"phrases: all said in {' and '.join(TRANSLATED)}")
        return 1 if wrong else 0
    for language in TRANSLATED:
        path = file_of(language)
        text = written(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        entries = entries_of(catalogue_of(language)).values()
        empty = sum(not said_by(entry) for entry in entries)
        print(f"{language}: {len(entries)} phrases, {empty} to be translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
