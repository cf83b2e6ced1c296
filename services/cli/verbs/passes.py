"""The pass of a party: show it, take it from somebody who shows it, verify it where there is no network."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import segno

from contracts.booking.v1 import VoucherJudged
from contracts.passes import codec
from contracts.passes.codec import Days
from contracts.referral.v1 import HandoffView, PassJudged, ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.input.inputs import Bad
from services.cli.verbs import verifying
from services.cli.views import layout, naming
from services.client import formatting
from services.client.phrases.catalogue import N_, Phrase
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import STATE_WORDS, Table, word
from services.client.presenting import NOT_HERE, asked_about, can_be_code, code_in
from services.client.problems import Problem
from services.client.troubles import why

#: Modules left free around the picture, in a terminal and on paper.
TERMINAL_BORDER, PAPER_BORDER = 2, 4
#: Whatever the colours of the terminal are, a light module is drawn light.
LIGHT_ON_DARK = "\x1b[97;40m{}\x1b[0m"
Parser = argparse.ArgumentParser
#: What is said of a verdict.
VERDICTS: Table = {
    "good": N_("GOOD. They have arrived: {party}."),
    "used": N_("USED BEFORE. They have arrived already: {party}. If others show it now, one of the two is a copy."),
    "early": N_("TOO EARLY. It is good from the eve of their arrival on: {party}."),
    "late": N_("TOO LATE. It was good until the day after their arrival: {party}."),
    "unknown": N_("UNKNOWN. It belongs to no open handoff of yours; with a code, ask for it once more."),
    "forged": N_("FORGED, or misread. It is not signed by you; read it once more, or ask for the code."),
    "over": N_("OVER. Its handoff is cancelled, withdrawn or turned back: {party}."),
    "too_many_tries": N_("WAIT {wait}. Too many wrong codes; a pass can still be shown."),
}
#: Of an agency's booking.
VOUCHERS: Table = {
    **VERDICTS,
    "unknown": N_("UNKNOWN. No confirmed booking of yours has it; with a code, ask for it once more."),
    "over": N_("OVER. Its booking is cancelled: {party}."),
    "replaced": N_("CHANGED. Its booking was changed and has a newer pass: ask for that. It was: {party}."),
    "several": N_("SEVERAL. More than one booking has this code: scan the pass, or choose the booking."),
}
#: Of one that was used, when it is known at what time.
USED_AT = N_(
    "USED BEFORE, on {moment}. They have arrived already: {party}. If others show it now, one of the two is a copy."
)
#: Of a good one that was only looked at.
LOOKED = N_("GOOD. They may be received: {party}. Nothing is recorded yet.")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    line = _("show, check, receive or verify a pass")
    parser = verbs.add_parser("pass", help=line, epilog=layout.examples("./handoff pass show latest --as tha-li"))
    kinds = parser.add_subparsers(metavar="show | check | receive | verify", required=True)
    _register_show(kinds)
    _register_presented(kinds)
    line = _("without a node: is it signed, and is it of today?")
    verifying.add(_sub(kinds, "verify", line, "verify - --keys keys.json"))


def _register_show(kinds: Any) -> None:
    line = _("the picture, the code and the days of a handoff's pass")
    parser = _sub(kinds, "show", line, "show latest --as tha-li")
    inputs.add_reference(parser)
    words = _("also write the picture there, to be printed or sent")
    parser.add_argument("--svg", type=Path, metavar="FILE", help=words)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=show)


def _register_presented(kinds: Any) -> None:
    line = _("receiver: look at a pass or code; this changes nothing")
    parser = _sub(kinds, "check", line, "check K7MP2X --as bo-taen")
    _add_shown(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=check)
    line = _("receiver: take a pass or code; if it is good, this records that they have arrived")
    parser = _sub(kinds, "receive", line, "receive K7MP2X --as bo-taen")
    _add_shown(parser)
    inputs.add_party(parser)
    words = _("when it was shown, if there was no network then")
    parser.add_argument("--seen-at", type=inputs.moment, metavar="MOMENT", help=words)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=receive)


def _add_shown(parser: Parser) -> None:
    words = _("what is shown or said; -: typed, or scanned")
    parser.add_argument("shown", type=shown, metavar="PASS|CODE", help=words)


def _sub(kinds: Any, name: str, line: str, example: str) -> Parser:
    epilog = layout.examples(f"./handoff pass {example}")
    parser: Parser = kinds.add_parser(name, help=line, description=line, epilog=epilog)
    return parser


def shown(text: str) -> str:
    """A pass, or a code as people write and say it (`k7m-p2x`); `-` reads it. Raises Bad for anything else."""
    text = verifying.scanned(text)
    code = code_in(text)
    if code is not None and not can_be_code(code):
        raise Bad(_("a code has 6 letters and numbers: ask for it once more"))
    return text if code is None else code


def show(args: argparse.Namespace) -> int:
    """The picture and the code, as the lead traveller gets them. Raises Problem while there is no pass."""
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    view = client.send(ShowHandoff(referral=ref), acting=args.acting)
    token, code = view.pass_token, view.short_code
    if not token or not code:
        state = word(spoken(), STATE_WORDS, view.state)
        raise Problem(
            _("REF: there is no pass; it comes when the receiver confirms, and the handoff is {state}.", state=state)
        )
    days = _days(token, view)
    lines = _told(view, naming.around(client, args.acting, view.partner), token, code, days)
    if args.svg:
        _save(token, args.svg)
        lines.append(_("The picture is in {file}.", file=args.svg))
    told = {"referral_id": view.referral_id, "short_code": code, "pass_token": token}
    context.tell(args, told | verifying.moments(days), "\n".join(lines))
    return 0


def _told(view: HandoffView, names: naming.Names, token: str, code: str, days: Days) -> list[str]:
    receiver = view.community if view.side == "receiver" else view.partner
    party = formatting.party(spoken(), view.party.model_dump())
    use = _("Good {days}. Show the picture or say the code.", days=verifying.days_told(days))
    head = _("Pass to {receiver}: {party}", receiver=names.of(receiver), party=party)
    drawn_here = picture(token)
    lines = [head, "", *drawn_here, "", *large(code), "", layout.fill(use)]
    if not drawn_here:  # below, for it is wider than a phone and may not be broken
        lines += ["", _("The pass, as whatever scans it reads it:"), token]
    return lines


def _days(token: str, view: HandoffView) -> Days:
    """Those it was issued for, and those of the arrival as it is expected now."""
    issued = codec.read(token).claims.days
    arrival = codec.days_of(view.arrival.day, "Asia/Bangkok")  # both countries: UTC+7
    return Days(min(issued.opens, arrival.opens), max(issued.closes, arrival.closes))


def _save(token: str, file: Path) -> None:
    try:
        drawn(token).save(str(file), kind="svg", border=PAPER_BORDER, scale=4)
    except OSError as error:
        raise Problem(
            _("--svg: {file} cannot be written: {reason}.", file=file, reason=why(spoken(), error))
        ) from error


def picture(token: str) -> Sequence[str]:
    """The QR code, in a terminal that is wide enough; else nothing."""
    code = drawn(token)
    wide = code.symbol_size(border=TERMINAL_BORDER)[0] <= shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or not wide:
        return []
    rows = [list(row) for row in code.matrix_iter(border=TERMINAL_BORDER)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [
        LIGHT_ON_DARK.format("".join(" ▄▀█"[2 * (not a) + (not b)] for a, b in zip(*pair, strict=True)))
        for pair in pairs
    ]


def drawn(token: str) -> segno.QRCode:
    """The QR code of a pass: version 12 at most, level Q, so that a quarter of it may be dirty."""
    return segno.make(token, error="q", boost_error=False, micro=False)


def large(code: str) -> Sequence[str]:
    """The code so that it can be read out: `K 7 M   P 2 X`, in a frame."""
    spaced = "   ".join(" ".join(half) for half in (code[:3], code[3:]))
    return [f"  ┌{'─' * (len(spaced) + 4)}┐", f"  │  {spaced}  │", f"  └{'─' * (len(spaced) + 4)}┘"]


def check(args: argparse.Namespace) -> int:
    """Look at it; 1 unless it is good."""
    return _presented(args, look=True)


def receive(args: argparse.Namespace) -> int:
    """Present it, and they have arrived; 1 unless it is good."""
    return _presented(args, party=inputs.party(args), seen_at=args.seen_at)


def _presented(args: argparse.Namespace, **more: Any) -> int:
    judged = _judged(args, **more)
    looked = "look" in more and judged.verdict == "good"
    words = VERDICTS if isinstance(judged, PassJudged) else VOUCHERS
    lines = [layout.fill(_said(judged, LOOKED if looked else words[judged.verdict]))]
    if looked:
        given = args.shown if code_in(args.shown) else "-"
        lines.append("  " + context.command(args, "pass", "receive", given, "--as", args.acting))
    elif isinstance(judged, VoucherJudged) and judged.hold_id:
        lines.append("  " + context.command(args, "booking", judged.hold_id, "--as", args.acting))
    elif isinstance(judged, PassJudged) and judged.referral_id:
        lines.append("  " + context.command(args, "show", judged.referral_id[-6:], "--as", args.acting))
    context.tell(args, judged, "\n".join(lines))
    return 0 if judged.verdict == "good" else 1


def _judged(args: argparse.Namespace, **more: Any) -> PassJudged | VoucherJudged:
    """The verdict of the first who knows it; else of the last."""
    judged: PassJudged | VoucherJudged | None = None
    for asked in asked_about(args.shown, **more):
        if judged is None or judged.verdict in NOT_HERE:
            answered: Any = context.client(args).send(asked, acting=args.acting)
            judged = answered
    if judged is None:
        raise TypeError("nothing was asked")
    return judged


def _said(judged: PassJudged | VoucherJudged, phrase: Phrase) -> str:
    p, seconds = spoken(), judged.wait_seconds
    told = {
        "party": formatting.party(p, judged.party.model_dump()) if judged.party else "",
        "wait": formatting.length(p, timedelta(seconds=seconds if seconds < 60 else -(-seconds // 60) * 60)),
    }
    if judged.verdict == "used" and judged.used_at:
        return say(USED_AT, **told, moment=formatting.moment(p, judged.used_at))
    return say(phrase, **told)
