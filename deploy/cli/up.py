"""`handoff up`: run a node with everything in it."""

import argparse
from pathlib import Path

from deploy.local import folder, node


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("up", help="run a node here, with its own database and bus, until Ctrl-C")
    parser.add_argument("--port", type=int, default=8000, help="where people reach it (%(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"where it keeps its data ({folder.default_path()})")
    parser.add_argument("--no-demo", action="store_true", help="start empty, without the demonstration communities")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the node in this process."""
    base = args.data or folder.default_path()
    return node.run(node.Settings(port=args.port, base=base, demo=not args.no_demo))
