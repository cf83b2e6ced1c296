"""How every use case ends: the step is kept, with its deadline, and told as what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.referral.domain import acts
from services.referral.domain.record import Moment, Record, Step
from services.referral.ports import Records


async def act(work: Records, ref: str, decide: Callable[[Record, Moment], Step]) -> v1.Recorded:
    """Let the acting community do something to its own record. Raises Refused when it has no such one."""
    referral_id = await work.find(ref)
    record = await work.record(referral_id, work.acting) if referral_id else None
    if record is None:
        raise Refused(No.UNKNOWN, "you have no handoff with this id: `list` shows yours", "referral")
    return await keep(work, decide(record, moment(work)))


async def keep(work: Records, step: Step) -> v1.Recorded:
    """Save a step with the deadline it leaves, and say what was recorded."""
    await work.keep(step, acts.due_at(step.record))
    record = step.record
    intent = f"{step.act}; waiting for booking ({record.wish})" if record.wish else step.act
    return v1.Recorded(referral_id=record.referral_id, state=record.state, round=record.round, intent=intent)


def moment(work: Records) -> Moment:
    """What the rules are told of the world."""
    return Moment(now=work.now, ids=(work.new_id(),))


class Addressed(NamedTuple):
    """To which community of ours a border message is addressed, by which partner, about what."""

    ours: CommunityId
    partner: CommunityId
    subject: str


def addressed(work: Records) -> Addressed:
    """Between whom the message being handled passes. Raises ValueError, which parks it, when it names no addressee."""
    cause = work.cause
    if cause is None or cause.to is None:
        raise ValueError("a border message is addressed to a community")
    return Addressed(cause.to, cause.source, cause.subject)


async def spoken_of(work: Records) -> Record | None:
    """Our record that a border message speaks of. Raises ValueError, which parks it, when another speaks of it."""
    ours, partner, subject = addressed(work)
    record = await work.record(subject, ours)
    if record is not None and record.partner != partner:
        raise ValueError("the speaker is not the counterpart of this handoff")
    return record
