"""One scenario on a node: who acts, time that passes, states that are waited for; and what was seen meanwhile."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.personal.v1 import PersonalPart
from contracts.referral.recorded import Recorded
from contracts.referral.v1 import HandoffView, StoryLine
from contracts.values import Value
from deploy.demo import edges, queries
from deploy.demo.facts import Deed, Deviation, Line, Pool, ReminderSaid, TimePassed
from deploy.demo.moments import length
from deploy.demo.phrases import deed_phrase
from deploy.demo.scenario import OFFER, Act, Pass, PassTo, Reminded, Wait
from deploy.demo.scenario_file import Play, fields_of
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.problems import Problem

QUIET_SECONDS = 15.0
PICTURES_SECONDS = 30.0
#: A node looks every second for what happens by itself; who moves its clock gives it the time to look.
SWEEP_SECONDS = 1.3
#: What of a line of the story and of a pool is taken down.
TOLD = {"at", "act", "by", "state", "round", "crossed", "took_ms"}
COUNTED = {"day", "pool", "capacity", "taken", "held", "booked"}
Say = Callable[[str], None]
#: How an act is done and what was read by it; raises Refused.
Ask = Callable[[LocalApi, Act, Mapping[str, Any]], tuple[Value | None, PersonalPart | None]]
PoolKey = tuple[str, str, str]


class Stopped(Exception):
    """The scenario cannot go on as it is written; says where it deviates."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(what)
        self.deviation = Deviation(what=what, expected=expected, found=found)


class Stage:
    """Where one scenario is played: acts as `ask` does them, everything else through the node's local API."""

    def __init__(self, client: LocalApi, play: Play, say: Say, ask: Ask = edges.ask) -> None:
        self.client, self.play, self._say, self._do = client, play, say, ask
        self.handoff: str | None = None
        self.story: list[Deed | TimePassed | Line | ReminderSaid] = []
        self.peaks: dict[PoolKey, int] = {}
        self._told = {"sender": 0, "receiver": 0}
        self._shown = (play.scenario.clock, time.monotonic())

    @property
    def now(self) -> datetime:
        """What the node's clock shows, reckoned from when it was last set."""
        moment, at = self._shown
        return moment + timedelta(seconds=time.monotonic() - at)

    def begin(self) -> None:
        """Set the clock to the pinned moment, once partners know one another. Raises Problem when they do not."""
        who, scenario = self.play.scenario.who, self.play.scenario
        self._wait_for_pictures()
        if queries.now(self.client) > scenario.clock:
            raise Problem(f"{scenario.id} begins at {scenario.clock.isoformat()}, and the node's clock is past that.")
        self._set_clock(scenario.clock)
        self._say(f"{scenario.id}: {scenario.title} ({who.sender} to {who.receiver}, {scenario.clock:%Y-%m-%d %H:%M})")

    def act(self, act: Act, what: str) -> None:
        """Somebody does something; whether it is refused must be as written. Raises Stopped."""
        scenario, at, began = self.play.scenario, self.now, time.monotonic()
        fields = fields_of(act, scenario, self.handoff or "", str(uuid.uuid4()))
        says = act.says or deed_phrase(self.play, act, fields)
        self._say(f"{scenario.id}: {self.play.called(act.acting) if act.acting else 'the operator'} {says}")
        answer, read, refusal = self._ask(act, fields)
        took = round((time.monotonic() - began) * 1000)
        refused = f"{refusal.code}: {refusal.message}" if refusal else None
        self.story.append(Deed(at=at, acting=act.acting, command=act.do, says=says, took_ms=took, refused=refused))
        _check_refusal(act, what, refusal)
        _check_read(act, what, read)
        if act.do == OFFER and isinstance(answer, Recorded) and self.handoff is None:
            self.handoff = answer.referral_id
        self.look(act.acting)

    def _ask(self, act: Act, fields: dict[str, Any]) -> tuple[Value | None, PersonalPart | None, Refused | None]:
        try:
            return *self._do(self.client, act, fields), None
        except Refused as no:
            return None, None, no

    def pass_time(self, step: Pass | PassTo, what: str) -> None:
        """Move the clock forward, once nothing is under way any more. Raises Stopped when that moment has gone."""
        self.settle()
        before = self.now
        calendar = self.play.scenario.calendar
        to = before + length(step.passes) if isinstance(step, Pass) else calendar.moment(step.moment)
        if to < before:
            raise Stopped(what, f"the clock before {to.isoformat()}", before.isoformat(timespec="seconds"))
        self._set_clock(to)
        self.story.append(TimePassed(at=to, passed=to - before))
        self._say(f"{self.play.scenario.id}: the clock goes to {to:%Y-%m-%d %H:%M}")
        looked = time.monotonic() + SWEEP_SECONDS
        queries.holds(lambda: time.monotonic() > looked and self._is_settled(), SWEEP_SECONDS + QUIET_SECONDS)
        self.look()

    def wait(self, step: Wait, what: str) -> None:
        """Wait until both records are so. Raises Stopped after the step's seconds."""
        wanted = step.state + (f" ({step.marked})" if step.marked else "")
        wanted += f" round {step.round}" if step.round is not None else ""
        self._say(f"{self.play.scenario.id}: waiting until both records are {wanted}")
        if not queries.holds(lambda: all(_is(record, step) for record in self.records()), step.seconds):
            found = " and ".join(_standing(record) for record in self.records())
            raise Stopped(what, f"both records {wanted} within {step.seconds:g} s", found)
        self.look()

    def await_reminders(self, step: Reminded, what: str) -> None:
        """Wait until a community has been reminded. Raises Stopped after the step's seconds."""
        who, wanted = self.play.called(step.community), ", ".join(step.codes)
        self._say(f"{self.play.scenario.id}: waiting until {who} is reminded of {wanted}")
        found: set[str] = set()

        def told() -> bool:
            found.update(queries.reminders(self.client, step.community, self.handoff or ""))
            return found >= set(step.codes)

        if not queries.holds(told, step.seconds):
            raise Stopped(what, f"{wanted} within {step.seconds:g} s", ", ".join(sorted(found)) or "nothing")
        self.story.append(ReminderSaid(at=self.now, community=step.community, codes=step.codes))

    def records(self) -> tuple[HandoffView | None, HandoffView | None]:
        """The sender's and the receiver's record as they are now."""
        who = self.play.scenario.who
        return (
            queries.record(self.client, who.sender, self.handoff),
            queries.record(self.client, who.receiver, self.handoff),
        )

    def settle(self) -> None:
        """Wait until everything said has been heard, as long as that is reasonable; the checks tell when it was not."""
        queries.holds(self._is_settled, QUIET_SECONDS)
        self.look()

    def _is_settled(self) -> bool:
        return queries.is_quiet(self.client) and queries.agree(*self.records())

    def look(self, acted: str | None = None) -> None:
        """Take down what is new in both stories and in the pools. The first new line of `acted` is its own deed's."""
        fresh: list[Line] = []
        for side, record in zip(("sender", "receiver"), self.records(), strict=True):
            if record is not None:
                fresh += [_line(record, one) for one in record.story[self._told[side] :]]
                self._told[side] = len(record.story)
        own = next((line for line in fresh if line.took_ms is None and line.community == acted), None)
        self.story += sorted((line for line in fresh if line is not own), key=lambda line: line.at)
        for pool in self.pools():
            key = (pool.community, pool.day.isoformat(), pool.pool)
            self.peaks[key] = max(self.peaks.get(key, 0), pool.taken)

    def pools(self) -> list[Pool]:
        """The pools that the scenario speaks of, as they are now; untouched ones are left out."""
        calendar, wanted = self.play.scenario.calendar, self.play.scenario.expect.pools
        asked = {(one.community, calendar.day(one.day)) for one in wanted}
        named = {(one.community, calendar.day(one.day).isoformat(), one.pool) for one in wanted}
        found = []
        for community, day in sorted(asked):
            for one in queries.pools(self.client, community, day, day):
                if (key := (community, one.day.isoformat(), one.pool)) in named:
                    kept = one.model_dump(include=COUNTED)
                    found.append(Pool(community=community, peak=self.peaks.get(key, 0), **kept))
        return found

    def _set_clock(self, to: datetime) -> None:
        queries.move_clock(self.client, to)
        self._shown = (to, time.monotonic())

    def _wait_for_pictures(self) -> None:
        """Partners have one another's catalogue, and booking knows what the receiver offers."""
        scenario = self.play.scenario
        who = {scenario.who.sender, scenario.who.receiver}
        pairs = [(one.proposer, one.partner) for one in self.play.network.partnerships]
        mutual = [
            pair for first, second in pairs if {first, second} == who for pair in ((first, second), (second, first))
        ]

        def known() -> bool:
            return all(queries.knows(self.client, *pair) for pair in mutual) and queries.can_book(
                self.client, scenario.who.receiver, scenario.clock.date()
            )

        if not queries.holds(known, PICTURES_SECONDS):
            raise Problem(f"{scenario.id}: what partners offer did not reach them within {PICTURES_SECONDS:g} s.")
        queries.holds(lambda: queries.is_quiet(self.client), QUIET_SECONDS)


def _check_refusal(act: Act, what: str, refusal: Refused | None) -> None:
    wanted = act.refused
    expected = f"refused: {wanted.code.value} {wanted.field or ''}".strip() if wanted else "done"
    if refusal is None:
        if wanted is not None:
            raise Stopped(what, expected, "done")
        return
    as_written = wanted and wanted.code == refusal.code and wanted.field in (None, refusal.field)
    if not as_written:
        raise Stopped(what, expected, f"refused: {refusal.code} {refusal.field or ''} ({refusal.message})")


def _check_read(act: Act, what: str, read: PersonalPart | None) -> None:
    if "reads" in act.model_fields_set and (differs := edges.misread(act.reads, read)):
        raise Stopped(what, *differs)


def _is(record: HandoffView | None, step: Wait) -> bool:
    if record is None or record.state != step.state:
        return False
    if step.marked is not None and record.side == "receiver" and record.marked != step.marked:
        return False
    return step.round is None or record.round == step.round


def _standing(record: HandoffView | None) -> str:
    if record is None:
        return "no record"
    marks = f" ({record.marked})" if record.marked else ""
    return f"{record.community} {record.state}{marks} round {record.round}"


def _line(record: HandoffView, one: StoryLine) -> Line:
    kept = one.model_dump(include=TOLD)
    return Line(community=record.community, over_border=one.by != record.community, **kept)
