"""A handoff as a journey over the border, for the side whose record it is."""

from __future__ import annotations

from datetime import date, time, timedelta

from contracts.community.v1 import Experience, Offering
from contracts.crossing.rows import Direction
from contracts.crossing.v1 import MOST_NIGHTS, CrossingBook, Plan
from contracts.values import Item
from services.referral.domain.crossing.plan import Town, for_receiver, plan
from services.referral.domain.crossing.rows import Journey
from services.referral.domain.handoff.record import Record

#: Offerings of the sender and of the receiver, as far as they are known here.
Ends = tuple[Offering | None, Offering | None]


def plan_of(record: Record, book: CrossingBook, ends: Ends, today: date, hour: time | None = None) -> Plan | None:
    """None when no border lies between, or none is known of."""
    origin, destination = (town(one) for one in ends)
    way = _way(record, origin, destination)
    if way is None:
        return None
    journey = Journey(
        direction=way,
        day=record.arrival.day,
        hour=hour,
        nights=nights(record, ends[1]),
        party=record.party,
        travel=record.travel if record.side == "sender" else None,
        chosen=record.crossing,
        today=today,
    )
    return plan(journey, book, origin, destination) if record.side == "sender" else for_receiver(journey, book)


def town(offering: Offering | None) -> Town | None:
    """Where a community lies, if it is known."""
    return Town(offering.community.id, offering.community.place) if offering else None


def nights(record: Record, receiver: Offering | None) -> int:
    """From the arrival to the morning after the last homestay, or to the day on which the last item ends."""
    known = {experience.id: experience for experience in receiver.experiences} if receiver else {}
    last = max(_leaves(item, known.get(item.experience_id)) for item in record.items)
    return min(max(0, (last - record.arrival.day).days), MOST_NIGHTS)


def _leaves(item: Item, experience: Experience | None) -> date:
    """The day on which an item is over: of a homestay the morning after its last night."""
    if experience is None:
        return item.day
    last = experience.last_day(item.day, item.start, item.nights)
    return last + timedelta(days=1) if experience.kind == "homestay" else last


def _way(record: Record, origin: Town | None, destination: Town | None) -> Direction | None:
    """Which way; a receiver that has not been told where the sender lies knows it by the crossing that was named."""
    if destination is None or (origin is None and record.crossing is None):
        return None
    if origin is not None and origin.place.country == destination.place.country:
        return None
    return "LA->TH" if destination.place.country == "TH" else "TH->LA"
