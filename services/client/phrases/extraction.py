"""Finds every marked phrase in the sources and templates, and compares them with the catalogue of a language."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Message
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from services.client.phrases.catalogue import TRANSLATED, Language
from services.client.phrases.files import LOCALE, Key, catalogue_of, entries_of, file_of

ROOT = Path(__file__).resolve().parents[3]
#: Where phrases are marked. A folder that is not there has none.
FOLDERS: Final = ("contracts", "services/client", "services/cli", "services/portal", "deploy")
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
    for said in _said(root, folders):
        if said.is_constant:
            arguments = dict(zip(said.names, said.texts, strict=False))
            phrase = Marked(arguments.get("context", ""), arguments["text"], arguments.get("many", ""), said.file)
            if phrase.many or phrase.key not in found:
                found[phrase.key] = phrase
    return dict(sorted(found.items(), key=lambda each: (each[1].text, each[1].context)))


def computed(root: Path = ROOT, folders: Iterable[str] = FOLDERS) -> Iterator[str]:
    """Calls whose text is no constant: nobody could translate it. `say` is for phrases that stand elsewhere."""
    for said in _said(root, folders):
        if not said.is_constant:
            yield f"{said.file}:{said.line}: a phrase must stand in the call as it is, for `say` as one that is marked"


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


class _Said(NamedTuple):
    """One call that says a phrase: what its first arguments are, and those of them that are text, from the first on."""

    file: str
    line: int
    names: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def is_constant(self) -> bool:
        return len(self.texts) == len(self.names) and all(self.texts)


def _said(root: Path, folders: Iterable[str]) -> Iterator[_Said]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            if path.relative_to(root).as_posix() != _PASSES_ON:
                yield from _in_code(path, path.relative_to(root).as_posix())
        for path in sorted((root / folder).rglob("templates/**/*.html")):
            yield from _in_template(path, path.relative_to(root).as_posix())


def _in_code(path: Path, file: str) -> Iterator[_Said]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (names := CALLS.get(_called(node))):
            values = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args[: len(names)]]
            yield _Said(file, node.lineno, names, _texts(values))


def _in_template(path: Path, file: str) -> Iterator[_Said]:
    template = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for line, call, message in extract_from_ast(template, tuple(CALLS)):
        names = CALLS[call]
        values = (message,) if isinstance(message, str) else (message or ())
        yield _Said(file, line, names, _texts(values[: len(names)]))


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(takewhile(lambda value: isinstance(value, str), values))  # type: ignore[arg-type] # only text is taken


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


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
