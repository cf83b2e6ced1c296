"""Crossings: keeping their rows, planning by them, and reminding on the day. Nothing is confirmed by officials."""

from __future__ import annotations

import logging
from datetime import date

from contracts.crossing import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.referral.domain.crossing.book import newest_only, revise
from services.referral.domain.crossing.of_handoff import Ends, plan_of, town
from services.referral.domain.crossing.plan import Town, direction, plan
from services.referral.domain.crossing.reminders import KEPT_FOR, TOLD_FOR, Reminder, reminders
from services.referral.domain.crossing.rows import Journey
from services.referral.domain.handoff import deadlines
from services.referral.domain.handoff.record import Record
from services.referral.ports import Crossings, Records

log = logging.getLogger(__name__)
#: Records, or reminders, that one transaction of a sweep takes on.
SWEEP = 200


async def keep(command: v1.KeepCrossings, work: Crossings) -> v1.CrossingsKept:
    """An editor's file of rows, whole or not at all."""
    revision = revise(await work.kept_versions(command.book), command.book, deadlines.today(work.now))
    await work.keep_crossing_rows(revision.keep)
    return revision.kept


async def ask(query: v1.AskCrossings, work: Crossings) -> v1.CrossingBook:
    """The rows that hold, or the latest versions of one."""
    if query.history:
        if query.id is None:
            raise Refused(No.INVALID, "say_of_which_row", "id")
        return await work.crossing_history(query.id, query.before, v1.HISTORY)
    book = await work.crossings()
    return newest_only(book, query.id) if query.id else book


async def plan_crossing(query: v1.PlanCrossing, work: Crossings) -> v1.Plan:
    """For a party that somebody describes."""
    origin = await _town(query.origin, "origin", work)
    destination = await _town(query.destination, "destination", work)
    journey = Journey(
        direction=direction(origin.place, destination.place),
        day=query.day,
        hour=query.hour,
        nights=query.nights,
        party=query.party,
        travel=query.travel,
        return_by=query.return_by,
        today=deadlines.today(work.now),
    )
    return plan(journey, await work.crossings(), origin, destination)


async def plan_of_handoff(query: v1.PlanOfHandoff, work: Records) -> v1.Plan:
    """For a handoff of the acting community."""
    referral_id = await work.find(query.referral)
    record = await work.own_record(referral_id) if referral_id else None
    if record is None:
        raise Refused(No.UNKNOWN, "no_such_handoff", "referral")
    made = plan_of(record, await work.crossings(), await _ends(record, work), deadlines.today(work.now), query.hour)
    if made is None:
        raise Refused(No.INVALID, "crosses_no_border", "referral")
    return made


async def list_reminders(query: v1.ListReminders, work: Crossings) -> list[v1.ReminderView]:
    """Those of the acting community that come, and those of the last days."""
    return list(await work.reminders(deadlines.today(work.now) - TOLD_FOR, query.limit))


async def plan_reminders(work: Crossings) -> int:
    """Parties about to travel get their reminders; anew when the arrival has moved or rows have changed."""
    wanting = await work.to_be_planned(SWEEP)
    book = await work.crossings() if wanting else v1.CrossingBook()
    for record in wanting:
        await work.keep_reminders(
            record, _reminders(record, book, await _ends(record, work), deadlines.today(work.now))
        )
    return len(wanting)


def _reminders(record: Record, book: v1.CrossingBook, ends: Ends, today: date) -> tuple[Reminder, ...]:
    """None for a record that cannot be planned: it would come up first each time, and hold up everybody else's."""
    try:
        made = plan_of(record, book, ends, today)
        return reminders(made, record.side, today) if made else ()
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with one record or row is not the others' matter
        about = {"subject": f"{record.community}/{record.referral_id}", "error": type(problem).__name__}
        log.error("reminders of a handoff cannot be planned", extra={"service": "referral", **about})
        return ()


async def say_reminders(work: Crossings) -> int:
    """Reminders go out on their day, once each; those of handoffs that ended long ago are forgotten."""
    today = deadlines.today(work.now)
    due = await work.say_reminders(today, SWEEP)
    for one in due:
        work.announce(one, subject=f"{one.community}/{one.referral_id}/reminders")  # booking reads the shorter whole
    return len(due) + await work.forget_reminders(today - KEPT_FOR, SWEEP)


async def reminder_due(message: v1.ReminderDue, work: Crossings) -> None:
    """Does nothing: a message without a queue would be published for ever. Phones will read it."""


async def _ends(record: Record, work: Crossings) -> Ends:
    """What is known here of where the party comes from and where it goes to."""
    ends = (record.community, record.partner) if record.side == "sender" else (record.partner, record.community)
    origin, destination = [await work.seen_offering(community, record.community) for community in ends]
    return origin, destination


async def _town(community: CommunityId, field: str, work: Crossings) -> Town:
    found = town(await work.seen_offering(community, work.acting))
    if found is None:
        raise Refused(No.UNKNOWN, "place_not_known", field, community=community)
    return found
