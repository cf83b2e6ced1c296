"""`handoff doctor`: look at a node from outside, and say for each trouble what to do."""

import argparse
import http.client
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from contracts.described import SERVICES
from contracts.node.v1 import AskStanding, Standing
from services.cli import context
from services.cli.verbs import reconciling
from services.cli.views import layout
from services.client import formatting, local_api
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import NC_
from services.client.phrases.spoken import _, ngettext, spoken
from services.client.phrases.vocabulary import Table, word
from services.client.problems import Problem

GIGABYTE = 1_000_000_000
#: Free space below which a person should look, and below which a database may stop, in bytes.
TIGHT, FULL = 2 * GIGABYTE, GIGABYTE // 5
#: A message inside the node that waits longer than this, in seconds, is stuck; on the border the partner may be away.
STUCK_SECONDS = 30.0
#: What was erased may be found in the files of the database for so long, and record keys serve for so long, in seconds.
ERASED_SECONDS, RENEWED_SECONDS = 3600.0, 25 * 3600.0
#: How each finding begins, in a column of five letters in English.
MARKS: Table = {
    "well": NC_("a finding", "ok"),
    "note": NC_("a finding", "note"),
    "trouble": NC_("a finding", "TO DO"),
}
LANES: Table = {"internal": NC_("a lane", "internal"), "border": NC_("a lane", "border")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do unless it is well."""

    kind: Literal["well", "note", "trouble"]
    what: str
    advice: str = ""


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    example = layout.examples("./handoff doctor --port 8000")
    parser = verbs.add_parser("doctor", help=_("how the node is, and what to do about it"), epilog=example)
    reconciling.add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell everything that was found; 1 when something needs a person."""
    found = list(look(args))
    troubles = sum(finding.kind == "trouble" for finding in found)
    lines = [line for finding in found for line in _lines(finding)]
    lines.append(ngettext("{count} thing to do.", "{count} things to do.", troubles) if troubles else _("All well."))
    context.tell(args, {"well": not troubles, "findings": [asdict(one) for one in found]}, "\n".join(lines))
    return 1 if troubles else 0


def look(args: argparse.Namespace) -> Iterator[Finding]:
    """Everything worth knowing, as far as the node answers."""
    base = args.data or Path(os.environ.get("HANDOFF_DATA") or local_api.default_folder())
    yield from disk(base)
    try:
        client = context.client(args)
        status, seen = client.get("/readyz")
    except Problem as problem:
        yield Finding("trouble", _("no node has run here"), problem.told(spoken()))
        return
    except (OSError, ValueError, http.client.HTTPException):
        advice = _("start it: {command}, or name its port with --port", command=context.command(args, "up"))
        yield Finding("trouble", _("nothing answers on port {port}", port=client.port), advice)
        return
    yield from parts(status, seen.get("parts", {}))
    yield from services(client)
    yield from agreement(client, args.grace)


def disk(base: Path) -> Iterator[Finding]:
    """The space that is left where the node keeps its data."""
    if not base.exists():
        return
    left = shutil.disk_usage(base).free
    text = _("{gigabytes} GB free for the data in {folder}", gigabytes=f"{left / GIGABYTE:.1f}", folder=base)
    if left < FULL:
        advice = _("free space now: the database stops when none is left; nothing is lost by it")
        yield Finding("trouble", text, advice)
    elif left < TIGHT:
        yield Finding("note", text, _("free some space soon"))
    else:
        yield Finding("well", text)


def parts(status: int, seen: Mapping[str, str]) -> Iterator[Finding]:
    """What the node says of its own parts."""
    wrong = {name: problem for name, problem in seen.items() if problem != "well"}
    for name, problem in wrong.items():
        yield Finding("trouble", f"{name}: {problem}", _advice(name))
    if not wrong and status == 200:
        yield Finding("well", _("the node is ready, {number} parts well", number=len(seen)))
    elif not wrong:
        text = _("the node answers {status}, {number} parts well", status=status, number=len(seen))
        yield Finding("trouble", text)


def _advice(part: str) -> str:
    if "database" in part:
        return _(
            "the node goes on by itself when its database answers; the last lines of pg.log in the data folder say why"
        )
    if "bus" in part:
        return _("the node connects again by itself; with a broker of your own, see that it runs")
    if part == "migrations":
        return _("stop the node and start it again: it brings its tables up to date")
    return _("wait a minute and look again; if it stays, stop the node and start it again")


def services(client: LocalApi) -> Iterator[Finding]:
    """What each service says: parked, unpublished, waiting, and the clock."""
    standings = []
    for service in SERVICES:
        try:
            standing = client.send(AskStanding(), service=service, patience=3)
        except Refused as no:
            text = _("{service} does not answer: {reason}", service=service, reason=no.message)
            yield Finding("trouble", text, _("look at the log of the node"))
        except Problem as problem:  # another node's port, or it ended while we looked
            yield Finding("trouble", _("the local API does not open"), problem.told(spoken()))
            return
        else:
            standings.append(standing)
            yield from of_service(standing)
    yield from clock(standings)


def of_service(standing: Standing) -> Iterator[Finding]:
    """One service's counts."""
    troubled = False
    for finding in (*_parked(standing), *_leaving(standing), *_unproven(standing), *_erased(standing)):
        troubled = troubled or finding.kind == "trouble"
        yield finding
    if standing.waiting:
        places = {"service": standing.service, "number": standing.waiting}
        text = _("{service}: {number} messages wait for one before them", **places)
        yield Finding("note", text, _("usual for a moment; if it stays, a parked one is in the way"))
    if not troubled:
        yield Finding("well", _("{service}: nothing parked, nothing stuck", service=standing.service))


def _parked(standing: Standing) -> Iterator[Finding]:
    if standing.parked:
        text = _("{service}: {number} messages are parked", service=standing.service, number=standing.parked)
        yield Finding("trouble", text, _("look why, then replay or discard: ./handoff parked list"))


def _leaving(standing: Standing) -> Iterator[Finding]:
    """What has waited long to be published, and whether a partner or somebody here can do something about it."""
    for lane, oldest in standing.oldest.items():
        left = standing.unpublished[lane] - (standing.unsigned if lane == "border" else 0)
        if oldest <= STUCK_SECONDS or not left:
            continue
        text = _(
            "{service}: {number} {lane} messages wait to be published, since {seconds} s",
            service=standing.service,
            number=left,
            lane=word(spoken(), LANES, lane),
            seconds=f"{oldest:.0f}",
        )
        if lane == "border":
            yield Finding("note", text, _("they go out when the partner's node can be reached"))
        else:
            advice = _("the bus does not take them: see above, else stop and start the node")
            yield Finding("trouble", text, advice)
    if standing.unsigned:
        yield _unsigned(standing)


def _unsigned(standing: Standing) -> Finding:
    places = {"service": standing.service, "number": standing.unsigned}
    advice = _(
        "start the node with the file of node keys that wrapped its signing keys, see HANDOFF_NODE_KEYS; the log "
        "names the key. They go out by themselves then"
    )
    return Finding("trouble", _("{service}: {number} border messages have no key that signs them", **places), advice)


def _unproven(standing: Standing) -> Iterator[Finding]:
    """What has come over the border and is not known to be a partner's."""
    if standing.unproven:
        places = {"service": standing.service, "number": standing.unproven}
        text = _("{service}: {number} messages wait until the key of their signer is known", **places)
        advice = _("usual before an agreement and while a partner replaces its key; else they are parked")
        yield Finding("note", text, advice)


def _erased(standing: Standing) -> Iterator[Finding]:
    """Whether what was erased can still be opened by whoever has the node's disk."""
    late = [
        _("since {length}, what was erased could be opened yet", length=length)
        for length in _longer(standing.erased_since, ERASED_SECONDS)
    ]
    late += [
        _("its record keys are {length} old", length=length)
        for length in _longer(standing.renewed_since, RENEWED_SECONDS)
    ]
    if late:
        advice = _(
            "they are renewed by themselves once the node may write into the folder record-keys; its log says why not"
        )
        yield Finding("trouble", f"{standing.service}: {formatting.listed(spoken(), late, 'and')}", advice)


def _longer(seconds: float | None, limit: float) -> Iterator[str]:
    if seconds is not None and seconds > limit:
        yield formatting.length(spoken(), timedelta(seconds=round(seconds)))


def clock(standings: Sequence[Standing]) -> Iterator[Finding]:
    """Whether the node's clock is the machine's."""
    for standing in standings[:1]:
        apart = formatting.off_from_machine(spoken(), standing.now, context.machine_now())
        text = _("its clock is {apart}", apart=apart)
        if not apart:
            yield Finding("well", _("its clock is the machine's"))
        elif standing.clock_settable:
            yield Finding("note", text, _("somebody set it, with ./handoff clock: a node for trials"))
        else:
            advice = _("it was moved in a trial, and deadlines follow it: ./handoff clock --machine puts it right")
            yield Finding("trouble", text, advice)


def agreement(client: LocalApi, grace: float) -> Iterator[Finding]:
    """Whether places, records and messages add up; what differs is looked at again before it is told."""
    try:
        found = reconciling.wrong(client, grace)
    except Refused as no:
        text = _("what the services say cannot be compared: {reason}", reason=no.message)
        yield Finding("trouble", text, _("look again in a moment"))
        return
    except Problem:  # told above
        return
    p = spoken()
    for one in found:
        yield Finding("trouble", one.said(p), p.say(one.advice))
    if not found:
        yield Finding("well", _("places, records and messages add up"))


def _lines(finding: Finding) -> list[str]:
    mark = formatting.padded(word(spoken(), MARKS, finding.kind), 5)
    lines = [layout.fill(f"{mark} {finding.what}", 6, first=0)]
    return [*lines, layout.fill(f"→ {finding.advice}", 8, first=6)] if finding.advice else lines
