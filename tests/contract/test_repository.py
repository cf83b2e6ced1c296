"""What is checked in: no secrets, no place of one machine, a compose file and policies that are as they say."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from tests.contract.sources import ROOT, dotted, plant

SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "an access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a forge": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})"),
    "a web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a password in a URL": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s/:@\"'`{}<>$]+:[^\s/@\"'`{}<>$]{3,}@(?!127\.0\.0\.1|localhost)"
    ),
    "a home folder": re.compile(r"(?:^|[\s\"'=:(])(?:/home/[a-z]\w+|/Users/\w+|/root)/\w|\b[A-Z]:\\Users\\"),
}
LOOPBACK = re.compile(r"127\.0\.0\.1:\d{1,5}:\d{1,5}(/tcp)?")


def tracked() -> list[Path]:
    """Files under version control; of an exported tree, all that is not hidden."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    return [p for p in ROOT.rglob("*") if p.is_file() and not any(s.startswith(".") for s in p.relative_to(ROOT).parts)]


def leaks(files: list[Path]) -> Iterator[str]:
    """Secrets and folders of somebody's machine, by line; this file names their shapes and is left out."""
    for path in files:
        if path.resolve() == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            yield from (f"{path.name}:{number}: {kind}" for kind, shape in SECRETS.items() if shape.search(line))


def unsafe(compose: dict[str, Any]) -> Iterator[str]:
    """What compose itself would take: a port that is open to others, a data folder that nothing keeps."""
    for name, service in compose["services"].items():
        ports = (str(port) for port in service.get("ports", ()))
        yield from (f"{name}: port {port} is open to others" for port in ports if not LOOPBACK.fullmatch(port))
        folder = (service.get("environment") or {}).get("HANDOFF_DATA")
        volumes = [str(volume) for volume in service.get("volumes", ()) if not str(volume).endswith(":ro")]
        if folder and folder not in {volume.split(":")[1] for volume in volumes}:
            yield f"{name}: nothing can be written into {folder}"


def test_nothing_checked_in_is_secret_or_of_one_machine() -> None:
    assert list(leaks(tracked())) == []


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        "key = 'AKIA" + "Q" * 16 + "'",
        "url = 'amqp://handoff:" + "hunter22@broker.example:5672//'",
        "folder = '/home/" + "somebody/handoff'",
        "folder = '/Users/" + "somebody/handoff'",
    ],
)
def test_a_planted_secret_is_named(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "a.py", line)
    assert [said.partition(":")[0] for said in leaks([tmp_path / "a.py"])] == ["a.py"]


def test_the_compose_file_opens_no_port_to_others_and_keeps_its_data() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert list(unsafe(compose)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"ports": ["8000:8000"]}, ["one: port 8000:8000 is open to others"]),
        ({"environment": {"HANDOFF_DATA": "/data"}}, ["one: nothing can be written into /data"]),
        (
            {"environment": {"HANDOFF_DATA": "/data"}, "volumes": ["./x:/data:ro"]},
            ["one: nothing can be written into /data"],
        ),
    ],
)
def test_a_planted_mistake_in_compose_is_named(change: dict[str, Any], said: list[str]) -> None:
    assert list(unsafe({"services": {"one": {"image": "a"} | change}})) == said


#: Page → how it says after how many deliveries the broker gives a message up.
GIVES_UP = {
    "docs/architecture.md": re.compile(r"up to (\S+) times without an ack, then the policy"),
    "docs/adr/0008-close-the-connection-while-the-database-is-away.md": re.compile(r"policy gives up after ([^\s,]+)"),
}


@pytest.mark.parametrize("page", GIVES_UP)
def test_a_page_says_as_the_policies_do_when_the_broker_gives_up(page: str) -> None:
    definitions = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text(encoding="utf-8"))
    limits = {str(policy["definition"]["delivery-limit"]) for policy in definitions["policies"]}
    assert len(limits) == 1
    assert set(GIVES_UP[page].findall((ROOT / page).read_text(encoding="utf-8"))) == limits


def test_the_services_package_is_empty() -> None:
    assert (ROOT / "services/__init__.py").read_bytes() == b""


def before_the_patch(text: str) -> set[str]:
    """What is imported before eventlet patches the process. Raises ValueError when it never does, or has no hub."""
    imported: set[str] = set()
    for line in ast.parse(text).body:
        for node in ast.walk(line):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported |= {getattr(node, "module", None) or alias.name for alias in node.names}
            if dotted(node) == "os.environ" and "eventlet" not in imported:
                imported.add("the hub")
            if dotted(node) == "eventlet.monkey_patch":
                if "the hub" not in imported:
                    raise ValueError("names no hub before eventlet is imported")
                return imported - {"the hub"}
    raise ValueError("never patches")


def test_eventlet_patches_a_process_before_any_other_import() -> None:
    assert before_the_patch((ROOT / "services/__main__.py").read_text(encoding="utf-8")) == {
        "os",
        "warnings",
        "eventlet",
    }


def test_an_import_before_the_patch_is_reported() -> None:
    early = (
        "import os\nos.environ['EVENTLET_HUB'] = 'asyncio'\nimport socket\nimport eventlet\neventlet.monkey_patch()\n"
    )
    assert "socket" in before_the_patch(early)
    with pytest.raises(ValueError, match="hub"):
        before_the_patch("import eventlet\neventlet.monkey_patch()\n")
    with pytest.raises(ValueError, match="patches"):
        before_the_patch("import eventlet\n")
