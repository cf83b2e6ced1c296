"""Crossings: keeping their rows, planning by them, and reminding on the day. Officials confirm nothing of it."""

from __future__ import annotations

import logging
from datetime import date, datetime, time

from contracts.community.v1 import Offering
from contracts.crossing import v1
from contracts.crossing.rows import Direction
from contracts.refusals import No, Refused
from contracts.values import ZONES, CommunityId, Value
from services.referral.domain.crossing_book import newest_only, revise
from services.referral.domain.crossing_plan import Town, direction, for_receiver, plan
from services.referral.domain.crossing_reminders import KEPT_FOR, TOLD_FOR, Reminder, reminders
from services.referral.domain.crossing_rows import Journey
from services.referral.domain.record import Record
from services.referral.ports import Crossings, Records

log = logging.getLogger(__name__)
#: Offerings of the sender and of the receiver, as far as they are known here.
Ends = tuple[Offering | None, Offering | None]
#: Records, or reminders, that one transaction of a sweep takes on.
SWEEP = 200


async def keep(command: v1.KeepCrossings, work: Crossings) -> v1.CrossingsKept:
    """An editor's file of rows, whole or not at all."""
    revision = revise(await work.kept_versions(command.book), command.book, _today(work.now))
    await work.keep_crossing_rows(revision.keep)
    return revision.kept


async def ask(query: v1.AskCrossings, work: Crossings) -> v1.CrossingBook:
    """The rows that hold, or the latest versions of one."""
    if query.history:
        if query.id is None:
            raise Refused(No.INVALID, "say of which row: there is a history of each", "id")
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
        today=_today(work.now),
    )
    return plan(journey, await work.crossings(), origin, destination)


async def plan_of_handoff(query: v1.PlanOfHandoff, work: Records) -> Value:
    """For a handoff of the acting community."""
    referral_id = await work.find(query.referral)
    record = await work.own_record(referral_id) if referral_id else None
    if record is None:
        raise Refused(No.UNKNOWN, "you have no handoff with this id: `list` shows yours", "referral")
    made = _planned(record, await work.crossings(), await _ends(record, work), _today(work.now), query.hour)
    if made is None:
        raise Refused(No.INVALID, "it crosses no border that is known here: there is nothing to plan", "referral")
    return made


async def list_reminders(query: v1.ListReminders, work: Crossings) -> list[Value]:
    """Those of the acting community that come, and those of the last days."""
    return list(await work.reminders(_today(work.now) - TOLD_FOR, query.limit))


async def plan_reminders(work: Crossings) -> int:
    """Parties about to travel get their reminders; anew when the arrival has moved or rows have changed."""
    wanting = await work.without_reminders(SWEEP)
    book = await work.crossings() if wanting else v1.CrossingBook()
    for record in wanting:
        await work.keep_reminders(record, _reminders(record, book, await _ends(record, work), _today(work.now)))
    return len(wanting)


def _reminders(record: Record, book: v1.CrossingBook, ends: Ends, today: date) -> tuple[Reminder, ...]:
    """None for a record that cannot be planned: it would come up first each time, and hold up everybody else's."""
    try:
        made = _planned(record, book, ends, today)
        return reminders(made, record.side, today) if made else ()
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with one record or row is not the others' matter
        about = {"subject": f"{record.community}/{record.referral_id}", "error": type(problem).__name__}
        log.error("reminders of a handoff cannot be planned", extra={"service": "referral", **about})
        return ()


async def say_reminders(work: Crossings) -> int:
    """Reminders go out on their day, once each; those of handoffs that ended long ago are forgotten."""
    today = _today(work.now)
    due = await work.say_reminders(today, SWEEP)
    for one in due:
        work.announce(one, subject=f"{one.community}/{one.referral_id}/reminders")  # booking reads the shorter whole
    return len(due) + await work.forget_reminders(today - KEPT_FOR, SWEEP)


async def reminder_due(message: v1.ReminderDue, work: Crossings) -> None:
    """Listened to so that it has a reader: what no queue takes would be published for ever. Phones will read it."""


async def _ends(record: Record, work: Crossings) -> Ends:
    """What is known here of where the party comes from and where it goes to."""
    ends = (record.community, record.partner) if record.side == "sender" else (record.partner, record.community)
    origin, destination = [await work.seen_offering(community, record.community) for community in ends]
    return origin, destination


def _planned(
    record: Record, book: v1.CrossingBook, ends: Ends, today: date, hour: time | None = None
) -> v1.Plan | None:
    """None when no border lies between, or none is known of."""
    origin, destination = (_place(one) for one in ends)
    way = _way(record, origin, destination)
    if way is None:
        return None
    journey = Journey(
        direction=way,
        day=record.arrival.day,
        hour=hour,
        nights=_nights(record, ends[1]),
        party=record.party,
        travel=record.travel if record.side == "sender" else None,
        chosen=record.crossing,
        today=today,
    )
    return plan(journey, book, origin, destination) if record.side == "sender" else for_receiver(journey, book)


def _way(record: Record, origin: Town | None, destination: Town | None) -> Direction | None:
    """Which way; a receiver that has not been told where the sender lies knows it by the crossing that was named."""
    if destination is None or (origin is None and record.crossing is None):
        return None
    if origin is not None and origin.place.country == destination.place.country:
        return None
    return "LA->TH" if destination.place.country == "TH" else "TH->LA"


def _place(offering: Offering | None) -> Town | None:
    return Town(offering.community.id, offering.community.place) if offering else None


def _nights(record: Record, receiver: Offering | None) -> int:
    """From the arrival to the morning after the last homestay, or to the day of the last item."""
    homestays = {e.id for e in receiver.experiences if e.kind == "homestay"} if receiver else set()
    last = max(i.day.toordinal() + (i.nights if i.experience_id in homestays else 0) for i in record.items)
    return min(max(0, last - record.arrival.day.toordinal()), v1.MOST_NIGHTS)


async def _town(community: CommunityId, field: str, work: Crossings) -> Town:
    town = _place(await work.seen_offering(community, work.acting))
    if town is None:
        raise Refused(No.UNKNOWN, f"where {community} lies is not known here: `find` shows communities", field)
    return town


def _today(now: datetime) -> date:
    """Both countries keep the same calendar."""
    return now.astimezone(ZONES["Asia/Bangkok"]).date()
