"""Verbs of the system's operator: what is set aside, the clock, stating everything again."""

import argparse
from collections.abc import Iterator
from typing import Any

from services.cli import context
from services.cli.input import inputs
from services.cli.verbs.reconciling import SERVICES
from services.cli.views import dates, formatting, layout
from services.client.local_api import LocalApi
from services.client.problems import Problem


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    example = "examples:\n  ./handoff parked list\n  ./handoff parked replay 3f2a"
    parser = verbs.add_parser("parked", help="messages set aside: list, show, replay, discard", epilog=example)
    parser.add_argument("act", nargs="?", choices=("list", "show", "replay", "discard"), default="list")
    parser.add_argument("id", nargs="?", type=inputs.reference, metavar="ID", help="its beginning or end is enough")
    context.add_node(parser)
    parser.set_defaults(run=parked)
    example = "examples:\n  ./handoff clock\n  ./handoff clock --advance 2d\n  ./handoff clock --set 2027-01-04T09:00"
    example += "\n  ./handoff clock --machine"
    parser = verbs.add_parser("clock", help="the node's clock; set it for trials", epilog=example)
    to = parser.add_mutually_exclusive_group()
    to.add_argument("--set", dest="to", type=inputs.moment, metavar="MOMENT", help="local (+07:00), or with a zone")
    to.add_argument("--advance", type=inputs.duration, metavar="3h|2d", help="go on by so much")
    to.add_argument("--machine", action="store_true", help="follow the machine's clock again, after a trial")
    context.add_node(parser)
    parser.set_defaults(run=clock, options={"to": "--set, --advance"})
    example = "example:\n  ./handoff restate"
    parser = verbs.add_parser("restate", help="state every community and its places again", epilog=example)
    context.add_node(parser)
    parser.set_defaults(run=restate)


def parked(args: argparse.Namespace) -> int:
    """What is set aside in any service; one of it is replayed or given up."""
    client = context.client(args)
    found = list(all_parked(client))
    if args.act == "list":
        context.tell(args, {"items": found}, "\n".join(map(_line, found)) or "Nothing is parked.")
        return 0
    if args.id is None:
        raise Problem(f"ID: say which message to {args.act}: ./handoff parked list")
    one = _only(found, args.id)
    answer = client.ask(f"node.{args.act}_parked", {"id": one["id"]}, service=one["service"])
    if args.act == "show":
        context.tell(args, answer, _whole(answer))
        return 0
    done = {"replay": "Applied.", "discard": "Given up; what waited behind it goes on."}[args.act]
    context.tell(args, answer, done if answer["settled"] else f"It failed again: {answer['error']}")
    return 0 if answer["settled"] else 1


def all_parked(client: LocalApi) -> Iterator[dict[str, Any]]:
    """Parked messages of every service, oldest first within each."""
    for service in SERVICES:
        yield from client.ask("node.list_parked", {"limit": 1000}, service=service)["items"]


def _only(found: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    fits = [one for one in found if one["id"].startswith(wanted) or one["id"].endswith(wanted)]
    if wanted == "latest" and found:
        fits = [max(found, key=lambda one: str(one["parked_at"]))]
    if len(fits) != 1:
        several = (
            "several parked messages begin or end so: give more of it" if fits else "no parked message has this id"
        )
        raise Problem(f"ID: {several}; ./handoff parked list shows them.")
    return fits[0]


def _line(one: dict[str, Any]) -> str:
    head = f"{one['id'][-8:]} {one['service']} {one['type'] or 'unreadable'}"
    replayed = formatting.counted(one["replays"], "time", "times")
    when = f"{dates.shown_moment(one['parked_at'])}, replayed {replayed}, {one['size']} bytes"
    return "\n".join((head, layout.fill(when, 4), layout.fill(one["error"], 4)))


def _whole(one: dict[str, Any]) -> str:
    rows = [("id", one["id"]), ("queue", one["queue"]), ("stream", one["stream"]), ("number", one["seq"])]
    rows += [("message", one["message_id"]), ("trace", one["trace"])]
    lines = [_line(one), *(f"    {name:8} {value}" for name, value in rows if value is not None)]
    return "\n".join([*lines, "", "Its body may be personal:", one["body"] or ""])


def clock(args: argparse.Namespace) -> int:
    """Show the clock, or set it: it is one for the whole node, so one service is told."""
    client = context.client(args)
    standing = client.ask("node.ask_standing", service=SERVICES[0])
    now = dates.local(standing["now"], inputs.HERE)
    to = args.to or (now + args.advance if args.advance else None)
    to = dates.machine_now() if args.machine else to
    if to is not None:
        client.ask("node.move_clock", {"to": to.isoformat()}, service=SERVICES[0])
    seen = {service: client.ask("node.ask_standing", service=service)["now"] for service in SERVICES}
    shown = dates.local(seen[SERVICES[0]], inputs.HERE)
    apart = dates.apart_from_machine(shown)
    kind = "can be set" if standing["clock_settable"] else "follows the machine"
    text = f"{dates.shown_day(shown.date(), weekday=True)} {shown:%H:%M:%S} +07:00\n  {apart or kind}"
    context.tell(args, {"now": seen, "settable": standing["clock_settable"]}, text)
    return 0


def restate(args: argparse.Namespace) -> int:
    """Let every reader of this node's facts build its picture again."""
    client = context.client(args)
    stated = client.ask("community.restate", seconds=30)
    client.ask("booking.restate_availability", seconds=30)
    communities = formatting.counted(stated["communities"], "community", "communities")
    partnerships = formatting.counted(stated["partnerships"], "partnership", "partnerships")
    context.tell(args, stated, layout.fill(f"Stated again: {communities}, {partnerships}, all availability."))
    return 0
