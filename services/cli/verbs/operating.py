"""Verbs of the system's operator: what is set aside, the clock, stating everything again."""

import argparse
from collections.abc import Iterator, Sequence

from contracts.booking.v1 import RestateAvailability, RestateCapacity
from contracts.community.v1 import Restate
from contracts.described import SERVICES
from contracts.node.v1 import (
    AskStanding,
    DiscardParked,
    ListParked,
    MoveClock,
    ParkedView,
    ReplayParked,
    ShowParked,
)
from services.cli import context
from services.cli.input import inputs
from services.cli.views import layout
from services.client import formatting
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import Phrases
from services.client.phrases.spoken import _, ngettext, spoken
from services.client.problems import Problem


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    example = layout.examples("./handoff parked list", "./handoff parked replay 3f2a")
    parser = verbs.add_parser("parked", help=_("messages set aside: list, show, replay, discard"), epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "show", "replay", "discard"), default="list")
    part = _("its beginning or end is enough")
    parser.add_argument("id", nargs="?", type=inputs.message, metavar="ID", help=part)
    context.add_node(parser)
    parser.set_defaults(run=parked)
    _register_clock(verbs)
    example, line = layout.examples("./handoff restate"), _("state every community and its places again")
    parser = verbs.add_parser("restate", help=line, epilog=example)
    context.add_node(parser)
    parser.set_defaults(run=restate)


def _register_clock(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = layout.examples(
        "./handoff clock",
        "./handoff clock --advance 2d",
        "./handoff clock --set 2027-01-04T09:00",
        "./handoff clock --machine",
    )
    parser = verbs.add_parser("clock", help=_("the node's clock; set it for trials"), epilog=example)
    to = parser.add_mutually_exclusive_group()
    local, further = _("local (+07:00), or with a zone"), _("go on by so much")
    to.add_argument("--set", dest="to", type=inputs.moment, metavar="MOMENT", help=local)
    to.add_argument("--advance", type=inputs.duration, metavar="3h|2d", help=further)
    to.add_argument("--machine", action="store_true", help=_("follow the machine's clock again, after a trial"))
    context.add_node(parser)
    parser.set_defaults(run=clock, options={"to": "--set, --advance"})


def parked(args: argparse.Namespace) -> int:
    """What is set aside in any service; one of it is replayed or given up."""
    client = context.client(args)
    found = list(all_parked(client))
    if args.act == "list":
        p = spoken()
        text = "\n".join(_line(p, one) for one in found) or _("Nothing is parked.")
        context.tell(args, {"items": [one.wire() for one in found]}, text)
        return 0
    if args.id is None:
        raise Problem(_("ID: say which message to {act}: ./handoff parked list", act=args.act))
    one = _only(found, args.id)
    if args.act == "show":
        shown = client.send(ShowParked(id=one.id), service=one.service)
        context.tell(args, shown.wire(), _whole(spoken(), shown))
        return 0
    return _settle(args, client, one)


def _settle(args: argparse.Namespace, client: LocalApi, one: ParkedView) -> int:
    """Replay it or give it up; 1 when it failed again."""
    if args.act == "replay":
        answer, done = client.send(ReplayParked(id=one.id), service=one.service), _("Applied.")
    else:
        answer = client.send(DiscardParked(id=one.id), service=one.service)
        done = _("Given up; what waited behind it goes on.")
    failed = formatting.printable(_("It failed again: {error}", error=answer.error))
    context.tell(args, answer.wire(), done if answer.settled else failed)
    return 0 if answer.settled else 1


def all_parked(client: LocalApi) -> Iterator[ParkedView]:
    """Parked messages of every service, oldest first within each."""
    for service in SERVICES:
        yield from client.send(ListParked(limit=1000), service=service).items


def _only(found: Sequence[ParkedView], given: str) -> ParkedView:
    fits = [one for one in found if one.id.startswith(given) or one.id.endswith(given)]
    if given == "latest" and found:
        fits = [max(found, key=lambda one: one.parked_at)]
    if len(fits) > 1:
        no = _("ID: several parked messages begin or end so: give more of it; ./handoff parked list shows them.")
        raise Problem(no)
    if not fits:
        raise Problem(_("ID: no parked message has this id; ./handoff parked list shows them."))
    return fits[0]


def _line(p: Phrases, one: ParkedView) -> str:
    head = f"{one.id[-8:]} {one.service} {one.type or p._('unreadable')}"
    when = p._(
        "{moment}, replayed {times}, {size} bytes",
        moment=formatting.moment(p, one.parked_at),
        times=p.ngettext("{count} time", "{count} times", one.replays),
        size=one.size,
    )
    return formatting.printable("\n".join((head, layout.fill(when, 4), layout.fill(one.error, 4))))


def _whole(p: Phrases, one: ParkedView) -> str:
    """All of it. Anybody may have sent it: what would move the cursor or hide text is shown as a sign."""
    rows = [
        ("id", one.id),
        (p._("queue"), one.queue),
        (p._("stream"), one.stream),
        (p._("number"), one.seq),
        (p._("message"), one.message_id),
        (p._("trace"), one.trace),
    ]
    told = [f"    {formatting.padded(name, 8)} {value}" for name, value in rows if value is not None]
    shown = [*told, "", p._("Its body may be personal:"), one.body or ""]
    return "\n".join([_line(p, one), formatting.printable("\n".join(shown))])


def clock(args: argparse.Namespace) -> int:
    """Show the clock, or set it: it is one for the whole node, so one service is told."""
    client, p = context.client(args), spoken()
    standing = client.send(AskStanding(), service=SERVICES[0])
    to = args.to or (standing.now + args.advance if args.advance else None)
    to = context.machine_now() if args.machine else to
    if to is not None:
        client.send(inputs.built(MoveClock, to=to), service=SERVICES[0])
    seen = {service: client.send(AskStanding(), service=service) for service in SERVICES}
    shown = formatting.local(seen[SERVICES[0]].now)
    apart = formatting.off_from_machine(p, shown, context.machine_now())
    kind = _("can be set") if standing.clock_settable else _("follows the machine")
    text = f"{formatting.day(p, shown.date(), weekday=True)} {shown:%H:%M:%S} +07:00\n  {apart or kind}"
    now = {service: one.wire()["now"] for service, one in seen.items()}
    context.tell(args, {"now": now, "settable": standing.clock_settable}, text)
    return 0


def restate(args: argparse.Namespace) -> int:
    """Let every reader of this node's facts build its picture again."""
    client = context.client(args)
    stated = client.send(Restate(), seconds=30)
    client.send(RestateAvailability(), seconds=30)
    client.send(RestateCapacity(), seconds=30)
    communities = ngettext("{count} community", "{count} communities", stated.communities)
    partnerships = ngettext("{count} partnership", "{count} partnerships", stated.partnerships)
    text = _(
        "Stated again: {communities}, {partnerships}, all availability.",
        communities=communities,
        partnerships=partnerships,
    )
    context.tell(args, stated.wire(), layout.fill(text))
    return 0
