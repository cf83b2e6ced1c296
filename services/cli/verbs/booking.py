"""Verbs for a community's own places: what is free, what is taken, bookings of its own guests, dated exceptions."""

import argparse
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.cli import context
from services.cli.input import consent_prompt, inputs
from services.cli.views import layout, naming, places
from services.client.local_api import LocalApi
from services.client.problems import Problem

ACTS = ("show", "confirm", "approve", "reject", "cancel", "redeem", "extend")
#: Words of the command line → kinds of the contract.
KINDS: Mapping[str, str] = {
    "close": "closed",
    "stop-sell": "stop_sell",
    "capacity": "capacity",
    "reopen": "lifted",
}


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    _register_availability(verbs)
    _register_bookings(verbs)
    _register_exceptions(verbs)


def _register_availability(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = (
        "examples:\n  ./handoff availability bo-taen --first 2027-01-14\n"
        "  ./handoff availability --as tha-li --partner bo-taen\n\n"
        "A partner's is the picture that it shared, never a promise."
    )
    parser = verbs.add_parser("availability", help="free places of a community, or a partner's picture", epilog=example)
    parser.add_argument("community", nargs="?", type=inputs.community, metavar="COMMUNITY", help="one of this node")
    parser.add_argument("--partner", type=inputs.community, metavar="COMMUNITY", help="instead: what a partner shared")
    parser.add_argument("--as", dest="acting", type=inputs.community, metavar="COMMUNITY", help="with --partner: you")
    parser.add_argument("--experience", metavar="ID", help="only this one")
    _add_days(parser)
    inputs.add_party(parser)
    context.add_node(parser)
    parser.set_defaults(run=availability)
    example = "example:\n  ./handoff pools --as bo-taen --first 2027-01-14"
    parser = verbs.add_parser("pools", help="what is taken, pool by pool", epilog=example)
    _add_days(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=pools)


def _register_bookings(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = "example:\n  ./handoff book --as bo-taen --item bo-taen.homestay@2027-01-14 --adults 2"
    parser = verbs.add_parser("book", help="book for guests of your own", epilog=example)
    inputs.add_items(parser)
    inputs.add_party(parser, required=True)
    parser.add_argument(
        "--hold-until", type=inputs.moment, metavar="MOMENT", help="hold only, such as 2027-01-13T18:00"
    )
    parser.add_argument("--needs-approval", action="store_true", help="somebody must approve it")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=book)
    example = "example:\n  ./handoff bookings --as bo-taen --first 2027-01-01 --days 31"
    parser = verbs.add_parser("bookings", help="your holds and bookings on some days, with their ids", epilog=example)
    _add_days(parser)
    parser.add_argument("--limit", type=inputs.number, default=100, metavar="N", help="the newest (%(default)s)")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=bookings)
    example = "example:\n  ./handoff booking 0f8b…(whole id) cancel --as bo-taen"
    parser = verbs.add_parser("booking", help="one booking: show, confirm, cancel, redeem …", epilog=example)
    parser.add_argument("id", metavar="ID", help="the whole id, as `book` gave it or `bookings` shows")
    parser.add_argument("act", nargs="?", choices=ACTS, default="show", help="(%(default)s)")
    parser.add_argument("--until", type=inputs.moment, metavar="MOMENT", help="with extend")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=booking)


def _register_exceptions(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = (
        'examples:\n  ./handoff exception 2027-01-14 close --as bo-taen --reason "road"\n'
        "  ./handoff exception 2027-01-14 capacity --as bo-taen \\\n"
        '    --pool guests --capacity 8 --reason "one house less"'
    )
    parser = verbs.add_parser("exception", help="close, stop selling, change or reopen dated places", epilog=example)
    parser.add_argument("day", type=inputs.day, metavar="DAY")
    parser.add_argument("kind", choices=tuple(KINDS), help="reopen lifts what was said before")
    parser.add_argument("--until", type=inputs.day, metavar="DAY", help="the last day (DAY)")
    inputs.add_text(parser, "--reason", "why; stays in the history: no names of people")
    parser.add_argument("--experience", metavar="ID", help="only this one (the whole community)")
    parser.add_argument("--start", type=inputs.clock_time, metavar="HH:MM", help="only this start")
    parser.add_argument("--pool", choices=("seats", "visitors", "guests"), help="with capacity: of what")
    parser.add_argument("--capacity", type=inputs.number, metavar="N", help="with capacity: how many")
    context.add_node(parser, acting=True)
    parser.set_defaults(run=set_exception)
    example = "example:\n  ./handoff exceptions --as bo-taen --first 2027-01-01 --days 31"
    parser = verbs.add_parser("exceptions", help="the history of your dated exceptions", epilog=example)
    _add_days(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=exceptions)


def _add_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--first", type=inputs.day, metavar="DATE", help="(today, by the node's clock)")
    parser.add_argument("--last", type=inputs.day, metavar="DATE", help="instead of --days")
    parser.add_argument(
        "--days", type=inputs.number, default=14, metavar="N", help="how many, at most 62 (%(default)s)"
    )


def _span(args: argparse.Namespace, client: LocalApi) -> dict[str, str]:
    first: date = args.first or context.today(client)
    last = args.last or first + timedelta(days=max(args.days, 1) - 1)
    if last < first:
        raise Problem("--last: must not be before --first")
    return {"first": first.isoformat(), "last": last.isoformat()}


def availability(args: argparse.Namespace) -> int:
    """Of a community of this node by departure; or of a partner by day, as it was shared."""
    if bool(args.community) == bool(args.partner):
        raise Problem("COMMUNITY: name one of this node, or a partner with --partner and --as.")
    if args.partner and not args.acting:
        raise Problem("--as: a picture was shared with somebody: say who you are.")
    client = context.client(args)
    span = _span(args, client)
    if args.partner:
        fields: dict[str, Any] = {"partner": args.partner, **span}
        answer = client.ask("referral.ask_partner_availability", fields, acting=args.acting)
        context.tell(args, answer, places.picture(answer, args.experience, span))
        return 0
    fields = {"community": args.community, "experience_id": args.experience, "party": inputs.party(args), **span}
    answer = client.ask("booking.ask_availability", fields, acting=args.acting)
    context.tell(args, answer, places.departures(answer["items"]))
    return 0


def pools(args: argparse.Namespace) -> int:
    """Pools that somebody has drawn from."""
    client = context.client(args)
    answer = client.ask("booking.ask_pools", _span(args, client), acting=args.acting)
    context.tell(args, answer, places.pools(answer["items"]))
    return 0


def book(args: argparse.Namespace) -> int:
    """Book at once, or hold for a while."""
    client = context.client(args)
    fields = {
        "hold_id": str(uuid.uuid4()),
        "party": inputs.party(args),
        "items": args.items,
        "confirm": args.hold_until is None,
        "needs_approval": args.needs_approval,
        "expires_at": args.hold_until and args.hold_until.isoformat(),
    }
    answer = client.ask("booking.reserve", fields, acting=args.acting)
    context.tell(args, answer, places.booking(answer, naming.around(client, args.acting)))
    return 0


def bookings(args: argparse.Namespace) -> int:
    """Those with something on these days, the newest first, with their whole ids."""
    client = context.client(args)
    fields: dict[str, Any] = {**_span(args, client), "limit": args.limit}
    answer = client.ask("booking.list_bookings", fields, acting=args.acting)
    names = naming.around(client, args.acting)
    lines = [line for one in answer["items"] for line in places.summary(one, names)]
    if len(answer["items"]) == args.limit:
        lines.append(f"These are the newest {args.limit}: ask for fewer days to see others.")
    nothing = (
        f"{args.acting} has no bookings on {fields['first']} to {fields['last']}. Other days: --first DATE --days N"
    )
    context.tell(args, answer, "\n".join(lines) or layout.fill(nothing))
    return 0


def booking(args: argparse.Namespace) -> int:
    """Show a booking, or act on it."""
    try:
        hold_id = str(uuid.UUID(args.id))
    except ValueError:
        raise Problem(f"ID: {args.id} is not a booking's whole id: ./handoff bookings shows them.") from None
    client = context.client(args)
    if args.act == "show":
        answer = client.ask("booking.ask_booking", {"hold_id": hold_id}, acting=args.acting)
    else:
        fields = {"hold_id": hold_id, "act": args.act, "expires_at": args.until and args.until.isoformat()}
        answer = client.ask("booking.change_booking", fields, acting=args.acting)
    context.tell(args, answer, places.booking(answer, naming.around(client, args.acting)))
    return 0


def set_exception(args: argparse.Namespace) -> int:
    """Say what is otherwise on some days; answers with the bookings it hits."""
    fields = {
        "day": args.day.isoformat(),
        "until": args.until and args.until.isoformat(),
        "experience_id": args.experience,
        "start": args.start,
        "kind": KINDS[args.kind],
        "pool": args.pool,
        "capacity": args.capacity,
        "reason": consent_prompt.free_text(args.reason, "--reason"),
    }
    answer = context.client(args).ask("booking.set_exception", fields, acting=args.acting)
    context.tell(args, answer, "\n".join(places.exception(answer)))
    return 0


def exceptions(args: argparse.Namespace) -> int:
    """What was said about some days, and whether it is still in force."""
    client = context.client(args)
    span = _span(args, client)
    answer = client.ask("booking.ask_exceptions", span, acting=args.acting)
    lines = [line for one in answer["items"] for line in places.exception(one)]
    nothing = f"Nothing was said about {span['first']} to {span['last']}. Other days: --first DATE --days N"
    context.tell(args, answer, "\n".join(lines) or layout.fill(nothing))
    return 0
