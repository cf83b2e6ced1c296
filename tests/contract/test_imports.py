"""Imports point one way, and a planted violation of each contract is reported.

A contract that cannot fail proves nothing, so each is shown a copy of the tree with one import that it forbids.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sources import ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
#: Contract → (file, line planted in it). A file that is not there is made.
PLANTED = {
    "Services meet only on the bus": ("services/booking/ports.py", "import services.community.domain.keys"),
    "Deployment, edges and services, client, chassis and contracts stand on one another": (
        "services/chassis/runtime/ids.py",
        "import services.booking.domain.states",
    ),
    "Inside a service, imports point at the rules": (
        "services/referral/domain/handoff/states.py",
        "import services.referral.ports",
    ),
    "The local API has routes and nothing behind them": (
        "services/local_api/drawer.py",
        '"""A room that the local API has not."""',
    ),
    "Inside the portal, pages stand on its site, and that on its own tables": (
        "services/portal/site/forms.py",
        "import services.portal.pages.today",
    ),
    "Inside the agency API, OCTO's operations stand on its site, and that on its own tables": (
        "services/agency_api/site/asking.py",
        "import services.agency_api.octo.reading",
    ),
    "The command line knows contracts and the client, never what is behind them": (
        "services/cli/views/story.py",
        "import services.chassis.trust.sealing",
    ),
    "Edges and services do not reach into one another's rules": (
        "deploy/demo/playing.py",
        "import services.referral.domain.handoff.states",
    ),
    "Inside the command line, verbs show and read": ("services/cli/views/story.py", "import services.cli.verbs.offer"),
    "Inside the chassis, each room stands on those below": (
        "services/chassis/bus/topology.py",
        "import services.chassis.messaging.store",
    ),
    "Rules and use cases do no IO": ("services/community/handlers/shared.py", "import services.chassis.runtime.ids"),
    "The chassis' ports know the contracts and nothing else": (
        "services/chassis/ports.py",
        "import services.chassis.runtime.ids",
    ),
    "Phrases and how things are written need the contracts alone": (
        "services/client/formatting.py",
        "import services.chassis.ports",
    ),
    "Contracts carry no machinery": ("contracts/pricing.py", "import asyncpg"),
    "The rules of capacity stand on one another": (
        "contracts/capacity/notices.py",
        "import contracts.capacity.pools",
    ),
    "Only the chassis knows the engine": ("deploy/local/welcome.py", "import kombu"),
    "Set-up and the database launcher need nothing but the standard library": (
        "deploy/bootstrap.py",
        "import pydantic",
    ),
}
#: The same, where one contract forbids several things.
ALSO_PLANTED = [
    ("Inside a service, imports point at the rules", "services/booking/drawer.py", '"""A room no service has."""'),
    ("Rules and use cases do no IO", "services/booking/ports.py", "import services.chassis.messaging.store"),
    ("Rules and use cases do no IO", "services/booking/domain/states.py", "import services.chassis.ports"),
    ("The chassis' ports know the contracts and nothing else", "services/chassis/ports.py", "import asyncpg"),
    (
        "Inside the portal, pages stand on its site, and that on its own tables",
        "services/portal/drawer.py",
        '"""A room that the portal has not."""',
    ),
    ("Only the chassis knows the engine", "services/local_api/routes.py", "import eventlet"),
]


def declared() -> list[dict[str, Any]]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = pyproject["tool"]["importlinter"]["contracts"]
    return contracts


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for room in ("contracts", "services", "deploy"):
        unneeded = shutil.ignore_patterns("__pycache__", "schemas", "examples", "*.json", "*.sql")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=unneeded)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> tuple[int, str]:
    environment = os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "200"}
    command = [sys.executable, "-P", "-c", LINT, "--no-cache"]
    ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_all_import_contracts_are_kept(tree: Path) -> None:
    code, said = lint(tree)
    assert code == 0, said


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract["name"] for contract in declared()} == PLANTED.keys()


@pytest.mark.parametrize(
    ("name", "file", "line"), [*((n, f, line) for n, (f, line) in PLANTED.items()), *ALSO_PLANTED], ids=str
)
def test_a_planted_violation_breaks_its_contract(tree: Path, name: str, file: str, line: str) -> None:
    path = tree / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    code, said = lint(tree)
    assert code == 1, said
    assert any(each.startswith(f"{name} BROKEN") for each in said.splitlines()), said


def test_every_service_is_held_to_every_contract_about_services() -> None:
    every = {f"services.{p.parent.name}" for p in (ROOT / "services").glob("*/service.py")} - {"services.chassis"}
    by_name = {str(contract["name"]): contract for contract in declared()}
    alike = [
        by_name["Services meet only on the bus"]["modules"],
        by_name["Only the chassis knows the engine"]["source_modules"],
    ]
    for named in alike:
        assert isinstance(named, list)
        assert every <= set(named)
    rooms = [set(contract["containers"]) for contract in declared() if isinstance(contract.get("containers"), list)]
    assert every <= set().union(*rooms)
    layers = str(
        by_name["Deployment, edges and services, client, chassis and contracts stand on one another"]["layers"]
    )
    assert [name for name in every if name not in layers] == []
