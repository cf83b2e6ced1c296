"""Partnerships: list them, propose terms, agree once the fingerprints were compared, pause, take up again, end."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any

from contracts.community.v1 import (
    AgreePartnership,
    EndPartnership,
    ListPartnerships,
    PartnershipView,
    ProposePartnership,
    SuspendPartnership,
    Terms,
)
from contracts.node.v1 import AskStanding
from services.cli import context
from services.cli.input import consent_prompt, inputs
from services.cli.input.inputs import Bad
from services.cli.views import layout, naming
from services.cli.views.naming import Names
from services.client import formatting
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import Table, word
from services.client.problems import Problem

ACTS = ("list", "propose", "agree", "suspend", "resume", "end")
NOTE = N_(
    "Whoever agrees calls the partner first, on a number known from\n"
    "before: each reads out its own fingerprint. If one is another,\n"
    "somebody stands in between: do not agree."
)
#: How a partnership stands, in one word.
STATES: Table = {
    "proposed": NC_("a partnership", "proposed"),
    "agreed": NC_("a partnership", "agreed"),
    "suspended": NC_("a partnership", "suspended"),
    "ended": NC_("a partnership", "ended"),
}
#: What is said of a standing that an act has led to.
STANDINGS: Table = {
    "proposed": N_("The proposal waits for their word."),
    "agreed": N_("You are partners: offers go both ways."),
    "suspended": N_("No new offers either way until whoever paused resumes; what is under way goes on."),
    "ended": N_("Nothing is agreed any more; what is under way goes on to its end."),
}
COMPARE = N_(
    "Call them on a number that you know from before. Each reads out its own fingerprint; the other compares it with "
    "what stands here."
)
CHANGED = N_(
    "Their proposal became another while you looked, and you have agreed to this one. If it is not what you want:"
)
QUESTION = N_("Are the fingerprints the same on the phone, and do you agree to the terms? (yes/no)")


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    example = layout.examples(
        "./handoff partners --as tha-li",
        "./handoff partners propose bo-taen --as tha-li --fee-percent 5",
        "./handoff partners agree tha-li --as bo-taen",
        "./handoff partners suspend bo-taen --as tha-li",
        note=say(NOTE),
    )
    line = _("your partners: list, propose, agree, suspend, end")
    parser = verbs.add_parser("partners", help=line, epilog=example)
    parser.add_argument("act", nargs="?", choices=ACTS, default="list", help="(%(default)s)")
    parser.add_argument("partner", nargs="?", type=inputs.community, metavar="PARTNER", help=_("with whom"))
    compared = _("with agree: the fingerprints were compared by phone")
    parser.add_argument("--yes", action="store_true", help=compared)
    _add_terms(parser.add_argument_group(_("terms, with propose")))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def _add_terms(group: argparse._ArgumentGroup) -> None:
    usual = {name: field.default for name, field in Terms.model_fields.items()}

    def add(option: str, field: str, reads: Callable[[str], object], line: str) -> None:
        group.add_argument(option, dest=field, type=reads, metavar="N", help=f"{line} ({usual[field]})")

    group.add_argument("--from", dest="valid_from", type=inputs.day, metavar="DAY", help=_("the first day (today)"))
    group.add_argument("--until", dest="valid_to", type=inputs.day, metavar="DAY", help=_("the last day (no end)"))
    add("--fee-percent", "referral_fee_percent", percent, _("of the total, to the sender"))
    add("--answer-hours", "response_hours", within(1, 240), _("an offer is answered within"))
    add("--max-open", "max_open_handoffs", within(0, 10_000), _("unanswered offers at a time"))
    add("--pool-share", "pool_share_percent", within(1, 100), _("percent of a pool that they may hold"))
    by_itself, border = _("receivers may let their node say yes (no)"), _("the border lies between you (no)")
    group.add_argument("--auto-accept", action="store_true", default=None, help=by_itself)
    group.add_argument("--border", action="store_true", default=None, help=border)
    group.add_argument(
        "--crossing", dest="crossings", action="append", type=inputs.community, metavar="ID",
        help=_("a crossing that parties take; again for each; means --border (any)"),
    )  # fmt: skip


def percent(text: str) -> str:
    """A percentage below 100, such as `5` or `7.5`, in two decimals. Raises Bad."""
    found = re.fullmatch(r"(\d{1,2})(?:\.(\d{1,2}))?", inputs.digits(text).rstrip("% "))
    if found is None:
        raise Bad(_("{text} is not a percentage below 100, such as 5 or 7.50", text=text))
    return f"{int(found[1])}.{(found[2] or '').ljust(2, '0')}"


def within(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two, which raises Bad for others."""

    def read(text: str) -> int:
        if not least <= (given := inputs.number(text)) <= most:
            raise Bad(_("{text} is not from {least} to {most}", text=text, least=least, most=most))
        return given

    return read


def run(args: argparse.Namespace) -> int:
    """List, or act on the partnership with one."""
    terms = _given(args)
    _check_act(args, terms)
    client = context.client(args)
    match args.act:
        case "list":
            return _list(args, client)
        case "propose":
            return _propose(args, client, terms)
        case "agree":
            return _agree(args, client)
        case "end":
            return _told(args, client, client.send(EndPartnership(partner=args.partner), acting=args.acting))
    paused = SuspendPartnership(partner=args.partner, resume=args.act == "resume")
    return _told(args, client, client.send(paused, acting=args.acting))


def _check_act(args: argparse.Namespace, terms: dict[str, Any]) -> None:
    if terms and args.act != "propose":
        raise Bad(_("terms go with propose, not with {act}: {act} takes them as they stand", act=args.act))
    if args.yes and args.act != "agree":
        raise Bad(_("--yes does not go with {act}", act=args.act))
    if args.act == "list" and args.partner:
        raise Bad(_("PARTNER: list shows all"))
    if args.act != "list" and not args.partner:
        raise Bad(_("PARTNER: say with whom: partners {act} PARTNER", act=args.act))


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The terms that were said, as their contract names them; a crossing is one of a border."""
    said = {name: getattr(args, name) for name in Terms.model_fields if getattr(args, name) is not None}
    if said.get("valid_to") and said["valid_to"] < said.get("valid_from", said["valid_to"]):
        raise Bad(_("--until: must not be before --from"))
    return said | ({"border": True} if "crossings" in said else {})


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    answer = client.send(ListPartnerships(), acting=args.acting)
    names, p = naming.around(client, args.acting), spoken()
    lines = [line for one in answer.items for line in _shown(p, one, names)]
    none = _("{community} has no partners yet: ./handoff partners --help", community=args.acting)
    context.tell(args, answer.wire(), "\n".join(lines) or none)
    return 0


def _propose(args: argparse.Namespace, client: LocalApi, said: dict[str, Any]) -> int:
    if "valid_from" not in said:
        now = client.send(AskStanding(), service="community").now
        said = {"valid_from": formatting.local(now).date()} | said
    proposal = ProposePartnership(partner=args.partner, terms=inputs.built(Terms, **said))
    answer = client.send(proposal, acting=args.acting)
    again = context.command(args, "partners", "--as", args.acting)
    compare = _("Compare before they agree. {how}", how=say(COMPARE))
    advice = [layout.fill(compare, 2)]
    if not answer.their_fingerprint:
        advice.append(layout.fill(_("Theirs comes with their answer. Look then, and compare:"), 2))
        advice.append(f"    {again}")
    return _told(args, client, answer, *advice)


def _agree(args: argparse.Namespace, client: LocalApi) -> int:
    """Show whose proposal it is, ask, agree. Returns 1 when the answer is no, or when it was another by then."""
    shown = _waiting(args, client)
    names = naming.around(client, args.acting, args.partner)
    text = "\n".join([*_shown(spoken(), shown, names), layout.fill(say(COMPARE), 2)])
    print(text, file=sys.stderr if args.json else sys.stdout, flush=True)
    if not args.yes and not _says_yes():
        print(_("Nothing was agreed; the proposal still waits."), file=sys.stderr)
        if args.json:
            context.tell(args, {"agreed": False}, "")
        return 1
    answer = client.send(AgreePartnership(partner=args.partner), acting=args.acting)
    if (answer.terms, answer.their_fingerprint) == (shown.terms, shown.their_fingerprint):
        context.tell(args, answer.wire(), layout.fill(say(STANDINGS[answer.state]), 2))
        return 0
    end = context.command(args, "partners", "end", args.partner, "--as", args.acting)
    print("\n".join([layout.fill(say(CHANGED)), f"  {end}"]), file=sys.stderr)
    _told(args, client, answer)
    return 1


def _waiting(args: argparse.Namespace, client: LocalApi) -> PartnershipView:
    """Their proposal. Raises Problem when there is none, or no fingerprint to compare."""
    known = client.send(ListPartnerships(), acting=args.acting).items
    found = next((one for one in known if one.partner == args.partner), None)
    if found is None:
        raise Problem(_("PARTNER: no proposal of {partner} waits for your word.", partner=args.partner))
    if not found.awaits_us:
        state = word(spoken(), STATES, found.state)
        no = _(
            "PARTNER: no proposal of {partner} waits for your word (it is {state}).", partner=args.partner, state=state
        )
        raise Problem(no)
    if not found.their_fingerprint:
        raise Problem(_("PARTNER: the key of their proposal counts no more: end it, and let them propose again."))
    return found


def _says_yes() -> bool:
    while True:
        answer = consent_prompt.line(say(QUESTION), _("type yes or no, or give --yes")).casefold()
        if answer in ("yes", "y", "no", "n"):
            return answer.startswith("y")


def _told(args: argparse.Namespace, client: LocalApi, answer: PartnershipView, *advice: str) -> int:
    names, p = naming.around(client, args.acting, args.partner), spoken()
    standing = _("Their proposal waits for your word.") if answer.awaits_us else say(STANDINGS[answer.state])
    context.tell(args, answer.wire(), "\n".join([*_shown(p, answer, names), layout.fill(standing, 2), *advice]))
    return 0


def _shown(p: Phrases, one: PartnershipView, names: Names) -> list[str]:
    state = word(p, STATES, one.state)
    lines = [one.partner + "  " + (p._("{state}, waits for your word", state=state) if one.awaits_us else state)]
    lines.append(layout.fill(f"{names.of(one.partner)}: {_terms(p, one.terms)}", 4))
    if one.their_fingerprint:
        lines.append("    " + p._("they sign as {fingerprint}", fingerprint=one.their_fingerprint))
    if one.our_fingerprint:
        lines.append("    " + p._("you sign as  {fingerprint}", fingerprint=one.our_fingerprint))
    return lines


def _terms(p: Phrases, terms: Terms) -> str:
    words = [
        p._("answers within {hours} h", hours=terms.response_hours),
        p._("referral fee {percent} %", percent=formatting.percentage(p, terms.referral_fee_percent)),
        p._("at most {number} unanswered offers", number=terms.max_open_handoffs),
        _days(p, terms),
    ]
    share = terms.pool_share_percent
    words += [p._("at most {percent} % of a pool", percent=share)] if share < 100 else []
    words += [p._("says yes by itself")] if terms.auto_accept else []
    if terms.border:
        words.append(
            p._("crossing {names}", names=formatting.listed(p, terms.crossings) or p.pgettext("a crossing", "any"))
        )
    return "; ".join(words)


def _days(p: Phrases, terms: Terms) -> str:
    first = formatting.day(p, terms.valid_from)
    if terms.valid_to is None:
        return p._("from {first}", first=first)
    return p._("from {first} until {last}", first=first, last=formatting.day(p, terms.valid_to))
