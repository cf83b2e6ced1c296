"""Every phrase is translated, none is kept that nobody says, and each kind of gap is found by its control."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.client.phrases import update
from services.client.phrases.catalogue import TRANSLATED, Language
from services.client.phrases.extraction import FOLDERS, computed, marked, problems
from services.client.phrases.files import catalogue_of, file_of
from tests.contract.sources import ROOT, plant

SOURCE = """
from services.client.phrases.catalogue import NC_, NP_, N_
HELD = N_("{name} holds " "the places")
LATE = NC_("state", "late")
COUNTED = NP_("{count} row", "{count} rows")
def told(phrases): return phrases.gettext("come in", name=f"{HELD}")
"""
ENTRIES = {
    "held": 'msgid "{name} holds the places"\nmsgstr "{name}กันที่ไว้"\n',
    "late": 'msgctxt "state"\nmsgid "late"\nmsgstr "ช้า"\n',
    "counted": 'msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "{count} แถว"\n',
    "come": 'msgid "come in"\nmsgstr "เชิญ"\n',
}
#: What is planted in place of an entry, and what must be said of it.
PLANTED = {
    "missing": ("late", "", "th: missing: 'late' as 'state' (services/client/a.py)"),
    "a phrase without its context": (
        "late",
        'msgid "late"\nmsgstr "ช้า"\n',
        "th: missing: 'late' as 'state' (services/client/a.py)",
    ),
    "unused": (
        "come",
        ENTRIES["come"] + '\nmsgid "go away"\nmsgstr "ไปเถอะ"\n',
        "th: unused: 'go away' (handoff.po)",
    ),
    "unused, kept as a comment": (
        "come",
        ENTRIES["come"] + '\n#~ msgid "go away"\n#~ msgstr "ไปเถอะ"\n',
        "th: unused: 1 entries behind #~ (handoff.po)",
    ),
    "fuzzy": ("come", "#, fuzzy\n" + ENTRIES["come"], "th: fuzzy: 'come in' (services/client/a.py)"),
    "empty": ("come", 'msgid "come in"\nmsgstr ""\n', "th: empty: 'come in' (services/client/a.py)"),
    "blank": ("come", 'msgid "come in"\nmsgstr " "\n', "th: empty: 'come in' (services/client/a.py)"),
    "a place left out": (
        "held",
        'msgid "{name} holds the places"\nmsgstr "กันที่ไว้"\n',
        "th: other places than the English: '{name} holds the places' (services/client/a.py)",
    ),
    "a place of another name": (
        "held",
        'msgid "{name} holds the places"\nmsgstr "{nane}กันที่ไว้"\n',
        "th: other places than the English: '{name} holds the places' (services/client/a.py)",
    ),
    "a place that reads more": (
        "held",
        'msgid "{name} holds the places"\nmsgstr "{name.__class__}กันที่ไว้"\n',
        "th: other places than the English: '{name} holds the places' (services/client/a.py)",
    ),
    "an open brace": (
        "held",
        'msgid "{name} holds the places"\nmsgstr "{name กันที่ไว้"\n',
        "th: other places than the English: '{name} holds the places' (services/client/a.py)",
    ),
    "a plural without its number": (
        "counted",
        'msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "แถว"\n',
        "th: other places than the English: '{count} row' (services/client/a.py)",
    ),
    "a plural that is none": (
        "counted",
        'msgid "{count} row"\nmsgstr "{count} แถว"\n',
        "th: counts in one place only: '{count} row' (services/client/a.py)",
    ),
}


#: Calls that show their first argument to a person, and keywords of argparse that do.
SHOWN_BY = frozenset({"Bad", "Problem", "Unanswered", "print", "fill", "append"})
SHOWN_AS = frozenset({"help", "description"})
#: Where people read what is said: the command line, and what it shares with other edges.
SPEAKING = ("services/cli", "services/client", "deploy/local")
#: A tool of those who translate.
TOOL = ROOT / "services/client/phrases/update.py"


def unsaid(root: Path, folders: tuple[str, ...] = SPEAKING) -> Iterator[str]:
    """Sentences that are shown as they stand, in English to everybody."""
    for path in (path for folder in folders for path in sorted((root / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse("" if path == TOOL else path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and any(map(_is_sentence, _shown(node))):
                yield f"{path.relative_to(root).as_posix()}:{node.lineno}: say this by the catalogue"


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in SHOWN_BY:
        yield from call.args[:1]
    yield from (word.value for word in call.keywords if word.arg in SHOWN_AS)


def _is_sentence(value: ast.expr) -> bool:
    """Two words beside one another, in a text or around the places of an f-string."""
    if isinstance(value, ast.JoinedStr):
        return any(map(_is_sentence, value.values))
    return (
        isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and bool(re.search(r"(?<![./\w-])[A-Za-z]{2,} [a-z]{2,}", value.value))
    )


def test_nothing_is_shown_that_the_catalogue_does_not_say() -> None:
    assert list(unsaid(ROOT)) == []


@pytest.mark.parametrize(
    "line",
    [
        'raise Bad("this is wrong")',
        'raise Problem(f"{name} is wrong")',
        'parser.add_argument("x", help="what it is")',
        'lines.append(f"held until {when}")',
        'print("nothing was done")',
    ],
)
def test_a_planted_sentence_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "services/cli/a.py", f"{line}\nprint(_('all is well'))\nprint('./handoff up')\n")
    assert list(unsaid(tmp_path)) == ["services/cli/a.py:1: say this by the catalogue"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    plant(tmp_path, "services/client/a.py", SOURCE)
    return tmp_path


def found(root: Path, entries: dict[str, str]) -> list[str]:
    locale = root / "locale"
    plant(root, "locale/th/LC_MESSAGES/handoff.po", update.header("th") + "\n".join(entries.values()))
    return list(problems(marked(root), "th", locale))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_phrase_is_translated_and_every_translation_is_said(language: Language) -> None:
    assert list(problems(marked(), language)) == []


def test_every_phrase_is_marked_in_a_source_file() -> None:
    assert list(computed()) == []
    assert len(marked()) > 200


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogues_are_as_the_update_writes_them(language: Language) -> None:
    assert file_of(language).read_text(encoding="utf-8") == update.written(language)


def test_the_phrase_check_passes_for_complete_catalogues(capsys: pytest.CaptureFixture[str]) -> None:
    assert update.main(["--check"]) == 0
    assert capsys.readouterr().out == "phrases: all said in th and lo\n"


def test_the_phrase_check_fails_for_a_missing_translation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(update, "all_problems", lambda: ["th: missing: 'come in' (services/client/a.py)"])
    assert update.main(["--check"]) == 1
    assert capsys.readouterr().out == "th: missing: 'come in' (services/client/a.py)\n"


def test_nothing_compiled_is_kept() -> None:
    assert list((ROOT / "services" / "client").rglob("*.mo")) == []


def test_a_complete_catalogue_has_no_problem(tree: Path) -> None:
    assert found(tree, ENTRIES) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_gap_is_found(tree: Path, planted: str) -> None:
    entry, text, said = PLANTED[planted]
    assert said in found(tree, {**ENTRIES, entry: text})


@pytest.mark.parametrize("folder", FOLDERS)
def test_phrases_are_looked_for_in_every_folder(tmp_path: Path, folder: str) -> None:
    plant(tmp_path, f"{folder}/deep/b.py", 'from services.client.phrases.spoken import _\nprint(_("come in"))\n')
    assert [(phrase.text, phrase.file) for phrase in marked(tmp_path).values()] == [("come in", f"{folder}/deep/b.py")]


@pytest.mark.parametrize(
    "call", ['_(f"come {in_}")', "_(text)", '_("a" + text)', 'N_("")', 'NC_(where, "late")', "_()"]
)
def test_a_phrase_that_nobody_could_translate_is_found(tmp_path: Path, call: str) -> None:
    plant(tmp_path, "services/client/a.py", f"HELD = {call}\n")
    assert len(list(computed(tmp_path))) == 1
    assert marked(tmp_path) == {}


def test_the_update_keeps_what_is_translated_and_adds_what_is_new(tree: Path) -> None:
    entries = {**ENTRIES, "late": "", "old": 'msgid "go away"\nmsgstr "ไปเถอะ"\n'}
    found(tree, entries)
    locale = tree / "locale"
    file_of("th", locale).write_text(update.written("th", tree, locale), encoding="utf-8")
    said = {(each.context, each.id): each.string for each in catalogue_of("th", locale) if each.id}
    assert said == {
        (None, "{name} holds the places"): "{name}กันที่ไว้",
        ("state", "late"): "",
        (None, ("{count} row", "{count} rows")): ("{count} แถว",),
        (None, "come in"): "เชิญ",
    }
    text = file_of("th", locale).read_text(encoding="utf-8")
    assert "services/client" not in text.replace("services.client", "")
    assert update.written("th", tree, locale) == text
