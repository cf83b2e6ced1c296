"""The personal part after consent: `party` reads it, `erase` destroys it, `export` gives it to whom it is of."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.personal.v1 import PersonalPart
from services.cli import context
from services.cli.input import inputs
from services.cli.views import layout
from services.client import personal
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.problems import Problem

#: How a field is called beside what it holds.
WORDS = {
    "name": "called", "channel": "reach", "nationality": "from", "document_class": "travels on", "food": "food",
    "mobility": "moving",
}  # fmt: skip
UNREAD = {
    "held": "It is held and does not open: it was changed where it lies, or the node's key for it is missing. "
    "./handoff audit list has this reading; tell whoever looks after the node.",
    "none": "Nothing is held: no consent was given to you, or nothing was released yet.",
    "erased": "Nothing is held any more: it was erased. ./handoff show says when.",
}
#: Lines of the audit at once.
PAGE = 1000


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to the command line."""
    line = "whom to greet and how to reach them; each reading is audited"
    parser = _verb(verbs, "party", line, "party latest --as bo-taen")
    parser.set_defaults(run=party)
    line = "destroy what is known of a party: your copy, and your partner's"
    parser = _verb(verbs, "erase", line, "erase latest --as bo-taen")
    parser.set_defaults(run=erase)
    line = "everything about one handoff in one file, for whom it concerns"
    parser = _verb(verbs, "export", line, "export latest --as tha-li --to handoff.json")
    parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="a new file, readable to you alone")
    parser.set_defaults(run=export)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, line: str, example: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=line, epilog=f"example:\n  ./handoff {example}")
    parser.add_argument("ref", type=inputs.reference, metavar="REF", help="its id, the end of it, or `latest`")
    context.add_node(parser, acting=True)
    return parser


def party(args: argparse.Namespace) -> int:
    """Read the personal part; on a screen, or as JSON for who asks for it. Raises Problem for a file by accident."""
    if not (args.json or sys.stdout.isatty()):
        raise Problem("What is personal is shown on a screen only: a file would keep it. --json says that you mean it.")
    client = context.client(args)
    answer, part = personal.read(client, context.handoff(args, client, args.ref), acting=args.acting)
    shown = {"referral_id": answer["referral_id"], "holding": answer["holding"], "part": _plain(part)}
    context.tell(args, shown, "\n".join(_rows(part)) if part else layout.fill(UNREAD[answer["holding"]]))
    return 0


def _rows(part: PersonalPart) -> Iterator[str]:
    for field in part.given:
        said = getattr(part, field)
        text = f"{said.kind} {said.address}" if field == "channel" else str(said).replace("_", " ")
        yield layout.fill(f"{WORDS[field]:10} {text}", indent=11, first=0)


def _plain(part: PersonalPart | None) -> dict[str, Any] | None:
    return part.model_dump(mode="json", exclude_none=True) if part else None


def erase(args: argparse.Namespace) -> int:
    """Destroy the acting community's copy; the partner's follows as it hears so. The handoff goes on."""
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    answer = client.ask("referral.erase_personal_part", {"referral": ref}, acting=args.acting)
    text = (
        f"Your copy of what was known of the party of …{answer['referral_id'][-6:]} is destroyed; the counts stay. "
        "Your partner is told that they asked for it, and destroys its copy: ./handoff show says when. "
        "The handoff goes on; to end it too, the sender says ./handoff consent REF --withdraw."
    )
    context.tell(args, answer, layout.fill(text))
    return 0


def export(args: argparse.Namespace) -> int:
    """Write everything that is kept about one handoff into one new file. Raises Problem when there is one already."""
    if args.to.exists():
        raise Problem(f"--to: {args.to} is there already: name a new file.")
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    whole = exported(client, ref, args.acting)
    _write(args.to, json.dumps(whole, ensure_ascii=False, indent=1))
    told = {"referral_id": whole["handoff"]["referral_id"], "file": str(args.to)}
    text = f"Everything about handoff …{told['referral_id'][-6:]} is in {args.to}, readable to you alone."
    context.tell(args, told, layout.fill(f"{text} It is personal: hand it over, then delete it."))
    return 0


def exported(client: LocalApi, ref: str, acting: str) -> dict[str, Any]:
    """The record with its story, receipt, erasures, audit, crossing plan and, while it is held, the personal part."""
    view = client.ask("referral.show_handoff", {"referral": ref}, acting=acting)
    referral = view["referral_id"]
    reader = personal.Reader(acting)
    wanted = {"referral": referral, "reply_key": reader.reply_key}
    kept = client.ask("referral.export_handoff", wanted, acting=acting)
    return {
        "format": 1,
        "community": acting,
        "handoff": view,
        "consent": kept["receipt"],
        "consents": kept["receipts"],
        "erasures": kept["erasures"],
        "reminders": kept["reminders"],
        "pass": {"issued_at": kept["pass_issued_at"], "used_at": kept["pass_used_at"]},
        "audit": list(audited(client, acting, referral)),
        "crossing": _plan(client, acting, referral) if view["crossing"] else None,
        "personal": {"holding": kept["personal"]["holding"], "part": _plain(reader.open(kept["personal"]))},
    }


def audited(client: LocalApi, acting: str, referral: str) -> Iterator[dict[str, Any]]:
    """A community's audit lines about one handoff, oldest first, through every page."""
    after = 0
    while True:
        wanted = {"about": referral, "after": after, "limit": PAGE}
        page = client.ask("node.list_audit", wanted, acting=acting, service="referral")["items"]
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]["n"]


def _plan(client: LocalApi, acting: str, referral: str) -> dict[str, Any] | None:
    """The crossing plan, where there is one to make."""
    try:
        return client.ask("referral.plan_of_handoff", {"referral": referral}, acting=acting)
    except Refused as no:
        if no.code == "unavailable":
            raise
        return None


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read, from its first byte on. Raises Problem when it cannot be made."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Problem(f"--to: {path} cannot be written: {error.strerror}") from error
    with os.fdopen(file, "w", encoding="utf-8") as written:
        written.write(text + "\n")
