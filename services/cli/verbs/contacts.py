"""The contact of an agency's booking: `contact` reads it, or destroys it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from contracts.contacts.v1 import Contact, ContactRead, EraseContact
from services.cli import context
from services.cli.views import layout
from services.client import contacts, formatting
from services.client.phrases.catalogue import N_
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import CONTACT_FIELDS, Table, word
from services.client.problems import Problem

UNREAD: Table = {
    "held": N_(
        "It is held and does not open: it was changed where it lies, or the node's key for it is missing. "
        "./handoff audit list has this reading; tell whoever looks after the node."
    ),
    "none": N_("Nothing is held: the agency has given no contact."),
    "erased": N_("Nothing is held any more: it was erased."),
}
COLUMNS = 10


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    line = _("whom an agency has booked for, and how to reach them; each reading is audited")
    example = layout.examples("./handoff contact 0f8b…(whole id) --as bo-taen")
    parser = verbs.add_parser("contact", help=line, epilog=example)
    parser.add_argument("id", metavar="ID", help=_("the whole id, as `book` gave it or `bookings` shows"))
    parser.add_argument("act", nargs="?", choices=("show", "erase"), default="show", help="(%(default)s)")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=contact)


def contact(args: argparse.Namespace) -> int:
    """Read it on a screen, or as JSON for who asks for it; or destroy it. Raises Problem for a file by accident."""
    client = context.client(args)
    if args.act == "erase":
        answer = client.send(EraseContact(hold_id=args.id), acting=args.acting)
        context.tell(
            args, answer, layout.fill(_("What the agency said of its guest is destroyed; the booking stands."))
        )
        return 0
    if not (args.json or sys.stdout.isatty()):
        raise Problem(
            _("What is personal is shown on a screen only: a file would keep it. --json says that you mean it.")
        )
    read, found = contacts.read(client, args.id, acting=args.acting)
    shown = read.model_dump(mode="json", exclude={"sealed"}) | {"contact": contacts.plain(found)}
    context.tell(args, shown, "\n".join(_rows(read, found)) if found else layout.fill(say(UNREAD[read.holding])))
    return 0


def _rows(read: ContactRead, found: Contact) -> Iterator[str]:
    p = spoken()
    names = {field: word(p, CONTACT_FIELDS, field) for field in found.given}
    columns = max([COLUMNS, *map(formatting.width, names.values())])
    for field, name in names.items():
        said = getattr(found, field)
        text = formatting.listed(p, list(said)) if isinstance(said, tuple) else str(said)
        yield layout.fill(f"{formatting.padded(name, columns)} {text}", indent=columns + 1, first=0)
    if read.delete_by:
        basis = _(
            "Kept under the contract with {agency}, not by the guest's consent; to be deleted by {until}.",
            agency=read.agency, until=formatting.day(p, read.delete_by),
        )  # fmt: skip
        yield layout.fill(basis)
