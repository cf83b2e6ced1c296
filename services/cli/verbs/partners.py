"""Partnerships: list them, propose terms, agree once the fingerprints were compared, pause, take up again, end."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from contracts.community.v1 import Terms
from services.cli import context
from services.cli.input import consent_prompt, inputs
from services.cli.input.inputs import Bad
from services.cli.views import dates, layout, naming
from services.cli.views.naming import Names
from services.client.local_api import LocalApi
from services.client.problems import Problem

ACTS = ("list", "propose", "agree", "suspend", "resume", "end")
EXAMPLE = """examples:
  ./handoff partners --as tha-li
  ./handoff partners propose bo-taen --as tha-li --fee-percent 5
  ./handoff partners agree tha-li --as bo-taen
  ./handoff partners suspend bo-taen --as tha-li

Whoever agrees calls the partner first, on a number known from
before: each reads out its own fingerprint. If one is another,
somebody stands in between: do not agree."""
#: What is said of a standing that an act has led to.
STANDINGS: Mapping[str, str] = {
    "proposed": "The proposal waits for their word.",
    "agreed": "You are partners: offers go both ways.",
    "suspended": "No new offers either way until whoever paused resumes; what is under way goes on.",
    "ended": "Nothing is agreed any more; what is under way goes on to its end.",
}
COMPARE = (
    "Call them on a number that you know from before. Each reads out its own fingerprint; the other compares it with "
    "what stands here."
)
CHANGED = "Their proposal became another while you looked, and you have agreed to this one. If it is not what you want:"
QUESTION = "Are the fingerprints the same on the phone, and do you agree to the terms? (yes/no)"


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    line = "your partners: list, propose, agree, suspend, end"
    parser = verbs.add_parser("partners", help=line, epilog=EXAMPLE)
    parser.add_argument("act", nargs="?", choices=ACTS, default="list", help="(%(default)s)")
    parser.add_argument("partner", nargs="?", type=inputs.community, metavar="PARTNER", help="with whom")
    parser.add_argument("--yes", action="store_true", help="with agree: the fingerprints were compared by phone")
    _add_terms(parser.add_argument_group("terms, with propose"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=run)


def _add_terms(group: argparse._ArgumentGroup) -> None:
    usual = {name: field.default for name, field in Terms.model_fields.items()}

    def add(option: str, field: str, reads: Callable[[str], object], metavar: str, line: str) -> None:
        group.add_argument(option, dest=field, type=reads, metavar=metavar, help=f"{line} ({usual[field]})")

    group.add_argument("--from", dest="valid_from", type=inputs.day, metavar="DAY", help="the first day (today)")
    group.add_argument("--until", dest="valid_to", type=inputs.day, metavar="DAY", help="the last day (no end)")
    add("--fee-percent", "referral_fee_percent", percent, "N", "of the total, to the sender")
    add("--answer-hours", "response_hours", within(1, 240), "N", "an offer is answered within")
    add("--max-open", "max_open_handoffs", within(0, 10_000), "N", "unanswered offers at a time")
    add("--pool-share", "pool_share_percent", within(1, 100), "N", "percent of a pool that they may hold")
    group.add_argument(
        "--auto-accept", action="store_true", default=None, help="receivers may let their node say yes (no)"
    )
    group.add_argument("--border", action="store_true", default=None, help="the border lies between you (no)")
    group.add_argument(
        "--crossing", dest="crossings", action="append", type=inputs.community, metavar="ID",
        help="a crossing that parties take; again for each; means --border (any)",
    )  # fmt: skip


def percent(text: str) -> str:
    """A percentage below 100, such as `5` or `7.5`, in two decimals. Raises Bad."""
    found = re.fullmatch(r"(\d{1,2})(?:\.(\d{1,2}))?", inputs.digits(text).rstrip("% "))
    if found is None:
        raise Bad(f"{text} is not a percentage below 100, such as 5 or 7.50")
    return f"{int(found[1])}.{(found[2] or '').ljust(2, '0')}"


def within(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two, which raises Bad for others."""

    def read(text: str) -> int:
        if not least <= (given := inputs.number(text)) <= most:
            raise Bad(f"{text} is not from {least} to {most}")
        return given

    return read


def run(args: argparse.Namespace) -> int:
    """List, or act on the partnership with one."""
    terms = _given(args)
    if terms and args.act != "propose":
        raise Bad(f"terms go with propose, not with {args.act}: {args.act} takes them as they stand")
    if args.yes and args.act != "agree":
        raise Bad(f"--yes does not go with {args.act}")
    if (args.act == "list") == bool(args.partner):
        raise Bad("PARTNER: list shows all" if args.partner else f"PARTNER: say with whom: partners {args.act} PARTNER")
    client = context.client(args)
    match args.act:
        case "list":
            return _list(args, client)
        case "propose":
            return _propose(args, client, terms)
        case "agree":
            return _agree(args, client)
        case "end":
            return _told(args, client, client.ask("community.end_partnership", _to(args), acting=args.acting))
    fields = _to(args) | {"resume": args.act == "resume"}
    return _told(args, client, client.ask("community.suspend_partnership", fields, acting=args.acting))


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The terms that were said, as their contract names them; a crossing is one of a border."""
    said = {name: getattr(args, name) for name in Terms.model_fields if getattr(args, name) is not None}
    if said.get("valid_to") and said["valid_to"] < said.get("valid_from", said["valid_to"]):
        raise Bad("--until: must not be before --from")
    return said | ({"border": True} if "crossings" in said else {})


def _to(args: argparse.Namespace) -> dict[str, Any]:
    return {"partner": args.partner}


def _list(args: argparse.Namespace, client: LocalApi) -> int:
    answer = client.ask("community.list_partnerships", acting=args.acting)
    names = naming.around(client, args.acting)
    lines = [line for one in answer["items"] for line in _shown(one, names)]
    context.tell(args, answer, "\n".join(lines) or f"{args.acting} has no partners yet: ./handoff partners --help")
    return 0


def _propose(args: argparse.Namespace, client: LocalApi, said: dict[str, Any]) -> int:
    if "valid_from" not in said:
        now = client.ask("node.ask_standing", service="community")["now"]
        said = {"valid_from": dates.local(now, inputs.HERE).date()} | said
    terms = Terms.model_validate(said).wire()
    answer = client.ask("community.propose_partnership", _to(args) | {"terms": terms}, acting=args.acting)
    again = context.command(args, "partners", "--as", args.acting)
    advice = [layout.fill(f"Compare before they agree. {COMPARE}", 2)]
    if not answer.get("their_fingerprint"):
        advice.append(layout.fill("Theirs comes with their answer. Look then, and compare:", 2))
        advice.append(f"    {again}")
    return _told(args, client, answer, *advice)


def _agree(args: argparse.Namespace, client: LocalApi) -> int:
    """Show whose proposal it is, ask, agree. Returns 1 when the answer is no, or when it was another by then."""
    shown = _waiting(args, client)
    names = naming.around(client, args.acting, args.partner)
    text = "\n".join([*_shown(shown, names), layout.fill(COMPARE, 2)])
    print(text, file=sys.stderr if args.json else sys.stdout, flush=True)
    if not args.yes and not _says_yes():
        print("Nothing was agreed; the proposal still waits.", file=sys.stderr)
        if args.json:
            context.tell(args, {"agreed": False}, "")
        return 1
    answer = client.ask("community.agree_partnership", _to(args), acting=args.acting)
    seen = ("terms", "their_fingerprint")
    if all(answer.get(name) == shown.get(name) for name in seen):
        context.tell(args, answer, layout.fill(STANDINGS[answer["state"]], 2))
        return 0
    end = context.command(args, "partners", "end", args.partner, "--as", args.acting)
    print("\n".join([layout.fill(CHANGED), f"  {end}"]), file=sys.stderr)
    _told(args, client, answer)
    return 1


def _waiting(args: argparse.Namespace, client: LocalApi) -> dict[str, Any]:
    """Their proposal. Raises Problem when there is none, or no fingerprint to compare."""
    known = client.ask("community.list_partnerships", acting=args.acting)["items"]
    found: dict[str, Any] = next((one for one in known if one["partner"] == args.partner), {})
    if not found.get("awaits_us"):
        state = f" (it is {found['state']})" if found else ""
        raise Problem(f"PARTNER: no proposal of {args.partner} waits for your word{state}.")
    if not found.get("their_fingerprint"):
        raise Problem("PARTNER: the key of their proposal counts no more: end it, and let them propose again.")
    return found


def _says_yes() -> bool:
    while True:
        answer = consent_prompt.line(QUESTION, "type yes or no, or give --yes").casefold()
        if answer in ("yes", "y", "no", "n"):
            return answer.startswith("y")


def _told(args: argparse.Namespace, client: LocalApi, answer: dict[str, Any], *advice: str) -> int:
    names = naming.around(client, args.acting, args.partner)
    standing = "Their proposal waits for your word." if answer["awaits_us"] else STANDINGS[answer["state"]]
    context.tell(args, answer, "\n".join([*_shown(answer, names), layout.fill(standing, 2), *advice]))
    return 0


def _shown(one: Mapping[str, Any], names: Names) -> list[str]:
    lines = [f"{one['partner']}  {one['state']}{', waits for your word' if one['awaits_us'] else ''}"]
    lines.append(layout.fill(f"{names.of(one['partner'])}: {_terms(one['terms'])}", 4))
    keys = {"they sign as": one.get("their_fingerprint"), "you sign as ": one.get("our_fingerprint")}
    return [*lines, *(f"    {who} {fingerprint}" for who, fingerprint in keys.items() if fingerprint)]


def _terms(terms: Mapping[str, Any]) -> str:
    until = f" until {dates.shown_day(terms['valid_to'])}" if terms["valid_to"] else ""
    words = [
        f"answers within {terms['response_hours']} h",
        f"referral fee {terms['referral_fee_percent']} %",
        f"at most {terms['max_open_handoffs']} unanswered offers",
        f"from {dates.shown_day(terms['valid_from'])}{until}",
    ]
    share = terms["pool_share_percent"]
    words += [f"at most {share} % of a pool"] if share < 100 else []
    words += ["says yes by itself"] if terms["auto_accept"] else []
    words += [f"crossing {', '.join(terms['crossings']) or 'any'}"] if terms["border"] else []
    return "; ".join(words)
