"""The acts of a handoff: a table of verbs, each of which names what it asks the node for."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from contracts.border.v1 import DeclineReason, EndReason
from services.cli import context
from services.cli.input import inputs
from services.cli.views import wording
from services.client.local_api import LocalApi
from services.client.problems import Problem

Parser = argparse.ArgumentParser
Fields = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ActVerb:
    """One verb: its line of help, an example without `./handoff`, its options, and the fields they make."""

    name: str
    asks: str
    line: str
    example: str
    options: Callable[[Parser], None] = lambda _: None
    fields: Callable[[argparse.Namespace], Fields] = lambda _: {}


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    for act in ACTS:
        parser = verbs.add_parser(act.name, help=act.line, epilog=f"example:\n  ./handoff {act.example}")
        parser.add_argument("ref", type=inputs.reference, metavar="REF", help="its id, the end of it, or `latest`")
        act.options(parser)
        context.add_node(parser, acting=True)
        parser.set_defaults(run=lambda args, act=act: run(args, act))


def run(args: argparse.Namespace, act: ActVerb) -> int:
    """Do it, and say what was recorded: the outcome comes when booking and the partner have answered."""
    fields = act.fields(args)
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    if act.name == "take":
        fields["round"] = args.round or _live_round(client, args.acting, ref)
    asks = f"referral.{args.answer}_handoff" if act.name == "answer" else act.asks
    return recorded(args, client.ask(asks, {"referral": ref, **fields}, acting=args.acting))


def recorded(args: argparse.Namespace, answer: Fields) -> int:
    """Say what was recorded, and where what becomes of it is seen."""
    short = answer["referral_id"][-6:]
    waits = f"; waiting for booking ({answer['waits_for']})" if answer.get("waits_for") else ""
    text = (
        f"Recorded: {wording.act(answer['intent'])}{waits}\n"
        f"Handoff …{short} on your side: {answer['state'].replace('_', ' ')}\n"
        f"What becomes of it:\n  {context.command(args, 'show', short, '--as', args.acting)}"
    )
    context.tell(args, answer, text)
    return 0


def _live_round(client: LocalApi, acting: str, ref: str) -> int:
    shown = client.ask("referral.show_handoff", {"referral": ref}, acting=acting)
    if not shown["round"]:
        raise Problem("REF: there is no counter-offer to take; ./handoff show says how it stands.")
    return int(shown["round"])


def _reason(reasons: Any) -> Callable[[Parser], None]:
    def options(parser: Parser) -> None:
        codes = get_args(reasons)
        parser.add_argument("--reason", choices=codes, metavar="CODE", help=f"one of {', '.join(codes)}")

    return options


def _given(*names: str) -> Callable[[argparse.Namespace], Fields]:
    return lambda args: {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def _answer(parser: Parser) -> None:
    parser.add_argument("answer", choices=("accept", "decline", "counter"), help="yes, no, or something else instead")
    _reason(DeclineReason)(parser)
    inputs.add_items(parser, required=False)


def _answered(args: argparse.Namespace) -> Fields:
    """Each answer has fields of its own. Raises Bad for those of another answer."""
    belongs = {"accept": (), "decline": ("reason",), "counter": ("items",)}[args.answer]
    for name in ("reason", "items"):
        if getattr(args, name) is not None and name not in belongs:
            raise inputs.Bad(f"{context.OPTIONS[name]} does not go with {args.answer}")
    if args.answer == "counter" and not args.items:
        raise inputs.Bad("--item: say what you offer instead, such as --item bo-taen.homestay@2027-01-16")
    return _given(*belongs)(args)


def _round(parser: Parser) -> None:
    parser.add_argument("--round", type=inputs.number, metavar="N", help="of the counter-offer (the one that is live)")


def _window(parser: Parser) -> None:
    parser.add_argument("--day", required=True, type=inputs.day, metavar="DATE", help="when they arrive now")
    parser.add_argument("--from", dest="earliest", required=True, type=inputs.clock_time, metavar="HH:MM", help="local")
    until = "local; before --from, it is on the next day"
    parser.add_argument("--until", dest="latest", required=True, type=inputs.clock_time, metavar="HH:MM", help=until)


def _delayed(args: argparse.Namespace) -> Fields:
    return {"arrival": {"day": args.day.isoformat(), "earliest": args.earliest, "latest": args.latest}}


def _border_reason(parser: Parser) -> None:
    words = "short words joined by _, such as no_passport, visa or closed"
    parser.add_argument("--reason", type=inputs.code, metavar="CODE", help=words)


def _arrived(args: argparse.Namespace) -> Fields:
    party = inputs.party(args)
    return {"party": party} if party else {}


ACTS = (
    ActVerb(
        name="answer", asks="", line="receiver: accept, decline or counter an offer",
        example="answer latest accept --as bo-taen", options=_answer, fields=_answered,
    ),
    ActVerb(
        name="take", asks="referral.take_counter", line="sender: take the counter-offer",
        example="take latest --as tha-li", options=_round,
    ),
    ActVerb(
        name="withdraw", asks="referral.withdraw_handoff", line="sender: take the offer back",
        example="withdraw latest --as tha-li --reason illness", options=_reason(EndReason), fields=_given("reason"),
    ),
    ActVerb(
        name="depart", asks="referral.depart_party", line="sender: the party is on the way",
        example="depart latest --as tha-li",
    ),
    ActVerb(
        name="delay", asks="referral.delay_party", line="sender: the party will be late",
        example="delay latest --as tha-li --day 2027-01-14 \\\n    --from 15:00 --until 18:00",
        options=_window, fields=_delayed,
    ),
    ActVerb(
        name="turn-back", asks="referral.turn_party_back", line="sender: the border did not let them through",
        example="turn-back latest --as tha-li --reason passport", options=_border_reason, fields=_given("reason"),
    ),
    ActVerb(
        name="arrive", asks="referral.arrive_party", line="receiver: the party is here",
        example="arrive latest --as bo-taen", options=inputs.add_party, fields=_arrived,
    ),
    ActVerb(
        name="no-show", asks="referral.mark_no_show", line="receiver: the party did not come",
        example="no-show latest --as bo-taen",
    ),
    ActVerb(
        name="cancel", asks="referral.cancel_handoff", line="receiver: you cannot take them after all",
        example="cancel latest --as bo-taen --reason road", options=_reason(EndReason),
        fields=_given("reason"),
    ),
    ActVerb(
        name="complete", asks="referral.complete_visit", line="receiver: the visit is over",
        example="complete latest --as bo-taen",
    ),
)  # fmt: skip
