"""`handoff consent`: the lead traveller reads what will be known, says yes or no, and may take it back."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from contracts.personal.v1 import PersonalPart, Said
from services.cli import context
from services.cli.input import consent_prompt, inputs
from services.cli.input.inputs import Bad
from services.cli.verbs import handoff
from services.client import personal
from services.client.local_api import LocalApi

USUAL = ("name", "channel")
EXAMPLE = """examples:
  ./handoff consent latest --as tha-li
  ./handoff consent latest --as tha-li --fields name,food --said spoken --witnessed
  ./handoff consent latest --as tha-li --yes --part - < part.json
  ./handoff consent latest --as tha-li --refuse
  ./handoff consent latest --as tha-li --withdraw

part.json: {"name": "…", "channel": {"kind": "phone", "address": "…"}}
What is said is typed at prompts or read from a file, never given on
the command line: lists of processes and histories show that. It is
sealed before it leaves this program."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    line = "sender: the lead traveller decides what may be known"
    parser = verbs.add_parser("consent", help=line, epilog=EXAMPLE)
    parser.add_argument("ref", type=inputs.reference, metavar="REF", help="its id, the end of it, or `latest`")
    parser.add_argument(
        "--fields", type=consent_prompt.fields, metavar="LIST",
        help=f"any of {','.join(consent_prompt.FIELDS)} ({','.join(USUAL)})",
    )  # fmt: skip
    parser.add_argument("--language", choices=personal.LANGUAGES, help="of the text (what they speak)")
    parser.add_argument("--said", choices=get_args(Said), default="screen", help="how they said it (%(default)s)")
    parser.add_argument("--witnessed", action="store_true", help="somebody heard it with you: --said spoken needs it")
    parser.add_argument("--guardian", action="store_true", help="a parent or guardian decided, for a minor")
    parser.add_argument("--yes", action="store_true", help="they said yes to this text elsewhere; it is still printed")
    parser.add_argument("--part", metavar="FILE", help="what they said, as JSON; - reads it from standard input")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--refuse", action="store_true", help="they allow nothing: the visit goes on without it")
    other.add_argument(
        "--withdraw", action="store_true", help="they take it back: both sides erase; before arrival the handoff ends"
    )
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the text, ask, seal, give; or note a refusal, or a withdrawal."""
    _check(args)
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    if args.refuse or args.withdraw:
        asks = "referral.refuse_consent" if args.refuse else "referral.withdraw_consent"
        return handoff.recorded(args, client.ask(asks, {"referral": ref}, acting=args.acting))
    return _ask(args, client, ref)


def _check(args: argparse.Namespace) -> None:
    """What does not go together is said before anything is asked."""
    decides_nothing = args.refuse or args.withdraw
    if decides_nothing and (args.part or args.fields or args.yes):
        raise Bad("--refuse and --withdraw pass nothing on: leave out --fields, --part and --yes")
    if args.said == "spoken" and not args.witnessed and not decides_nothing:
        raise Bad("--said: spoken consent is given before a witness: add --witnessed, or let it be signed")
    if args.part == "-" and not args.yes:
        raise Bad("--part: standard input cannot hold both the answer and the part: add --yes once they have said yes")


def _ask(args: argparse.Namespace, client: LocalApi, ref: str) -> int:
    part = consent_prompt.from_file(args.part) if args.part else None
    wanted = args.fields or (part.given if part else USUAL)
    view = client.ask("referral.show_handoff", {"referral": ref}, acting=args.acting)
    language = args.language or view["language"]
    shown = personal.prepared(client, view["referral_id"], acting=args.acting, language=language, fields=wanted)
    _show(args, shown["text"])
    if not args.yes and not consent_prompt.agrees(shown["language"]):
        again = context.command(args, "consent", view["referral_id"][-6:], "--as", args.acting, "--refuse")
        print(f"Nothing was recorded and nothing is passed on. To note that they refuse:\n  {again}", file=sys.stderr)
        if args.json:
            context.tell(args, {"agreed": False}, "")
        return 1
    part = part or consent_prompt.dictated(wanted, shown["language"])
    _check_list(part, wanted)
    flags = {"witnessed": args.witnessed, "guardian": args.guardian}
    given = personal.said_back(shown, part, acting=args.acting, said=args.said, **flags)
    return handoff.recorded(args, client.ask("referral.give_consent", given, acting=args.acting))


def _show(args: argparse.Namespace, text: str) -> None:
    """The text as it was made, for the digest is of that; beside the answer for machines, not in it."""
    print(f"\n{text}\n", file=sys.stderr if args.json else sys.stdout, flush=True)


def _check_list(part: PersonalPart, wanted: tuple[str, ...]) -> None:
    """What is passed on is what the text names: no more, and no less."""
    more = [field for field in part.given if field not in wanted]
    less = [field for field in wanted if field not in part.given]
    if more or less:
        sentence = f"holds {more[0]}, which" if more else f"lacks {less[0]}, which"
        raise Bad(f"--part: {sentence} --fields {'does not name' if more else 'names'}: make them agree")
