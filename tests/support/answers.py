"""Whole answers for tests of the command line: the examples of the contracts, with what a test is about in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "contracts" / "examples"


def example(name: str, **changes: Any) -> dict[str, Any]:
    """An answer by its example, such as `referral.answer.handoff_view.v1`; `changes` over it."""
    found = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return {**found, **changes}
