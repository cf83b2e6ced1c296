"""Play scenarios on a node and judge each at its end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from contracts.community.v1 import FindCommunities
from contracts.referral.v1 import HandoffView
from deploy.demo import data, queries
from deploy.demo.facts import Asked, Deviation, Outcome, Record
from deploy.demo.judging import deviations
from deploy.demo.scenario import Act, Pass, PassTo, Reminded, Step
from deploy.demo.scenario_file import Play
from deploy.demo.stage import Say, Stage, Stopped
from services.cli.verbs import importing
from services.client import crossings
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import Phrases
from services.client.problems import Problem

#: The network is made so long before the first scenario begins, by the node's clock.
PREPARATION = timedelta(hours=1)
#: What is expected may take so many seconds to become true at the end.
JUDGING_SECONDS = 5.0
#: What is judged of a line of the crossing plan.
ASKED = {"about", "result", "code"}


def play_all(client: LocalApi, plays: Sequence[Play], say: Say) -> Iterator[Outcome]:
    """Make the network of a fresh node, then play scenarios of it in turn. Raises Problem when others live on it."""
    if client.send(FindCommunities(limit=1)).items:
        raise Problem("The database holds communities already, and their clock is not ours to move: name an empty one.")
    queries.move_clock(client, plays[0].scenario.clock - PREPARATION)
    for line in (*importing.send(client, plays[0].network), *importing.send_crossings(client, data.crossings())):
        say(line)
    for play in plays:
        yield played(Stage(client, play, say))


def played(stage: Stage) -> Outcome:
    """One scenario from its pinned moment to its end, and what deviates from it."""
    scenario, started = stage.play.scenario, time.monotonic()
    stage.begin()
    stopped = _perform(stage)
    stage.settle()
    judged = _judged(stage, 0.0 if stopped else JUDGING_SECONDS)
    stage.look()
    sender, receiver = _records(stage)
    return Outcome(
        id=scenario.id,
        title=scenario.title,
        began=scenario.clock,
        ended=stage.now,
        seconds=round(time.monotonic() - started, 3),
        story=tuple(stage.story),
        sender=sender,
        receiver=receiver,
        pools=tuple(stage.pools()),
        checks=queries.checks(stage.client),
        deviations=(*stopped, *judged),
    )


def _perform(stage: Stage) -> list[Deviation]:
    """What was so before, then every step, until one goes otherwise than it is written."""
    scenario = stage.play.scenario
    parts: list[tuple[str, Step]] = [(f"given.acts[{n}]", act) for n, act in enumerate(scenario.given.acts)]
    parts += [(f"steps[{n}]", step) for n, step in enumerate(scenario.steps)]
    try:
        for what, step in parts:
            if isinstance(step, Act):
                stage.act(step, f"{what} {step.do}")
            elif isinstance(step, Pass | PassTo):
                stage.pass_time(step, f"{what} pass")
            elif isinstance(step, Reminded):
                stage.await_reminders(step, f"{what} reminded")
            else:
                stage.wait(step, f"{what} wait")
    except Stopped as stop:
        return [stop.deviation]
    return []


def _judged(stage: Stage, seconds: float) -> list[Deviation]:
    """What deviates still after so many seconds; empty as soon as nothing does."""
    expect, calendar = stage.play.scenario.expect, stage.play.scenario.calendar
    found: list[Deviation] = []

    def as_expected() -> bool:
        pools, checks = tuple(stage.pools()), queries.checks(stage.client)
        found[:] = deviations(expect, calendar, _records(stage), pools, checks)
        return not found

    queries.holds(as_expected, seconds)
    return found


def _records(stage: Stage) -> tuple[Record | None, Record | None]:
    sender, receiver = (_record(stage, view) for view in stage.records())
    return sender, receiver


def _record(stage: Stage, view: HandoffView | None) -> Record | None:
    if view is None:
        return None
    return Record(
        community=view.community,
        side=view.side,
        state=view.state,
        round=view.round,
        reason=view.reason,
        marked=view.marked,
        alternatives=tuple(one.wire() for one in view.alternatives),
        heard=tuple(line.act for line in view.story if line.by != view.community),
        quote=view.quote.total.wire() if view.quote else None,
        total=view.amounts.total.wire() if view.amounts else None,
        fee=view.amounts.referral_fee.wire() if view.amounts else None,
        party=view.party.wire(),
        personal=view.personal,
        receipts=tuple(_receipts(view)),
        **_looked_up(stage, view),
    )


def _receipts(view: HandoffView) -> Iterator[str]:
    """What of a record proves something."""
    proofs = {
        "consent": view.consent,
        "refusal": view.consent_refused,
        "erased": view.personal == "erased" and view.erased_at,
        "partner_erased": view.partner_erased_at,
    }
    return (name for name, there in proofs.items() if there)


def _looked_up(stage: Stage, view: HandoffView) -> dict[str, Any]:
    """What stands beside a record and costs a question of its own: only where the scenario speaks of it."""
    expect, side = stage.play.scenario.expect, view.side
    where = (stage.client, view.community, view.referral_id)
    found: dict[str, Any] = {}
    if getattr(expect.audit, side) is not None:
        found["audit"] = queries.audited(*where)
    if getattr(expect.reminders, side) is not None:
        found["reminders"] = queries.reminders(*where)
    if getattr(expect.plan, side) is not None:
        plan = queries.plan(*where)
        ways = [way for way in plan.crossings if way.crossing == plan.chosen]
        lines = [*(line for way in ways for line in way.lines), *plan.lines]
        english = Phrases.of("en")
        asked = [Asked(**one.model_dump(include=ASKED), said=crossings.verdict(english, one)) for one in lines]
        found |= {"plan": tuple(asked), "confirmed_by_officials": plan.confirmed_by_officials}
    return found
