"""What is asked of every line of Python, each rule beside a planted line that breaks it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sources import ROOT, Function, Source, docstrings, dotted, plant, sources

#: A pure room imports none of these, and calls no clock.
IMPURE = {"asyncio", "datetime.now", "os", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}
CLOCKS = re.compile(r"(^|\.)(datetime|date)\.(now|utcnow|today|fromtimestamp|utcfromtimestamp)$")
MAX_MODULE, MAX_FUNCTION = 400, 25
BANNED = {"manager", "helper", "helpers", "util", "utils", "common", "info"}
BANNED_STARTS = ("process_", "do_")
#: So the standard library calls what answers a request.
GIVEN = {"do_GET", "do_POST"}


def impurities(root: Path) -> Iterator[str]:
    """Clock, chance, environment and waiting below domain and handlers."""
    for source in sources(root, "services"):
        if not re.match(r"services/\w+/(domain|handlers)/", source.name):
            continue
        for node in ast.walk(source.tree):
            if any(name.partition(".")[0] in IMPURE for name in _imported(node)):
                yield f"{source.name}:{_line(node)}: imports {', '.join(_imported(node))}"
            if CLOCKS.search(dotted(node)):
                yield f"{source.name}:{_line(node)}: asks {dotted(node)}, `now` is passed in"


def zoneless_joins(root: Path) -> Iterator[str]:
    """A day and a time put together without a zone: what ruff's rules about moments do not see."""
    for source in sources(root):
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not dotted(node.func).endswith("datetime.combine"):
                continue
            if len(node.args) < 3 and "tzinfo" not in {keyword.arg for keyword in node.keywords}:
                yield f"{source.name}:{_line(node)}: {dotted(node.func)} without a zone"


def long_modules(root: Path) -> Iterator[str]:
    """Modules of more than 400 lines: one idea fits."""
    for source in sources(root):
        if (lines := source.text.count("\n")) > MAX_MODULE:
            yield f"{source.name}: {lines} lines, at most {MAX_MODULE}"


def long_functions(root: Path) -> Iterator[str]:
    """Functions whose body, without its docstring, has more than 25 lines."""
    for source, node, lines in _function_sizes(root):
        if lines > MAX_FUNCTION:
            yield f"{source.name}:{node.lineno}: {node.name} has {lines} lines, at most {MAX_FUNCTION}"


def banned_names(root: Path) -> Iterator[str]:
    """Names that say nothing, of modules, functions and classes; a test's name is a sentence and may use any word."""
    for source in sources(root, "contracts", "services", "deploy", "tests"):
        named = [(1, Path(source.name).stem), (1, Path(source.name).parent.name)]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        named += [(node.lineno, node.name) for node in ast.walk(source.tree) if isinstance(node, kinds)]
        for line, name in named:
            if name.startswith("test_") or name in GIVEN:
                continue
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
            if BANNED & set(words.split("_")) or words.lstrip("_").startswith(BANNED_STARTS):
                yield f"{source.name}:{line}: {name} says nothing: name it for what it does"


def bare_ignores(root: Path) -> Iterator[str]:
    """Ignores that do not say why."""
    for source in sources(root, "contracts", "services", "deploy", "tests"):
        yield from (f"{source.name}:{line}: an ignore says why on its line" for line in _bare(source))


RULES = {
    rule.__name__: rule
    for rule in (impurities, zoneless_joins, long_modules, long_functions, banned_names, bare_ignores)
}
LONG = "def long() -> None:\n" + "    print()\n" * 26
#: Rule → (file, text that breaks it).
PLANTED = [
    ("impurities", "services/x/domain/a.py", "import random\n"),
    ("impurities", "services/x/domain/a.py", "from uuid import uuid4\n"),
    ("impurities", "services/x/handlers/b.py", "import time\nx = time.time()\n"),
    ("impurities", "services/x/handlers/a.py", "from datetime import UTC, datetime\nx = datetime.now(UTC)\n"),
    ("impurities", "services/x/domain/b.py", "from datetime import date\nx = date.today()\n"),
    ("impurities", "services/x/domain/deep/a.py", "import os\nx = os.environ\n"),
    ("zoneless_joins", "services/x/a.py", "from datetime import datetime\nx = datetime.combine(d, t)\n"),
    ("long_modules", "services/x/a.py", "x = 1\n" * 401),
    ("long_functions", "services/x/a.py", LONG),
    ("banned_names", "services/x/common.py", ""),
    ("banned_names", "services/utils/a.py", ""),
    ("banned_names", "services/x/a.py", "class HoldManager: ...\n"),
    ("banned_names", "tests/unit/a.py", "def process_hold() -> None: ...\n"),
    ("banned_names", "services/x/a.py", "async def _do_it() -> None: ...\n"),
    ("bare_ignores", "services/x/a.py", "import os  # noqa: F401\n"),
    ("bare_ignores", "services/x/a.py", "x = y  # type: ignore[name-defined]\n"),
]
#: What the rules must leave alone.
HARMLESS = [
    ("zoneless_joins", "services/x/a.py", "from datetime import UTC, datetime\nx = datetime.combine(d, t, UTC)\n"),
    ("impurities", "services/x/adapters/a.py", "import random\n"),
    (
        "impurities",
        "services/x/domain/a.py",
        "from datetime import datetime, time\ndef f(now: datetime) -> None: ...\n",
    ),
    (
        "long_functions",
        "services/x/a.py",
        LONG.replace("None:\n", 'None:\n    """Says.\n\n    more\n    """\n', 1).replace("    print()\n", "", 1),
    ),
    ("banned_names", "services/x/a.py", "def undo_take() -> None: ...\nclass Information: ...\n"),
    ("bare_ignores", "services/x/a.py", "import os  # noqa: F401 - importing registers it\n"),
    ("bare_ignores", "services/x/a.py", "x = y  # type: ignore[name-defined]  # typed by nobody\n"),
]


@pytest.mark.parametrize("rule", RULES)
def test_code_follows_the_rules_of_size_and_naming(rule: str) -> None:
    assert list(RULES[rule](ROOT)) == []


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_each_rule_finds_its_planted_violation(tmp_path: Path, rule: str, name: str, text: str) -> None:
    plant(tmp_path, name, text)
    assert [broken.partition(":")[0] for broken in RULES[rule](tmp_path)][:1] == [name]


@pytest.mark.parametrize(("rule", "name", "text"), HARMLESS)
def test_the_rules_accept_harmless_lines(tmp_path: Path, rule: str, name: str, text: str) -> None:
    plant(tmp_path, name, text)
    assert list(RULES[rule](tmp_path)) == []


def _function_sizes(root: Path) -> Iterator[tuple[Source, Function, int]]:
    """Each function with the lines of its body."""
    for source in sources(root):
        said = docstrings(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, Function):
                body = node.body[1:] if id(getattr(node.body[0], "value", None)) in said else node.body
                yield source, node, (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _bare(source: Source) -> Iterator[int]:
    """The lines whose ignore is followed by no words."""
    for number, line in enumerate(source.text.splitlines(), 1):
        for marker in re.finditer(
            r"#\s*(?:noqa|type:\s*ignore)(?::?\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|\[[a-z, -]+\])?", line
        ):
            inside_text = line[: marker.start()].count('"') % 2 == 1
            if not inside_text and not re.search(r"\w{2}", line[marker.end() :]):
                yield number


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))
