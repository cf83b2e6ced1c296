"""What verbs share: which node they speak to, and how they tell what it answered."""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.local.problems import Problem


def add_node(parser: argparse.ArgumentParser, *, acting: bool = False) -> None:
    """Arguments that say which node, and on whose behalf."""
    if acting:
        parser.add_argument("--as", dest="acting", required=True, metavar="COMMUNITY", help="the community that acts")
    parser.add_argument("--port", type=int, help="the node's port (HANDOFF_PORT, else 8000)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the node's data folder (HANDOFF_DATA)")
    parser.add_argument("--json", action="store_true", help="answer as JSON, for machines")


def tell(args: argparse.Namespace, answer: Any, text: str) -> None:
    """Print the answer for machines, or the text for people."""
    print(json.dumps(answer, ensure_ascii=False, indent=1) if args.json else text, flush=True)


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Ask again until it is so. Raises Problem naming what was waited for."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise Problem(f"Waited {seconds:g} s for {what}; ./handoff doctor says how the node is.")
        time.sleep(0.05)
