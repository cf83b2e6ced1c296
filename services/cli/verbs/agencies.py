"""Agencies of this node: who they are, and the keys with which their software signs in.

A key is made here and shown here: the node gets the digest of its secret alone.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from contracts.agencies.v1 import AddAgency, ListAgencies
from contracts.agency_api.v1 import AddKey, KeyView, ListKeys, RevokeKey
from services.cli import context
from services.cli.input import inputs
from services.cli.input.inputs import Bad
from services.cli.verbs import agreements
from services.cli.views import agency_view, layout
from services.client import agency_keys
from services.client.agency_keys import LENGTH, SCOPES, SIGNS
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = layout.examples(
        './handoff agency add mekong-tours --name "Mekong Tours"',
        "./handoff agency propose mekong-tours --as bo-taen --percent 15",
        "./handoff agency agree mekong-tours --with bo-taen",
        "./handoff agency key mekong-tours",
    )
    line = _("agencies that book with software: who they are, their keys, what is agreed")
    parser = verbs.add_parser("agency", help=line, epilog=example)
    kinds = parser.add_subparsers(
        metavar="list | add | key | keys | revoke | agreements | propose | agree | end", required=True
    )
    _register_agencies(kinds)
    _register_keys(kinds)
    agreements.register(kinds)


def _register_agencies(kinds: Any) -> None:
    parser = agreements.act(kinds, "list", _("the agencies of this node"), "list")
    context.add_node(parser)
    parser.set_defaults(run=_list)
    line = _("let an agency take part, or give it another name")
    parser = agreements.act(kinds, "add", line, 'add mekong-tours --name "Mekong Tours"')
    parser.add_argument("agency", type=agreements.agency, metavar="AGENCY", help=_("its id: small letters and hyphens"))
    parser.add_argument("--name", required=True, metavar="NAME", help=_("under which it trades"))
    context.add_node(parser)
    parser.set_defaults(run=_add)


def _register_keys(kinds: Any) -> None:
    line = _("make a key and show it, this once")
    parser = agreements.act(kinds, "key", line, "key mekong-tours --expires 2027-12-31")
    agreements.add_agency(parser)
    parser.add_argument(
        "--scope",
        choices=tuple(SCOPES),
        default="book",
        help=_("read: it books nothing; hand-over: it also hands parties over (%(default)s)"),
    )
    parser.add_argument("--expires", type=inputs.day, metavar="DAY", help=_("its last day (no end)"))
    context.add_node(parser)
    parser.set_defaults(run=_key)
    parser = agreements.act(kinds, "keys", _("keys without their secrets, and when they were last used"), "keys")
    parser.add_argument("agency", nargs="?", type=agreements.agency, metavar="AGENCY", help=_("of one agency (all)"))
    context.add_node(parser)
    parser.set_defaults(run=_keys)
    parser = agreements.act(kinds, "revoke", _("let a key open nothing any more"), "revoke abcdefgh23")
    parser.add_argument("prefix", type=prefix, metavar="PREFIX", help=_("the part of the key before the dot"))
    context.add_node(parser)
    parser.set_defaults(run=_revoke)


def prefix(text: str) -> str:
    """The public half of a key. Raises Bad; a whole key is not repeated, its secret would stand in a log."""
    if not re.fullmatch(rf"[{SIGNS}]{{{LENGTH}}}", text.strip()):
        raise Bad(_("give the {count} signs of the key before its dot, and nothing else", count=LENGTH))
    return text.strip()


def _list(args: argparse.Namespace) -> int:
    answer = context.client(args).send(ListAgencies())
    lines = [f"{one.agency}  {one.name}" for one in answer.items]
    none = _("No agency takes part yet: ./handoff agency add --help")
    context.tell(args, answer.wire(), "\n".join(layout.fill(line, 2, first=0) for line in lines) or none)
    return 0


def _add(args: argparse.Namespace) -> int:
    answer = context.client(args).send(inputs.built(AddAgency, agency=args.agency, name=args.name))
    said = _("{name} takes part. It sees a community once both have agreed.", name=answer.name)
    context.tell(args, answer, layout.fill(said))
    return 0


def _key(args: argparse.Namespace) -> int:
    drawn = agency_keys.new_key()
    wanted = drawn.wanted(args.agency, scopes=SCOPES[args.scope], last=args.expires)
    made = _made(context.client(args), wanted)
    once = _("It is shown this once: the node keeps a digest of it. Send it on a way that nobody else reads.")
    lines = [drawn.whole, layout.fill(once), *agency_view.key(spoken(), made)]
    context.tell(args, {"key": drawn.whole, **made.wire()}, "\n".join(lines))
    return 0


def _made(client: LocalApi, wanted: AddKey) -> KeyView:
    """The key; where the agency was added a moment ago, once it has been heard of."""
    found: list[KeyView] = []

    def is_made() -> bool:
        try:
            found.append(client.send(wanted))
        except Refused as no:
            known = no.refusal.reason == "no_such_agency" and client.send(ListAgencies()).items
            if not known or wanted.agency not in {one.agency for one in known}:
                raise
        return bool(found)

    context.until(is_made, _("the agencies' API to hear of {agency}", agency=wanted.agency))
    return found[0]


def _keys(args: argparse.Namespace) -> int:
    answer = context.client(args).send(ListKeys(agency=args.agency))
    lines = [line for one in answer.items for line in agency_view.key(spoken(), one)]
    none = _("There is no key yet: ./handoff agency key --help")
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    answer = context.client(args).send(RevokeKey(prefix=args.prefix))
    context.tell(args, answer, "\n".join(agency_view.key(spoken(), answer)))
    return 0
