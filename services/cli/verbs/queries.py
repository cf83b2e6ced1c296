"""Questions to a node: handoffs, communities and what they offer."""

import argparse
from typing import Any

from services.cli import context
from services.cli.input import inputs
from services.cli.verbs import importing
from services.cli.views import dates, formatting, layout, naming, story, wording
from services.client.phrases.spoken import say


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    parser = verbs.add_parser(
        "find", help="communities and experiences, by name in any script", epilog=_like("find บ่อแตน")
    )
    parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="part of a name or id; none: all")
    context.add_node(parser)
    parser.set_defaults(run=find)
    parser = verbs.add_parser("list", help="your handoffs, newest first", epilog=_like("list --as tha-li --open"))
    parser.add_argument("--open", action="store_true", help="only those that are not over")
    parser.add_argument("--side", choices=("sender", "receiver"), help="only those that you send, or receive")
    parser.add_argument("--limit", type=inputs.number, default=50, metavar="N", help="at most so many (%(default)s)")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=list_handoffs)
    parser = verbs.add_parser(
        "show", help="one handoff: its story, and what to do next", epilog=_like("show latest --as tha-li")
    )
    parser.add_argument("ref", type=inputs.reference, metavar="REF", help="its id, the end of it, or `latest`")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=show)
    parser = verbs.add_parser(
        "catalogue", help="what your partners offer, as they shared it", epilog=_like("catalogue --as tha-li bo-taen")
    )
    parser.add_argument("partner", nargs="?", type=inputs.community, metavar="PARTNER", help="one of them; none: all")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=catalogue)


def _like(words: str) -> str:
    return f"example:\n  ./handoff {words}"


def find(args: argparse.Namespace) -> int:
    """Communities whose name contains the text, and experiences; all communities without a text."""
    client = context.client(args)
    communities = client.ask("community.find_communities", {"text": args.text, "limit": 200})["items"]
    experiences = (
        client.ask("community.find_experiences", {"text": args.text, "limit": 500})["items"] if args.text else []
    )
    lines = [line for found in communities for line in _community(found)]
    lines += [line for found in experiences for line in _experience(found)]
    nothing = "Nothing here has such a name. ./handoff find shows all communities."
    if not lines and not client.ask("community.find_communities", {"limit": 1})["items"]:
        nothing = say(importing.NONE_YET)
    context.tell(args, {"communities": communities, "experiences": experiences}, "\n".join(lines) or nothing)
    return 0


def _community(found: dict[str, Any]) -> list[str]:
    names = " · ".join(name for name in found["names"].values() if name)
    return [found["id"], layout.fill(names, 4), layout.fill(formatting.limits(found["limits"]), 4)]


def _experience(found: dict[str, Any]) -> list[str]:
    prices = ", ".join(f"{price['unit']} {formatting.money(price['price'])}" for price in found["prices"])
    line = f"{naming.pick(found['names'])}; starts {', '.join(found['starts'])}; {prices}"
    bounds = f"{found['min_party']} to {found['seats']} people; ask {found['cutoff_hours']} h before"
    return [f"  {found['id']}", layout.fill(line, 6), layout.fill(bounds, 6)]


def list_handoffs(args: argparse.Namespace) -> int:
    """One line a handoff, and a second one when a person is needed."""
    client = context.client(args)
    fields = {"open_only": args.open, "side": args.side, "limit": args.limit}
    answer = client.ask("referral.list_handoffs", fields, acting=args.acting)
    lines = [line for summary in answer["items"] for line in _summary(summary)]
    nothing = f"{args.acting} has no {'open handoffs' if args.open else 'handoffs yet'}: ./handoff offer --help"
    context.tell(args, answer, "\n".join(lines) or nothing)
    return 0


def _summary(one: dict[str, Any]) -> list[str]:
    way = "to" if one["side"] == "sender" else "from"
    state = f"{one['state'].replace('_', ' ')}{' ' + str(one['round']) if one['state'] == 'countered' else ''}"
    line = f"…{one['referral_id'][-6:]} {state:11} {dates.shown_day(one['arrival_day'])} {way} {one['partner']}"
    needed = one["attention"]
    trouble = [layout.fill(f"needs a person: {wording.attention(needed)}", 8)] if needed else []
    return [line, layout.fill(formatting.party(one["party"]), 8), *trouble]


def show(args: argparse.Namespace) -> int:
    """The story of one handoff."""
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    view = client.ask("referral.show_handoff", {"referral": ref}, acting=args.acting)
    if args.json:
        context.tell(args, view, "")
        return 0
    names = naming.around(client, args.acting, view["partner"])
    now = dates.local(client.ask("node.ask_standing", service="referral")["now"], names.zone)
    print(story.tell(view, names, now, lambda *words: context.command(args, *words)))
    return 0


def catalogue(args: argparse.Namespace) -> int:
    """What partners have shared, as of when."""
    client = context.client(args)
    fields = {"partner": args.partner} if args.partner else {}
    answer = client.ask("referral.ask_partner_catalogue", fields, acting=args.acting)
    lines = []
    for shared in answer["items"]:
        community = shared["offering"]["community"]
        lines += _community(community)
        zone = dates.zone_of(community["zone"])
        lines.append(f"    as of {dates.shown_moment(shared['as_of'], zone)}")
        lines += [line for one in shared["offering"]["experiences"] for line in _experience(one)]
    nothing = f"{args.acting} has no catalogue of {args.partner or 'any partner'}."
    context.tell(args, answer, "\n".join(lines) or nothing)
    return 0
