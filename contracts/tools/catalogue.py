"""Write down what the contracts say, for those who do not read Python: schemas, an AsyncAPI document, one table.

python -m contracts.tools.catalogue            write contracts/published anew
python -m contracts.tools.catalogue --check    1 when they are not what the contracts say, when an example is missing,
                                         or when a side that runs the last landing would break
python -m contracts.tools.catalogue --land     after a release: what is said now is what may not break from here on
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.described import Entry, answer_name, answers_many, entries
from contracts.tools import asyncapi
from contracts.tools.compatibility import breaks

ROOT = Path(__file__).parents[1]
PUBLISHED = Path("published")
SCHEMAS = PUBLISHED / "schemas"
LANDED = PUBLISHED / "landed/v1.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
AGAIN = "run python -m contracts.tools.catalogue"
#: Words of a schema that are for people: what landed is kept without them.
_FOR_PEOPLE = frozenset({"title", "description", "$schema", "$id", "default"})


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when done or all is well, 1 with one sentence a problem on stderr."""
    parser = argparse.ArgumentParser(prog="python -m contracts.tools.catalogue", description="The catalogue")
    verbs = parser.add_mutually_exclusive_group()
    verbs.add_argument("--check", action="store_true", help="change nothing, say what is wrong")
    verbs.add_argument("--land", action="store_true", help="what is said now may not break from here on")
    given = parser.parse_args(arguments)
    if given.check:
        found = problems(ROOT)
        for problem in found:
            print(f"contracts: {problem}", file=sys.stderr)
        return 1 if found else 0
    if given.land:
        _land(ROOT)
    _write(ROOT)
    return 0


def problems(root: Path) -> list[str]:
    """What is wrong with the written catalogue below `root`, one sentence each."""
    described = entries()
    return [*_outdated(root, generated(described)), *_examples(root, described), *_broken(root, described)]


def generated(described: Sequence[Entry]) -> dict[Path, str]:
    """The text of every generated file but the landed one."""
    files = {SCHEMAS / f"{entry.name}.json": text(schema(entry)) for entry in described}
    files[PUBLISHED / "asyncapi.yaml"] = text(asyncapi.document(described))
    files[PUBLISHED / "catalogue.md"] = table(described)
    return files


def schema(entry: Entry) -> dict[str, Any]:
    """What a sender writes, as JSON Schema 2020-12; readers also accept fields that it does not know."""
    marks = {"x-kind": entry.kind, "x-ordering": entry.ordering}
    return {
        "$schema": DIALECT,
        "$id": f"{entry.name}.json",
        **entry.contract.model_json_schema(mode="validation"),
        **{mark: value for mark, value in marks.items() if value is not None},
    }


def table(described: Iterable[Entry]) -> str:
    """The catalogue for people."""
    lines = [
        "# Catalogue of messages",
        "",
        "Generated from the contracts; each line has its schema in `schemas/` and an example in `../examples/`.",
        "Who listens is on the node of the partner where it says so. A list is answered under `items`.",
        "",
        "| type | kind | what it says | who speaks → who listens | answered with |",
        "|---|---|---|---|---|",
    ]
    for entry in described:
        answer = _answered(entry.name) if entry.kind in ("command", "query") else ""
        lines.append(f"| `{entry.name}` | {entry.kind} | {entry.says} | {entry.way} | {answer} |")
    return "\n".join(lines) + "\n"


def text(document: Mapping[str, Any]) -> str:
    """Sorted and stable, so that a difference is a difference."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def bare(part: Any) -> Any:
    """A schema without what is only for people, also inside; names of fields stay, whatever they are."""
    if isinstance(part, list):
        return [bare(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    kept = {word: value for word, value in part.items() if word not in _FOR_PEOPLE}
    named = {word: {n: bare(v) for n, v in kept[word].items()} for word in ("properties", "$defs") if word in kept}
    return {word: bare(value) for word, value in kept.items()} | named


def _answered(name: str) -> str:
    answer = answer_name(name)
    return (f"list of `{answer}`" if answers_many(name) else f"`{answer}`") if answer else "nothing"


def _outdated(root: Path, files: Mapping[Path, str]) -> list[str]:
    found = [
        f"contracts/{path} is not what the contracts say: {AGAIN}"
        for path, wanted in files.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != wanted
    ]
    strays = {path.relative_to(root) for path in (root / SCHEMAS).glob("*.json")} - files.keys()
    return found + [f"contracts/{path} describes nothing: remove it" for path in sorted(strays)]


def _examples(root: Path, described: Iterable[Entry]) -> list[str]:
    names = {entry.name for entry in described}
    given = {path.stem for path in (root / "examples").glob("*.json")}
    missing = [f"contracts/examples/{name}.json is missing: write one as a sender would" for name in names - given]
    return sorted(missing) + [f"contracts/examples/{n}.json shows nothing: remove it" for n in sorted(given - names)]


def _broken(root: Path, described: Iterable[Entry]) -> list[str]:
    if not (root / LANDED).is_file():
        return [f"contracts/{LANDED} is missing: run python -m contracts.tools.catalogue --land"]
    landed = json.loads((root / LANDED).read_text(encoding="utf-8"))
    return [f"breaks the last landing: {problem}" for problem in breaks(landed, _current(described))]


def _current(described: Iterable[Entry]) -> dict[str, Any]:
    return {entry.name: bare(schema(entry)) for entry in described}


def _write(root: Path) -> None:
    files = generated(entries())
    (root / SCHEMAS).mkdir(parents=True, exist_ok=True)
    for stray in {path.relative_to(root) for path in (root / SCHEMAS).glob("*.json")} - files.keys():
        (root / stray).unlink()
    for path, content in files.items():
        (root / path).write_text(content, encoding="utf-8")


def _land(root: Path) -> None:
    """Written on purpose, one file, so that its difference is what a reviewer reads. Says what it breaks."""
    path = root / LANDED
    if path.is_file():
        for problem in _broken(root, entries()):
            print(f"contracts: {problem}", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(_current(entries())), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
