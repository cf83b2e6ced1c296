"""What does not fit together on a node, looked at while it runs, and the verb that puts it right."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from contracts.booking.v1 import CheckInvariants, Violation
from contracts.described import SERVICES
from contracts.messages import Query, Several
from contracts.node.v1 import CheckStreams, SayAgain
from contracts.reconcile.v1 import HoldStanding, RecordStanding, StateHolds, StateRecords
from contracts.referral.v1 import CheckRecords
from contracts.values import Value
from services.cli import context
from services.cli.views import layout
from services.client import comparing
from services.client.comparing import Difference, Told
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_, Phrase
from services.client.phrases.spoken import _, ngettext, spoken

V = TypeVar("V", bound=Value)
#: How long what differs may be on its way, in seconds: it is looked at again until then.
GRACE = 20.0
#: How long the verb waits until what it said has had its effect.
PATIENCE = 60.0
PAGE, NAMED = 1_000, 500
PLACES = N_("look at the log and tell the makers: no verb may guess how many places are taken")
PAIRS = N_("the two communities settle it: ./handoff show, then cancel or withdraw")
STREAMS = N_(
    "./handoff reconcile: what is kept is asked about and said again; if it stays, look at the log of both services"
)
#: The rules that services look after by themselves, by their English.
RULES: Mapping[str, Phrase] = {
    rule.text: rule
    for rule in (
        N_("a pool stays within its capacity"),
        N_("taken equals the sum of live takings"),
        N_("no live hold outlives its time by 5 s"),
        N_("a live hold takes something"),
        N_("an ended hold takes nothing"),
        N_("what is oversold has a line in the history"),
        N_("what a change shares is taken by what it replaces"),
        N_("only unanswered holds count against a share"),
        N_("both records end equal"),
        N_("what is said arrives within a minute"),
        N_("what waits has the one before it on its way"),
    )
}


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    line = _("does every place and record add up? changes nothing")
    example = layout.examples("./handoff check-invariants")
    parser = verbs.add_parser("check-invariants", help=line, epilog=example)
    add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=check_invariants)
    line = _("put right what check-invariants finds, and say what was done")
    example = layout.examples("./handoff reconcile", "./handoff reconcile --dry-run")
    parser = verbs.add_parser("reconcile", help=line, epilog=example)
    parser.add_argument("--dry-run", action="store_true", help=_("only say what would be done"))
    add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=reconcile)


def add_grace(parser: argparse.ArgumentParser) -> None:
    """The option that every verb has which compares."""
    text = _("what differs may be on its way: look again for so long ({seconds})", seconds=f"{GRACE:g}")
    parser.add_argument("--grace", type=float, default=GRACE, metavar="SECONDS", help=text)


def check_invariants(args: argparse.Namespace) -> int:
    """Run every checker; 1 when anything does not add up."""
    found = wrong(context.client(args), args.grace)
    well = _("Every place is accounted for, every record fits its hold and its counterpart, and nothing is missed.")
    context.tell(args, {"violations": _told(found)}, "\n".join(_lines(found)) or layout.fill(well))
    return 1 if found else 0


def reconcile(args: argparse.Namespace) -> int:
    """Say again what is missed and ask again what is implied; 1 when something does not add up afterwards."""
    client = context.client(args)
    found = wrong(client, args.grace)
    if not found or args.dry_run:
        told: dict[str, Any] = {"found": _told(found), "said": [], "left": []}
        context.tell(args, told, "\n".join(_lines(found)) or _("There is nothing to put right."))
        return 0
    said = [kind for one in found for kind in _apply(client, one)]
    streams = sum(client.send(SayAgain(), service=service, seconds=30).streams for service in SERVICES)
    left = _settled(client)
    head = _(
        "Said: {messages}; asked about {streams}. {found} found, {left} left.",
        messages=ngettext("{count} message", "{count} messages", len(said)),
        streams=ngettext("{count} stream", "{count} streams", streams),
        found=len(found),
        left=len(left),
    )
    told = {"found": _told(found), "said": said, "left": _told(left)}
    context.tell(args, told, "\n".join([*_lines(found), layout.fill(head), *_lines(left)]))
    return 1 if left else 0


def _settled(client: LocalApi) -> list[Difference]:
    """What is still wrong once everything had its time."""
    until = time.monotonic() + PATIENCE
    while (left := wrong(client, grace=0)) and time.monotonic() < until:
        time.sleep(1)
    return left


def _apply(client: LocalApi, one: Difference) -> tuple[str, ...]:
    """What the command that puts it right has said, by type."""
    return client.send(one.remedy, seconds=30).said if one.remedy else ()


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
    found = [_found(one, PLACES) for one in client.send(CheckInvariants(), seconds=30).items]
    found += [_found(one, PAIRS) for one in client.send(CheckRecords(), seconds=30).items]
    for service in SERVICES:
        streams = client.send(CheckStreams(), service=service, seconds=30).items
        found += [_found(one, STREAMS) for one in streams]
    return found


def _found(one: Violation, advice: Phrase) -> Difference:
    """In the words of a newer service where its rule is not known here."""
    return Difference(RULES.get(one.rule, Phrase(one.rule)), one.subject, Told(Phrase(one.found)), advice)


def compared(client: LocalApi) -> list[Difference]:
    """Every record against its hold, and the other way round."""
    records = comparing.by_referral(
        _pages(client, lambda after: StateRecords(limit=PAGE, after=after), lambda one: one.referral_id)
    )
    holds = comparing.by_id(_pages(client, lambda after: StateHolds(limit=PAGE, after=after), lambda one: one.hold_id))
    return list(comparing.differences(*_completed(client, records, holds)))


def _again(client: LocalApi, before: list[Difference]) -> list[Difference]:
    """Only what differed, as it stands now."""
    records = _records(client, {referral for one in before for referral in one.about})
    holds = _holds(client, {one.remedy.hold_id for one in before if one.remedy})
    return list(comparing.differences(*_completed(client, records, holds)))


def _completed(
    client: LocalApi, records: comparing.Records, holds: comparing.Holds
) -> tuple[comparing.Records, comparing.Holds]:
    """With what was named and not stated: what has ended, or is not there."""
    referrals, named = comparing.missing(records, holds)
    records = {**records, **_records(client, referrals)}
    _more, further = comparing.missing(records, holds)
    return records, {**holds, **_holds(client, named | further)}


def _records(client: LocalApi, names: set[str]) -> dict[str, RecordStanding]:
    asked = (StateRecords(referral_ids=some) for some in _parts(names))
    return comparing.by_referral(one for each in asked for one in client.send(each, seconds=30).items)


def _holds(client: LocalApi, names: set[str]) -> dict[str, HoldStanding]:
    asked = (StateHolds(hold_ids=some) for some in _parts(names))
    return comparing.by_id(one for each in asked for one in client.send(each, seconds=30).items)


def _parts(names: set[str]) -> Iterator[tuple[str, ...]]:
    """As many at a time as one question may name."""
    wanted = sorted(names)
    for start in range(0, len(wanted), NAMED):
        yield tuple(wanted[start : start + NAMED])


def _pages(client: LocalApi, asks: Callable[[str | None], Query[Several[V]]], key: Callable[[V], str]) -> Iterator[V]:
    after: str | None = None
    while True:
        page = client.send(asks(after), seconds=30).items
        yield from page
        if len(page) < PAGE:
            return
        after = key(page[-1])


def _told(found: Sequence[Difference]) -> list[dict[str, str]]:
    return [one.told() for one in found]


def _lines(found: Sequence[Difference]) -> list[str]:
    p = spoken()
    told = [(one.said(p), f"→ {p.say(one.advice)}") for one in found]
    return [layout.fill(text, 4 + 2 * n, first=4 * n) for one in told for n, text in enumerate(one)]
