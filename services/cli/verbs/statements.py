"""`handoff statement`: what a month comes to with a partner, and confirming it."""

from __future__ import annotations

import argparse

from contracts.statements.v1 import ConfirmStatement, ListStatements, ShowStatement, StatementView
from services.cli import context
from services.cli.input import inputs
from services.cli.input.inputs import Bad
from services.cli.views import layout, naming, statement_view
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = layout.examples(
        "./handoff statement --as bo-taen",
        "./handoff statement --as bo-taen --partner tha-li \\\n      --month 2027-01",
        "./handoff statement --as bo-taen --partner tha-li \\\n      --month 2027-01 --confirm",
    )
    line = _("what a month comes to with a partner; confirm it")
    parser = verbs.add_parser("statement", help=line, epilog=example)
    parser.add_argument("--partner", type=inputs.community, metavar="PARTNER", help=_("with whom"))
    which, right = _("which month, such as 2027-01 (all)"), _("the figures are right: tell the partner so")
    parser.add_argument("--month", type=inputs.month, metavar="MONTH", help=which)
    parser.add_argument("--confirm", action="store_true", help=right)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run, options={"partner": "--partner"})


def run(args: argparse.Namespace) -> int:
    """List months, show one, or confirm one."""
    if args.confirm and not args.month:
        raise Bad(_("--confirm: say which month: --partner and --month"))
    if args.month and not args.partner:
        raise Bad(_("--month: say with whom: --partner"))
    client = context.client(args)
    return _one(args, client) if args.month else _list(args, client)


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    asked = ListStatements(limit=50) if args.partner is None else ListStatements(partner=args.partner, limit=50)
    answer = client.send(asked, acting=args.acting)
    names, p = naming.around(client, args.acting, args.partner), spoken()
    lines = [line for one in answer.items for line in statement_view.summary(p, one, args.acting, names)]
    none = _("{community} has no statement yet: no visit was completed.", community=args.acting)
    context.tell(args, answer, "\n".join(lines) or none)
    return 0


def _one(args: argparse.Namespace, client: LocalApi) -> int:
    """What is confirmed is what was just read, and is shown: the node refuses it when it has others by then."""
    view = _whole(args, client)
    if args.confirm:
        said = ConfirmStatement(partner=args.partner, month=args.month, digest=view.digest)
        above = client.send(said, acting=args.acting)
        view = view.model_copy(update={name: getattr(above, name) for name in type(above).model_fields})
    names = naming.around(client, args.acting, args.partner)
    lines = statement_view.statement(spoken(), view, args.acting, names)
    if view.lines and view.over and not (view.ours and view.ours.same):
        about = ("--as", args.acting, "--partner", args.partner, "--month", args.month)
        lines.append("  " + context.command(args, "statement", *about, "--confirm"))
    context.tell(args, view, "\n".join(lines))
    return 0


def _whole(args: argparse.Namespace, client: LocalApi) -> StatementView:
    """All the lines of a month, also where they do not fit one answer."""
    view = client.send(ShowStatement(partner=args.partner, month=args.month), acting=args.acting)
    lines = view.lines
    while len(lines) < view.count:
        more = client.send(ShowStatement(partner=args.partner, month=args.month, skip=len(lines)), acting=args.acting)
        if more.digest != view.digest or not more.lines:  # a visit was completed meanwhile
            return _whole(args, client)
        lines += more.lines
    return view.model_copy(update={"lines": lines})
