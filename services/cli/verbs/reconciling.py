"""What does not fit together on a node, looked at while it runs, and the verb that puts it right."""

import argparse
import time
from collections.abc import Iterator
from typing import Any

from services.cli import context
from services.cli.views import comparing, formatting, layout
from services.cli.views.comparing import Difference
from services.client.local_api import LocalApi

SERVICES = ("community", "booking", "referral")
#: How long what differs may be on its way, in seconds: it is looked at again until then.
GRACE = 20.0
#: How long the verb waits until what it said has had its effect.
PATIENCE = 60.0
PAGE, NAMED = 1_000, 500
STREAMS = (
    "./handoff reconcile: what is kept is asked about and said again; if it stays, look at the log of both services"
)


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    line = "does every place and record add up? changes nothing"
    parser = verbs.add_parser("check-invariants", help=line, epilog="example:\n  ./handoff check-invariants")
    add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=check_invariants)
    line = "put right what check-invariants finds, and say what was done"
    example = "examples:\n  ./handoff reconcile\n  ./handoff reconcile --dry-run"
    parser = verbs.add_parser("reconcile", help=line, epilog=example)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=reconcile)


def add_grace(parser: argparse.ArgumentParser) -> None:
    """The option that every verb has which compares."""
    text = f"what differs may be on its way: look again for so long ({GRACE:g})"
    parser.add_argument("--grace", type=float, default=GRACE, metavar="SECONDS", help=text)


def check_invariants(args: argparse.Namespace) -> int:
    """Run every checker; 1 when anything does not add up."""
    found = wrong(context.client(args), args.grace)
    well = "Every place is accounted for, every record fits its hold and its counterpart, and nothing is missed."
    context.tell(args, {"violations": _told(found)}, "\n".join(_lines(found)) or layout.fill(well))
    return 1 if found else 0


def reconcile(args: argparse.Namespace) -> int:
    """Say again what is missed and ask again what is implied; 1 when something does not add up afterwards."""
    client = context.client(args)
    found = wrong(client, args.grace)
    if not found or args.dry_run:
        told: dict[str, Any] = {"found": _told(found), "said": [], "left": []}
        context.tell(args, told, "\n".join(_lines(found)) or "There is nothing to put right.")
        return 0
    said = [kind for one in found if one.remedy for kind in _apply(client, one)]
    streams = sum(client.ask("node.say_again", service=service, seconds=30)["streams"] for service in SERVICES)
    left = _settled(client)
    counted, asked = (
        formatting.counted(len(said), "message", "messages"),
        formatting.counted(streams, "stream", "streams"),
    )
    head = f"Said: {counted}; asked about {asked}. {len(found)} found, {len(left)} left."
    told = {"found": _told(found), "said": said, "left": _told(left)}
    context.tell(args, told, "\n".join([*_lines(found), layout.fill(head), *_lines(left)]))
    return 1 if left else 0


def _settled(client: LocalApi) -> list[Difference]:
    """What is still wrong once everything had its time."""
    until = time.monotonic() + PATIENCE
    while (left := wrong(client, grace=0)) and time.monotonic() < until:
        time.sleep(1)
    return left


def _apply(client: LocalApi, one: Difference) -> list[str]:
    """What the command that puts it right has said, by type."""
    if one.remedy is None:
        return []
    return list(client.ask(one.remedy.type.removesuffix(".v1"), one.remedy.wire(), seconds=30)["said"])


def wrong(client: LocalApi, grace: float = GRACE) -> list[Difference]:
    """Whatever does not add up and still did not after `grace` seconds, in which messages arrive."""
    found = [*own(client), *compared(client)]
    until = time.monotonic() + grace
    while found and time.monotonic() < until:
        time.sleep(1)
        now = [*own(client), *_again(client, found)]
        found = [one for one in found if one in now]
    return found


def own(client: LocalApi) -> list[Difference]:
    """What a service finds wrong by itself: places, pairs of records, streams."""
    places = "look at the log and tell the makers: no verb may guess how many places are taken"
    pairs = "the two communities settle it: ./handoff show, then cancel or withdraw"
    found = [_found(one, places) for one in client.ask("booking.check_invariants", seconds=30)["items"]]
    found += [_found(one, pairs) for one in client.ask("referral.check_records", seconds=30)["items"]]
    for service in SERVICES:
        found += [
            _found(one, STREAMS) for one in client.ask("node.check_streams", service=service, seconds=30)["items"]
        ]
    return found


def _found(one: dict[str, Any], advice: str) -> Difference:
    return Difference(one["rule"], one["subject"], one["found"], advice)


def compared(client: LocalApi) -> list[Difference]:
    """Every record against its hold, and the other way round."""
    records = comparing.by_referral(_pages(client, "referral.state_records", "referral_id"))
    holds = comparing.by_id(_pages(client, "booking.state_holds", "hold_id"))
    return list(comparing.differences(*_completed(client, records, holds)))


def _again(client: LocalApi, before: list[Difference]) -> list[Difference]:
    """Only what differed, as it stands now."""
    referrals = {referral for one in before for referral in one.about}
    records = comparing.by_referral(_named(client, "referral.state_records", "referral_ids", referrals))
    held = {one.remedy.hold_id for one in before if one.remedy}
    holds = comparing.by_id(_named(client, "booking.state_holds", "hold_ids", held))
    return list(comparing.differences(*_completed(client, records, holds)))


def _completed(
    client: LocalApi, records: dict[str, Any], holds: dict[str, Any]
) -> tuple[comparing.Records, comparing.Holds]:
    """With what was named and not stated: what has ended, or is not there."""
    referrals, named = comparing.missing(records, holds)
    records |= comparing.by_referral(_named(client, "referral.state_records", "referral_ids", referrals))
    _, more = comparing.missing(records, holds)
    holds |= comparing.by_id(_named(client, "booking.state_holds", "hold_ids", named | more))
    return records, holds


def _pages(client: LocalApi, asks: str, key: str) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = client.ask(asks, {"limit": PAGE} | ({"after": after} if after else {}), seconds=30)["items"]
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][key]


def _named(client: LocalApi, asks: str, field: str, names: set[str]) -> Iterator[dict[str, Any]]:
    wanted = sorted(names)
    for start in range(0, len(wanted), NAMED):
        yield from client.ask(asks, {field: wanted[start : start + NAMED]}, seconds=30)["items"]


def _told(found: list[Difference]) -> list[dict[str, str]]:
    return [one.told() for one in found]


def _lines(found: list[Difference]) -> list[str]:
    told = [(f"{one.rule}: {one.subject}: {one.found}", f"→ {one.advice}") for one in found]
    return [layout.fill(text, 4 + 2 * n, first=4 * n) for one in told for n, text in enumerate(one)]
