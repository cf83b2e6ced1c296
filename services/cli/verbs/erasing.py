"""After a breach, `affected`; after a restored backup, `erasures`: whom it concerns, and what to erase again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contracts.contacts.v1 import AffectedContact, ListAffectedContacts
from contracts.json_reader import read_json
from contracts.personal.v1 import Affected, ApplyErasures, Erasure, ListAffected, ListErasures
from services.cli import context
from services.cli.input import inputs
from services.cli.input.mistyped import first_mistake
from services.cli.views import layout
from services.client import formatting
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_, NC_
from services.client.phrases.spoken import _, spoken
from services.client.phrases.vocabulary import CONTACT_FIELDS, Table, word
from services.client.problems import Problem
from services.client.troubles import why

#: The most that one command or answer carries.
BATCH, MOST = 500, 1000
WHY: Table = {
    "consent_withdrawn": N_("consent was withdrawn"),
    "asked": N_("on request"),
    "retention": N_("its time had come"),
    "restored_backup": N_("again, after a backup was restored"),
    "booking_over": N_("the agency's booking was over"),
}
#: What was held, in a word or two.
HELD: Table = {
    "name": NC_("what was held", "name"),
    "channel": NC_("what was held", "channel"),
    "nationality": NC_("what was held", "nationality"),
    "document_class": NC_("what was held", "document class"),
    "food": NC_("what was held", "food"),
    "mobility": NC_("what was held", "mobility"),
}
_ERASURES: TypeAdapter[list[Erasure]] = TypeAdapter(list[Erasure])


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to the command line."""
    line = _("after a breach: whose personal part was held when")
    example = "./handoff affected --since 2027-01-01T00:00 \\\n    --until 2027-01-31T12:00"
    parser = verbs.add_parser("affected", help=line, epilog=layout.examples(example))
    for name in ("since", "until"):
        words = _("local, or with +00")
        parser.add_argument(f"--{name}", required=True, type=inputs.moment, metavar="MOMENT", help=words)
    words = _("of one community only")
    parser.add_argument("--as", dest="acting", type=inputs.community, metavar="COMMUNITY", help=words)
    context.add_node(parser)
    parser.set_defaults(run=affected)
    line = _("what was erased; apply it again to a restored backup")
    example = layout.examples(
        "./handoff erasures list --json > erasures.json", "./handoff erasures apply erasures.json"
    )
    parser = verbs.add_parser("erasures", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "apply"), default="list")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help=_("what `list --json` gave"))
    context.add_node(parser)
    parser.set_defaults(run=erasures)


def affected(args: argparse.Namespace) -> int:
    """Handoffs whose personal part this node held at any time between two moments; nobody is named."""
    if args.until < args.since:
        raise inputs.Bad(_("--until: must not be before --since"))
    client = context.client(args)
    span = {"since": args.since, "until": args.until, "limit": MOST}
    parts = client.send(ListAffected(**span), acting=args.acting, seconds=30).items
    contacts = client.send(ListAffectedContacts(**span), acting=args.acting, seconds=30).items
    lines = [line for one in parts for line in _affected(one)]
    lines += [line for one in contacts for line in _affected_contact(one)]
    if MOST in (len(parts), len(contacts)):
        lines.append(_("These are the first {most}: ask again for a shorter time.", most=MOST))
    found = {"items": [one.wire() for one in parts], "contacts": [one.wire() for one in contacts]}
    context.tell(args, found, "\n".join(lines) or _("This node held nobody's personal part in that time."))
    return 0


def _affected(one: Affected) -> list[str]:
    p = spoken()
    way = f"{one.community} {'→' if one.side == 'sender' else '←'} {one.partner}"
    fields = formatting.listed(p, [word(p, HELD, field) for field in one.fields])
    return [f"…{one.referral_id[-6:]} {way}", layout.fill(_held(one, fields), 4)]


def _affected_contact(one: AffectedContact) -> list[str]:
    """A booking's, of an agency: its arrow points from there."""
    p = spoken()
    fields = formatting.listed(p, [word(p, CONTACT_FIELDS, field) for field in one.fields])
    return [f"…{one.hold_id[-6:]} {one.community} ← {one.agency}", layout.fill(_held(one, fields), 4)]


def _held(one: Affected | AffectedContact, fields: str) -> str:
    since = formatting.moment(spoken(), one.held_from)
    if one.erased_at is None:
        return _("held {fields} from {since} to now", fields=fields, since=since)
    until = formatting.moment(spoken(), one.erased_at)
    return _("held {fields} from {since} to {until}", fields=fields, since=since, until=until)


def erasures(args: argparse.Namespace) -> int:
    """List the ledger, or apply one that was kept outside of the backup."""
    if args.act == "apply" and args.file is None:
        raise Problem(_("FILE: say which list to apply: ./handoff erasures list --json made it"))
    client = context.client(args)
    return _apply(args, client) if args.act == "apply" else _list(args, client)


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    p, found = spoken(), list(_ledger(client))
    lines = [
        f"…{one.referral_id[-6:]} {one.community} {formatting.moment(p, one.at)} {word(p, WHY, _why(one))}"
        for one in found
    ]
    context.tell(args, {"items": [one.wire() for one in found]}, "\n".join(lines) or _("Nothing was erased yet."))
    return 0


def _why(one: Erasure) -> str:
    return "booking_over" if one.ended else one.why


def _ledger(client: LocalApi) -> Iterator[Erasure]:
    """All of it, page after page."""
    after = None
    while True:
        page = client.send(ListErasures(after=after, limit=BATCH)).items
        yield from page
        if len(page) < BATCH:
            return
        after = page[-1].receipt


def _apply(args: argparse.Namespace, client: LocalApi) -> int:
    given = _read(args.file)
    erased = 0
    for n in range(0, len(given), BATCH):
        batch = ApplyErasures(erasures=tuple(given[n : n + BATCH]))
        erased += client.send(batch, seconds=30).erased
    text = _(
        "Of {given} erasures, {erased} had come back with the backup and are done again.",
        given=len(given), erased=erased,
    )  # fmt: skip
    context.tell(args, {"given": len(given), "erased": erased}, layout.fill(text))
    return 0


def _read(path: Path) -> list[Erasure]:
    """The list of a file, whole or not at all. Raises Problem."""
    try:
        document = read_json(path.read_bytes(), may_have_mark=True)
        return _ERASURES.validate_json(json.dumps(document["items"]), strict=True)
    except ValidationError as found:
        first = first_mistake(found)
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first.where)
        told = _("FILE: items{place}: {sentence}; nothing was applied", place=place, sentence=first.told())
        raise Problem(told) from None
    except OSError as error:
        raise Problem(_("FILE: {file} cannot be read: {reason}", file=path, reason=why(spoken(), error))) from error
    except (ValueError, KeyError, TypeError):
        told = _("FILE: {file} is not what `erasures list --json` gave; nothing was applied", file=path)
        raise Problem(told) from None
