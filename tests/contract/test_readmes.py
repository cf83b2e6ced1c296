"""A service's README lists exactly what it answers, announces and listens to; so does the catalogue.

Read from the text of `service.py`, not from the running class: that would bring the engine into this process.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.described import entries, parties
from contracts.messages import BorderMessage, Command, Message, Query
from tests.contract.sources import ROOT, dotted, plant, services, sources

CONTRACTS = {(e.contract.__module__, e.contract.__name__): e for e in entries() if issubclass(e.contract, Message)}
#: By class; two services may have one of the same name.
NAMES: dict[str, list[str]] = {}
for (_module, _name), _entry in CONTRACTS.items():
    NAMES.setdefault(_name, []).append(_entry.name)
HEADINGS = {"answers": ("command", "query"), "listens to": ("message",)}


def entrypoints(root: Path, service: str, *kinds: str) -> set[str]:
    """The types in the lines of one or more kinds of a service's table of contents."""
    path = root / "services" / service / "service.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) in kinds]
    return {name for call in calls for name in _types(tree, call.args[0])}


def announced(root: Path, service: str) -> set[str]:
    """The types of the messages that a service builds; commands and queries are asked, not announced."""
    built = set()
    for source in sources(root, f"services/{service}"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                built |= set(_types(source.tree, node.func))
    asked = {e.name for e in CONTRACTS.values() if issubclass(e.contract, Command | Query)}
    return built - asked


def listed(readme: str, service: str) -> dict[str, set[str]]:
    """What a README names under each of its headings, `**Answers**`, by class; of two, the service's own is meant."""
    found: dict[str, set[str]] = {}
    for part in re.split(r"^\*\*(?=\w)", readme, flags=re.MULTILINE)[1:]:
        heading, _, below = part.partition("**")
        bullets = re.split(r"^#", below, maxsplit=1, flags=re.MULTILINE)[0]
        found[heading.lower()] = {
            max(NAMES[word], key=lambda one: one.startswith(f"{service}."))
            for word in re.findall(r"`(\w+)`", bullets)
            if word in NAMES
        }
    return found


def misleading(root: Path, service: str) -> Iterator[str]:
    """What a README says too much or too little."""
    path = root / "services" / service / "README.md"
    given = listed(path.read_text(encoding="utf-8"), service)
    real = {heading: entrypoints(root, service, *kinds) for heading, kinds in HEADINGS.items()}
    for heading, names in (real | {"announces": announced(root, service)}).items():
        said = given.get(heading, set())
        yield from (f"{service}/README.md: {heading}: {name} is missing" for name in sorted(names - said))
        yield from (f"{service}/README.md: {heading}: {name} is not so" for name in sorted(said - names))


@pytest.mark.parametrize("service", services(ROOT))
def test_a_readme_lists_exactly_what_its_service_does(service: str) -> None:
    assert list(misleading(ROOT, service)) == []


def test_the_catalogue_names_senders_and_readers_as_the_code_has_them() -> None:
    listening = {name: entrypoints(ROOT, name, "message") for name in services(ROOT)}
    speaking = {name: announced(ROOT, name) for name in services(ROOT)}
    for entry in CONTRACTS.values():
        if not issubclass(entry.contract, Command | Query):
            speaker, listeners = parties(entry.name)
            assert set(listeners) == {name for name, heard in listening.items() if entry.name in heard}, entry.name
            assert {speaker} - {""} == {name for name, said in speaking.items() if entry.name in said}, entry.name


def test_every_published_message_has_a_reader_and_every_read_one_a_sender() -> None:
    heard = set().union(*(entrypoints(ROOT, name, "message") for name in services(ROOT)))
    spoken = set().union(*(announced(ROOT, name) for name in services(ROOT)))
    assert heard == spoken
    told = {e.name for e in CONTRACTS.values() if not issubclass(e.contract, Command | Query)}
    assert told - heard == {name for name in told if name.startswith("node.")}


def test_node_messages_are_sent_and_read_by_the_chassis_for_every_service() -> None:
    path = ROOT / "services/chassis/process/operations.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) == "message"]
    heard = {name for call in calls for name in _types(tree, call.args[0])}
    assert heard == {e.name for e in CONTRACTS.values() if e.name.startswith("node.") and e.kind == "message"}
    assert heard <= announced(ROOT, "chassis")


def test_every_command_and_query_is_answered_by_the_service_it_is_named_after() -> None:
    for entry in CONTRACTS.values():
        owner = entry.name.partition(".")[0]
        if issubclass(entry.contract, Command | Query) and owner != "node":
            answering = [n for n in services(ROOT) if entry.name in entrypoints(ROOT, n, "command", "query")]
            assert answering == [owner], entry.name


def test_border_messages_are_handled_as_messages_and_never_as_calls() -> None:
    for service in services(ROOT):
        asked = entrypoints(ROOT, service, "command", "query")
        assert not [e.name for e in CONTRACTS.values() if e.name in asked and issubclass(e.contract, BorderMessage)]


SERVICE = """
from contracts.booking import v1
from contracts.community.v1 import OfferingPublished
class Booking:
    keep = message(OfferingPublished, handlers.keep)
    reserve = command(v1.Reserve, handlers.reserve)
"""
README = """# Booking

**Answers**
- `Reserve`.

**Announces**
- `HoldPlaced`

**Listens to**
- `OfferingPublished`

## Afterwards

- `HoldExpired` is no part of the list.
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "", ""),
        ("- `Reserve`.", "", "answers: booking.reserve.v1 is missing"),
        ("`HoldPlaced`", "`HoldPlaced`, `HoldExpired`", "announces: booking.hold_expired.v1 is not so"),
        ("`HoldPlaced`", "nothing", "announces: booking.hold_placed.v1 is missing"),
        ("OfferingPublished", "PartnershipStated", "listens to: community.offering_published.v1 is missing"),
    ],
)
def test_a_readme_that_differs_from_its_service_is_reported(tmp_path: Path, before: str, after: str, said: str) -> None:
    plant(tmp_path, "services/booking/service.py", SERVICE)
    plant(tmp_path, "services/booking/handlers.py", "from contracts.booking.v1 import HoldPlaced\nx = HoldPlaced()\n")
    plant(tmp_path, "services/booking/README.md", README.replace(before, after))
    problems = list(misleading(tmp_path, "booking"))
    assert any(said in problem for problem in problems) if said else problems == []


def _types(tree: ast.Module, named: ast.AST) -> Iterator[str]:
    """The type of the message class that an expression names, by the imports of its module."""
    module, _, attribute = dotted(named).rpartition(".")
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.ImportFrom) and node.module else ():
            here = alias.asname or alias.name
            inside = (f"{getattr(node, 'module', '')}.{alias.name}", attribute) if module and here == module else None
            direct = (str(getattr(node, "module", "")), alias.name) if not module and here == attribute else None
            entry = CONTRACTS.get(inside or direct or ("", ""))
            if entry is not None:
                yield entry.name
