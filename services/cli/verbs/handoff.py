"""The acts of a handoff: a table of verbs, each of which names what it asks the node for."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from contracts.border.v1 import DeclineReason, EndReason
from contracts.messages import Asked
from contracts.referral.v1 import (
    AcceptHandoff,
    ArriveParty,
    CancelHandoff,
    CompleteVisit,
    CounterHandoff,
    DeclineHandoff,
    DelayParty,
    DepartParty,
    MarkNoShow,
    Recorded,
    ShowHandoff,
    TakeCounter,
    TurnPartyBack,
    WithdrawHandoff,
)
from contracts.values import Window
from services.cli import context
from services.cli.input import inputs
from services.cli.views import acts, layout
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_, Phrase
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import REQUESTS, STATE_WORDS, word
from services.client.problems import Problem

Parser = argparse.ArgumentParser
Given = argparse.Namespace


@dataclass(frozen=True, kw_only=True)
class ActVerb:
    """One verb: its line of help, an example without `./handoff`, its options, and what they ask for."""

    name: str
    line: Phrase
    example: str
    #: Of the handoff's id and what was typed.
    asks: Callable[[str, Given], Asked[Recorded]]
    options: Callable[[Parser], None] = lambda _parser: None
    #: What does not go together is said before anything is asked. Raises Bad.
    checked: Callable[[Given], object] = lambda _args: None
    #: What must be known before, and is looked up when it was not typed.
    completed: Callable[[Given, LocalApi, str], None] = lambda _args, _client, _ref: None


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    for act in ACTS:
        parser = verbs.add_parser(act.name, help=say(act.line), epilog=layout.examples(f"./handoff {act.example}"))
        inputs.add_reference(parser)
        act.options(parser)
        context.add_node(parser, acting=True)
        parser.set_defaults(run=lambda args, act=act: run(args, act))


def run(args: Given, act: ActVerb) -> int:
    """Do it, and say what was recorded: the outcome comes when booking and the partner have answered."""
    act.checked(args)
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    act.completed(args, client, ref)
    return recorded(args, client.send(act.asks(ref, args), acting=args.acting))


def recorded(args: Given, answer: Recorded) -> int:
    """Say what was recorded, and where what becomes of it is seen."""
    p, short = spoken(), answer.referral_id[-6:]
    lines = [
        _recorded(answer),
        _("Handoff …{end} on your side: {state}", end=short, state=word(p, STATE_WORDS, answer.state)),
        _("What becomes of it:"),
        f"  {context.command(args, 'show', short, '--as', args.acting)}",
    ]
    context.tell(args, answer, "\n".join(lines))
    return 0


def _recorded(answer: Recorded) -> str:
    p = spoken()
    act = acts.called(p, answer.intent)
    if answer.waits_for is None:
        return _("Recorded: {act}", act=act)
    request = word(p, REQUESTS, answer.waits_for)
    return _("Recorded: {act}; waiting for booking ({request})", act=act, request=request)


def _live_round(args: Given, client: LocalApi, ref: str) -> None:
    if args.round:
        return
    args.round = client.send(ShowHandoff(referral=ref), acting=args.acting).round
    if not args.round:
        raise Problem(_("REF: there is no counter-offer to take; ./handoff show says how it stands."))


def _reason(reasons: Any) -> Callable[[Parser], None]:
    def options(parser: Parser) -> None:
        codes = get_args(reasons)
        words = _("one of {codes}", codes=", ".join(codes))
        parser.add_argument("--reason", choices=codes, metavar="CODE", help=words)

    return options


def _answer(parser: Parser) -> None:
    words = _("yes, no, or something else instead")
    parser.add_argument("answer", choices=("accept", "decline", "counter"), help=words)
    _reason(DeclineReason)(parser)
    inputs.add_items(parser, required=False)


def _answered(ref: str, args: Given) -> Asked[Recorded]:
    if args.answer == "accept":
        return AcceptHandoff(referral=ref)
    if args.answer == "decline":
        return inputs.built(DeclineHandoff, referral=ref, reason=args.reason)
    return CounterHandoff(referral=ref, items=args.items)


def _check_answer(args: Given) -> None:
    """Each answer has options of its own. Raises Bad for those of another answer."""
    belongs = {"accept": (), "decline": ("reason",), "counter": ("items",)}[args.answer]
    for name in ("reason", "items"):
        if getattr(args, name) is not None and name not in belongs:
            option = context.OPTIONS[name]
            raise inputs.Bad(_("{option} does not go with {answer}", option=option, answer=args.answer))
    if args.answer == "counter" and not args.items:
        raise inputs.Bad(_("--item: say what you offer instead, such as --item bo-taen.homestay@2027-01-16"))


def _round(parser: Parser) -> None:
    words = _("of the counter-offer (the one that is live)")
    parser.add_argument("--round", type=inputs.number, metavar="N", help=words)


def _window(parser: Parser) -> None:
    parser.add_argument("--day", required=True, type=inputs.day, metavar="DATE", help=_("when they arrive now"))
    words = _("local")
    parser.add_argument("--from", dest="earliest", required=True, type=inputs.clock_time, metavar="HH:MM", help=words)
    words = _("local; before --from, it is on the next day")
    parser.add_argument("--until", dest="latest", required=True, type=inputs.clock_time, metavar="HH:MM", help=words)


def _delayed(ref: str, args: Given) -> Asked[Recorded]:
    arrival = Window(day=args.day, earliest=args.earliest, latest=args.latest)
    return DelayParty(referral=ref, arrival=arrival)


def _border_reason(parser: Parser) -> None:
    words = _("short words joined by _, such as no_passport, visa or closed")
    parser.add_argument("--reason", type=inputs.code, metavar="CODE", help=words)


ACTS = (
    ActVerb(
        name="answer", line=N_("receiver: accept, decline or counter an offer"),
        example="answer latest accept --as bo-taen", options=_answer, checked=_check_answer, asks=_answered,
    ),
    ActVerb(
        name="take", line=N_("sender: take the counter-offer"), example="take latest --as tha-li",
        options=_round, completed=_live_round, asks=lambda ref, args: TakeCounter(referral=ref, round=args.round),
    ),
    ActVerb(
        name="withdraw", line=N_("sender: take the offer back"),
        example="withdraw latest --as tha-li --reason illness", options=_reason(EndReason),
        asks=lambda ref, args: inputs.built(WithdrawHandoff, referral=ref, reason=args.reason),
    ),
    ActVerb(
        name="depart", line=N_("sender: the party is on the way"), example="depart latest --as tha-li",
        asks=lambda ref, _args: DepartParty(referral=ref),
    ),
    ActVerb(
        name="delay", line=N_("sender: the party will be late"),
        example="delay latest --as tha-li --day 2027-01-14 \\\n    --from 15:00 --until 18:00",
        options=_window, asks=_delayed,
    ),
    ActVerb(
        name="turn-back", line=N_("sender: the border did not let them through"),
        example="turn-back latest --as tha-li --reason passport", options=_border_reason,
        asks=lambda ref, args: inputs.built(TurnPartyBack, referral=ref, reason=args.reason),
    ),
    ActVerb(
        name="arrive", line=N_("receiver: the party is here"), example="arrive latest --as bo-taen",
        options=inputs.add_party, checked=inputs.party,
        asks=lambda ref, args: ArriveParty(referral=ref, party=inputs.party(args)),
    ),
    ActVerb(
        name="no-show", line=N_("receiver: the party did not come"), example="no-show latest --as bo-taen",
        asks=lambda ref, _args: MarkNoShow(referral=ref),
    ),
    ActVerb(
        name="cancel", line=N_("receiver: you cannot take them after all"),
        example="cancel latest --as bo-taen --reason road", options=_reason(EndReason),
        asks=lambda ref, args: inputs.built(CancelHandoff, referral=ref, reason=args.reason),
    ),
    ActVerb(
        name="complete", line=N_("receiver: the visit is over"), example="complete latest --as bo-taen",
        asks=lambda ref, _args: CompleteVisit(referral=ref),
    ),
)  # fmt: skip
