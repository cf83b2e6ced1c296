"""Partners state their records to one another, so that what a lost connection has left different is sent again."""

from __future__ import annotations

from contracts.border import v1 as border
from services.referral.domain.handoff import transitions
from services.referral.domain.handoff.record import Record
from services.referral.handlers.transition import addressed, keep, spoken_of
from services.referral.ports import Records

#: Records that one transaction of a sweep takes on.
SWEEP = 200


async def record_stated(message: border.RecordStated, work: Records) -> None:
    """The partner states its record: send again what it has not seen, and answer if it asks."""
    record = await spoken_of(work)
    if record is None:
        await _miss_the_offer(message, work)
        return
    sent, seen = await work.standing(record.referral_id, record.community, record.partner)
    await work.note_seen(record.referral_id, record.community, min(message.seen, sent))
    if message.seen < sent:
        await work.send_again(record.referral_id, record.community, record.partner, message.seen)
    if (transition := transitions.differs(record, message, sent, seen)) is not None:
        await keep(work, transition)
    if message.asks:
        _state(work, record, sent, seen, asks=False)


async def _miss_the_offer(message: border.RecordStated, work: Records) -> None:
    """A handoff that is unknown here: state that, and its offer is sent again."""
    ours, partner, subject = addressed(work)
    if message.asks and await work.offering(ours) is not None:
        sent, seen = await work.standing(subject, ours, partner)
        statement = border.RecordStated(state="offered", sent=sent, seen=seen)
        work.send(statement, sender=ours, to=partner, subject=subject)


async def state_unseen(work: Records) -> int:
    """State our records to partners that have long not seen what we sent."""
    unseen = await work.unseen(SWEEP)
    for record, sent, seen in unseen:
        _state(work, record, sent, seen, asks=True)
    return len(unseen)


def _state(work: Records, record: Record, sent: int, seen: int, *, asks: bool) -> None:
    statement = border.RecordStated(state=record.state, round=record.round, sent=sent, seen=seen, asks=asks)
    work.send(statement, sender=record.community, to=record.partner, subject=record.referral_id)
