"""`handoff screens DIR`: every page of the portal as a picture, in three languages, on a node of its own."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from deploy.develop import packages
from services.client.phrases.spoken import _
from services.client.problems import Problem

ROOT = Path(__file__).resolve().parents[2]


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("screens", help=_("write every page for phones as a picture, in three languages"))
    parser.add_argument("folder", type=Path, metavar="DIR", help=_("a new or empty folder"))
    only = _("only pages whose name begins so")
    parser.add_argument("--only", default="", metavar="NAME", help=only)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play a day on a node of its own and look at it; Ctrl-C ends both. Raises Problem for a folder that is in use."""
    if args.folder.exists() and (not args.folder.is_dir() or any(args.folder.iterdir())):
        raise Problem(f"{args.folder} is not empty: name another folder.")
    packages.provide(packages.BROWSER)
    command = [sys.executable, "-P", "-m", "tests.screens", str(args.folder.absolute()), "--only", args.only]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode
