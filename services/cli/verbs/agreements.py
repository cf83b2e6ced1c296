"""What agencies and communities agree on: list, propose, agree, end; a part of the verb `agency`.

`--as` speaks for the community. `--with` speaks for the agency, for which an operator of the system may act.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from contracts.agencies.v1 import (
    AgreeAgreement,
    AgreementTerms,
    AgreementView,
    EndAgreement,
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
    _add_terms(parser.add_argument_group(_("terms")))
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
    group.add_argument("--to", dest="valid_to", type=inputs.day, metavar="DAY", help=_("the last day (no end)"))
    part = _("of the published price: its commission, or with --net what it pays less")
    group.add_argument("--percent", type=partners.percent, metavar="N", help=f"{part} ({usual['percent']})")
    group.add_argument("--net", action="store_true", help=_("it pays that much less, and sells at a price of its own"))
    notice = _("hours of notice, beside the community’s own")
    hours = partners.within(0, 24 * 60)
    group.add_argument("--cutoff-hours", type=hours, metavar="N", help=f"{notice} ({usual['cutoff_hours']})")
    group.add_argument("--on-request", action="store_true", help=_("each booking waits for the community’s word"))
    answer = _("with --on-request: it is answered within")
    hours = partners.within(1, 240)
    group.add_argument("--answer-hours", type=hours, metavar="N", help=f"{answer} ({usual['answer_hours']})")


def _list(args: argparse.Namespace) -> int:
    answer = context.client(args).send(ListAgreements(), acting=args.acting)
    lines = [line for one in answer.items for line in agency_view.agreement(spoken(), one)]
    none = _("Nothing is agreed or proposed yet: ./handoff agency propose --help")
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _propose(args: argparse.Namespace) -> int:
    if args.valid_from and args.valid_to and args.valid_to < args.valid_from:
        raise Bad(_("--to: must not be before --from"))
    if args.answer_hours and not args.on_request:
        raise Bad(_("--answer-hours: goes with --on-request"))
    side, client = _side(args), _client(args)
    terms = inputs.built(
        AgreementTerms,
        valid_from=args.valid_from or formatting.local(client.send(AskStanding(), service="community").now).date(),
        valid_to=args.valid_to,
        rate="net" if args.net else None,
        percent=args.percent,
        cutoff_hours=args.cutoff_hours,
        confirmation="on_request" if args.on_request else None,
        answer_hours=args.answer_hours,
    )
    proposal = inputs.built(ProposeAgreement, agency=args.agency, terms=terms, side=side)
    return _told(args, client.send(proposal, acting=args.acting))


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


def _told(args: argparse.Namespace, answer: AgreementView) -> int:
    lines = [*agency_view.agreement(spoken(), answer), layout.fill(agency_view.standing(spoken(), answer), 2)]
    context.tell(args, answer, "\n".join(lines))
    return 0
