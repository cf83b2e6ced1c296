"""What agencies and communities agree on: list, propose, agree, end; a part of the verb `agency`.

`--as` speaks for the community. `--with` speaks for the agency, for which an operator of the system may act.
"""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from datetime import date
from typing import Any

from pydantic import ValidationError

from contracts.agencies.v1 import (
    AgreeAgreement,
    AgreementTerms,
    AgreementView,
    Allotment,
    EndAgreement,
    HandingOver,
    ListAgreements,
    ProposeAgreement,
    Side,
)
from contracts.node.v1 import AskStanding
from services.cli import context
from services.cli.input import inputs
from services.cli.input.inputs import Bad
from services.cli.verbs import partners
from services.cli.views import agency_view, layout
from services.client import formatting
from services.client.local_api import LocalApi
from services.client.phrases.spoken import _, spoken


def register(kinds: Any) -> None:
    """Add the acts about agreements to the verb."""
    line = _("what was agreed or proposed, of the community that acts or of all")
    parser = act(kinds, "agreements", line, "agreements --as bo-taen")
    usual = os.environ.get("HANDOFF_AS")
    whose = _("the community that acts (HANDOFF_AS, else all)")
    parser.add_argument("--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY", help=whose)
    context.add_node(parser)
    parser.set_defaults(run=_list)
    parser = _of_one(kinds, "propose", _("propose terms, or new ones in place of those in force"), "--percent 15")
    _add_terms(parser.add_argument_group(_("terms"), _("What is not said stays as it is agreed or proposed.")))
    parser.set_defaults(run=_propose)
    parser = _of_one(kinds, "agree", _("agree to what the other side proposed"), "")
    parser.set_defaults(run=_agree)
    parser = _of_one(kinds, "end", _("end an agreement, or turn a proposal down; bookings stay as they are"), "")
    only = _("turn down or take back what is proposed, and leave the terms in force")
    parser.add_argument("--proposal-only", action="store_true", help=only)
    parser.set_defaults(run=_end)


def act(kinds: Any, name: str, line: str, example: str) -> argparse.ArgumentParser:
    """One act of the verb, with its own help."""
    epilog = layout.examples(f"./handoff agency {example}")
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=line, description=line, epilog=epilog)
    return parser


def add_agency(parser: argparse.ArgumentParser) -> None:
    """Which agency it is about."""
    parser.add_argument("agency", type=agency, metavar="AGENCY", help=_("the agency’s id"))


def agency(text: str) -> str:
    """An agency's id. Raises Bad for a name in words."""
    try:
        return inputs.community(text)
    except Bad:
        raise Bad(
            _("{text} is not an agency's id such as mekong-tours: ./handoff agency list shows them", text=text)
        ) from None


def _of_one(kinds: Any, name: str, line: str, options: str) -> argparse.ArgumentParser:
    parser = act(kinds, name, line, f"{name} mekong-tours --as bo-taen {options}".rstrip())
    add_agency(parser)
    usual = os.environ.get("HANDOFF_AS")
    side = parser.add_mutually_exclusive_group(required=not usual)
    whose = _("the community that acts (HANDOFF_AS)")
    side.add_argument("--as", dest="acting", default=usual, type=inputs.community, metavar="COMMUNITY", help=whose)
    whom = _("act for the agency, with this community")
    side.add_argument("--with", dest="other", type=inputs.community, metavar="COMMUNITY", help=whom)
    context.add_node(parser)
    return parser


def _add_terms(group: argparse._ArgumentGroup) -> None:
    usual = {name: field.default for name, field in AgreementTerms.model_fields.items()}
    group.add_argument("--from", dest="valid_from", type=inputs.day, metavar="DAY", help=_("the first day (today)"))
    last = group.add_mutually_exclusive_group()
    last.add_argument("--to", dest="valid_to", type=inputs.day, metavar="DAY", help=_("the last day (no end)"))
    last.add_argument("--no-end", action="store_true", help=_("from now on without a last day"))
    part = _("of the published price: its commission, or with --net what it pays less")
    group.add_argument("--percent", type=partners.percent, metavar="N", help=f"{part} ({usual['percent']})")
    net = _("it pays that much less, and sells at a price of its own")
    group.add_argument("--net", action=argparse.BooleanOptionalAction, help=net)
    notice = _("hours of notice, beside the community’s own")
    hours = partners.within(0, 24 * 60)
    group.add_argument("--cutoff-hours", type=hours, metavar="N", help=f"{notice} ({usual['cutoff_hours']})")
    waits = _("each booking waits for the community’s word")
    group.add_argument("--on-request", action=argparse.BooleanOptionalAction, help=waits)
    answer = _("with --on-request: it is answered within")
    hours = partners.within(1, 240)
    group.add_argument("--answer-hours", type=hours, metavar="N", help=f"{answer} ({usual['answer_hours']})")
    _add_kept(group)


def _add_kept(group: argparse._ArgumentGroup) -> None:
    kept = _("places of each departure or night that are kept for it, until so many days before (14); again for others")
    group.add_argument(
        "--allot", dest="allotments", type=allotment, action="append", metavar="EXPERIENCE:PLACES[:DAYS]", help=kept
    )
    group.add_argument("--no-allot", action="store_true", help=_("keep nothing of what was kept before"))
    hands = _("it may hand over so many parties at a time for the community, to these partners (all)")
    given = group.add_mutually_exclusive_group()
    given.add_argument("--hand-over", type=handing_over, metavar="N[:PARTNER,…]", help=hands)
    given.add_argument("--no-hand-over", action="store_true", help=_("it may hand over nobody any more"))


def allotment(text: str) -> Allotment:
    """Places that are kept. Raises Bad."""
    experience, *numbers = inputs.digits(text).split(":")
    if len(numbers) in (1, 2) and all(number.isdecimal() for number in numbers):
        days = {"release_days": int(numbers[1])} if len(numbers) == 2 else {}
        with suppress(ValidationError):
            return Allotment(experience_id=experience, places=int(numbers[0]), **days)
    raise Bad(_("{text} is not such as bo-taen.homestay:4:14: an experience, places, days before", text=text))


def handing_over(text: str) -> HandingOver:
    """How many at a time, and to whom. Raises Bad."""
    number, _colon, partners_named = inputs.digits(text).partition(":")
    if number.isdecimal():
        named = tuple(inputs.community(one) for one in partners_named.split(",") if one)
        with suppress(ValidationError):
            return HandingOver(partners=named, most_open=int(number))
    raise Bad(_("{text} is not such as 10:tha-li: how many at a time, then partners", text=text))


def _list(args: argparse.Namespace) -> int:
    answer = context.client(args).send(ListAgreements(), acting=args.acting)
    lines = [line for one in answer.items for line in agency_view.agreement(spoken(), one)]
    none = _("Nothing is agreed or proposed yet: ./handoff agency propose --help")
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _propose(args: argparse.Namespace) -> int:
    if args.valid_from and args.valid_to and args.valid_to < args.valid_from:
        raise Bad(_("--to: must not be before --from"))
    side, client = _side(args), _client(args)
    before = _before(args, client)
    terms = _terms(args, before) if before else _terms(args, AgreementTerms(valid_from=_today(client)))
    if args.answer_hours and terms.confirmation != "on_request":
        raise Bad(_("--answer-hours: goes with --on-request"))
    proposal = inputs.built(ProposeAgreement, agency=args.agency, terms=terms, side=side)
    answer = client.send(proposal, acting=args.acting)
    changes = agency_view.changes(spoken(), before, answer.terms) if before else ()
    return _told(args, answer, *(layout.fill(line, 2) for line in changes))


def _before(args: argparse.Namespace, client: LocalApi) -> AgreementTerms | None:
    """The terms on the table, else those in force; None where nothing is between the two."""
    found = client.send(ListAgreements(), acting=args.acting).items
    return next((one.terms for one in found if one.agency == args.agency and one.state != "ended"), None)


def _today(client: LocalApi) -> date:
    return formatting.local(client.send(AskStanding(), service="community").now).date()


def _terms(args: argparse.Namespace, before: AgreementTerms) -> AgreementTerms:
    """The terms before, but for what is said otherwise."""
    said = {
        "valid_from": args.valid_from,
        "valid_to": args.valid_to,
        "rate": None if args.net is None else "net" if args.net else "commission",
        "percent": args.percent,
        "cutoff_hours": args.cutoff_hours,
        "confirmation": None if args.on_request is None else "on_request" if args.on_request else "instant",
        "answer_hours": args.answer_hours,
        "allotments": _allotments(args, before),
        "hand_over": args.hand_over,
    }
    kept = {name: getattr(before, name) for name in AgreementTerms.model_fields}
    dropped = {"valid_to": args.no_end, "hand_over": args.no_hand_over}
    terms = {**kept, **{name: value for name, value in said.items() if value is not None}}
    return inputs.built(AgreementTerms, **{name: value for name, value in terms.items() if not dropped.get(name)})


def _allotments(args: argparse.Namespace, before: AgreementTerms) -> tuple[Allotment, ...]:
    """Those that are given, each in the place of the one before of its experience."""
    given: list[Allotment] = args.allotments or []
    named = {one.experience_id for one in given}
    kept = () if args.no_allot else (one for one in before.allotments if one.experience_id not in named)
    return (*kept, *given)


def _agree(args: argparse.Namespace) -> int:
    agreed = inputs.built(AgreeAgreement, agency=args.agency, side=_side(args))
    return _told(args, _client(args).send(agreed, acting=args.acting))


def _end(args: argparse.Namespace) -> int:
    ended = inputs.built(EndAgreement, agency=args.agency, proposal_only=args.proposal_only or None, side=_side(args))
    return _told(args, _client(args).send(ended, acting=args.acting))


def _side(args: argparse.Namespace) -> Side | None:
    return "agency" if args.other else None


def _client(args: argparse.Namespace) -> LocalApi:
    args.acting = args.other or args.acting
    return context.client(args)


def _told(args: argparse.Namespace, answer: AgreementView, *more: str) -> int:
    lines = [*agency_view.agreement(spoken(), answer), *more, layout.fill(agency_view.standing(spoken(), answer), 2)]
    context.tell(args, answer, "\n".join(lines))
    return 0
