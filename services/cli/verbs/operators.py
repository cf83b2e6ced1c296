"""`operator`: accounts with which operators of the system sign in to the portal.

A first password is made here and shown here: the node gets its hash alone.
"""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from contracts.portal.v1 import AddOperator, EndOperator, ListOperators, OperatorView
from contracts.values import search_key
from services.cli import context
from services.cli.input import inputs
from services.cli.views import layout
from services.client import codes, passwords
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _
from services.client.problems import Problem

#: Signs of a first password; 80 bits.
LENGTH = 16


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = layout.examples("./handoff operator add Keo", "./handoff operator list", "./handoff operator end Keo")
    line = _("accounts of operators of the system in the portal")
    parser = verbs.add_parser("operator", help=line, epilog=example)
    kinds = parser.add_subparsers(metavar="list | add | end", required=True)
    _act(kinds, "list", _("who looks after the system in the portal"), _list)
    parser = _act(kinds, "add", _("open an account, and show its first password this once"), _add)
    parser.add_argument("name", metavar="NAME", help=_("with which they sign in"))
    parser = _act(kinds, "end", _("close an account: it is signed out everywhere at once"), _end)
    parser.add_argument("name", metavar="NAME", help=_("with which they sign in"))


def _act(kinds: Any, name: str, line: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=line, description=line)
    context.add_node(parser)
    parser.set_defaults(run=run, options={"name": "NAME"})
    return parser


def _list(args: argparse.Namespace) -> int:
    answer = context.client(args).send(ListOperators())
    lines = [f"{one.name}  {_('second step set') if one.second else _('no second step yet')}" for one in answer.items]
    none = _("No operator of the system signs in to the portal: ./handoff operator add NAME")
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _add(args: argparse.Namespace) -> int:
    password = "".join(secrets.choice(codes.SIGNS) for _sign in range(LENGTH))
    wanted = inputs.built(AddOperator, name=args.name, password=passwords.hashed(password))
    made = context.client(args).send(wanted)
    said = _(
        "{name} signs in to the portal with it within a day, and sets the second step before anything else. "
        "It is shown this once.",
        name=made.name,
    )
    context.tell(args, {"password": password, **made.wire()}, f"{password}\n{layout.fill(said)}")
    return 0


def _end(args: argparse.Namespace) -> int:
    client = context.client(args)
    found = _operator(args, client)
    client.send(EndOperator(account=found.account))
    said = _("{name} signs in no longer, and is signed out.", name=found.name)
    context.tell(args, {"ended": found.account}, layout.fill(said))
    return 0


def _operator(args: argparse.Namespace, client: LocalApi) -> OperatorView:
    """By name or account. Raises Problem for nobody."""
    wanted = search_key(args.name)
    for one in client.send(ListOperators()).items:
        if args.name == one.account or wanted == search_key(one.name):
            return one
    raise Problem(_("NAME: there is no such operator of the system: ./handoff operator list shows them."))
