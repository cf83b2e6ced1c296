"""Keys: what a community signs with and how its partners know it, a new one, and the keys of the node itself."""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from deploy.local import keys
from services.chassis.trust.vault import Vault, new_line
from services.cli import context
from services.cli.input import inputs
from services.cli.verbs.reconciling import SERVICES
from services.cli.views import dates, layout
from services.client import local_api
from services.client.local_api import LocalApi
from services.client.problems import Problem

#: What was begun with an older key of the node is written down by then, in seconds.
SETTLED_SECONDS = 12.0


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    example = (
        "examples:\n  ./handoff keys show --as tha-li\n  ./handoff keys rotate --as tha-li\n"
        "  ./handoff keys rotate --as tha-li --at-once\n  ./handoff keys rotate-node\n\n"
        "Read the fingerprints to your partner by phone: nobody else's key is agreed to then."
    )
    parser = verbs.add_parser("keys", help="what you sign with: show, rotate, rotate-node", epilog=example)
    parser.add_argument("act", nargs="?", choices=("show", "rotate", "rotate-node"), default="show")
    parser.add_argument("--at-once", action="store_true", help="with rotate: the old key may be in other hands")
    usual = os.environ.get("HANDOFF_AS")
    parser.add_argument(
        "--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY", help="whose keys (HANDOFF_AS)"
    )
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show or replace keys."""
    if args.act == "rotate-node":
        return rotate_node(args)
    if not args.acting:
        raise Problem("--as: say whose keys: ./handoff keys show --as COMMUNITY")
    client = context.client(args)
    if args.act == "rotate":
        answer = client.ask("community.rotate_key", {"at_once": args.at_once}, acting=args.acting)
        done = "Every partner is told, and the old key counts no more." if args.at_once else "Every partner is told."
        context.tell(args, answer, "\n".join([done, *_lines(answer["items"])]))
        return 0
    answer = client.ask("community.list_keys", acting=args.acting)
    context.tell(args, answer, "\n".join(_lines(answer["items"])))
    return 0


def _lines(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for key in found:
        until = f" until {dates.shown_moment(key['used_until'])}" if key["used_until"] else ""
        lines.append(layout.fill(f"{key['community']}  {key['fingerprint']}", 4, first=0))
        lines.append(layout.fill(f"signs from {dates.shown_moment(key['used_from'])}{until}, {key['keyid']}", 4))
    return lines


def rotate_node(args: argparse.Namespace) -> int:
    """Put a new key of the node before the others; once every service has wrapped with it, drop the others."""
    base = args.data or Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())
    path = Path(os.environ.get("HANDOFF_NODE_KEYS") or base / keys.NAME)
    try:
        before = Vault(path).newest
    except ValueError as problem:
        raise Problem(f"{problem}. Run this on the node's machine, as its user.") from problem
    client = context.client(args)
    line = new_line()
    keys.replace(path, f"{line}\n{path.read_text(encoding='ascii').strip()}")
    fresh = line.split()[0]
    count = _rewrap(client, fresh)
    time.sleep(SETTLED_SECONDS)
    while more := _rewrap(client, fresh):
        count += more
        time.sleep(SETTLED_SECONDS)
    keys.replace(path, line)
    text = f"{count} keys are wrapped with {fresh}; {before} is gone from {path}."
    copy = "Copy the file to where no backup of the database lies."
    context.tell(args, {"rewrapped": count, "keyid": fresh}, layout.fill(f"{text} {copy}"))
    return 0


def _rewrap(client: LocalApi, fresh: str) -> int:
    """Ask every service; how many keys there were. Raises Problem when one of them does not read this file."""
    count = 0
    for service in SERVICES:
        answer = client.ask("node.rewrap", service=service, seconds=30)
        if answer["keyid"] != fresh:
            raise Problem(f"{service} reads another file of keys; nothing was dropped: see its HANDOFF_NODE_KEYS.")
        count += answer["rewrapped"]
    return count
