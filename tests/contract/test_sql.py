"""SQL has its own room, every query in it is used, and no service reads another's tables."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sources import ROOT, docstrings, dotted, plant, services, sources

#: How a statement begins. Capitals: that is how SQL is written here, and how prose is not.
STATEMENT = re.compile(
    r"^\s*(SELECT|INSERT INTO|UPDATE \w|DELETE FROM|WITH \w+ AS|MERGE INTO|CREATE (TABLE|SCHEMA|ROLE|INDEX|EXTENSION)"
    r"|ALTER (TABLE|ROLE|SCHEMA)|DROP (TABLE|SCHEMA|ROLE)|GRANT |REVOKE |TRUNCATE |SET LOCAL|LISTEN |NOTIFY )"
)
#: SQL outside of its room: file → which statements, and why.
OUTSIDE = {
    "services/chassis/storage/migrations.py": (
        ".*",
        "makes the schemas and roles in which the room is read; names are built in",
    ),
}
#: Queries that ask the machine's clock, and why that is not a rule of the business.
CLOCK_QUERIES = {
    "services/agency_api/adapters/keys.sql:machine_now": "a trial that moves the node's clock ends no key",
    "services/agency_api/adapters/read_model.sql:standing_offer": "the node's clock, where no transaction reads it",
    "services/agency_api/adapters/read_model.sql:states": "the node's clock, where no transaction reads it",
    "services/portal/adapters/queries.sql:machine_now": "a trial that moves the node's clock signs nobody out",
    "services/portal/adapters/queries.sql:session_of": "a trial that moves the node's clock signs nobody out",
    "services/referral/adapters/handoff.sql:send_again": "when a message leaves is the machine's time",
}
CALLS = {"fetch", "fetchrow", "fetchval", "execute"}
NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
CLOCK = re.compile(
    r"\b(now\(\)|clock_timestamp\(\)|statement_timestamp\(\)|current_(timestamp|date|time)\b|localtime)", re.IGNORECASE
)


def strays(root: Path) -> Iterator[str]:
    """SQL text in Python."""
    for source in sources(root, "services", "deploy", "contracts"):
        said = docstrings(source.tree)
        allowed = OUTSIDE.get(source.name, ("(?!)", ""))[0]
        for node in ast.walk(source.tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if id(node) not in said and STATEMENT.match(text) and not re.match(allowed, text.strip(), re.DOTALL):
                yield f"{source.name}:{getattr(node, 'lineno', 1)}: SQL belongs in queries.sql: {text[:40]!r}"


def unnamed_or_unused(root: Path) -> Iterator[str]:
    """A name that is used and is not there, and a query that nobody uses."""
    for room in [*services(root), "chassis"]:
        files = sorted((root / "services" / room).rglob("*.sql"))
        known = {name: f"{file.relative_to(root)}" for file in files for name in NAME.findall(file.read_text("utf-8"))}
        used = dict(_used(root, room))
        yield from (f"{where}: there is no query {name}" for name, where in used.items() if name not in known)
        idle = {name: where for name, where in known.items() if name not in used}
        yield from (f"{where}: nobody uses {name}" for name, where in idle.items())


def reaching_over(root: Path) -> Iterator[str]:
    """A service's SQL that names another's schema, or a table that only another has."""
    own = {room: _tables(root / "services" / room / "migrations") for room in services(root)}
    shared = _tables(root / "services" / "chassis" / "storage" / "service_schema")
    for room in own:
        others = set().union(*(tables for other, tables in own.items() if other != room)) - own[room] - shared
        schemas = "|".join(sorted(set(own) - {room})) or "(?!)"
        for file in sorted((root / "services" / room).rglob("*.sql")):
            name, text = file.relative_to(root), _bare(file)
            tables = set(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES|ON)\s+(?:ONLY\s+)?(\w+)", text))
            within = set(re.findall(r"(\w+)(?:\s*\([\w, ]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(", text))
            yield from (f"{name}: table {table} is another service's" for table in sorted((tables & others) - within))
            qualified = re.findall(rf"\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES|ON)\s+({schemas})\s*\.\s*\w+", text)
            yield from (f"{name}: schema {schema} is another service's" for schema in sorted(set(qualified)))


def clocks(root: Path) -> Iterator[str]:
    """Business time comes from the node's clock, never from SQL's; columns keep the zone."""
    for file in sorted((root / "services").rglob("*.sql")):
        name = file.relative_to(root).as_posix()
        for zoneless in re.findall(r"\btimestamp\b(?!\s*with time zone)|\btimetz\b", _bare(file), re.IGNORECASE):
            yield f"{name}: {zoneless} without a zone, use timestamptz"
        if "/adapters/" in name:
            parts = NAME.split(file.read_text("utf-8"))
            for query, text in zip(parts[1::2], parts[2::2], strict=True):
                if CLOCK.search(text) and f"{name}:{query}" not in CLOCK_QUERIES:
                    yield f"{name}: {query} asks the database's clock, `now` is passed in"


RULES = {rule.__name__: rule for rule in (strays, unnamed_or_unused, reaching_over, clocks)}
QUERY = "-- name: keep\n-- Keep it.\nINSERT INTO holds VALUES ($1)\n"
TREE = {
    "services/booking/service.py": "",
    "services/booking/migrations/0001.sql": "CREATE TABLE holds (id uuid);\n",
    "services/booking/adapters/queries.sql": QUERY,
    "services/booking/adapters/a.py": 'async def f(self): await self.execute("keep", 1)\n',
    "services/community/service.py": "",
    "services/community/migrations/0001.sql": "CREATE TABLE partnerships (id uuid);\n",
    "services/chassis/storage/service_schema/0001.sql": "CREATE TABLE outbox (id uuid);\n",
}
PLANTED = [
    ("strays", "services/booking/handlers.py", 'x = "SELECT 1 FROM holds"\n'),
    ("strays", "services/booking/handlers.py", 'x = f"UPDATE {t} SET a = 1"\nx = f"DELETE FROM {t}"\n'),
    ("strays", "services/chassis/storage/database.py", 'x = "SELECT 2"\n'),
    ("unnamed_or_unused", "services/booking/adapters/b.py", 'async def f(self): await self.fetchval("forget")\n'),
    ("unnamed_or_unused", "services/booking/adapters/a.py", ""),
    ("unnamed_or_unused", "services/chassis/a.py", 'x = CHASSIS["nothing"]\n'),
    ("reaching_over", "services/booking/adapters/queries.sql", QUERY + "SELECT 1 FROM partnerships\n"),
    ("reaching_over", "services/booking/adapters/queries.sql", QUERY + "SELECT 1 FROM community.outbox\n"),
    ("clocks", "services/booking/adapters/queries.sql", QUERY.replace("$1", "now()")),
    ("clocks", "services/booking/migrations/0001.sql", "CREATE TABLE holds (at timestamp);\n"),
]


@pytest.mark.parametrize("rule", RULES)
def test_sql_is_only_in_sql_files_and_follows_the_rules(rule: str) -> None:
    assert list(RULES[rule](ROOT)) == []


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_each_sql_rule_finds_its_planted_violation(tmp_path: Path, rule: str, name: str, text: str) -> None:
    for planted, content in TREE.items():
        plant(tmp_path, planted, content)
    assert list(RULES[rule](tmp_path)) == []
    plant(tmp_path, name, text)
    assert list(RULES[rule](tmp_path)) != []


def test_an_exception_that_is_no_longer_needed_is_taken_off_the_list() -> None:
    for name, (statement, _) in OUTSIDE.items():
        texts = [
            n.value
            for s in sources(ROOT, "services")
            if s.name == name
            for n in ast.walk(s.tree)
            if isinstance(n, ast.Constant)
        ]
        assert any(isinstance(text, str) and STATEMENT.match(text) and re.match(statement, text) for text in texts), (
            name
        )
    for entry in CLOCK_QUERIES:
        file, _, query = entry.partition(":")
        assert query in NAME.findall((ROOT / file).read_text("utf-8"))


def _used(root: Path, room: str) -> Iterator[tuple[str, str]]:
    """The names of queries that one room uses, with where."""
    for source in sources(root, f"services/{room}"):
        for node in ast.walk(source.tree):
            for part in ast.walk(naming) if (naming := _naming(node)) is not None else ():
                if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z][a-z0-9_]*", str(part.value)):
                    yield str(part.value), f"{source.name}:{part.lineno}"


def _naming(node: ast.AST) -> ast.AST | None:
    """What names a query: the first argument of a call, or what is picked from the room's queries."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS and node.args:
        return node.args[0]
    if isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] in ("CHASSIS", "queries"):
        return node.slice
    return None


def _tables(folder: Path) -> set[str]:
    found = (re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", _bare(file)) for file in folder.rglob("*.sql"))
    return set().union(*found)


def _bare(file: Path) -> str:
    """SQL without its comments and texts."""
    return re.sub(r"--[^\n]*|'[^']*'", "", file.read_text(encoding="utf-8"))
