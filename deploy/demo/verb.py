"""`handoff demo`: play whole handoffs on a node of its own, tell them as stories, and judge them to the last unit."""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from deploy.demo import playing, report
from deploy.demo.facts import Outcome
from deploy.demo.own_node import own_node, scratch
from deploy.demo.scenario_file import DEMO_SCENARIOS, BadScenarios, Play, nodes, read_file
from deploy.local.node import say
from services.cli import outcome
from services.client.phrases.spoken import _
from services.client.problems import Problem


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("demo", help=_("play whole handoffs on a node of its own, and judge them"))
    file, keep = _("see docs/scenarios.md"), _("keep the nodes' data and logs in this new folder")
    parser.add_argument("--scenarios", type=Path, default=DEMO_SCENARIOS, metavar="FILE", help=file)
    parser.add_argument("--json", action="store_true", help=_("answer as JSON, for machines"))
    parser.add_argument("--keep", type=Path, metavar="DIR", help=keep)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, play, tell; 0 when every scenario went as written, 1 when one did not, 2 for a file that cannot be used."""
    try:
        plays = read_file(args.scenarios)
    except BadScenarios as bad:
        raise Problem(f"{args.scenarios} cannot be played:\n{bad}") from bad
    began, outcomes = time.monotonic(), []
    try:
        with _told_to_end():
            for played, play in _played(plays, args.keep):
                outcomes.append(played)
                if not args.json:
                    print("\n".join([*report.told(played, play), ""]), flush=True)
    except KeyboardInterrupt:
        sentence = "interrupted; the demonstration's node has ended"
        return outcome.failed(outcome.INTERRUPTED, sentence, as_json=args.json)
    _sum_up(outcomes, _not_told(plays), time.monotonic() - began, as_json=args.json)
    return 0 if all(one.ok for one in outcomes) else 1


def _played(plays: list[Play], keep: Path | None) -> Iterator[tuple[Outcome, Play]]:
    """Play all of them, those that fit one clock on one node."""
    needed = nodes(plays)
    if len(needed) > 1 and os.environ.get("HANDOFF_DATABASE_URL"):
        sentence = f"These scenarios need {len(needed)} nodes, for the clock goes back or the network changes"
        raise Problem(f"{sentence}, and HANDOFF_DATABASE_URL names one database: unset it, or split the file.")
    with scratch(keep) as base:
        for n, shared in enumerate(needed, start=1):
            say(f"starting a node for {', '.join(play.scenario.id for play in shared)}")
            with own_node(base / f"{n}") as client:
                yield from zip(playing.play_all(client, shared, say), shared, strict=True)


def _not_told(plays: list[Play]) -> list[str]:
    """Scenarios that a network's own file speaks of and this one, which tells some of them, does not tell yet."""
    told = {play.scenario.id for play in plays}
    named = {str(entry.get("id")) for play in plays for entry in play.network.scenarios}
    return sorted(named - told) if named & told else []


def _sum_up(outcomes: list[Outcome], not_told: list[str], seconds: float, *, as_json: bool) -> None:
    if not as_json:
        print(report.summed(outcomes, not_told, seconds), flush=True)
        return
    scenarios: list[dict[str, Any]] = [{"ok": one.ok, **one.model_dump(mode="json")} for one in outcomes]
    answer = {
        "ok": all(one.ok for one in outcomes),
        "seconds": round(seconds, 3),
        "scenarios": scenarios,
        "not_told": not_told,
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1), flush=True)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM ends the demonstration as Ctrl-C does, so that its node and folder go with it."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
