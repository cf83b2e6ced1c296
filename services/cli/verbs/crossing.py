"""`handoff plan`, `reminders`, `crossings`: what the border asks, by dated rows. Never confirmed by officials."""

import argparse
import os
from collections.abc import Iterator
from typing import Any, get_args

from contracts.crossing import rows, v1
from services.cli import context
from services.cli.input import inputs
from services.cli.views import crossing_view, dates, layout
from services.client.phrases.spoken import spoken
from services.client.problems import Problem

Bad = argparse.ArgumentTypeError
EXAMPLE = """examples:
  ./handoff plan latest --as tha-li --hour 10:00
  ./handoff plan --from tha-li --to bo-taen --day 2027-01-14 \\
    --hour 10:00 --nationality third_country --document passport"""
#: The party's facts, by their names in the contract: option → field.
FACTS = ("nationality", "document", "border_resident", "vehicle", "children_with", "visa")
#: What a handoff of one's own says already, as `plan` calls it.
SAID_BY_HANDOFF = ("origin", "destination", "day", "nights", "return_by", "adults", "children", "infants")
NONE_KEPT = "No crossings are kept: ./handoff import deploy/demo/crossings.json"


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    parser = verbs.add_parser("plan", help="what the border asks of a party, and by which crossing", epilog=EXAMPLE)
    parser.add_argument("ref", nargs="?", type=inputs.reference, metavar="REF", help="a handoff of yours, or `latest`")
    parser.add_argument("--from", dest="origin", type=inputs.community, metavar="COMMUNITY")
    parser.add_argument("--to", dest="destination", type=inputs.community, metavar="COMMUNITY")
    parser.add_argument("--day", type=inputs.day, metavar="DATE", help="when they cross")
    parser.add_argument("--hour", type=inputs.clock_time, metavar="HH:MM", help="at what time, local")
    parser.add_argument("--nights", type=inputs.number, metavar="N", help="how long they stay")
    parser.add_argument("--return-by", type=inputs.community, metavar="ID", help="the crossing by which they go back")
    parser.add_argument("--crossing", type=inputs.community, metavar="ID", help="show this one (the first)")
    inputs.add_party(parser)
    add_travel(parser)
    _add_node(parser)
    parser.set_defaults(run=plan)
    parser = verbs.add_parser("reminders", help="what you are reminded of, due and coming", epilog=_like("reminders"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=reminders)
    example = "examples:\n  ./handoff crossings\n  ./handoff crossings pp-th-la --history"
    parser = verbs.add_parser("crossings", help="crossings and rules as this node keeps them", epilog=example)
    parser.add_argument("id", nargs="?", type=inputs.community, metavar="ID", help="one row; none: all")
    parser.add_argument("--history", action="store_true", help="with its older versions, the latest fifty")
    parser.add_argument("--before", type=inputs.day, metavar="DATE", help="with --history: checked before this day")
    _add_node(parser)
    parser.set_defaults(run=crossings)


def add_travel(parser: argparse.ArgumentParser) -> None:
    """Options for what the border asks of a party: groups and classes only, of nobody a number or a name."""
    group = parser.add_argument_group("what the border asks (kept by you, it does not cross)")
    group.add_argument("--nationality", choices=get_args(rows.Group))
    group.add_argument("--document", choices=get_args(rows.Document))
    group.add_argument("--border-resident", choices=("yes", "no", "unknown"), help="of the agreed border area")
    group.add_argument("--vehicle", choices=get_args(rows.Vehicle))
    group.add_argument("--children-with", choices=get_args(rows.Escort))
    group.add_argument("--visa", choices=("yes", "no", "not_needed", "unknown"), help="of the country they enter")


def travel(args: argparse.Namespace) -> dict[str, str] | None:
    """The facts that were given; None without any. Raises Bad without the two that everything hangs on."""
    given = {name: getattr(args, name) for name in FACTS if getattr(args, name) is not None}
    if not given:
        return None
    for name in ("nationality", "document"):
        if name not in given:
            raise Bad(f"--{name}: say it too, by group or class, or nothing can be looked up")
    return given


def plan(args: argparse.Namespace) -> int:
    """For one of your handoffs, or for a party that you describe."""
    if args.ref is not None:
        _check_of_handoff(args)
    client = context.client(args)
    lacks_facts = False
    if args.ref is not None:
        ref = context.handoff(args, client, args.ref)
        fields = {"referral": ref} | ({"hour": args.hour} if args.hour else {})
        answer = client.ask("referral.plan_of_handoff", fields, acting=args.acting)
        view = client.ask("referral.show_handoff", {"referral": ref}, acting=args.acting)
        lacks_facts = view["side"] == "sender" and not view["travel"]
    else:
        answer = client.ask("referral.plan_crossing", described(args), acting=args.acting)
    if args.json:
        context.tell(args, answer, "")
        return 0
    shown = v1.Plan.read(answer)
    if not shown.crossings and not any(client.ask("referral.ask_crossings", acting=args.acting).values()):
        raise Problem(NONE_KEPT)
    if args.crossing and args.crossing not in {way.crossing for way in shown.crossings}:
        raise Problem(f"--crossing: this plan has no {args.crossing}: ./handoff crossings shows all.")
    print("\n".join(crossing_view.plan(shown, args.crossing, spoken(), lacks_facts=lacks_facts)))
    return 0


def _check_of_handoff(args: argparse.Namespace) -> None:
    """A handoff says who travels, whence and when: what is said beside it would not be heard. Raises Bad."""
    if not args.acting:
        raise Problem("--as: say whose handoff it is.")
    beside = [name for name in (*SAID_BY_HANDOFF, *FACTS) if getattr(args, name) is not None]
    if beside:
        option = {"origin": "from", "destination": "to"}.get(beside[0], beside[0].replace("_", "-"))
        where = "travel facts are given with `offer`" if beside[0] in FACTS else "a handoff says that itself"
        raise Bad(f"--{option}: {where}; without REF, `plan --from … --to …` answers for a party that you describe")


def described(args: argparse.Namespace) -> dict[str, Any]:
    """A party that is not a handoff yet. Raises Bad naming the option that is missing."""
    for name, option in (("origin", "--from"), ("destination", "--to"), ("day", "--day")):
        if getattr(args, name) is None:
            raise Bad(f"{option}: say it, or name a handoff of yours")
    facts = travel(args)
    if facts is None:
        raise Bad("--nationality, --document: say them, by group and class")
    wanted = {
        "travel": facts,
        "origin": args.origin,
        "destination": args.destination,
        "day": args.day.isoformat(),
        "hour": args.hour,
        "nights": args.nights,
        "return_by": args.return_by,
        "party": inputs.party(args),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def reminders(args: argparse.Namespace) -> int:
    """By day; those that went out are marked."""
    answer = context.client(args).ask("referral.list_reminders", acting=args.acting)
    found = [v1.ReminderView.read(one) for one in answer["items"]]
    lines = [line for one in found for line in crossing_view.reminder(one, spoken())]
    context.tell(args, answer, "\n".join(lines) or f"{args.acting} has nothing to be reminded of.")
    return 0


def crossings(args: argparse.Namespace) -> int:
    """Rows with their source and check."""
    if args.history and args.id is None:
        raise Bad("--history: name the row, there is a history of each")
    wanted = {"id": args.id, "history": args.history, "before": args.before and args.before.isoformat()}
    fields = {name: value for name, value in wanted.items() if value is not None}
    answer = context.client(args).ask("referral.ask_crossings", fields, acting=args.acting)
    lines = list(_kept(v1.CrossingBook.read(answer)))
    nothing = f"No row {args.id} is kept: ./handoff crossings shows all." if args.id else NONE_KEPT
    context.tell(args, answer, "\n".join(lines) or nothing)
    return 0


def _kept(book: v1.CrossingBook) -> Iterator[str]:
    for row in (*book.crossings, *book.rules, *book.margins):
        yield f"{row.id}  checked {dates.shown_day(row.checked_on)}, confidence {row.confidence}"
        if isinstance(row, rows.Crossing):
            spans = {one.shown for one in row.hours}
            yield layout.fill(f"{row.names.any}; {row.status}; {', '.join(sorted(spans)) or 'hours unknown'}", 4)
        if isinstance(row, rows.Rule):
            until = f" until {row.valid_to}" if row.valid_to else ""
            said = f"; allowed: {row.allowed}" if row.allowed else ""
            yield layout.fill(f"{row.about}, {', '.join(row.directions)}{until}{said}", 4)
        yield layout.fill(row.source, 4)


def _add_node(parser: argparse.ArgumentParser) -> None:
    """Operators of the system may ask too, so that a community need not be named."""
    parser.add_argument(
        "--as", dest="acting", default=os.environ.get("HANDOFF_AS"), type=inputs.community, metavar="COMMUNITY",
        help="the community that acts (HANDOFF_AS); none: an operator",
    )  # fmt: skip
    context.add_node(parser)


def _like(verb: str) -> str:
    return f"example:\n  ./handoff {verb} --as tha-li"
