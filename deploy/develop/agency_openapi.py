"""The OpenAPI document of the agencies' API, made from the operations that answer.

`python -m deploy.develop.agency_openapi` writes it, with `--check` it only says whether it is out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from services.agency_api.routes import application

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = Path("services/agency_api/openapi.json")


def written() -> str:
    """The document, as it is kept."""
    return json.dumps(application().openapi(), ensure_ascii=False, indent=1) + "\n"


def is_outdated(root: Path) -> bool:
    """Whether the document below `root` is another than the operations are."""
    path = root / DOCUMENT
    return not path.exists() or path.read_text(encoding="utf-8") != written()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when done or all is well, 1 when it is out of date."""
    parser = argparse.ArgumentParser(prog="python -m deploy.develop.agency_openapi")
    parser.add_argument("--check", action="store_true", help="change nothing, say whether it is out of date")
    parser.add_argument("--root", type=Path, default=ROOT, help="of the tree in which it is")
    given = parser.parse_args(arguments)
    if not given.check:
        (given.root / DOCUMENT).write_text(written(), encoding="utf-8")
        return 0
    if is_outdated(given.root):
        print(f"{DOCUMENT} is out of date: run python -m deploy.develop.agency_openapi", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
