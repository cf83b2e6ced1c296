"""`handoff plan`, `reminders`, `crossings`: what the border asks, by dated rows. Never confirmed by officials."""

import argparse
import os
from collections.abc import Iterator
from typing import get_args

from contracts.crossing import rows
from contracts.crossing.v1 import (
    AskCrossings,
    CrossingBook,
    ListReminders,
    Plan,
    PlanCrossing,
    PlanOfHandoff,
)
from contracts.referral.v1 import ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.views import crossing_view, layout
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_
from services.client.phrases.spoken import _, say, spoken
from services.client.problems import Problem

Bad = argparse.ArgumentTypeError
#: The party's facts, by their names in the contract: option → field.
FACTS = ("nationality", "document", "border_resident", "vehicle", "children_with", "visa")
#: What a handoff of one's own says already, as `plan` calls it.
SAID_BY_HANDOFF = ("origin", "destination", "day", "nights", "return_by", "adults", "children", "infants")
NONE_KEPT = N_("No crossings are kept: ./handoff import deploy/demo/crossings.json")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    _register_plan(verbs)
    line, example = _("what you are reminded of, due and coming"), layout.examples("./handoff reminders --as tha-li")
    parser = verbs.add_parser("reminders", help=line, epilog=example)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=reminders)
    example = layout.examples("./handoff crossings", "./handoff crossings pp-th-la --history")
    line = _("crossings and rules as this node keeps them")
    parser = verbs.add_parser("crossings", help=line, epilog=example)
    parser.add_argument("id", nargs="?", type=inputs.community, metavar="ID", help=_("one row; none: all"))
    older, before = _("with its older versions, the latest fifty"), _("with --history: checked before this day")
    parser.add_argument("--history", action="store_true", help=older)
    parser.add_argument("--before", type=inputs.day, metavar="DATE", help=before)
    _add_node(parser)
    parser.set_defaults(run=crossings)


def _register_plan(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = layout.examples(
        "./handoff plan latest --as tha-li --hour 10:00",
        "./handoff plan --from tha-li --to bo-taen --day 2027-01-14 \\\n"
        "    --hour 10:00 --nationality third_country --document passport",
    )
    line = _("what the border asks of a party, and by which crossing")
    parser = verbs.add_parser("plan", help=line, epilog=example)
    ref, back = _("a handoff of yours, or `latest`"), _("the crossing by which they go back")
    parser.add_argument("ref", nargs="?", type=inputs.reference, metavar="REF", help=ref)
    parser.add_argument("--from", dest="origin", type=inputs.community, metavar="COMMUNITY")
    parser.add_argument("--to", dest="destination", type=inputs.community, metavar="COMMUNITY")
    parser.add_argument("--day", type=inputs.day, metavar="DATE", help=_("when they cross"))
    parser.add_argument("--hour", type=inputs.clock_time, metavar="HH:MM", help=_("at what time, local"))
    parser.add_argument("--nights", type=inputs.number, metavar="N", help=_("how long they stay"))
    parser.add_argument("--return-by", type=inputs.community, metavar="ID", help=back)
    parser.add_argument("--crossing", type=inputs.community, metavar="ID", help=_("show this one (the first)"))
    inputs.add_party(parser)
    add_travel(parser)
    _add_node(parser)
    parser.set_defaults(run=plan)


def add_travel(parser: argparse.ArgumentParser) -> None:
    """Options for what the border asks of a party: groups and classes only, of nobody a number or a name."""
    group = parser.add_argument_group(_("what the border asks (kept by you, it does not cross)"))
    area, visa = _("of the agreed border area"), _("of the country they enter")
    group.add_argument("--nationality", choices=get_args(rows.Group))
    group.add_argument("--document", choices=get_args(rows.Document))
    group.add_argument("--border-resident", choices=("yes", "no", "unknown"), help=area)
    group.add_argument("--vehicle", choices=get_args(rows.Vehicle))
    group.add_argument("--children-with", choices=get_args(rows.Escort))
    group.add_argument("--visa", choices=("yes", "no", "not_needed", "unknown"), help=visa)


def travel(args: argparse.Namespace) -> dict[str, str] | None:
    """The facts that were given; None without any. Raises Bad without the two that everything hangs on."""
    given = {name: getattr(args, name) for name in FACTS if getattr(args, name) is not None}
    if not given:
        return None
    for name in ("nationality", "document"):
        if name not in given:
            no = _("{option}: say it too, by group or class, or nothing can be looked up", option=f"--{name}")
            raise Bad(no)
    return given


def plan(args: argparse.Namespace) -> int:
    """For one of your handoffs, or for a party that you describe."""
    if args.ref is not None:
        _check_of_handoff(args)
    client = context.client(args)
    if args.ref is not None:
        shown, lacks_facts = _of_handoff(args, client)
    else:
        shown, lacks_facts = client.send(described(args), acting=args.acting), False
    if args.json:
        context.tell(args, shown.wire(), "")
        return 0
    if not shown.crossings and _is_empty(client.send(AskCrossings(), acting=args.acting)):
        raise Problem(say(NONE_KEPT))
    if args.crossing and args.crossing not in {way.crossing for way in shown.crossings}:
        no = _("--crossing: this plan has no {crossing}: ./handoff crossings shows all.", crossing=args.crossing)
        raise Problem(no)
    print("\n".join(crossing_view.plan(shown, args.crossing, spoken(), lacks_facts=lacks_facts)))
    return 0


def _of_handoff(args: argparse.Namespace, client: LocalApi) -> tuple[Plan, bool]:
    """What is asked of one's own handoff, and whether its sender gave no facts about the travellers."""
    ref = context.handoff(args, client, args.ref)
    shown = client.send(inputs.built(PlanOfHandoff, referral=ref, hour=args.hour), acting=args.acting)
    view = client.send(inputs.built(ShowHandoff, referral=ref), acting=args.acting)
    return shown, view.side == "sender" and not view.travel


def _is_empty(book: CrossingBook) -> bool:
    return not (book.crossings or book.rules or book.margins)


def _check_of_handoff(args: argparse.Namespace) -> None:
    """A handoff says who travels, whence and when: what is said beside it would not be heard. Raises Bad."""
    if not args.acting:
        raise Problem(_("--as: say whose handoff it is."))
    beside = [name for name in (*SAID_BY_HANDOFF, *FACTS) if getattr(args, name) is not None]
    if not beside:
        return
    option = "--" + {"origin": "from", "destination": "to"}.get(beside[0], beside[0].replace("_", "-"))
    if beside[0] in FACTS:
        no = _(
            "{option}: travel facts are given with `offer`; without REF, `plan --from … --to …` answers for a party "
            "that you describe",
            option=option,
        )
    else:
        no = _(
            "{option}: a handoff says that itself; without REF, `plan --from … --to …` answers for a party that you "
            "describe",
            option=option,
        )
    raise Bad(no)


def described(args: argparse.Namespace) -> PlanCrossing:
    """A party that is not a handoff yet. Raises Bad naming the option that is missing."""
    for name, option in (("origin", "--from"), ("destination", "--to"), ("day", "--day")):
        if getattr(args, name) is None:
            raise Bad(_("{option}: say it, or name a handoff of yours", option=option))
    facts = travel(args)
    if facts is None:
        raise Bad(_("--nationality, --document: say them, by group and class"))
    return inputs.built(
        PlanCrossing,
        travel=facts,
        origin=args.origin,
        destination=args.destination,
        day=args.day,
        hour=args.hour,
        nights=args.nights,
        return_by=args.return_by,
        party=inputs.party(args),
    )


def reminders(args: argparse.Namespace) -> int:
    """By day; those that went out are marked."""
    answer = context.client(args).send(ListReminders(), acting=args.acting)
    lines = [line for one in answer.items for line in crossing_view.reminder(one, spoken())]
    none = _("{community} has nothing to be reminded of.", community=args.acting)
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def crossings(args: argparse.Namespace) -> int:
    """Rows with their source and check."""
    if args.history and args.id is None:
        raise Bad(_("--history: name the row, there is a history of each"))
    asked = inputs.built(AskCrossings, id=args.id, history=args.history, before=args.before)
    answer = context.client(args).send(asked, acting=args.acting)
    lines = list(_kept(answer))
    nothing = _("No row {id} is kept: ./handoff crossings shows all.", id=args.id) if args.id else say(NONE_KEPT)
    context.tell(args, answer.wire(), "\n".join(lines) or nothing)
    return 0


def _kept(book: CrossingBook) -> Iterator[str]:
    p = spoken()
    for row in (*book.crossings, *book.rules, *book.margins):
        yield from crossing_view.row(row, p)


def _add_node(parser: argparse.ArgumentParser) -> None:
    """Operators of the system may ask too, so that a community need not be named."""
    parser.add_argument(
        "--as", dest="acting", default=os.environ.get("HANDOFF_AS"), type=inputs.community, metavar="COMMUNITY",
        help=_("the community that acts (HANDOFF_AS); none: an operator"),
    )  # fmt: skip
    context.add_node(parser)
