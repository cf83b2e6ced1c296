"""What a node does and says when it is up: demonstration communities on first start, where it runs, what to do next."""

import shlex
from pathlib import Path

from contracts.community.v1 import FindCommunities
from contracts.node.v1 import AskStanding, Standing
from deploy.demo import data
from deploy.local import demo_accounts, demo_agency, demo_sold_out, pages
from deploy.local.node import NodeSettings, say
from services.cli import context
from services.cli.verbs import importing
from services.client import formatting
from services.client.answers import Refused
from services.client.local_api import LocalApi, named
from services.client.phrases.spoken import _, ngettext, spoken

#: Written before the demonstration communities are loaded, and when all are there: a start that was cut short is taken
#: up again, and what somebody else has stated is never written over, for these are names of real villages.
LOADING, LOADED = "demo.loading", "demo.loaded"


def welcome(settings: NodeSettings, *, demo: bool) -> None:
    """Load the demonstration communities if the node wants them and has no others, then speak."""
    port, base = settings.port, settings.base
    client = LocalApi.of(port, base)
    if demo and not (base / LOADED).exists():
        _load(client, base)
    key = _for_agencies(client, base) if demo else None
    known = len(client.send(FindCommunities(limit=200)).items)
    # Another terminal knows nothing of this one's environment.
    here = "".join(f" {shlex.quote(word)}" for word in named(port, base, {}))
    say(_up(known, port, base))
    for line in pages.lines(settings, demo_accounts.opened(client, base) if demo else {}):
        say(line)
    for line in pages.lines_for_agencies(settings, base / demo_agency.FILE if key else None, key):
        say(line)
    for line in _next(known, here):
        say(line)
    say(_("Ctrl-C ends it; what is under way goes on at the next start"))
    for line in _clock(client.send(AskStanding(), service="referral"), here):
        say(line)


def _up(known: int, port: int, base: Path) -> str:
    return ngettext(
        "the node is up: {url}, data in {folder}, {count} community",
        "the node is up: {url}, data in {folder}, {count} communities",
        known,
        url=f"http://127.0.0.1:{port}/readyz",
        folder=base,
    )


def _for_agencies(client: LocalApi, base: Path) -> str | None:
    """What agencies' software is tried with; returns the key."""
    demo_sold_out.provide(client)
    return demo_agency.opened(client, base)


def _next(communities: int, here: str) -> list[str]:
    """What to do first; a party is handed over by a community."""
    if not communities:
        command = f"./handoff import FILE{here}"
        return [_("There is no community here yet: {command}, in another terminal", command=command)]
    verbs = {"offer": "./handoff offer --help", "demo": "./handoff demo"}
    then = _("to hand a party over: {offer}     to see whole handoffs: {demo}", **verbs)
    if here:
        then += "     " + _("(each with {options})", options=here.strip())
    return [_("next, in another terminal: {command}", command=f"./handoff find{here}"), then]


def _clock(standing: Standing, here: str) -> list[str]:
    """What to know about a clock that trials have moved; loud on a node that is not started for trials."""
    apart = formatting.off_from_machine(spoken(), standing.now, context.machine_now())
    shown = {"moment": f"{standing.now:%Y-%m-%dT%H:%M}", "apart": apart}
    if not apart:
        return []
    if standing.clock_settable:
        return [_("note: the node's clock was moved, it shows {moment} UTC, {apart}", **shown)]
    return [
        _("WARNING: this node does not live in the present: it shows {moment} UTC, {apart}", **shown),
        _(
            "WARNING: a trial moved its clock. Deadlines, arrivals and passes follow it: real guests are handled "
            "wrongly"
        ),
        _("to put it right, in another terminal: {command}", command=f"./handoff clock --machine{here}"),
        _("to keep the trial and work elsewhere: stop this node and start one with --data DIR"),
    ]


def _load(client: LocalApi, base: Path) -> None:
    if client.send(FindCommunities(limit=1)).items and not (base / LOADING).exists():
        return
    (base / LOADING).touch()
    network = data.communities()
    say(_("first start: loading the demonstration communities"))
    for line in importing.send(client, network):
        say(line)
    try:
        for line in importing.send_crossings(client, data.crossings()):
            say(line)
    except Refused as no:  # a machine whose clock lags is before the day on which the rows were checked
        say(_("note: no crossings are loaded, {field}: {reason}", field=no.field, reason=no.message))
        say(_("when the clock is right: {command}", command="./handoff import deploy/demo/crossings.json"))
    (base / LOADED).touch()
