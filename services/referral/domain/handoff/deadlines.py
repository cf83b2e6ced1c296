"""Every deadline of a handoff, in one place. All by the node's clock; a skew of ten minutes does no harm."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from contracts.community.v1 import Offering
from contracts.values import ZONES, Items
from services.referral.domain.handoff.record import Record

#: The receiver starts no hold later than this before `answer_by`.
LAST_HOLD = timedelta(minutes=10)
#: The sender takes an unanswered offer back this long after `answer_by`.
GRACE = timedelta(minutes=15)
CONSENT = timedelta(hours=24)
NO_SHOW_AFTER_DAY = timedelta(hours=12)
NO_SHOW_CORRECTABLE = timedelta(hours=48)
COMPLETES_AFTER = timedelta(hours=24)
#: Receipts of consent are kept so long after what they allowed is gone: five years.
RECEIPT_DAYS = 1825
#: How long a sender may ask people to think; an offer is not a reservation.
LONGEST_ANSWER = timedelta(days=14)


def unanswered_at(record: Record) -> datetime:
    """When a sender no longer waits for an answer."""
    return record.answer_by + GRACE


def missing_at(record: Record) -> datetime:
    """When a party that has not arrived is a no-show: never before the first day that it booked is over."""
    last = max(record.arrival.last_day, min(item.day for item in record.items))
    return _midnight(record, last + timedelta(days=1)) + NO_SHOW_AFTER_DAY


def final_at(record: Record) -> datetime | None:
    """When a no-show can no longer be put right; None when nothing is held for it any more."""
    return record.no_show_at + NO_SHOW_CORRECTABLE if record.hold_id and record.no_show_at else None


def over_at(record: Record) -> datetime:
    """When a visit that nobody has completed is over."""
    return (record.ends_at or end_of_day(record)) + COMPLETES_AFTER


def no_show_is_final(record: Record, now: datetime) -> bool:
    """Whether a no-show can no longer be put right."""
    return record.no_show_at is not None and now > record.no_show_at + NO_SHOW_CORRECTABLE


def too_late_to_hold(record: Record, now: datetime) -> bool:
    """Whether a first hold would come so late that the sender may have given up: its clock may differ from ours."""
    return record.state == "offered" and now > record.answer_by - LAST_HOLD


def held_until(record: Record, now: datetime) -> datetime:
    """An offer holds places until its answer is due, and never longer than people may be asked to think."""
    return min(record.answer_by, now + LONGEST_ANSWER)


def countered_until(record: Record, now: datetime) -> datetime:
    """A counter-offer leaves the sender time to take it."""
    return max(held_until(record, now), now + GRACE)


def today(now: datetime) -> date:
    """The day it is in both countries."""
    return now.astimezone(ZONES["Asia/Bangkok"]).date()


def may_arrive_from(record: Record) -> datetime:
    """The start of the eve of the arrival day, in the receiver's zone."""
    return _midnight(record, record.arrival.day - timedelta(days=1))


def may_miss_from(record: Record) -> datetime:
    """Before their arrival window opens nobody can have missed it."""
    return datetime.combine(record.arrival.day, record.arrival.earliest, ZONES[record.zone])


def is_late(record: Record, now: datetime) -> bool:
    """Whether a party that is to come was told to be late, or its arrival window is over."""
    arrival = record.arrival
    over = datetime.combine(arrival.last_day, arrival.latest, ZONES[record.zone])
    return record.state in ("confirmed", "departed") and (record.delayed or now > over)


def last_day(record: Record) -> date:
    """The last day of the visit: by the receiver's schedule where it is known, else by days and nights on offer."""
    last = max(item.day + timedelta(days=item.nights - 1) for item in record.on_offer)
    if record.ends_at:  # what ends at midnight ends on the day before
        last = (record.ends_at - timedelta(minutes=1)).astimezone(ZONES[record.zone]).date()
    return max(last, record.arrives.last_day)


def delete_by(record: Record, host: Offering) -> date:
    """Until when a receiver may keep the personal part: its last day of the visit, and its own retention after it."""
    ends = ends_at(record.on_offer, host)
    last = ends.date() if ends else record.arrival.last_day
    return max(last, record.arrival.last_day) + timedelta(days=host.community.retention_days)


def kept_until(record: Record) -> datetime | None:
    """When the personal part goes by itself at the latest."""
    return _midnight(record, record.delete_by + timedelta(days=1)) if record.delete_by else None


def ends_at(items: Items, host: Offering) -> datetime | None:
    """The end of the last item, by the host's own schedule; a homestay begins its last stay on its last night."""
    zone = ZONES[host.community.zone]
    experiences = {experience.id: experience for experience in host.experiences}
    ends = []
    for item in items:
        if (experience := experiences.get(item.experience_id)) is None:
            continue
        last = item.day + timedelta(days=item.nights - 1) if experience.kind == "homestay" else item.day
        start = datetime.combine(last, item.start or max(experience.starts), zone)
        ends.append(start + timedelta(minutes=experience.duration_minutes))
    return max(ends, default=None)


def end_of_day(record: Record) -> datetime:
    """Midnight after the day on which the arrival window ends, in the receiver's zone."""
    return _midnight(record, record.arrival.last_day + timedelta(days=1))


def _midnight(record: Record, day: date) -> datetime:
    """The first instant of a day, in the receiver's zone."""
    return datetime.combine(day, time(), ZONES[record.zone])


def consent_by(record: Record, now: datetime) -> datetime:
    """A day to get consent, but no later than the start of the arrival window, and never less than an hour."""
    arrival = record.arrives
    starts = datetime.combine(arrival.day, arrival.earliest, ZONES[record.zone])
    return max(min(now + CONSENT, starts), now + timedelta(hours=1))
