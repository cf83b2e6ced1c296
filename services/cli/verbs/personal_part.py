"""The personal part after consent: `party` reads it, `erase` destroys it, `export` gives it to whom it is of."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.crossing.v1 import Plan, PlanOfHandoff
from contracts.node.v1 import AuditEntry, ListAudit
from contracts.personal.v1 import ErasePersonalPart, ExportHandoff, PersonalPart
from contracts.referral.v1 import ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.views import layout
from services.client import formatting, personal
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_, NC_
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import Table, word
from services.client.problems import Problem
from services.client.troubles import why

#: How a field is called beside what it holds.
WORDS: Table = {
    "name": NC_("beside what somebody said of themselves", "called"),
    "channel": NC_("beside what somebody said of themselves", "reach"),
    "nationality": NC_("beside what somebody said of themselves", "from"),
    "document_class": NC_("beside what somebody said of themselves", "travels on"),
    "food": NC_("beside what somebody said of themselves", "food"),
    "mobility": NC_("beside what somebody said of themselves", "moving"),
}
DOCUMENTS: Table = {
    "passport": NC_("a document", "passport"),
    "border_pass": NC_("a document", "border pass"),
    "temporary_border_pass": NC_("a document", "temporary border pass"),
    "id_card": NC_("a document", "id card"),
}
UNREAD: Table = {
    "held": N_(
        "It is held and does not open: it was changed where it lies, or the node's key for it is missing. "
        "./handoff audit list has this reading; tell whoever looks after the node."
    ),
    "none": N_("Nothing is held: no consent was given to you, or nothing was released yet."),
    "erased": N_("Nothing is held any more: it was erased. ./handoff show says when."),
}
#: Columns of a field's name, and lines of the audit at once.
COLUMNS, PAGE = 10, 1000


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to the command line."""
    line = _("whom to greet and how to reach them; each reading is audited")
    parser = _verb(verbs, "party", line, "party latest --as bo-taen")
    parser.set_defaults(run=party)
    line = _("destroy what is known of a party: your copy, and your partner's")
    parser = _verb(verbs, "erase", line, "erase latest --as bo-taen")
    parser.set_defaults(run=erase)
    line = _("everything about one handoff in one file, for whom it concerns")
    parser = _verb(verbs, "export", line, "export latest --as tha-li --to handoff.json")
    words = _("a new file, readable to you alone")
    parser.add_argument("--to", required=True, type=Path, metavar="FILE", help=words)
    parser.set_defaults(run=export)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, line: str, example: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=line, epilog=layout.examples(f"./handoff {example}"))
    inputs.add_reference(parser)
    context.add_node(parser, acting=True)
    return parser


def party(args: argparse.Namespace) -> int:
    """Read the personal part; on a screen, or as JSON for who asks for it. Raises Problem for a file by accident."""
    if not (args.json or sys.stdout.isatty()):
        raise Problem(
            _("What is personal is shown on a screen only: a file would keep it. --json says that you mean it.")
        )
    client = context.client(args)
    answer, part = personal.read(client, context.handoff(args, client, args.ref), acting=args.acting)
    shown = {"referral_id": answer.referral_id, "holding": answer.holding, "part": personal.plain(part)}
    context.tell(args, shown, "\n".join(_rows(part)) if part else layout.fill(say(UNREAD[answer.holding])))
    return 0


def _rows(part: PersonalPart) -> Iterator[str]:
    p = spoken()
    names = {field: word(p, WORDS, field) for field in part.given}
    columns = max([COLUMNS, *map(formatting.width, names.values())])
    for field, name in names.items():
        yield layout.fill(f"{formatting.padded(name, columns)} {_said(part, field)}", indent=columns + 1, first=0)


def _said(part: PersonalPart, field: str) -> str:
    if field == "channel" and part.channel:
        return f"{part.channel.kind} {part.channel.address}"
    if field == "document_class" and part.document_class:
        return word(spoken(), DOCUMENTS, part.document_class)
    return str(getattr(part, field))


def erase(args: argparse.Namespace) -> int:
    """Destroy the acting community's copy; the partner's follows as it hears so. The handoff goes on."""
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    answer = client.send(ErasePersonalPart(referral=ref), acting=args.acting)
    text = _(
        "Your copy of what was known of the party of …{end} is destroyed; the counts stay. "
        "Your partner is told that they asked for it, and destroys its copy: ./handoff show says when. "
        "The handoff goes on; to end it too, the sender says ./handoff consent REF --withdraw.",
        end=answer.referral_id[-6:],
    )
    context.tell(args, answer, layout.fill(text))
    return 0


def export(args: argparse.Namespace) -> int:
    """Write everything that is kept about one handoff into one new file. Raises Problem when there is one already."""
    if args.to.exists():
        raise Problem(_("--to: {file} is there already: name a new file.", file=args.to))
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    whole = exported(client, ref, args.acting)
    _write(args.to, json.dumps(whole, ensure_ascii=False, indent=1))
    told = {"referral_id": whole["handoff"]["referral_id"], "file": str(args.to)}
    text = _(
        "Everything about handoff …{end} is in {file}, readable to you alone. It is personal: hand it over, then "
        "delete it.",
        end=told["referral_id"][-6:], file=args.to,
    )  # fmt: skip
    context.tell(args, told, layout.fill(text))
    return 0


def exported(client: LocalApi, ref: str, acting: str) -> dict[str, Any]:
    """The record with its story, receipt, erasures, audit, crossing plan and, while it is held, the personal part."""
    view = client.send(ShowHandoff(referral=ref), acting=acting)
    referral, reader = view.referral_id, personal.Reader(acting)
    kept = client.send(ExportHandoff(referral=referral, reply_key=reader.reply_key), acting=acting)
    audit = list(audited(client, acting, referral))
    crossing = _plan(client, acting, referral) if view.crossing else None
    return personal.whole(view, kept, reader.open(kept.personal), acting=acting, audit=audit, crossing=crossing)


def audited(client: LocalApi, acting: str, referral: str) -> Iterator[AuditEntry]:
    """A community's audit lines about one handoff, oldest first, through every page."""
    after = 0
    while True:
        wanted = ListAudit(about=referral, after=after, limit=PAGE)
        page = client.send(wanted, acting=acting, service="referral").items
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].n


def _plan(client: LocalApi, acting: str, referral: str) -> Plan | None:
    """The crossing plan, where there is one to make."""
    try:
        return client.send(PlanOfHandoff(referral=referral), acting=acting)
    except Refused as no:
        if no.code == "unavailable":
            raise
        return None


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read, from its first byte on. Raises Problem when it cannot be made."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Problem(_("--to: {file} cannot be written: {reason}", file=path, reason=why(spoken(), error))) from error
    with os.fdopen(file, "w", encoding="utf-8") as written:
        written.write(text + "\n")
