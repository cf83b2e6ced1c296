"""`audit`: what was done with keys and with what is personal, and whether anybody has touched the record of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.node.v1 import AuditCheckpoint
from services.cli import context
from services.cli.input import inputs
from services.cli.views import dates, formatting, layout
from services.client import local_api
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.problems import Problem

#: In the node's data folder: the copies of its checkpoints.
KEPT = "audit-checkpoints.jsonl"
#: The most that one question carries, and one answer.
BATCH, MOST = 500, 1000
#: Every service answers; the tables are the node's own.
SERVICE = "community"
SENTENCES = {
    "changed": "line {n} was changed after it was written, or stands on a line that was.",
    "missing": "line {n} is gone.",
    "out_of_order": "line {n} does not stand where it was written, or stands there twice.",
    "cut": "it was signed up to line {n}, and ends before that: its end was cut off.",
    "rewritten": "what stands on the lines up to {n} is not what was signed: the audit was written anew.",
    "checkpoint_forged": "the signature under line {n} is not the community's: the checkpoint is forged.",
    "checkpoint_missing": "the checkpoint at line {n} was kept, and is gone from the database.",
    "no_key": "the checkpoint at line {n} names a key that is not the community's on this node.",
}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = (
        "examples:\n  ./handoff audit list --as bo-taen --about latest\n  ./handoff audit verify\n"
        "  ./handoff audit verify --kept copies.jsonl\n\n"
        "verify ends with 1 when anything was touched. It compares with the\n"
        f"copies in the data folder ({KEPT}), or in FILE."
    )
    line = "what was done with keys and personal parts; verify it"
    parser = verbs.add_parser("audit", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "verify"), default="list")
    usual = os.environ.get("HANDOFF_AS")
    parser.add_argument("--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY",
                        help="list: whose audit (HANDOFF_AS)")  # fmt: skip
    parser.add_argument("--about", metavar="REF", help="list: about this handoff, key or other thing only")
    parser.add_argument("--after", type=inputs.number, default=0, metavar="LINE", help="list: from the line after")
    parser.add_argument("--kept", type=Path, metavar="FILE", help="verify: checkpoints that were kept, one a line")
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the audit of a community, or verify that of the whole node."""
    return verify(args) if args.act == "verify" else listed(args)


def listed(args: argparse.Namespace) -> int:
    """The lines of one community, oldest first."""
    if args.acting is None:
        raise Problem("--as: say whose audit: ./handoff audit list --as COMMUNITY")
    client = context.client(args)
    wanted = {"after": args.after, "limit": MOST} | ({"about": _about(args, client)} if args.about else {})
    answer = client.ask("node.list_audit", wanted, acting=args.acting, service=SERVICE)
    lines = [_line(one) for one in answer["items"]]
    if len(answer["items"]) == MOST:
        lines.append(f"There is more: --after {answer['items'][-1]['n']}")
    context.tell(args, answer, "\n".join(lines) or "Nothing stands in this audit.")
    return 0


def _about(args: argparse.Namespace, client: LocalApi) -> str:
    """The whole id where it is of a handoff of whoever acts; else as it was said."""
    try:
        ref = context.handoff(args, client, inputs.reference(args.about))
        return str(client.ask("referral.show_handoff", {"referral": ref}, acting=args.acting)["referral_id"])
    except (Refused, inputs.Bad):
        return str(args.about)


def _line(one: dict[str, Any]) -> str:
    head = f"{one['n']:>4} {dates.shown_moment(one['at'])} {one['what'].replace('_', ' ')}"
    rest = f"by {one['who'].replace(':', ' ')}, about {one['about']}: {one['result'].replace('_', ' ')}"
    return f"{head}\n{layout.fill(rest, 5)}"


def verify(args: argparse.Namespace) -> int:
    """Walk every chain once, compare every copy; 1 when anything was touched or a copy cannot be read."""
    unreadable: list[int] = []
    path = args.kept or (args.data or Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())) / KEPT
    client = context.client(args)
    verdict, copies = _verdict(client, _copies(path, unreadable, required=args.kept is not None))
    said = [layout.fill(_sentence(one), 4, first=0) for one in verdict["faults"]]
    torn = "{}: line {} is no checkpoint: the copy was touched, or the machine stopped while it was written."
    said += [layout.fill(torn.format(path, number), 4, first=0) for number in unreadable]
    lines = formatting.counted(verdict["entries"], "line", "lines")
    communities = formatting.counted(verdict["communities"], "community", "communities")
    checkpoints = formatting.counted(verdict["checkpoints"], "checkpoint", "checkpoints")
    well = f"Nobody has touched the audit: {lines} of {communities} hold against {checkpoints}" + (
        f" and {formatting.counted(copies, 'copy', 'copies')} of them." if copies else "."
    )
    if not copies:
        well += f" No copies stand in {path}: who rewrites the database and takes its checkpoints away is not found."
    context.tell(args, verdict | {"copies": copies, "unreadable": unreadable}, "\n".join(said) or layout.fill(well))
    return 1 if said else 0


def _verdict(client: LocalApi, copies: Iterator[dict[str, Any]]) -> tuple[dict[str, Any], int]:
    """What verifying says of the chains and of all copies, however many, and how many there were."""
    first: dict[str, Any] = {}
    faults: dict[tuple[str, int, str], dict[str, Any]] = {}
    compared = 0
    for kept in chain([[]], iter(lambda: list(islice(copies, BATCH)), [])):
        asked = {"kept": kept, "chains": not first}
        answer = client.ask("node.verify_audit", asked, service=SERVICE, seconds=30)
        faults |= {(one["community"], one["n"], one["fault"]): one for one in answer["faults"]}
        first, compared = first or answer, compared + len(kept)
    return first | {"faults": list(faults.values())}, compared


def _copies(path: Path, unreadable: list[int], *, required: bool) -> Iterator[dict[str, Any]]:
    """The checkpoints in a file, one a line; notes the numbers of lines that hold none."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield AuditCheckpoint.model_validate_json(line).wire()
                except ValidationError:
                    unreadable.append(number)
    except FileNotFoundError as error:
        if required:
            raise Problem(f"--kept: there is no file {path}.") from error
    except OSError as error:
        raise Problem(f"--kept: {path} cannot be read: {error.strerror}.") from error


def _sentence(one: dict[str, Any]) -> str:
    return f"The audit of {one['community']}: {SENTENCES[one['fault']].format(n=one['n'])}"
