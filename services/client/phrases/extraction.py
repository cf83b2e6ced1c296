"""Finds every marked phrase in the sources and compares them with the catalogue of a language."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Message

from services.client.phrases.catalogue import TRANSLATED, Language
from services.client.phrases.files import LOCALE, Key, catalogue_of, entries_of, file_of

ROOT = Path(__file__).resolve().parents[3]
#: Where phrases are marked. A folder that is not there has none.
FOLDERS: Final = ("contracts", "services/client", "services/cli", "deploy")
#: By which calls, and what their first arguments are.
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "_": ("text",),
    "gettext": ("text",),
    "N_": ("text",),
    "ngettext": ("text", "many"),
    "NP_": ("text", "many"),
    "pgettext": ("context", "text"),
    "NC_": ("context", "text"),
}
#: The module that hands phrases on; its calls name no text.
_PASSES_ON = "services/client/phrases/spoken.py"


class Marked(NamedTuple):
    """A phrase with the first file that marks it."""

    context: str
    text: str
    many: str
    file: str

    @property
    def key(self) -> Key:
        """What the catalogue finds it by."""
        return (self.context, self.text)


def marked(root: Path = ROOT, folders: Iterable[str] = FOLDERS) -> Mapping[Key, Marked]:
    """Every marked phrase, by context and English, in order."""
    found: dict[Key, Marked] = {}
    for file, call, names in _calls(root, folders):
        texts = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        arguments = dict(zip(names, texts, strict=False))
        if _is_constant(call, names):
            phrase = Marked(arguments.get("context", ""), arguments["text"], arguments.get("many", ""), file)
            if phrase.many or phrase.key not in found:
                found[phrase.key] = phrase
    return dict(sorted(found.items(), key=lambda each: (each[1].text, each[1].context)))


def computed(root: Path = ROOT, folders: Iterable[str] = FOLDERS) -> Iterator[str]:
    """Calls whose text is no constant: nobody could translate it. `say` is for phrases that stand elsewhere."""
    for file, call, names in _calls(root, folders):
        if not _is_constant(call, names):
            yield f"{file}:{call.lineno}: a phrase must stand in the call as it is, for `say` as one that is marked"


def problems(phrases: Mapping[Key, Marked], language: Language, locale: Path = LOCALE) -> Iterator[str]:
    """What is missing, unused, unsure, empty, or has other places than the English."""
    catalogue = catalogue_of(language, locale)
    entries = entries_of(catalogue)
    for key, phrase in phrases.items():
        entry = entries.get(key)
        if entry is None:
            yield f"{language}: missing: {shown(key)} ({phrase.file})"
        else:
            yield from (f"{language}: {wrong}: {shown(key)} ({phrase.file})" for wrong in _wrong(entry, phrase))
    for key in entries.keys() - phrases.keys():
        yield f"{language}: unused: {shown(key)} ({file_of(language, locale).name})"
    if catalogue.obsolete:
        yield f"{language}: unused: {len(catalogue.obsolete)} entries behind #~ ({file_of(language, locale).name})"


def all_problems() -> list[str]:
    """Everything that is wrong, of this tree and both languages."""
    phrases = marked()
    return [*computed(), *(each for language in TRANSLATED for each in problems(phrases, language))]


def shown(key: Key) -> str:
    """A key for people."""
    context, text = key
    return f"{text!r} as {context!r}" if context else repr(text)


def _calls(root: Path, folders: Iterable[str]) -> Iterator[tuple[str, ast.Call, tuple[str, ...]]]:
    for path in (path for folder in folders for path in sorted((root / folder).rglob("*.py"))):
        file = path.relative_to(root).as_posix()
        if file == _PASSES_ON:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (names := CALLS.get(_called(node))):
                yield file, node, names


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_constant(call: ast.Call, names: tuple[str, ...]) -> bool:
    texts = [node.value for node in call.args[: len(names)] if isinstance(node, ast.Constant)]
    return len(texts) == len(names) and all(isinstance(text, str) and text for text in texts)


def _wrong(entry: Message, phrase: Marked) -> Iterator[str]:
    said = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
    if entry.fuzzy:
        yield "fuzzy"
    if bool(phrase.many) != (not isinstance(entry.id, str)):
        yield "counts in one place only"
    if not said or not all(text.strip() for text in said):
        yield "empty"
    elif any(_places(text) != _places(phrase.many or phrase.text) for text in said):
        yield "other places than the English"


def _places(text: str) -> set[str]:
    try:
        return {f"{name}!{form}:{spec}" for _, name, spec, form in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {f"not readable: {text}"}
