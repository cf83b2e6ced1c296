"""Tell what was played as a story, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from deploy.demo.facts import Deed, Line, Outcome, Pool, Record, ReminderSaid, TimePassed
from deploy.demo.phrases import party_phrase
from deploy.demo.scenario_file import Play
from services.client import crossings
from services.client.phrases.catalogue import Phrases

STAMP = "%a %d %b %H:%M"
MARGIN = " " * 20


def told(outcome: Outcome, play: Play) -> Iterator[str]:
    """The lines of one scenario: who, what happened, how it ended, OK or every deviation."""
    who = play.scenario.who
    began = play.scenario.clock
    tourist = f"{who.tourist}: " if who.tourist else ""
    yield f"{outcome.id}  {outcome.title}"
    yield f"  {tourist}{party_phrase(who.party)}, {play.called(who.sender)} → {play.called(who.receiver)}"
    yield f"  begins on {began:%A %d %B %Y, %H:%M} ({began:%Z})"
    yield ""
    last = ""
    for part in outcome.story:
        stamp = f"{part.at.astimezone(began.tzinfo):{STAMP}}"
        yield from _part(part, play, stamp if stamp != last else "")
        last = "" if isinstance(part, TimePassed) else stamp
    yield ""
    yield from _end(outcome, play)
    yield from _verdict(outcome)


def _part(part: Deed | TimePassed | Line | ReminderSaid, play: Play, stamp: str) -> Iterator[str]:
    if isinstance(part, TimePassed):
        yield f"{MARGIN}… {_length(part.passed)} …"
    elif isinstance(part, Deed):
        who = play.called(part.acting) if part.acting else "The operator of the node"
        yield f"  {stamp:<18}{who} {part.says}  ({part.took_ms} ms)"
        if part.refused:
            yield f"{MARGIN}  refused: {part.refused}"
    elif isinstance(part, ReminderSaid):
        for code in part.codes:
            words = crossings.reminder(Phrases.of("en"), code, None)
            yield f"  {stamp:<18}  ! {play.called(part.community)} is reminded: {words}"
    else:
        yield f"  {stamp:<18}  {_line(part, play)}"


def _line(line: Line, play: Play) -> str:
    took = f", {line.took_ms} ms" if line.took_ms is not None else ""
    here, state = play.called(line.community), line.state + (f" {line.round}" if line.state == "countered" else "")
    if not line.over_border:
        how = "by itself: " if line.took_ms is None else ""
        return f"· {here}: {how}{_words(line.act)}{took} → {state}"
    late = ", too late: it changed nothing" if line.crossed else ""
    return f"⇄ {_words(line.act)} reached {here}{took} → {state}{late}"


def _words(act: str) -> str:
    return act.replace("_", " ")


def _end(outcome: Outcome, play: Play) -> Iterator[str]:
    for record in (outcome.sender, outcome.receiver):
        if record is not None:
            yield f"  {play.called(record.community)}'s record: {_record(record)}"
            yield from _known(record)
    if outcome.sender is None:
        yield "  no handoff came to be"
    elif money := _money(outcome.sender):
        yield f"  money: {money}"
    for pool in outcome.pools:
        yield f"  {_pool(pool, play)}"
    checks = outcome.checks
    wrong = [*checks.parked, *checks.waiting, *checks.violations]
    yield f"  node: {'; '.join(wrong) or 'nothing parked, nothing waiting, no rule broken'}"


def _record(record: Record) -> str:
    parts = [record.state]
    parts += [f"round {record.round}"] if record.round else []
    parts += [f"reason {record.reason}"] if record.reason else []
    parts += [f"marked {record.marked}"] if record.marked else []
    named = ", ".join(f"{one['experience_id']} on {one['day']}" for one in record.alternatives)
    parts += [f"instead: {named}"] if named else []
    heard = ", ".join(one.replace("_", " ") for one in record.heard)
    return f"{', '.join(parts)}; heard {heard or 'nothing'}"


def _known(record: Record) -> Iterator[str]:
    """What the side holds of the lead traveller and can prove, and what it was told of the border."""
    if record.personal != "none" or record.receipts:
        receipts = ", ".join(record.receipts).replace("_", " ")
        yield f"    personal part: {record.personal}; receipts: {receipts or 'none'}"
    if record.audit:
        yield f"    audit: {', '.join(record.audit).replace('_', ' ')}"
    if record.plan:
        yield f"    crossing plan: {crossings.reservation(Phrases.of('en'))}"
        yield from (f"      {one.about}: {one.said}" for one in record.plan)
    if record.reminders:
        yield f"    was reminded of: {', '.join(record.reminders).replace('_', ' ')}"


def _money(record: Record) -> str:
    told = {"quoted": record.quote, "came to": record.total, "referral fee": record.fee}
    return ", ".join(f"{name} {_amount(amount)}" for name, amount in told.items() if amount)


def _amount(money: dict[str, Any]) -> str:
    return f"{money['amount']} {money['currency']}"


def _pool(pool: Pool, play: Play) -> str:
    of = f" of {pool.capacity}" if pool.capacity is not None else ""
    counts = f"{pool.taken}{of} taken ({pool.held} held, {pool.booked} booked), at most {pool.peak} on the way"
    return f"{play.called(pool.community)}, {pool.day}, {pool.pool}: {counts}"


def _verdict(outcome: Outcome) -> Iterator[str]:
    if outcome.ok:
        yield f"  OK in {outcome.seconds:.1f} s"
    for one in outcome.deviations:
        yield f"  DEVIATES  {one.what}: expected {one.expected}, found {one.found}"


def _length(passed: timedelta) -> str:
    minutes = round(passed / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (rest // 60, "h"), (rest % 60, "min")) if n]
    return " ".join(parts) or "a moment"


def summed(outcomes: list[Outcome], not_told: list[str], seconds: float) -> str:
    """The last line: how many went as written, and what is not told yet."""
    well = sum(outcome.ok for outcome in outcomes)
    text = f"{well} of {len(outcomes)} scenarios went as written, in {seconds:.0f} s"
    return text + (f"; not told yet: {', '.join(not_told)}" if not_told else "")
