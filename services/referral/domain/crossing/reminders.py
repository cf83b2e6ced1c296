"""What a side is reminded of on which day, read off its plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from contracts.crossing.v1 import Plan, PlanLine, ReminderCode
from contracts.referral.v1 import Side

#: What was said longer ago is not told again: it would keep what comes out of a list.
TOLD_FOR = timedelta(days=7)
#: How long after its arrival day the reminders of a handoff that is over are kept.
KEPT_FOR = timedelta(days=90)


class Reminder(NamedTuple):
    """One thing on one day; `what` is a code, such as a form's."""

    due: date
    code: ReminderCode
    what: str | None = None


def reminders(plan: Plan, side: Side, today: date) -> tuple[Reminder, ...]:
    """None for a journey that is past; one whose day is past is due today."""
    if plan.day < today:
        return ()
    found = _sender(plan, today) if side == "sender" else _receiver(plan)
    return tuple(sorted({one._replace(due=max(one.due, today)) for one in found}, key=lambda r: (r.due, r.code)))


def _sender(plan: Plan, today: date) -> Iterator[Reminder]:
    for line in _way(plan):
        if line.about == "form" and line.result == "missing":
            opens = date.fromisoformat(line.named.get("opens", today.isoformat()))
            yield Reminder(opens, "form_window", line.named.get("what"))
        if line.about == "visa" and line.result == "missing":
            yield Reminder(today, "visa_before_arrival")
    yield Reminder(plan.day - timedelta(days=1), "papers_and_hours")


def _receiver(plan: Plan) -> Iterator[Reminder]:
    for line in plan.lines:
        if line.about == "lodging" and line.basis is not None:
            yield Reminder(plan.day, "lodging_report", line.named["what"].partition(",")[0])


def _way(plan: Plan) -> tuple[PlanLine, ...]:
    """The crossing that was named, else the one that stands first."""
    named = [way for way in plan.crossings if plan.chosen in (None, way.crossing)]
    return named[0].lines if named else ()
