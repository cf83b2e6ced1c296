"""`handoff offer`: hand a party to a partner. Nothing about a person is asked for before somebody consents."""

import argparse
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import get_args

from contracts.border.v1 import Need
from contracts.referral.v1 import HandoffView, OfferHandoff, ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.verbs import crossing
from services.cli.views import layout, naming, story
from services.client import formatting
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases import vocabulary
from services.client.phrases.spoken import _, spoken

#: How long an offer is waited for, and how often it is looked at meanwhile, in seconds.
WAIT_SECONDS, LOOK_SECONDS = 5.0, 0.2
DRIVERS = ("sender", "receiver", "party", "public", "unknown")
EXAMPLE = """./handoff offer --as tha-li --to bo-taen --adults 2 --children 1 \\
    --item bo-taen.homestay@2027-01-14 \\
    --item bo-taen.morning-market@2027-01-15T06:00"""


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    line = _("offer a party to a partner, anonymously")
    parser = verbs.add_parser("offer", help=line, epilog=layout.examples(EXAMPLE))
    parser.add_argument("--to", required=True, type=inputs.community, metavar="COMMUNITY", help=_("the partner"))
    inputs.add_items(parser)
    inputs.add_party(parser, required=True)
    _add_wishes(parser)
    parser.add_argument(
        "--expected", type=inputs.money, metavar="AMOUNT:CURRENCY",
        help=_("the total you expect (as the catalogue says)"),
    )  # fmt: skip
    parser.add_argument(
        "--answer-by", type=inputs.moment, metavar="MOMENT", help=_("such as 2027-01-13T18:00 (as the terms say)")
    )
    words = _("the handoff that this one changes")
    parser.add_argument("--replaces", type=inputs.reference, metavar="REF", help=words)
    words = _("do not wait a moment for what becomes of it")
    parser.add_argument("--no-wait", action="store_true", help=words)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    codes = get_args(Need)
    parser.add_argument(
        "--need", dest="needs", action="append", default=[], choices=codes, metavar="CODE",
        help=_("what the party needs, again for each: {codes}", codes=", ".join(codes)),
    )  # fmt: skip
    parser.add_argument(
        "--language", type=inputs.language, default="th", metavar="CODE", help=_("what they speak (%(default)s)")
    )
    words = _("where they cross the border")
    parser.add_argument("--crossing", type=inputs.community, metavar="ID", help=words)
    crossing.add_travel(parser)
    words = _("who brings them (%(default)s)")
    parser.add_argument("--who-drives", choices=DRIVERS, default="unknown", help=words)


def run(args: argparse.Namespace) -> int:
    """Make the offer."""
    client = context.client(args)
    _check_days(args, context.today(client))
    recorded = client.send(wanted(args, _replaced(args, client)), acting=args.acting)
    ref = recorded.referral_id[-6:]
    lines = [_("Offered to {community}: handoff …{end}", community=args.to, end=ref), f"  {recorded.referral_id}"]
    view = None if args.no_wait else _became(client, recorded.referral_id, args.acting)
    if view:
        lines += [layout.fill(line, 2) for line in _told(view, naming.around(client, args.acting, args.to))]
    lines += [_("What becomes of it:"), f"  {context.command(args, 'show', ref, '--as', args.acting)}"]
    told = ("state", "reason", "marked", "held_until", "alternatives")
    became = {name: value for name, value in view.wire().items() if name in told} if view else {}
    context.tell(args, recorded.wire() | became, "\n".join(lines))
    return 0


def _replaced(args: argparse.Namespace, client: LocalApi) -> str | None:
    """The whole id of the handoff that this one changes."""
    if not args.replaces:
        return None
    old = context.handoff(args, client, args.replaces)
    return client.send(ShowHandoff(referral=old), acting=args.acting).referral_id


def _became(client: LocalApi, ref: str, acting: str) -> HandoffView | None:
    """The handoff once its receiver has held, declined or found no room; None when that takes longer."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with suppress(Refused):  # the offer stands; what becomes of it can be looked up
            view = client.send(ShowHandoff(referral=ref), acting=acting, patience=0)
            if view.state != "offered" or view.marked:
                return view
        time.sleep(LOOK_SECONDS)
    return None


def _told(view: HandoffView, names: naming.Names) -> Iterator[str]:
    """What became of it, in a line or two."""
    p, receiver = spoken(), names.of(view.partner)
    if story.by_rule(view):
        yield _("declined by rule: {reason}.", reason=story.why(view, names))
    elif view.state == "declined":
        yield _("{receiver} said no: {reason}.", receiver=receiver, reason=story.why(view, names))
    elif view.state == "held" and view.held_until:
        until = formatting.moment(p, view.held_until, names.zone)
        yield _("{receiver} holds the places until {moment}.", receiver=receiver, moment=until)
    else:
        yield _("It is {state}.", state=vocabulary.word(p, vocabulary.STATE_WORDS, view.state))
    days = dict.fromkeys(formatting.day(p, other.day) for other in view.alternatives)
    if days:
        yield _("There is room on {days}.", days=formatting.listed(p, list(days)))


def _check_days(args: argparse.Namespace, today: date) -> None:
    """Raises Bad for a day that is over by the node's clock: nobody can hold it."""
    p = spoken()
    for item in args.items:
        if item.day < today:
            past, now = formatting.day(p, item.day), formatting.day(p, today)
            sentence = _(
                "--item: {day} is past: by the node's clock it is {today} (./handoff clock)", day=past, today=now
            )
            raise inputs.Bad(sentence)


def wanted(args: argparse.Namespace, replaces: str | None = None) -> OfferHandoff:
    """What is asked for; what was not given is left to the node."""
    return OfferHandoff(
        to=args.to,
        party=inputs.party(args),
        items=args.items,
        needs=args.needs,
        language=args.language,
        who_drives=args.who_drives,
        crossing=args.crossing,
        travel=crossing.travel(args),
        expected_total=args.expected,
        answer_by=args.answer_by,
        replaces=replaces,
    )
