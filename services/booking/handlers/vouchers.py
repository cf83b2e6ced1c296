"""Passes of agencies' bookings: issued when they are confirmed, and judged at the door.

Every verdict is an answer, not a refusal, so that it is recorded.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.booking import v1
from contracts.capacity.pools import Host
from contracts.passes import codec, showing
from services.booking.domain import vouchers
from services.booking.domain.hold import Decision, Hold, Voucher, redeem
from services.booking.handlers.holds import carry_out
from services.booking.handlers.placing import standing
from services.booking.ports import Bookings


async def with_pass(decision: Decision, host: Host, work: Bookings) -> Decision:
    """What was decided; an agency's hold that becomes a booking by it gets its pass."""
    hold = decision.hold
    if hold.agency is None or hold.state != "CONFIRMED" or not decision.changes:
        return decision
    return replace(decision, hold=await _issued(hold, host, work))


async def instead_of(old: Hold, new: Hold, host: Host, work: Bookings) -> Hold:
    """The hold that has taken the place of one: it goes by the same reference, and a booking gets a pass of its own."""
    new = replace(new, voucher=Voucher(reference=old.reference))
    if new.state == "CONFIRMED":
        return await _issued(new, host, work)
    await work.keep_voucher(new)
    return new


async def _issued(hold: Hold, host: Host, work: Bookings) -> Hold:
    token = await work.sign_pass(vouchers.claims_of(hold, host), hold.community)
    hold = replace(hold, voucher=Voucher(reference=hold.reference, pass_token=token))
    await work.keep_voucher(hold)
    if token is not None:
        work.audit(hold.community, "pass_issued", hold.hold_id)
    return hold


async def present(command: v1.PresentVoucher, work: Bookings) -> v1.VoucherJudged:
    """If it is good, its guests are received; unless it is only looked at.

    Raises Refused for a moment to come or long past.
    """
    at = showing.seen(command.seen_at, work.now)
    if command.reference is not None:
        found = await _by_reference(command.reference, at, work)
    elif command.pass_token is not None:
        found = await _by_token(command.pass_token, work)
    else:
        found = await _ours(command.hold_id or "", work) or _refused(work, "unknown", "booking")
    return found if isinstance(found, v1.VoucherJudged) else await _judged(found, command, at, work)


async def _by_reference(reference: str, at: datetime, work: Bookings) -> Hold | v1.VoucherJudged:
    """Whose it is. A right one waits as well, so that waiting tells nothing."""
    tried = await work.wrong_codes()
    if wait := showing.wait_seconds(tried, work.now):
        return _refused(work, "too_many_tries", "code", wait)
    found = await work.holds_called(reference, work.now - showing.REMEMBERED)
    if found:
        one = vouchers.meant(found, (await standing(found[0].items, work)).host, at)
        return (one and await _ours(one.hold_id, work)) or _refused(work, "several", "code")
    tried = showing.tried_now(tried, work.now)
    await work.keep_wrong_codes(tried)
    refused = _refused(work, "unknown", "code")
    if showing.wait_seconds(tried, work.now):
        work.audit(work.acting, "codes_paused", "code", result="too_many_tries")
    return refused


async def _by_token(token: str, work: Bookings) -> Hold | v1.VoucherJudged:
    """Whose pass it is: exactly as it was issued, whatever has become of its key. A handoff's is none of these."""
    try:
        shown = codec.read(token)
    except ValueError:
        return _refused(work, "forged", "pass")
    ours, claims = codec.in_pass(work.acting), shown.claims
    if (claims.issuer, claims.audience) != (ours, ours):
        return _refused(work, "unknown", "pass")
    hold = await _ours(claims.referral_id, work)
    if hold is not None and hold.voucher is not None and hold.voucher.pass_token == token:
        return hold
    return _refused(work, "unknown" if await work.signed_by_us(shown) else "forged", "pass")


async def _ours(hold_id: str, work: Bookings) -> Hold | None:
    """An agency's booking at the acting community, locked: only now nobody else receives its guests."""
    hold = await work.lock_hold(hold_id)
    return hold if hold is not None and hold.agency is not None else None


def _refused(work: Bookings, verdict: str, about: str, wait: int = 0) -> v1.VoucherJudged:
    """Record it, without what was shown."""
    work.audit(work.acting, "pass_refused", about, result=verdict)
    return v1.VoucherJudged.model_validate({"verdict": verdict, "wait_seconds": wait})


async def _judged(hold: Hold, command: v1.PresentVoucher, at: datetime, work: Bookings) -> v1.VoucherJudged:
    host = (await standing(hold.items, work)).host
    known = command.hold_id is not None
    verdict = vouchers.worth(hold, host, at, known=known)
    if command.look:
        work.audit(work.acting, "pass_looked_at", hold.hold_id, result=verdict)
    elif verdict == "good":
        hold = await carry_out(redeem(vouchers.came(hold, at)), work)
        await _used(hold, command, at, work, "done")
    elif verdict == "used" and not known:
        await _used(hold, command, at, work, "after_arrival")
    else:
        work.audit(work.acting, "pass_refused", hold.hold_id, result=verdict)
    return vouchers.judged(hold, verdict)


async def _used(hold: Hold, command: v1.PresentVoucher, at: datetime, work: Bookings, result: str) -> None:
    """Record it. A second use may be a copy; after guests were received by face, the first use is no second one."""
    before = hold.voucher and hold.voucher.used_at
    what, result = ("pass_used_twice", "used") if before else ("pass_used", result)
    if command.hold_id is None:
        await work.use_voucher(hold, at)
    work.audit(work.acting, what, hold.hold_id, result=f"{result}_told_later" if command.seen_at else result)
