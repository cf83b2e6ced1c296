"""A pass or code is presented. Every verdict is an answer, not a refusal, so that it is recorded."""

from __future__ import annotations

from dataclasses import replace

from contracts.passes import codec, showing
from contracts.referral import v1
from contracts.values import Instant
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.passes import presenting
from services.referral.domain.passes.presenting import Kept
from services.referral.handlers.transition import keep, moment
from services.referral.ports import Records


async def present(command: v1.PresentPass, work: Records) -> v1.PassJudged:
    """If it is good, its party has arrived; unless it is only looked at.

    Raises Refused for a moment to come or long past, and for more people than were booked.
    """
    at = showing.seen(command.seen_at, work.now)
    if command.short_code is not None:
        found = await _by_code(command.short_code, work)
    else:
        found = await _by_token(command.pass_token or "", work)
    if isinstance(found, v1.PassJudged):
        return found
    record = await work.record(found.referral_id, work.acting)
    kept = await work.pass_of(found.referral_id, work.acting)  # again: only now nobody else can use it
    if record is None or kept is None:
        return _refused(work, "unknown", "pass")
    return await _judged(record, kept, command, at, work)


async def _by_code(short_code: str, work: Records) -> Kept | v1.PassJudged:
    """Whose code it is. A right one waits as well, so that waiting tells nothing."""
    tried = await work.wrong_codes()
    if wait := showing.wait_seconds(tried, work.now):
        return _refused(work, "too_many_tries", "code", wait)
    kept = await work.pass_of_code(short_code)
    if kept is not None:
        return kept
    tried = showing.tried_now(tried, work.now)
    await work.keep_wrong_codes(tried)
    refused = _refused(work, "unknown", "code")
    if showing.wait_seconds(tried, work.now):
        work.audit(work.acting, "codes_paused", "code", result="too_many_tries")
    return refused


async def _by_token(token: str, work: Records) -> Kept | v1.PassJudged:
    """Whose pass it is. What we have on file we have issued, also when its key has been given up since."""
    try:
        shown = codec.read(token)
    except ValueError:
        return _refused(work, "forged", "pass")
    ours, claims = codec.in_pass(work.acting), shown.claims
    if (claims.issuer, claims.audience) != (ours, ours) or claims.is_of_booking:
        return _refused(work, "unknown", "pass")
    kept = await work.pass_of(claims.referral_id, work.acting)
    on_file = kept is not None and kept.pass_token == token
    if not on_file and not await work.signed_by_us(shown):
        return _refused(work, "forged", "pass")
    return kept or _refused(work, "unknown", "pass")


def _refused(work: Records, verdict: str, about: str, wait: int = 0) -> v1.PassJudged:
    """Record it, without what was shown."""
    work.audit(work.acting, "pass_refused", about, result=verdict)
    return v1.PassJudged.model_validate({"verdict": verdict, "wait_seconds": wait})


async def _judged(record: Record, kept: Kept, command: v1.PresentPass, at: Instant, work: Records) -> v1.PassJudged:
    change = await work.change_of(record.referral_id, work.acting)
    verdict, transition = presenting.judged(record, kept, command.party, replace(moment(work), now=at), change=change)
    if command.look:
        work.audit(work.acting, "pass_looked_at", record.referral_id, result=verdict)
    elif transition is not None:
        await keep(work, transition)
        await work.use_pass(record.referral_id, at)
        work.audit(work.acting, "pass_used", record.referral_id, result=_told("done", command))
        record = transition.record
    elif verdict == "used":
        await _used_again(record, kept, command, at, work)
    else:
        work.audit(work.acting, "pass_refused", record.referral_id, result=verdict)
    return v1.PassJudged(
        verdict=verdict,
        referral_id=record.referral_id,
        state=record.state,
        party=record.party,
        used_at=kept.used_at,
    )


async def _used_again(record: Record, kept: Kept, command: v1.PresentPass, at: Instant, work: Records) -> None:
    """A second use may be a copy, so a person looks at it. After an arrival by face, the first use is no second one."""
    if kept.used_at is None:
        await work.use_pass(record.referral_id, at)
        work.audit(work.acting, "pass_used", record.referral_id, result=_told("after_arrival", command))
        return
    flagged = record.replace(attention=needed("pass_used_twice"))
    await keep(work, Transition(record=flagged, act="pass_used_twice", by=record.community))
    work.audit(work.acting, "pass_used_twice", record.referral_id, result=_told("used", command))


def _told(result: str, command: v1.PresentPass) -> str:
    """What the audit says of a use: apart when its moment is what somebody says, not the node's clock."""
    return f"{result}_told_later" if command.seen_at else result
