"""`handoff doctor`: look at a node from outside, and say for each trouble what to do."""

import argparse
import http.client
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from services.cli import context
from services.cli.input import inputs
from services.cli.verbs import reconciling
from services.cli.verbs.reconciling import SERVICES
from services.cli.views import dates, layout
from services.client import local_api
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.problems import Problem

GIGABYTE = 1_000_000_000
#: Free space below which a person should look, and below which a database may stop, in bytes.
TIGHT, FULL = 2 * GIGABYTE, GIGABYTE // 5
#: A message inside the node that waits longer than this, in seconds, is stuck; on the border the partner may be away.
STUCK_SECONDS = 30.0
#: What was erased may be found in the files of the database for so long, and record keys serve for so long, in seconds.
ERASED_SECONDS, RENEWED_SECONDS = 3600.0, 25 * 3600.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do unless it is well."""

    kind: Literal["well", "note", "trouble"]
    what: str
    advice: str = ""


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    example = "example:\n  ./handoff doctor --port 8000"
    parser = verbs.add_parser("doctor", help="how the node is, and what to do about it", epilog=example)
    reconciling.add_grace(parser)
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell everything that was found; 1 when something needs a person."""
    found = list(look(args))
    troubles = sum(finding.kind == "trouble" for finding in found)
    lines = [line for finding in found for line in _lines(finding)]
    lines.append(f"{troubles} thing{'s' if troubles > 1 else ''} to do." if troubles else "All well.")
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
        yield Finding("trouble", "no node has run here", str(problem))
        return
    except (OSError, ValueError, http.client.HTTPException):
        start = context.command(args, "up")
        advice = f"start it: {start}, or name its port with --port"
        yield Finding("trouble", f"nothing answers on port {client.port}", advice)
        return
    yield from parts(status, seen.get("parts", {}))
    yield from services(client)
    yield from agreement(client, args.grace)


def disk(base: Path) -> Iterator[Finding]:
    """The space that is left where the node keeps its data."""
    if not base.exists():
        return
    left = shutil.disk_usage(base).free
    text = f"{left / GIGABYTE:.1f} GB free for the data in {base}"
    if left < FULL:
        yield Finding("trouble", text, "free space now: the database stops when none is left; nothing is lost by it")
    else:
        yield Finding("note" if left < TIGHT else "well", text, "free some space soon" if left < TIGHT else "")


def parts(status: int, seen: dict[str, str]) -> Iterator[Finding]:
    """What the node says of its own parts."""
    wrong = {name: problem for name, problem in seen.items() if problem != "well"}
    for name, problem in wrong.items():
        yield Finding("trouble", f"{name}: {problem}", _advice(name))
    if not wrong:
        word = "ready" if status == 200 else f"answers {status}"
        yield Finding("well" if status == 200 else "trouble", f"the node is {word}, {len(seen)} parts well")


def _advice(part: str) -> str:
    if "database" in part:
        return (
            "the node goes on by itself when its database answers; the last lines of pg.log in the data folder say why"
        )
    if "bus" in part:
        return "the node connects again by itself; with a broker of your own, see that it runs"
    if part == "migrations":
        return "stop the node and start it again: it brings its tables up to date"
    return "wait a minute and look again; if it stays, stop the node and start it again"


def services(client: LocalApi) -> Iterator[Finding]:
    """What each service says: parked, unpublished, waiting, and the clock."""
    standings = []
    for service in SERVICES:
        try:
            standing = client.ask("node.ask_standing", service=service, patience=3)
        except Refused as no:
            yield Finding("trouble", f"{service} does not answer: {no.message}", "look at the log of the node")
        except Problem as problem:  # another node's port, or it ended while we looked
            yield Finding("trouble", "the local API does not open", str(problem))
            return
        else:
            standings.append(standing)
            yield from of_service(standing)
    yield from clock(standings)


def of_service(standing: dict[str, Any]) -> Iterator[Finding]:
    """One service's counts."""
    name, troubled = standing["service"], False
    if standing["parked"]:
        troubled = True
        advice = "look why, then replay or discard: ./handoff parked list"
        yield Finding("trouble", f"{name}: {standing['parked']} messages are parked", advice)
    for finding in (*_leaving(standing), *_unproven(standing), *_erased(standing)):
        troubled = troubled or finding.kind == "trouble"
        yield finding
    if standing["waiting"]:
        text = f"{name}: {standing['waiting']} messages wait for one before them"
        yield Finding("note", text, "usual for a moment; if it stays, a parked one is in the way")
    if not troubled:
        yield Finding("well", f"{name}: nothing parked, nothing stuck")


def _leaving(standing: dict[str, Any]) -> Iterator[Finding]:
    """What has waited long to be published, and whether a partner or somebody here can do something about it."""
    name, unsigned = standing["service"], standing.get("unsigned", 0)
    for lane, oldest in standing["oldest"].items():
        left = standing["unpublished"][lane] - (unsigned if lane == "border" else 0)
        text = f"{name}: {left} {lane} messages wait to be published, since {oldest:.0f} s"
        if oldest <= STUCK_SECONDS or not left:
            continue
        if lane == "border":
            yield Finding("note", text, "they go out when the partner's node can be reached")
        else:
            yield Finding("trouble", text, "the bus does not take them: see above, else stop and start the node")
    if unsigned:
        advice = (
            "start the node with the file of node keys that wrapped its signing keys, see HANDOFF_NODE_KEYS; the log "
            "names the key. They go out by themselves then"
        )
        yield Finding("trouble", f"{name}: {unsigned} border messages have no key that signs them", advice)


def _unproven(standing: dict[str, Any]) -> Iterator[Finding]:
    """What has come over the border and is not known to be a partner's."""
    if count := standing.get("unproven", 0):
        text = f"{standing['service']}: {count} messages wait until the key of their signer is known"
        yield Finding(
            "note", text, "usual before an agreement and while a partner replaces its key; else they are parked"
        )


def _erased(standing: dict[str, Any]) -> Iterator[Finding]:
    """Whether what was erased can still be opened by whoever has the node's disk."""
    name, since, renewed = standing["service"], standing.get("erased_since"), standing.get("renewed_since")
    late = [f"since {length}, what was erased could be opened yet" for length in _longer(since, ERASED_SECONDS)]
    late += [f"its record keys are {length} old" for length in _longer(renewed, RENEWED_SECONDS)]
    if late:
        advice = (
            "they are renewed by themselves once the node may write into the folder record-keys; its log says why not"
        )
        yield Finding("trouble", f"{name}: {' and '.join(late)}", advice)


def _longer(seconds: float | None, limit: float) -> Iterator[str]:
    if seconds is not None and seconds > limit:
        yield dates.length(timedelta(seconds=round(seconds)))


def clock(standings: list[dict[str, Any]]) -> Iterator[Finding]:
    """Whether the node's clock is the machine's."""
    for standing in standings[:1]:
        apart = dates.apart_from_machine(dates.local(standing["now"], inputs.HERE))
        text = f"its clock is {apart}"
        if not apart:
            yield Finding("well", "its clock is the machine's")
        elif standing["clock_settable"]:
            yield Finding("note", text, "somebody set it, with ./handoff clock: a node for trials")
        else:
            advice = "it was moved in a trial, and deadlines follow it: ./handoff clock --machine puts it right"
            yield Finding("trouble", text, advice)


def agreement(client: LocalApi, grace: float) -> Iterator[Finding]:
    """Whether places, records and messages add up; what differs is looked at again before it is told."""
    try:
        found = reconciling.wrong(client, grace)
    except Refused as no:
        yield Finding("trouble", f"what the services say cannot be compared: {no.message}", "look again in a moment")
        return
    except Problem:  # told above
        return
    for one in found:
        yield Finding("trouble", f"{one.rule}: {one.subject}: {one.found}", one.advice)
    if not found:
        yield Finding("well", "places, records and messages add up")


def _lines(finding: Finding) -> list[str]:
    mark = {"well": "ok   ", "note": "note ", "trouble": "TO DO"}[finding.kind]
    lines = [layout.fill(f"{mark} {finding.what}", 6, first=0)]
    return [*lines, layout.fill(f"→ {finding.advice}", 8, first=6)] if finding.advice else lines
