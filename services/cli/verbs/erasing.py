"""After a breach, `affected`; after a restored backup, `erasures`: whom it concerns, and what to erase again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.json_reader import read_json
from contracts.mistakes import sentence
from contracts.personal.v1 import Erasure
from services.cli import context
from services.cli.input import inputs
from services.cli.views import dates, layout
from services.client.local_api import LocalApi
from services.client.problems import Problem

#: The most that one command or answer carries.
BATCH, MOST = 500, 1000
WHY = {
    "consent_withdrawn": "consent was withdrawn", "asked": "on request", "retention": "its time had come",
    "restored_backup": "again, after a backup was restored",
}  # fmt: skip
_ERASURES: TypeAdapter[list[Erasure]] = TypeAdapter(list[Erasure])


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to the command line."""
    example = "example:\n  ./handoff affected --since 2027-01-01T00:00 \\\n    --until 2027-01-31T12:00"
    parser = verbs.add_parser("affected", help="after a breach: whose personal part was held when", epilog=example)
    for name in ("since", "until"):
        parser.add_argument(f"--{name}", required=True, type=inputs.moment, metavar="MOMENT", help="local, or with +00")
    parser.add_argument("--as", dest="acting", type=inputs.community, metavar="COMMUNITY", help="of one community only")
    context.add_node(parser)
    parser.set_defaults(run=affected)
    example = "examples:\n  ./handoff erasures list --json > erasures.json\n  ./handoff erasures apply erasures.json"
    line = "what was erased; apply it again to a restored backup"
    parser = verbs.add_parser("erasures", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "apply"), default="list")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what `list --json` gave")
    context.add_node(parser)
    parser.set_defaults(run=erasures)


def affected(args: argparse.Namespace) -> int:
    """Handoffs whose personal part this node held at any time between two moments; nobody is named."""
    if args.until < args.since:
        raise inputs.Bad("--until: must not be before --since")
    client = context.client(args)
    span = {"since": args.since.isoformat(), "until": args.until.isoformat(), "limit": MOST}
    answer = client.ask("referral.list_affected", span, acting=args.acting, seconds=30)
    lines = [line for one in answer["items"] for line in _affected(one)]
    if len(answer["items"]) == MOST:
        lines.append(f"These are the first {MOST}: ask again for a shorter time.")
    context.tell(args, answer, "\n".join(lines) or "This node held nobody's personal part in that time.")
    return 0


def _affected(one: dict[str, Any]) -> list[str]:
    way = f"{one['community']} {'→' if one['side'] == 'sender' else '←'} {one['partner']}"
    until = dates.shown_moment(one["erased_at"]) if one["erased_at"] else "now"
    held = f"held {', '.join(one['fields']).replace('_', ' ')} from {dates.shown_moment(one['held_from'])} to {until}"
    return [f"…{one['referral_id'][-6:]} {way}", layout.fill(held, 4)]


def erasures(args: argparse.Namespace) -> int:
    """List the ledger, or apply one that was kept outside of the backup."""
    if args.act == "apply" and args.file is None:
        raise Problem("FILE: say which list to apply: ./handoff erasures list --json made it")
    client = context.client(args)
    return _apply(args, client) if args.act == "apply" else _list(args, client)


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    found = list(_ledger(client))
    lines = [
        f"…{one['referral_id'][-6:]} {one['community']} {dates.shown_moment(one['at'])} {WHY[one['why']]}"
        for one in found
    ]
    context.tell(args, {"items": found}, "\n".join(lines) or "Nothing was erased yet.")
    return 0


def _ledger(client: LocalApi) -> Iterator[dict[str, Any]]:
    """All of it, page after page."""
    after = None
    while True:
        page = client.ask("referral.list_erasures", {"after": after, "limit": BATCH})["items"]
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1]["receipt"]


def _apply(args: argparse.Namespace, client: LocalApi) -> int:
    given = _read(args.file)
    erased = 0
    for n in range(0, len(given), BATCH):
        batch = [one.wire() for one in given[n : n + BATCH]]
        erased += client.ask("referral.apply_erasures", {"erasures": batch}, seconds=30)["erased"]
    text = f"Of {len(given)} erasures, {erased} had come back with the backup and are done again."
    context.tell(args, {"given": len(given), "erased": erased}, layout.fill(text))
    return 0


def _read(path: Path) -> list[Erasure]:
    """The list of a file, whole or not at all. Raises Problem."""
    try:
        document = read_json(path.read_bytes(), may_have_mark=True)
        return _ERASURES.validate_json(json.dumps(document["items"]), strict=True)
    except ValidationError as found:
        first = found.errors(include_input=False, include_url=False)[0]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        raise Problem(f"FILE: items{place}: {sentence(first)}; nothing was applied") from None
    except OSError as error:
        raise Problem(f"FILE: {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise Problem(f"FILE: {path} is not what `erasures list --json` gave; nothing was applied") from None
