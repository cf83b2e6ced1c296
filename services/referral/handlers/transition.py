"""The end of every use case: keep the transition and its deadline, change the personal room, publish messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from contracts.border import v1 as border
from contracts.principal import Agency
from contracts.referral import v1
from contracts.referral.codes import StoryAct
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.referral.domain.handoff import acts, handing_over
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import ENDED
from services.referral.domain.passes.presenting import is_over
from services.referral.handlers.handoff import agencies
from services.referral.ports import Records


async def act(work: Records, ref: str, decide: Callable[[Record, Moment], Transition]) -> v1.Recorded:
    """Let the acting community do something to its own record. Raises Refused when it has no such one."""
    record = await own(work, ref)
    return await keep(work, decide(record, moment(work)))


async def own(work: Records, ref: str) -> Record:
    """The acting community's own record; for an agency one that it handed over. Raises Refused when there is none."""
    if isinstance(work.principal, Agency):
        record = await agencies.own(work.principal, ref, work)
    else:
        referral_id = await work.find(ref)
        record = await work.record(referral_id, work.acting) if referral_id else None
    if record is None:
        raise Refused(No.UNKNOWN, "no_such_handoff", "referral")
    return record


async def keep(work: Records, transition: Transition) -> v1.Recorded:
    """Save a transition with its deadline, and return what was recorded."""
    transition = await _in_the_personal_room(work, _at_its_end(work, transition))
    record = transition.record
    await work.keep(transition, acts.due_at(record))
    if record.side == "receiver" and is_over(record):
        await work.release_code(record)
    publish(work, transition)
    if isinstance(work.principal, Agency):
        work.audit(record.community, handing_over.AUDITED[transition.act], record.referral_id)
    if transition.erases:
        await destroy(work, transition)
    return recorded(record, transition.act)


def recorded(record: Record, intent: StoryAct) -> v1.Recorded:
    """What a command is answered with."""
    return v1.Recorded(
        referral_id=record.referral_id,
        state=record.state,
        round=record.round,
        intent=intent,
        waits_for=record.pending_request or None,
    )


def _at_its_end(work: Records, transition: Transition) -> Transition:
    """Set when the record ended; a no-show that arrives after all has not ended."""
    record = transition.record
    return replace(
        transition, record=record.replace(ended_at=(record.ended_at or work.now) if record.state in ENDED else None)
    )


async def _in_the_personal_room(work: Records, transition: Transition) -> Transition:
    """Keep the part that came, and put what is released into its message. Raises ValueError when it does not open."""
    record = transition.record
    if transition.receives is not None:
        await work.keep_part(record, transition.receives)
        if record.side == "receiver":
            work.audit(record.community, "personal_part_received", record.referral_id)
    if not transition.releases:
        return transition
    message = border.PartyReleased()
    if not record.consent_refused:
        message = border.PartyReleased(sealed=await work.part_for(record), consent=record.consent)
        work.audit(record.community, "personal_part_released", record.referral_id)
    return replace(transition, border=(*transition.border, message))


def publish(work: Records, transition: Transition) -> None:
    """Publish a transition's messages to the partner and to booking, with the commit."""
    record = transition.record
    for message in transition.border:
        work.send(message, sender=record.community, to=record.partner, subject=record.referral_id)
    for wanted in transition.booking:
        work.announce(wanted, subject=f"{record.community}/{record.referral_id}")


async def destroy(work: Records, *transitions: Transition) -> None:
    """Destroy what these transitions erase, and write it to the audit."""
    await work.destroy(transitions)
    for transition in transitions:
        about = transition.record
        work.audit(about.community, "personal_part_erased", about.referral_id, result=transition.erases or "asked")


def moment(work: Records) -> Moment:
    """The time and a new id, for the rules."""
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
