"""What a node does and says when it is up: demonstration communities on first start, where it runs, what to do next."""

import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.demo import data
from deploy.local.node import say
from services.cli.verbs import importing
from services.cli.views import dates, formatting
from services.client.answers import Refused
from services.client.local_api import LocalApi, named

#: Written before the demonstration communities are loaded, and when all are there: a start that was cut short is taken
#: up again, and what somebody else has stated is never written over, for these are names of real villages.
LOADING, LOADED = "demo.loading", "demo.loaded"


def welcome(port: int, base: Path, *, demo: bool) -> None:
    """Load the demonstration communities if the node wants them and has no others, then speak."""
    client = LocalApi.of(port, base)
    if demo and not (base / LOADED).exists():
        _load(client, base)
    known = client.ask("community.find_communities", {"limit": 200})["items"]
    # Another terminal knows nothing of this one's environment.
    here = "".join(f" {shlex.quote(word)}" for word in named(port, base, {}))
    here_are = formatting.counted(len(known), "community", "communities")
    say(f"the node is up: http://127.0.0.1:{port}/readyz, data in {base}, {here_are}")
    for line in _next(len(known), here):
        say(line)
    say("Ctrl-C ends it; what is under way goes on at the next start")
    for line in _clock(client.ask("node.ask_standing", service="referral"), here):
        say(line)


def _next(communities: int, here: str) -> list[str]:
    """What to do first; a party is handed over by a community."""
    if not communities:
        return [f"{importing.NONE_YET}{here}, in another terminal"]
    aside = f"     (each with{here})" if here else ""
    offer = f"to hand a party over: ./handoff offer --help     to see whole handoffs: ./handoff demo{aside}"
    return [f"next, in another terminal: ./handoff find{here}", offer]


def _clock(standing: dict[str, Any], here: str) -> list[str]:
    """What to know about a clock that trials have moved; loud on a node that is not started for trials."""
    apart = dates.apart_from_machine(datetime.fromisoformat(standing["now"]))
    shown = f"it shows {standing['now'][:16]} UTC, {apart}"
    if not apart:
        return []
    if standing["clock_settable"]:
        return [f"note: the node's clock was moved, {shown}"]
    return [
        f"WARNING: this node does not live in the present: {shown}",
        "WARNING: a trial moved its clock. Deadlines, arrivals and passes follow it: real guests are handled wrongly",
        f"to put it right, in another terminal: ./handoff clock --machine{here}",
        "to keep the trial and work elsewhere: stop this node and start one with --data DIR",
    ]


def _load(client: LocalApi, base: Path) -> None:
    if client.ask("community.find_communities", {"limit": 1})["items"] and not (base / LOADING).exists():
        return
    (base / LOADING).touch()
    network = data.communities()
    say("first start: loading the demonstration communities")
    for line in importing.send(client, network):
        say(line)
    try:
        for line in importing.send_crossings(client, data.crossings()):
            say(line)
    except Refused as no:  # a machine whose clock lags is before the day on which the rows were checked
        say(f"note: no crossings are loaded, {no.field}: {no.message}")
        say("when the clock is right: ./handoff import deploy/demo/crossings.json")
    (base / LOADED).touch()
