"""The OpenAPI document of the agencies' API that is checked in is that of its operations.

Asked in a process of its own: the operations bring the engine with them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.contract.sources import ROOT

DOCUMENT = Path("services/agency_api/openapi.json")


def checked(root: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "deploy.develop.agency_openapi", "--check", "--root", str(root)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_document_is_up_to_date_and_one_that_is_not_is_told(tmp_path: Path) -> None:
    done = checked(ROOT)
    assert done.returncode == 0, done.stderr
    kept = tmp_path / DOCUMENT
    kept.parent.mkdir(parents=True)
    shutil.copy(ROOT / DOCUMENT, kept)
    kept.write_text(kept.read_text(encoding="utf-8").replace("/octo/supplier", "/octo/suppliers"), encoding="utf-8")
    done = checked(tmp_path)
    assert done.returncode == 1
    assert "is out of date" in done.stderr


def test_it_says_openapi_3_1_and_all_thirteen_operations() -> None:
    document: dict[str, Any] = json.loads((ROOT / DOCUMENT).read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1")
    octo = {path: said for path, said in document["paths"].items() if path.startswith("/octo/")}
    assert sum(len(operations) for operations in octo.values()) == 13
