"""`handoff offer`: hand a party to a partner. Nothing about a person is asked for before somebody consents."""

import argparse
import time
from contextlib import suppress
from datetime import date
from typing import Any, get_args

from contracts.border.v1 import Need
from services.cli import context
from services.cli.input import inputs
from services.cli.verbs import crossing
from services.cli.views import dates, layout, naming, story
from services.client.answers import Refused
from services.client.local_api import LocalApi

#: How long an offer is waited for, and how often it is looked at meanwhile, in seconds.
WAIT_SECONDS, LOOK_SECONDS = 5.0, 0.2
DRIVERS = ("sender", "receiver", "party", "public", "unknown")
EXAMPLE = """example:
  ./handoff offer --as tha-li --to bo-taen --adults 2 --children 1 \\
    --item bo-taen.homestay@2027-01-14 \\
    --item bo-taen.morning-market@2027-01-15T06:00"""


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("offer", help="offer a party to a partner, anonymously", epilog=EXAMPLE)
    parser.add_argument("--to", required=True, type=inputs.community, metavar="COMMUNITY", help="the partner")
    inputs.add_items(parser)
    inputs.add_party(parser, required=True)
    parser.add_argument(
        "--need", dest="needs", action="append", default=[], choices=get_args(Need), metavar="CODE",
        help=f"what the party needs, again for each: {', '.join(get_args(Need))}",
    )  # fmt: skip
    parser.add_argument(
        "--language", type=inputs.language, default="th", metavar="CODE", help="what they speak (%(default)s)"
    )
    parser.add_argument("--crossing", type=inputs.community, metavar="ID", help="where they cross the border")
    crossing.add_travel(parser)
    parser.add_argument("--who-drives", choices=DRIVERS, default="unknown", help="who brings them (%(default)s)")
    parser.add_argument(
        "--expected", type=inputs.money, metavar="AMOUNT:CURRENCY", help="the total you expect (as the catalogue says)"
    )
    parser.add_argument(
        "--answer-by", type=inputs.moment, metavar="MOMENT", help="such as 2027-01-13T18:00 (as the terms say)"
    )
    parser.add_argument("--replaces", type=inputs.reference, metavar="REF", help="the handoff that this one changes")
    parser.add_argument("--no-wait", action="store_true", help="do not wait a moment for what becomes of it")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the offer."""
    client = context.client(args)
    fields = wanted(args)
    _check_days(args, context.today(client))
    if args.replaces:
        old = context.handoff(args, client, args.replaces)
        shown = client.ask("referral.show_handoff", {"referral": old}, acting=args.acting)
        fields["replaces"] = shown["referral_id"]
    recorded = client.ask("referral.offer_handoff", fields, acting=args.acting)
    ref = recorded["referral_id"][-6:]
    lines = [f"Offered to {args.to}: handoff …{ref}", f"  {recorded['referral_id']}"]
    view = None if args.no_wait else _became(client, recorded["referral_id"], args.acting)
    if view:
        lines += [layout.fill(line, 2) for line in _told(view, naming.around(client, args.acting, args.to))]
    lines += ["What becomes of it:", f"  {context.command(args, 'show', ref, '--as', args.acting)}"]
    became = {name: view[name] for name in ("state", "reason", "marked", "held_until", "alternatives")} if view else {}
    context.tell(args, recorded | became, "\n".join(lines))
    return 0


def _became(client: LocalApi, ref: str, acting: str) -> dict[str, Any] | None:
    """The handoff once its receiver has held, declined or found no room; None when that takes longer."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with suppress(Refused):  # the offer stands; what becomes of it can be looked up
            view = client.ask("referral.show_handoff", {"referral": ref}, acting=acting, patience=0)
            if view["state"] != "offered" or view["marked"]:
                return view
        time.sleep(LOOK_SECONDS)
    return None


def _told(view: dict[str, Any], names: naming.Names) -> list[str]:
    """What became of it, in a line or two."""
    receiver = names.of(view["partner"])
    if view["state"] == "declined":
        by = "declined by rule" if story.by_rule(view) else f"{receiver} said no"
        lines = [f"{by}: {story.why(view, names)}."]
    elif view["state"] == "held":
        lines = [f"{receiver} holds the places until {dates.shown_moment(view['held_until'], names.zone)}."]
    else:
        lines = [f"It is {view['state'].replace('_', ' ')}."]
    days = list(dict.fromkeys(dates.shown_day(other["day"]) for other in view["alternatives"]))
    return [*lines, f"There is room on {', '.join(days)}."] if days else lines


def _check_days(args: argparse.Namespace, today: date) -> None:
    """Raises Bad for a day that is over by the node's clock: nobody can hold it."""
    past = [item["day"] for item in args.items if date.fromisoformat(item["day"]) < today]
    if past:
        raise inputs.Bad(f"--item: {past[0]} is past: by the node's clock it is {today.isoformat()} (./handoff clock)")


def wanted(args: argparse.Namespace) -> dict[str, Any]:
    """The fields of the contract; what was not given is left to the node."""
    fields = {
        "to": args.to,
        "party": inputs.party(args),
        "items": args.items,
        "needs": args.needs,
        "language": args.language,
        "who_drives": args.who_drives,
        "crossing": args.crossing,
        "travel": crossing.travel(args),
        "expected_total": args.expected,
        "answer_by": args.answer_by and args.answer_by.isoformat(),
    }
    return {name: value for name, value in fields.items() if value is not None}
