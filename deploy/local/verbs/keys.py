"""Keys: what a community signs with and how its partners know it, a new one, and the keys of the node itself."""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from contracts.community.v1 import KeyView, ListKeys, RotateKey
from contracts.described import WRAPPING
from contracts.node.v1 import Rewrap
from deploy.local import keys
from services.chassis.trust.vault import Vault, new_line
from services.cli import context
from services.cli.input import inputs
from services.cli.views import layout
from services.client import formatting, local_api
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken
from services.client.problems import Problem

#: What was begun with an older key of the node is written down by then, in seconds.
SETTLED_SECONDS = 12.0


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    example = layout.examples(
        "./handoff keys show --as tha-li",
        "./handoff keys rotate --as tha-li",
        "./handoff keys rotate --as tha-li --at-once",
        "./handoff keys rotate-node",
        note=_("Read the fingerprints to your partner by phone: nobody else's key is agreed to then."),
    )
    line = _("what you sign with: show, rotate, rotate-node")
    parser = verbs.add_parser("keys", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=("show", "rotate", "rotate-node"), default="show")
    at_once = _("with rotate: the old key may be in other hands")
    parser.add_argument("--at-once", action="store_true", help=at_once)
    usual, whose = os.environ.get("HANDOFF_AS"), _("whose keys (HANDOFF_AS)")
    parser.add_argument("--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY", help=whose)
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show or replace keys."""
    if args.act == "rotate-node":
        return rotate_node(args)
    if not args.acting:
        raise Problem(_("--as: say whose keys: ./handoff keys show --as COMMUNITY"))
    client = context.client(args)
    if args.act == "rotate":
        answer = client.send(RotateKey(at_once=args.at_once), acting=args.acting)
        done = _("Every partner is told.")
        if args.at_once:
            done = _("Every partner is told, and the old key counts no more.")
        context.tell(args, answer.wire(), "\n".join([done, *_lines(answer.items)]))
        return 0
    answer = client.send(ListKeys(), acting=args.acting)
    context.tell(args, answer.wire(), "\n".join(_lines(answer.items)))
    return 0


def _lines(found: Sequence[KeyView]) -> list[str]:
    p, lines = spoken(), []
    for key in found:
        first = formatting.moment(p, key.used_from)
        signs = _("signs from {first}, {key}", first=first, key=key.keyid)
        if key.used_until:
            last = formatting.moment(p, key.used_until)
            signs = _("signs from {first} until {last}, {key}", first=first, last=last, key=key.keyid)
        lines.append(layout.fill(f"{key.community}  {key.fingerprint}", 4, first=0))
        lines.append(layout.fill(signs, 4))
    return lines


def rotate_node(args: argparse.Namespace) -> int:
    """Put a new key of the node before the others; once every service has wrapped with it, drop the others."""
    base = args.data or Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())
    path = Path(os.environ.get("HANDOFF_NODE_KEYS") or base / keys.NAME)
    try:
        before = Vault(path).newest
    except ValueError as problem:
        raise Problem(_("{problem}. Run this on the node's machine, as its user.", problem=problem)) from problem
    client = context.client(args)
    line = new_line()
    keys.replace(path, f"{line}\n{path.read_text(encoding='ascii').strip()}")
    fresh = line.split()[0]
    count = _rewrap_all(client, fresh)
    keys.replace(path, line)
    done = {"number": count, "fresh": fresh, "before": before, "file": path}
    text = _(
        "{number} keys are wrapped with {fresh}; {before} is gone from {file}. Copy the file to where no backup of the "
        "database lies.",
        **done,
    )
    context.tell(args, {"rewrapped": count, "keyid": fresh}, layout.fill(text))
    return 0


def _rewrap_all(client: LocalApi, fresh: str) -> int:
    """Ask until nothing is left to be wrapped; how many keys there were."""
    count = _rewrap(client, fresh)
    time.sleep(SETTLED_SECONDS)
    while more := _rewrap(client, fresh):
        count += more
        time.sleep(SETTLED_SECONDS)
    return count


def _rewrap(client: LocalApi, fresh: str) -> int:
    """Ask every service; how many keys there were. Raises Problem when one of them does not read this file."""
    count = 0
    for service in WRAPPING:
        answer = client.send(Rewrap(), service=service, seconds=30)
        if answer.keyid != fresh:
            no = _(
                "{service} reads another file of keys; nothing was dropped: see its HANDOFF_NODE_KEYS.", service=service
            )
            raise Problem(no)
        count += answer.rewrapped
    return count
