"""What verbs share: which node they speak to, and how they tell what it answered."""

import argparse
import difflib
import json
import os
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from contracts.values import search_key
from services.cli.input import inputs
from services.cli.views import dates
from services.client.answers import Refused
from services.client.local_api import LocalApi, named
from services.client.problems import Problem, Unanswered

#: How a contract's field is called on the command line.
OPTIONS: Mapping[str, str] = {
    "acting": "--as", "answer_by": "--answer-by", "arrival": "--day, --from, --until", "capacity": "--capacity",
    "community": "COMMUNITY", "crossing": "--crossing", "day": "DAY", "destination": "--to",
    "expected_total": "--expected",
    "experience_id": "--experience", "fields": "--fields", "first": "--first", "hold_id": "ID", "items": "--item",
    "kind": "KIND", "language": "--language", "last": "--days", "limit": "--limit", "needs": "--need",
    "nights": "--nights", "origin": "--from",
    "partner": "PARTNER", "party": "--adults, --children, --infants", "pool": "--pool", "reason": "--reason",
    "referral": "REF",
    "replaces": "--replaces", "round": "--round", "said": "--said", "sealed": "--part", "since": "--since",
    "start": "--start", "text_digest": "consent", "to": "--to", "until": "--until",
    "who_drives": "--who-drives", "witnessed": "--witnessed",
}  # fmt: skip
HINTS: Mapping[str, str] = {
    "wrong_state partner": "./handoff partners --as COMMUNITY says how you stand.",
    "wrong_state": "./handoff show REF --as COMMUNITY says what can be done now.",
    "not_partners": "./handoff partners --as COMMUNITY shows who your partners are.",
    "no_room": "./handoff availability COMMUNITY shows where there is room.",
    "too_many_open": "Wait for answers, or withdraw an offer: ./handoff list --as COMMUNITY --open",
    "unavailable": "Nothing was done. ./handoff doctor says how the node is.",
    "not_known_yet": "It may have been done: look with ./handoff show or list before you repeat it.",
}


def add_node(parser: argparse.ArgumentParser, *, acting: bool = False) -> None:
    """Arguments that say which node, and on whose behalf."""
    if acting:
        usual = os.environ.get("HANDOFF_AS")
        parser.add_argument(
            "--as", dest="acting", required=not usual, default=usual, type=inputs.community, metavar="COMMUNITY",
            help="the community that acts (HANDOFF_AS)",
        )  # fmt: skip
    parser.add_argument("--port", type=int, help="the node's port (HANDOFF_PORT, else 8000)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the node's data folder (HANDOFF_DATA)")
    parser.add_argument("--json", action="store_true", help="answer as JSON, for machines")


def client(args: argparse.Namespace) -> LocalApi:
    """The node that the arguments name. Raises Problem without a node, or for a community that is not on it."""
    found = LocalApi.of(args.port, args.data)
    if getattr(args, "acting", None):
        with suppress(Refused):  # who cannot be asked now cannot be doubted either
            _check_acting(found, args.acting)
    return found


def _check_acting(client: LocalApi, acting: str) -> None:
    if sentence := unknown_community(client, acting):
        raise Problem(sentence)


def unknown_community(client: LocalApi, name: str) -> str:
    """What to say of a community that is not on this node, with the one that was meant; nothing of one that is."""
    found = client.ask("community.find_communities", {"limit": 200}, patience=0)["items"]
    called = {each: one["id"] for one in found for each in _called(one)}
    if name in {one["id"] for one in found} or len(found) == 200:
        return ""
    near = difflib.get_close_matches(search_key(name), [search_key(each) for each in called], 1)
    meant = next((called[each] for each in called if near and search_key(each) == near[0]), None)
    return f"There is no community {name} on this node" + (
        f": did you mean {meant}?" if meant else ": ./handoff find shows those that are."
    )


def _called(one: Mapping[str, Any]) -> list[str]:
    """Everything a community is called: its id, its names in every script, its aliases."""
    return [one["id"], *(name for name in one["names"].values() if name), *one["aliases"]]


def unknown(no: Refused, args: argparse.Namespace) -> str:
    """That a refusal is about a community that is not here, rather than about a partnership; nothing otherwise."""
    named = next((getattr(args, name) for name in ("to", "partner", "community") if getattr(args, name, None)), None)
    if no.code not in ("not_partners", "unknown") or not isinstance(named, str):
        return ""
    try:
        found = LocalApi.of(args.port, args.data)
        known = found.ask("community.list_partnerships", acting=args.acting, patience=0)["items"]
        return "" if named in {one["partner"] for one in known} else unknown_community(found, named)
    except (Refused, Problem, AttributeError):
        return ""


def handoff(args: argparse.Namespace, client: LocalApi, ref: str) -> str:
    """What the node knows a handoff by: `latest` is the newest of whoever acts. Raises Problem without one."""
    if ref != "latest":
        return ref
    newest = client.ask("referral.list_handoffs", {"limit": 1}, acting=args.acting)["items"]
    if not newest:
        raise Problem(f"REF: {args.acting} has no handoff yet.")
    return str(newest[0]["referral_id"])


def tell(args: argparse.Namespace, answer: Any, text: str) -> None:
    """Print the answer for machines, or the text for people."""
    print(json.dumps(answer, ensure_ascii=False, indent=1) if args.json else text, flush=True)


def refused(no: Refused, args: argparse.Namespace | None = None) -> str:
    """A refusal in words: the option it is about, the sentence, and what to do by whoever asked this."""
    field, sentence = no.field or "", no.message
    if field and sentence.startswith(f"{field}: "):
        sentence = sentence[len(field) + 2 :]
    first = field.partition(".")[0]
    option = getattr(args, "options", {}).get(first) or OPTIONS.get(first, field)
    hint = HINTS.get(f"{no.code} {field}", HINTS.get(no.code))
    hint = _meant(hint, no, args) if hint and args else hint
    return (f"{option}: " if option else "") + sentence + (f"\n  {hint}" if hint else "")


def _meant(hint: str, no: Refused, args: argparse.Namespace) -> str | None:
    """With whom and what it was about in place of the words for them; None when it is about no handoff."""
    ref, acting = (getattr(args, name, None) for name in ("ref", "acting"))
    ref = ref or getattr(args, "replaces", None)
    if "REF" in hint and not ref:
        return None
    place = getattr(args, "to", None) if no.code == "no_room" else None
    return hint.replace("REF", ref or "REF").replace("COMMUNITY", place or acting or "COMMUNITY")


def today(client: LocalApi) -> date:
    """The date by the node's clock, where the communities are."""
    return dates.local(client.ask("node.ask_standing", service="booking")["now"], inputs.HERE).date()


def command(args: argparse.Namespace, *words: str) -> str:
    """A command line that speaks to the same node, without what is usual here: port, folder, HANDOFF_AS."""
    acting = ("--as", os.environ.get("HANDOFF_AS"))
    spoken = [word for n, word in enumerate(words) if acting not in (words[n : n + 2], words[max(n - 1, 0) : n + 1])]
    return shlex.join(["./handoff", *spoken, *named(args.port, args.data, os.environ)])


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Ask again until it is so. Raises Unanswered naming what was waited for."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise Unanswered(f"Waited {seconds:g} s for {what}; ./handoff doctor says how the node is.")
        time.sleep(0.05)
