"""Members of a community, for the operator of the system: who can sign in, invite, end, give a new password.

Codes are made here and shown here: the node gets their digests alone, for it keeps what it was asked.
"""

from __future__ import annotations

import argparse
import os
from typing import get_args

from contracts.portal.v1 import EndMembership, InviteMember, ListInvitations, ListMembers, MemberView, RecoverMember
from contracts.principal import Role
from contracts.values import Instant, search_key
from services.cli import context
from services.cli.input.inputs import Bad
from services.cli.views import layout
from services.client import codes, formatting
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, ngettext, spoken
from services.client.phrases.vocabulary import ROLES, word
from services.client.problems import Problem

ACTS = ("list", "invite", "end", "recover")


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = layout.examples(
        "./handoff members --as tha-li",
        "./handoff members invite coordinator --as tha-li",
        "./handoff members recover Noi --as tha-li",
        "./handoff members end Noi --as tha-li",
    )
    line = _("who can sign in: list, invite, end, a new password")
    parser = verbs.add_parser("members", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=ACTS, default="list", help="(%(default)s)")
    parser.add_argument("who", nargs="?", metavar="WHO", help=_("a member's name, or with invite a role"))
    usual = os.environ.get("HANDOFF_PORTAL_URL", "")
    parser.add_argument("--pages", default=usual, metavar="URL", help=_("where phones open the pages"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the members, or act on one."""
    if args.act == "list" and args.who:
        raise Bad(_("WHO: list shows all"))
    if args.act in ("end", "recover") and not args.who:
        raise Bad(_("WHO: say which member: members {act} NAME", act=args.act))
    client = context.client(args)
    match args.act:
        case "invite":
            return _invite(args, client)
        case "end":
            return _end(args, client)
        case "recover":
            return _recover(args, client)
    return _list(args, client)


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    answer = client.send(ListMembers(), acting=args.acting)
    waiting = len(client.send(ListInvitations(), acting=args.acting).items)
    lines = [f"{_role(one.role)}  {one.name}" for one in answer.items]
    if waiting:
        lines.append(ngettext("{count} invitation waits", "{count} invitations wait", waiting))
    none = _("Nobody can sign in for {community} yet: ./handoff members invite coordinator", community=args.acting)
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _invite(args: argparse.Namespace, client: LocalApi) -> int:
    role = args.who or "coordinator"
    if role not in get_args(Role):
        raise Bad(_("WHO: a role is one of {roles}", roles=", ".join(get_args(Role))))
    code = codes.new_code()
    made = client.send(InviteMember(role=role, digest=codes.digest(code).hex()), acting=args.acting)
    said = _("Whoever has it joins as {role}, once, until {time}.", role=_role(role), time=_until(made.ends_at))
    return _given(args, code, "/join", said)


def _recover(args: argparse.Namespace, client: LocalApi) -> int:
    member, code = _member(args, client), codes.new_code()
    wanted = RecoverMember(account=member.account, digest=codes.digest(code).hex())
    made = client.send(wanted, acting=args.acting)
    said = _(
        "With it {name} chooses a new password, once, until {time}. Give it to nobody else.",
        name=member.name,
        time=_until(made.ends_at),
    )
    return _given(args, code, "/recover", said)


def _given(args: argparse.Namespace, code: str, path: str, said: str) -> int:
    """The code, in this answer and nowhere else."""
    spelled, pages = codes.spelled(code), str(args.pages).rstrip("/")
    where = f"{pages}{path}" if pages else _("the page {path} of the portal", path=path)
    lines = [spelled, layout.fill(_("To be typed at {where}.", where=where)), layout.fill(said)]
    if pages and path == "/join":
        lines.insert(1, f"{pages}{path}/{code}")
    context.tell(args, {"code": spelled, "at": f"{pages}{path}"}, "\n".join(lines))
    return 0


def _end(args: argparse.Namespace, client: LocalApi) -> int:
    member = _member(args, client)
    client.send(EndMembership(account=member.account), acting=args.acting)
    said = _("{name} acts for {community} no longer, and is signed out.", name=member.name, community=args.acting)
    context.tell(args, {"ended": member.account}, layout.fill(said))
    return 0


def _member(args: argparse.Namespace, client: LocalApi) -> MemberView:
    """By name or account. Raises Problem for nobody."""
    wanted = search_key(args.who)
    for one in client.send(ListMembers(), acting=args.acting).items:
        if args.who == one.account or wanted == search_key(one.name):
            return one
    raise Problem(_("WHO: {community} has no such member: ./handoff members shows them.", community=args.acting))


def _role(role: str) -> str:
    return word(spoken(), ROLES, role)


def _until(at: Instant) -> str:
    return formatting.moment(spoken(), at)
