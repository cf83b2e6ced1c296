"""`handoff bench`: how fast a node is on this machine, beside what the machine could do in the same run."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from services.client.phrases.spoken import _

ROOT = Path(__file__).resolve().parents[2]


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("bench", help=_("measure a node of its own on a generated network; prints figures"))
    parser.add_argument("--json", action="store_true", help=_("answer as JSON, for machines"))
    parser.add_argument("--seconds", type=float, default=10.0, help=_("of each measurement (%(default)s)"))
    parser.add_argument("--only", choices=("handoffs", "agencies"), help=_("leave the rest out"))
    parser.add_argument(
        "--communities", type=int, nargs="+", help=_("sizes of the networks that agencies ask (15 3273)")
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run it in a process of its own, so that the load shares no interpreter with the node."""
    command = [sys.executable, "-m", "tests.bench", "--seconds", str(args.seconds)]
    command += ["--json"] if args.json else []
    command += ["--only", args.only] if args.only else []
    command += ["--communities", *map(str, args.communities)] if args.communities else []
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, check=False).returncode
