"""`handoff check`: everything that can be judged without running the system."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from services.client.phrases.spoken import _

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("contracts", "services", "deploy", "tests")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "check", help=_("lint, formatting, types, imports between rooms, the catalogues of messages and phrases")
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Run every step, also after one failed, so that one run tells everything."""
    failed = [name for name, command in _steps().items() if not _passes(name, command)]
    if not _compose():
        failed.append("compose")
    print("check:", f"failed: {', '.join(failed)}" if failed else "all well", flush=True)
    return 1 if failed else 0


def _steps() -> dict[str, list[str]]:
    """Name the steps; tools run as modules, since scripts contain the path of a checkout that may have moved."""
    rooms = [room for room in ROOMS if (ROOT / room).is_dir()]
    lint_imports = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return {
        "lint": ["-m", "ruff", "check", "."],
        "format": ["-m", "ruff", "format", "--check", "."],
        "types": ["-m", "mypy", "--strict", *rooms],
        "imports": ["-c", lint_imports],
        "catalogue": ["-m", "contracts.tools.catalogue", "--check"],
        "phrases": ["-m", "services.client.phrases.update", "--check"],
        "diagrams": ["-m", "deploy.develop.state_diagrams", "--check"],
    }


def _compose() -> bool:
    """Whether compose understands its file; where there is none, that is said and nothing is judged."""
    tool = shutil.which("docker")
    if tool is None or subprocess.run([tool, "compose", "version"], capture_output=True, check=False).returncode:
        print("== compose: there is none here, docker-compose.yml was not looked at", flush=True)
        return True
    code = subprocess.run([tool, "compose", "config", "--quiet"], cwd=ROOT, check=False).returncode
    print(f"== compose: {'ok' if code == 0 else 'FAILED'}", flush=True)
    return code == 0


def _passes(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    code = subprocess.run([sys.executable, "-P", *command], cwd=ROOT, env=environment, check=False).returncode
    print(f"== {name}: {'ok' if code == 0 else 'FAILED'}", flush=True)
    return code == 0
