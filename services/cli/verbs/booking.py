"""Verbs for a community's own places: what is free, what is taken, bookings of its own guests, dated exceptions."""

import argparse
import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from contracts.booking.v1 import (
    AskAvailability,
    AskBooking,
    AskExceptions,
    AskPools,
    ChangeBooking,
    ListBookings,
    Reserve,
    SetException,
)
from contracts.referral.v1 import AskPartnerAvailability
from services.cli import context
from services.cli.input import consent_prompt, inputs
from services.cli.views import layout, naming, places
from services.client import formatting
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken
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
    example = layout.examples(
        "./handoff availability bo-taen --first 2027-01-14",
        "./handoff availability --as tha-li --partner bo-taen",
        note=_("A partner's is the picture that it shared, never a promise."),
    )
    parser = verbs.add_parser(
        "availability", help=_("free places of a community, or a partner's picture"), epilog=example
    )
    parser.add_argument("community", nargs="?", type=inputs.community, metavar="COMMUNITY", help=_("one of this node"))
    parser.add_argument(
        "--partner", type=inputs.community, metavar="COMMUNITY", help=_("instead: what a partner shared")
    )
    parser.add_argument(
        "--as", dest="acting", type=inputs.community, metavar="COMMUNITY", help=_("with --partner: you")
    )
    parser.add_argument("--experience", metavar="ID", help=_("only this one"))
    _add_days(parser)
    inputs.add_party(parser)
    context.add_node(parser)
    parser.set_defaults(run=availability)
    example = layout.examples("./handoff pools --as bo-taen --first 2027-01-14")
    parser = verbs.add_parser("pools", help=_("what is taken, pool by pool"), epilog=example)
    _add_days(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=pools)


def _register_bookings(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = layout.examples("./handoff book --as bo-taen --item bo-taen.homestay@2027-01-14 --adults 2")
    parser = verbs.add_parser("book", help=_("book for guests of your own"), epilog=example)
    inputs.add_items(parser)
    inputs.add_party(parser, required=True)
    parser.add_argument(
        "--hold-until", type=inputs.moment, metavar="MOMENT", help=_("hold only, such as 2027-01-13T18:00")
    )
    parser.add_argument("--needs-approval", action="store_true", help=_("somebody must approve it"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=book)
    example = layout.examples("./handoff bookings --as bo-taen --first 2027-01-01 --days 31")
    parser = verbs.add_parser(
        "bookings", help=_("your holds and bookings on some days, with their ids"), epilog=example
    )
    _add_days(parser)
    parser.add_argument("--limit", type=inputs.number, default=100, metavar="N", help=_("the newest (%(default)s)"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=bookings)
    example = layout.examples("./handoff booking 0f8b…(whole id) cancel --as bo-taen")
    parser = verbs.add_parser("booking", help=_("one booking: show, confirm, cancel, redeem …"), epilog=example)
    parser.add_argument("id", metavar="ID", help=_("the whole id, as `book` gave it or `bookings` shows"))
    parser.add_argument("act", nargs="?", choices=ACTS, default="show", help="(%(default)s)")
    parser.add_argument("--until", type=inputs.moment, metavar="MOMENT", help=_("with extend"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=booking, options={"act": "ID"})


def _register_exceptions(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = layout.examples(
        './handoff exception 2027-01-14 close --as bo-taen --reason "road"',
        "./handoff exception 2027-01-14 capacity --as bo-taen \\\n"
        '    --pool guests --capacity 8 --reason "one house less"',
    )
    parser = verbs.add_parser("exception", help=_("close, stop selling, change or reopen dated places"), epilog=example)
    parser.add_argument("day", type=inputs.day, metavar="DAY")
    parser.add_argument("kind", choices=tuple(KINDS), help=_("reopen lifts what was said before"))
    parser.add_argument("--until", type=inputs.day, metavar="DAY", help=_("the last day (DAY)"))
    inputs.add_text(parser, "--reason", _("why; stays in the history: no names of people"))
    parser.add_argument("--experience", metavar="ID", help=_("only this one (the whole community)"))
    parser.add_argument("--start", type=inputs.clock_time, metavar="HH:MM", help=_("only this start"))
    parser.add_argument("--pool", choices=("seats", "visitors", "guests"), help=_("with capacity: of what"))
    parser.add_argument("--capacity", type=inputs.number, metavar="N", help=_("with capacity: how many"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=set_exception)
    example = layout.examples("./handoff exceptions --as bo-taen --first 2027-01-01 --days 31")
    parser = verbs.add_parser("exceptions", help=_("the history of your dated exceptions"), epilog=example)
    _add_days(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=exceptions)


def _add_days(parser: argparse.ArgumentParser) -> None:
    today = _("(today, by the node's clock)")
    parser.add_argument("--first", type=inputs.day, metavar="DATE", help=today)
    parser.add_argument("--last", type=inputs.day, metavar="DATE", help=_("instead of --days"))
    most = _("how many, at most 62 (%(default)s)")
    parser.add_argument("--days", type=inputs.number, default=14, metavar="N", help=most)


def _span(args: argparse.Namespace, client: LocalApi) -> tuple[date, date]:
    first: date = args.first or context.today(client)
    last: date = args.last or first + timedelta(days=max(args.days, 1) - 1)
    if last < first:
        raise Problem(_("--last: must not be before --first"))
    return first, last


def availability(args: argparse.Namespace) -> int:
    """Of a community of this node by departure; or of a partner by day, as it was shared."""
    if bool(args.community) == bool(args.partner):
        raise Problem(_("COMMUNITY: name one of this node, or a partner with --partner and --as."))
    if args.partner and not args.acting:
        raise Problem(_("--as: a picture was shared with somebody: say who you are."))
    client = context.client(args)
    first, last = _span(args, client)
    if args.partner:
        picture = inputs.built(AskPartnerAvailability, partner=args.partner, first=first, last=last)
        shared = client.send(picture, acting=args.acting)
        context.tell(args, shared.wire(), places.picture(spoken(), shared, args.experience, (first, last)))
        return 0
    given = {"community": args.community, "experience_id": args.experience, "party": inputs.party(args)}
    answer = client.send(inputs.built(AskAvailability, **given, first=first, last=last), acting=args.acting)
    context.tell(args, answer.wire(), places.departures(spoken(), answer.items))
    return 0


def pools(args: argparse.Namespace) -> int:
    """Pools that somebody has drawn from."""
    client = context.client(args)
    first, last = _span(args, client)
    answer = client.send(inputs.built(AskPools, first=first, last=last), acting=args.acting)
    context.tell(args, answer.wire(), places.pools(spoken(), answer.items))
    return 0


def book(args: argparse.Namespace) -> int:
    """Book at once, or hold for a while."""
    client = context.client(args)
    asked = inputs.built(
        Reserve,
        hold_id=str(uuid.uuid4()),
        party=inputs.party(args),
        items=args.items,
        confirm=args.hold_until is None,
        needs_approval=args.needs_approval,
        expires_at=args.hold_until,
    )
    answer = client.send(asked, acting=args.acting)
    context.tell(args, answer.wire(), places.booking(spoken(), answer, naming.around(client, args.acting)))
    return 0


def bookings(args: argparse.Namespace) -> int:
    """Those with something on these days, the newest first, with their whole ids."""
    client = context.client(args)
    first, last = _span(args, client)
    answer = client.send(inputs.built(ListBookings, first=first, last=last, limit=args.limit), acting=args.acting)
    names, p = naming.around(client, args.acting), spoken()
    lines = [line for one in answer.items for line in places.summary(p, one, names)]
    if len(answer.items) == args.limit:
        lines.append(_("These are the newest {limit}: ask for fewer days to see others.", limit=args.limit))
    days = {"first": formatting.day(p, first), "last": formatting.day(p, last)}
    nothing = _(
        "{acting} has no bookings on {first} to {last}. Other days: --first DATE --days N", acting=args.acting, **days
    )
    context.tell(args, answer.wire(), "\n".join(lines) or layout.fill(nothing))
    return 0


def booking(args: argparse.Namespace) -> int:
    """Show a booking, or act on it."""
    try:
        hold_id = str(uuid.UUID(args.id))
    except ValueError:
        no = _("ID: {id} is not a booking's whole id: ./handoff bookings shows them.", id=args.id)
        raise Problem(no) from None
    client = context.client(args)
    if args.act == "show":
        answer = client.send(AskBooking(hold_id=hold_id), acting=args.acting)
    else:
        change = inputs.built(ChangeBooking, hold_id=hold_id, act=args.act, expires_at=args.until)
        answer = client.send(change, acting=args.acting)
    context.tell(args, answer.wire(), places.booking(spoken(), answer, naming.around(client, args.acting)))
    return 0


def set_exception(args: argparse.Namespace) -> int:
    """Say what is otherwise on some days; answers with the bookings it hits."""
    asked = inputs.built(
        SetException,
        day=args.day,
        until=args.until,
        experience_id=args.experience,
        start=args.start,
        kind=KINDS[args.kind],
        pool=args.pool,
        capacity=args.capacity,
        reason=consent_prompt.free_text(args.reason, "--reason"),
    )
    answer = context.client(args).send(asked, acting=args.acting)
    context.tell(args, answer.wire(), "\n".join(places.exception(spoken(), answer)))
    return 0


def exceptions(args: argparse.Namespace) -> int:
    """What was said about some days, and whether it is still in force."""
    client, p = context.client(args), spoken()
    first, last = _span(args, client)
    answer = client.send(inputs.built(AskExceptions, first=first, last=last), acting=args.acting)
    lines = [line for one in answer.items for line in places.exception(p, one)]
    days = {"first": formatting.day(p, first), "last": formatting.day(p, last)}
    nothing = _("Nothing was said about {first} to {last}. Other days: --first DATE --days N", **days)
    context.tell(args, answer.wire(), "\n".join(lines) or layout.fill(nothing))
    return 0
