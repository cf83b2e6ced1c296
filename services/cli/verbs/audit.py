"""`audit`: what was done with keys and with what is personal, and whether anybody has touched the record of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from pydantic import ValidationError

from contracts.node.v1 import OF_THE_NODE, AuditCheckpoint, AuditFault, AuditVerdict, ListAudit, VerifyAudit
from contracts.referral.v1 import ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.views import audit_view, layout
from services.client import local_api
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken
from services.client.problems import Problem
from services.client.troubles import why

#: In the node's data folder: the copies of its checkpoints.
KEPT = "audit-checkpoints.jsonl"
#: The most that one question carries, and one answer.
BATCH, MOST = 500, 1000
#: Every service answers; the tables are the node's own.
SERVICE = "community"


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    note = _(
        "verify ends with 1 when anything was touched. It compares with the\n"
        "copies in the data folder ({file}), or in FILE.",
        file=KEPT,
    )
    example = layout.examples(
        "./handoff audit list --as bo-taen --about latest",
        "./handoff audit verify",
        "./handoff audit verify --kept copies.jsonl",
        note=note,
    )
    line = _("what was done with keys and personal parts; verify it")
    parser = verbs.add_parser("audit", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "verify"), default="list")
    usual, whose = os.environ.get("HANDOFF_AS"), _("list: whose audit (HANDOFF_AS)")
    parser.add_argument("--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY", help=whose)
    about, after = _("list: about this handoff, key or other thing only"), _("list: from the line after")
    parser.add_argument("--about", metavar="REF", help=about)
    parser.add_argument("--after", type=inputs.number, default=0, metavar="LINE", help=after)
    kept = _("verify: checkpoints that were kept, one a line")
    parser.add_argument("--kept", type=Path, metavar="FILE", help=kept)
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the audit of a community, or verify that of the whole node."""
    return verify(args) if args.act == "verify" else listed(args)


def listed(args: argparse.Namespace) -> int:
    """The lines of one community, oldest first."""
    if args.acting is None:
        raise Problem(_("--as: say whose audit: ./handoff audit list --as COMMUNITY"))
    whose = OF_THE_NODE if args.acting == OF_THE_NODE else None
    args.acting = None if whose else args.acting
    client, p = context.client(args), spoken()
    about = _about(args, client) if args.about and not whose else args.about
    asked = inputs.built(ListAudit, community=whose, after=args.after, limit=MOST, about=about)
    answer = client.send(asked, acting=args.acting, service=SERVICE)
    lines = [audit_view.line(p, one) for one in answer.items]
    if len(answer.items) == MOST:
        lines.append(_("There is more: {option}", option=f"--after {answer.items[-1].n}"))
    context.tell(args, answer.wire(), "\n".join(lines) or _("Nothing stands in this audit."))
    return 0


def _about(args: argparse.Namespace, client: LocalApi) -> str:
    """The whole id where it is of a handoff of whoever acts; else as it was said."""
    try:
        ref = context.handoff(args, client, inputs.reference(args.about))
        return client.send(inputs.built(ShowHandoff, referral=ref), acting=args.acting).referral_id
    except (Refused, inputs.Bad):
        return str(args.about)


def verify(args: argparse.Namespace) -> int:
    """Walk every chain once, compare every copy; 1 when anything was touched or a copy cannot be read."""
    unreadable: list[int] = []
    path = args.kept or (args.data or Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())) / KEPT
    client, p = context.client(args), spoken()
    verdict, copies = _verdict(client, _copies(path, unreadable, required=args.kept is not None))
    said = [layout.fill(audit_view.fault(p, one), 4, first=0) for one in verdict.faults]
    said += [layout.fill(audit_view.torn(p, path, number), 4, first=0) for number in unreadable]
    well = audit_view.untouched(p, verdict, copies, path)
    told = verdict.wire() | {"copies": copies, "unreadable": unreadable}
    context.tell(args, told, "\n".join(said) or layout.fill(well))
    return 1 if said else 0


def _verdict(client: LocalApi, copies: Iterator[AuditCheckpoint]) -> tuple[AuditVerdict, int]:
    """What verifying says of the chains and of all copies, however many, and how many there were."""
    first: AuditVerdict | None = None
    faults: dict[tuple[str, int, str], AuditFault] = {}
    compared = 0
    batches: Iterator[tuple[AuditCheckpoint, ...]] = iter(lambda: tuple(islice(copies, BATCH)), ())
    for kept in chain([()], batches):
        answer = client.send(VerifyAudit(kept=kept, chains=first is None), service=SERVICE, seconds=30)
        faults |= {(one.community, one.n, one.fault): one for one in answer.faults}
        first, compared = first or answer, compared + len(kept)
    assert first is not None
    return first.model_copy(update={"faults": tuple(faults.values())}), compared


def _copies(path: Path, unreadable: list[int], *, required: bool) -> Iterator[AuditCheckpoint]:
    """The checkpoints in a file, one a line; notes the numbers of lines that hold none."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield AuditCheckpoint.model_validate_json(line)
                except ValidationError:
                    unreadable.append(number)
    except FileNotFoundError as error:
        if required:
            raise Problem(_("--kept: there is no file {file}.", file=path)) from error
    except OSError as error:
        raise Problem(_("--kept: {file} cannot be read: {reason}.", file=path, reason=why(spoken(), error))) from error
