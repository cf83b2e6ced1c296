"""The OpenAPI that the node serves is true: requests made from it by others' tools are answered as it says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.octo import official as definitions
from tests.support.octo.node import AgencyNode

SETTINGS = Path(definitions.__file__).with_name("schemathesis.toml")
#: Of each operation; beside these are those that follow from the document alone.
EXAMPLES = 20
#: The same requests in every run, so that what fails here fails everywhere.
SEED = 9
SECONDS = 240.0


def run(*command: str, at: Path) -> "subprocess.CompletedProcess[str]":
    """A tool of the environment, in a folder of its own."""
    tools = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [tools / command[0], *command[1:]], cwd=at, env=environment, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("room", ["octo", "v1"])
@pytest.mark.usefixtures("official")
def test_requests_made_from_the_document_find_no_deviation_from_it(
    node: AgencyNode, tmp_path: Path, room: str
) -> None:  # fmt: skip
    settings = ("--config-file", str(SETTINGS), "--no-color")
    only = ("--include-path-regex", f"^/{room}/")
    asked = ("--checks", "all", "--max-examples", str(EXAMPLES), "--seed", str(SEED))
    key = ("--header", f"Authorization: Bearer {node.keys['mekong-trails']}", "--header", "Octo-Env: test")
    done = run(
        "st", *settings, "run", f"{node.url}/openapi.json", *only, *asked, *key, "--request-timeout", "20", at=tmp_path
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_a_client_generated_from_the_document_reserves_confirms_and_cancels(node: AgencyNode, tmp_path: Path) -> None:
    made = ("generate", "--url", f"{node.url}/openapi.json", "--meta", "none", "--output-path", "made")
    generated = run("openapi-python-client", *made, "--fail-on-warning", at=tmp_path)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    driver = SETTINGS.with_name("generated.py")
    booked = run("python", "-W", "error", str(driver), str(tmp_path), node.url, node.keys["mekong-trails"], at=tmp_path)
    assert booked.stdout.splitlines() == [
        "ON_HOLD 1-night 2",
        "CONFIRMED MADE-1 Anna Example",
        "CANCELLED FULL",
        "INVALID_BOOKING_UUID",
    ], booked.stderr
