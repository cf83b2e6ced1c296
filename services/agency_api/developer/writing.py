"""Turns the texts of the page into HTML.

They are written in a small part of Markdown:
`# …` and `## …` headings, `- …` lists, `| a | b |` rows of a table, `> name` the commands of that name, and paragraphs;
in all of them code between backticks and links `[words](path)`. Anything else is text, and escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from markupsafe import Markup, escape

_KINDS = {"# ": "h1", "## ": "h2", "- ": "ul", "| ": "table", "> ": "pre"}
_INSIDE = re.compile(r"`(?P<code>[^`]+)`|\[(?P<words>[^\]]+)\]\((?P<path>/[a-z./]*)\)")
_COMMANDS = re.compile(r"^# == (\w+)\n(.*?)(?=\n# == |\Z)", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The kinds of a text's blocks, `h1` to `pre` and `p`, with their lines, in order."""
    lines = [line for line in text.splitlines() if line.strip()]
    for kind, same in groupby(lines, _kind):
        found = [line.removeprefix(_start(line)) for line in same]
        yield from [(kind, found)] if kind in ("ul", "table") else [(kind, [line]) for line in found]


def _start(line: str) -> str:
    return next((start for start in _KINDS if line.startswith(start)), "")


def _kind(line: str) -> str:
    return _KINDS.get(_start(line), "p")


def commands(text: str) -> dict[str, str]:
    """The commands by name."""
    return {name: body.strip("\n") for name, body in _COMMANDS.findall(text)}


def page(text: str, shown: Mapping[str, str]) -> Markup:
    """The text as HTML, with the commands that it names."""
    return Markup("\n").join(_block(kind, lines, shown) for kind, lines in blocks(text))


def _block(kind: str, lines: list[str], shown: Mapping[str, str]) -> Markup:
    if kind == "pre":
        return Markup('<pre id="{}" tabindex="0"><code>{}</code></pre>').format(lines[0], shown[lines[0]])
    if kind == "ul":
        return Markup("<ul>{}</ul>").format(Markup().join(Markup("<li>{}</li>").format(inline(one)) for one in lines))
    if kind == "table":
        return Markup("<table>{}</table>").format(Markup().join(_row(one) for one in lines))
    return Markup(f"<{kind}>{{}}</{kind}>").format(inline(lines[0]))


def _row(line: str) -> Markup:
    first, second = (cell.strip() for cell in line.strip(" |").split(" | ", 1))
    return Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(inline(first), inline(second))


def inline(text: str) -> Markup:
    """Text with its code and links."""
    parts, place = [], 0
    for found in _INSIDE.finditer(text):
        parts.append(escape(text[place : found.start()]))
        if found["code"]:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        else:
            parts.append(Markup('<a href="{}">{}</a>').format(found["path"], found["words"]))
        place = found.end()
    return Markup().join([*parts, escape(text[place:])])
