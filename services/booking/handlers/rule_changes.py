"""Changes of the rules: the standing offer as community states it, and the operators' dated exceptions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from contracts.booking import v1
from contracts.capacity.notices import Notice
from contracts.capacity.pools import PoolDay, Situation
from contracts.community import v1 as community_v1
from contracts.principal import Member
from contracts.refusals import No, Refused
from services.booking.domain import rule_changes
from services.booking.domain.placing import FAR_DAYS
from services.booking.handlers.capacity import state_capacity
from services.booking.ports import Bookings

#: What an answer has room for.
MOST_HITS, MOST_BELOW = 200, 400


async def keep_offering(message: community_v1.OfferingPublished, work: Bookings) -> None:
    """Replace what the community offers; touched pools get the new capacity, what it hits goes into the history."""
    community = message.offering.community.id
    await work.change_rules(community)
    if not await work.store_host(message.offering):
        return
    today = work.now.date()
    situation = await _locked(community, today, today + timedelta(days=FAR_DAYS), work)
    capacities = rule_changes.resized(situation)
    over = rule_changes.oversold(situation, capacities)
    hit = await work.holds_in(community, over) if over else {}
    lines = [rule_changes.offering_line(at, capacities[at], tuple(hit.get(at, ()))) for at in over]
    await _changed(community, capacities, lines, work)


async def set_exception(command: v1.SetException, work: Bookings) -> v1.ExceptionView:
    """Add a dated exception of the acting community; answers with the bookings it hits, which stay as they are."""
    community = work.acting
    await work.change_rules(community)
    situation = await _locked(community, command.day, max(command.day, command.until or command.day), work)
    line = rule_changes.line_of(command, situation.host, situation.host.today(work.now))
    after = rule_changes.with_line(situation, line)
    capacities = rule_changes.resized(after)
    conflicts = await _hit(community, line, after, capacities, work)
    account = work.principal.account if isinstance(work.principal, Member) else None
    line = replace(line, at=work.now, reason=command.reason, conflicts=conflicts, account=account)
    await _changed(community, capacities, [line], work)
    return rule_changes.shown(line)


async def try_exception(query: v1.TryException, work: Bookings) -> v1.ExceptionEffect:
    """What an exception of the acting community would hit; nothing is locked, so it may be more once it is set."""
    community = work.acting
    first, last = query.day, max(query.day, query.until or query.day)
    situation = await _situation(community, first, last, work)
    line = rule_changes.line_of(query, situation.host, situation.host.today(work.now))
    after = rule_changes.with_line(situation, line)
    capacities = rule_changes.resized(after)
    hit = await _hit(community, line, after, capacities, work)
    found = await work.summaries_of(hit)
    below = rule_changes.below(await work.pool_views(first, last), capacities) if capacities else []
    soonest = sorted(found, key=lambda one: min(item.day for item in one.items))
    return v1.ExceptionEffect(count=len(hit), hits=tuple(soonest[:MOST_HITS]), below=tuple(below[:MOST_BELOW]))


async def _locked(community: str, first: date, last: date, work: Bookings) -> Situation:
    """The situation with its touched pools locked. Raises Refused when the community offers nothing."""
    await work.lock_pools(community, first, last)
    return await _situation(community, first, last, work)


async def _situation(community: str, first: date, last: date, work: Bookings) -> Situation:
    situation = (await work.situations([community], first, last)).get(community)
    if situation is None:
        raise Refused(No.UNKNOWN, "nothing_offered_yet", "acting")
    return situation


async def _hit(
    community: str, line: Notice, after: Situation, capacities: dict[PoolDay, int], work: Bookings
) -> tuple[str, ...]:
    """Live holds that a closure is about, or that draw from pools with too little left."""
    if line.kind == "closed":
        held = await work.live_items(community, line.day, line.until)
        return tuple(hold.hold_id for hold in held if rule_changes.hits(line, hold, after.host))
    over = rule_changes.oversold(after, capacities)
    hit = await work.holds_in(community, over) if over else {}
    return tuple(sorted({hold_id for found in hit.values() for hold_id in found}))


async def _changed(community: str, capacities: dict[PoolDay, int], lines: list[Notice], work: Bookings) -> None:
    levels = await work.resize(community, capacities) if capacities else []
    written = await work.write_lines(community, lines) if lines else []
    state_capacity(work, community, levels, written)
    await work.mark(community)
