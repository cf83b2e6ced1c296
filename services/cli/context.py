"""What verbs share: which node they speak to, and how they tell what it answered."""

import argparse
import difflib
import json
import os
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from contracts.community.v1 import CommunityProfile, FindCommunities, ListPartnerships
from contracts.node.v1 import AskStanding
from contracts.referral.v1 import ListHandoffs
from contracts.values import Value, search_key
from services.cli.input import inputs
from services.client import formatting, refusals
from services.client.answers import Refused
from services.client.local_api import LocalApi, named
from services.client.phrases.catalogue import N_, Phrase
from services.client.phrases.spoken import _, say, spoken
from services.client.problems import Problem, Unanswered

#: How a contract's field is called on the command line.
OPTIONS: Mapping[str, str] = {
    "acting": "--as", "agency": "AGENCY", "answer_by": "--answer-by", "arrival": "--day, --from, --until",
    "capacity": "--capacity",
    "community": "COMMUNITY", "crossing": "--crossing", "day": "DAY", "destination": "--to", "digest": "--confirm",
    "expected_total": "--expected", "expires_at": "--expires",
    "experience_id": "--experience", "fields": "--fields", "first": "--first", "hold_id": "ID", "items": "--item",
    "kind": "KIND", "language": "--language", "last": "--days", "limit": "--limit", "month": "--month",
    "name": "--name", "needs": "--need",
    "nights": "--nights", "origin": "--from",
    "partner": "PARTNER", "party": "--adults, --children, --infants", "pool": "--pool", "prefix": "PREFIX",
    "reason": "--reason",
    "referral": "REF",
    "replaces": "--replaces", "round": "--round", "said": "--said", "sealed": "--part", "since": "--since",
    "start": "--start", "terms.allotments": "--allot", "terms.hand_over": "--hand-over",
    "text_digest": "consent", "to": "--to", "until": "--until",
    "who_drives": "--who-drives", "witnessed": "--witnessed",
}  # fmt: skip
#: As many as are answered at once.
MOST_COMMUNITIES = 200
#: Reason of a refusal, or its code, with its field where that matters → what to do.
HINTS: Mapping[str, Phrase] = {
    "wrong_state partner": N_("./handoff partners --as {community} says how you stand."),
    "two_keys_are_live": N_("./handoff agency keys shows them, and when each was last used."),
    "wrong_state agency": N_("./handoff agency agreements --as {community} says how you stand."),
    "wrong_state": N_("./handoff show {ref} --as {community} says what can be done now."),
    "not_partners": N_("./handoff partners --as {community} shows who your partners are."),
    "no_room": N_("./handoff availability {community} shows where there is room."),
    "too_many_open": N_("Wait for answers, or withdraw an offer: ./handoff list --as {community} --open"),
    "unavailable": N_("Nothing was done. ./handoff doctor says how the node is."),
    "not_known_yet": N_("It may have been done: look with ./handoff show or list before you repeat it."),
}


def add_node(parser: argparse.ArgumentParser, *, acting: bool = False) -> None:
    """Arguments that say which node, and on whose behalf."""
    if acting:
        usual = os.environ.get("HANDOFF_AS")
        parser.add_argument(
            "--as", dest="acting", required=not usual, default=usual, type=inputs.community, metavar="COMMUNITY",
            help=_("the community that acts (HANDOFF_AS)"),
        )  # fmt: skip
    parser.add_argument("--port", type=int, help=_("the node's port (HANDOFF_PORT, else 8000)"))
    parser.add_argument("--data", type=Path, metavar="DIR", help=_("the node's data folder (HANDOFF_DATA)"))
    parser.add_argument("--json", action="store_true", help=_("answer as JSON, for machines"))


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
    if any(one.id == name for one in client.send(FindCommunities(ids=(name,)), patience=0).items):
        return ""
    found = client.send(FindCommunities(limit=MOST_COMMUNITIES), patience=0).items
    if len(found) == MOST_COMMUNITIES:
        return ""
    called = {search_key(each): one.id for one in found for each in _called(one)}
    near = difflib.get_close_matches(search_key(name), called, 1)
    if near:
        return _("There is no community {name} on this node: did you mean {meant}?", name=name, meant=called[near[0]])
    return _("There is no community {name} on this node: ./handoff find shows those that are.", name=name)


def _called(one: CommunityProfile) -> list[str]:
    """Everything a community is called: its id, its names in every script, its aliases."""
    names = one.names
    return [one.id, *(name for name in (names.th, names.lo, names.en) if name), *one.aliases]


def unknown(no: Refused, args: argparse.Namespace) -> str:
    """That a refusal is about a community that is not here, rather than about a partnership; nothing otherwise."""
    named = next((getattr(args, name) for name in ("to", "partner", "community") if getattr(args, name, None)), None)
    if no.code not in ("not_partners", "unknown") or not isinstance(named, str):
        return ""
    try:
        found = LocalApi.of(args.port, args.data)
        known = found.send(ListPartnerships(), acting=args.acting, patience=0).items
        return "" if named in {one.partner for one in known} else unknown_community(found, named)
    except (Refused, Problem, AttributeError):
        return ""


def handoff(args: argparse.Namespace, client: LocalApi, ref: str) -> str:
    """What the node knows a handoff by: `latest` is the newest of whoever acts. Raises Problem without one."""
    if ref != "latest":
        return ref
    newest = client.send(ListHandoffs(limit=1), acting=args.acting).items
    if not newest:
        raise Problem(_("REF: {community} has no handoff yet.", community=args.acting))
    return newest[0].referral_id


def tell(args: argparse.Namespace, answer: Value | Mapping[str, Any], text: str) -> None:
    """Print the answer for machines, or the text for people."""
    if args.json:
        text = json.dumps(answer.wire() if isinstance(answer, Value) else answer, ensure_ascii=False, indent=1)
    print(text, flush=True)


def refused(no: Refused, args: argparse.Namespace | None = None) -> str:
    """A refusal in words: the option it is about, the sentence, and what to do by whoever asked this."""
    field = no.field or ""
    first, second = (*field.split("."), "")[:2]
    own: Mapping[str, str] = getattr(args, "options", {})
    option = own.get(first) or OPTIONS.get(f"{first}.{second}") or OPTIONS.get(first, field)
    hint = _hint(no, args)
    return (f"{option}: " if option else "") + refusals.told(spoken(), no.refusal) + (f"\n  {hint}" if hint else "")


def _hint(no: Refused, args: argparse.Namespace | None) -> str:
    """What to do, naming with whom and what it was about; nothing when that is a handoff and it is about none."""
    looked_up = (no.refusal.reason or "", f"{no.code} {no.field}", no.code)
    phrase = next((HINTS[each] for each in looked_up if each in HINTS), None)
    ref = getattr(args, "ref", None) or getattr(args, "replaces", None)
    if phrase is None or (args and "{ref}" in phrase.text and not ref):
        return ""
    place = getattr(args, "to", None) if no.code == "no_room" else None
    return say(phrase, ref=ref or "REF", community=place or getattr(args, "acting", None) or "COMMUNITY")


def machine_now() -> datetime:
    """The machine's own clock, which the node's may differ from."""
    return datetime.now(UTC)


def today(client: LocalApi) -> date:
    """The date by the node's clock, where the communities are."""
    return formatting.local(client.send(AskStanding(), service="booking").now).date()


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
            waited = _("Waited {seconds} s for {what}; ./handoff doctor says how the node is.",
                       seconds=f"{seconds:g}", what=what)  # fmt: skip
            raise Unanswered(waited)
        time.sleep(0.05)
