"""The tree as rules read it: files, syntax trees, names. Every rule takes a root, so a control can plant its own."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("contracts", "services", "deploy")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One Python file; `name` is its path from the root."""

    name: str
    text: str
    tree: ast.Module


def sources(root: Path, *rooms: str) -> Iterator[Source]:
    """The Python files of some rooms, in order."""
    for room in rooms or ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield Source(path.relative_to(root).as_posix(), text, _parsed(text))


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of the nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    said = [node.value for node in first if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    return {id(value) for value in said if isinstance(value.value, str)}


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def services(root: Path) -> list[str]:
    """The rooms below services that have a service."""
    return sorted(
        path.parent.name for path in (root / "services").glob("*/service.py") if path.parent.name != "chassis"
    )


def plant(root: Path, name: str, text: str) -> None:
    """Write a file of a control's own tree."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)
