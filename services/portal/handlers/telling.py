"""What waits becomes lines of the outbox, and lines are taken, sent by whoever took them, and marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.permissions import PERMISSIONS
from contracts.referral.lists import Awaited
from contracts.referral.v1 import AcceptHandoff
from contracts.values import CommunityId
from services.portal.domain import telling
from services.portal.domain.telling import Attempt, Claimed
from services.portal.ports.telling import Tellings

#: Told are those who may answer.
ROLES = tuple(sorted(PERMISSIONS[AcceptHandoff.type].roles))
#: A claim of a process that has died ends after this; sending takes less.
LEASE = timedelta(seconds=60)
#: What was not asked for within this time may have been answered since: nothing is sent until it is asked again.
FRESH = timedelta(seconds=60)
#: Of one receiver so many at once: one that is slow or dead holds up nobody else.
EACH = 4


async def listening(work: Tellings) -> tuple[datetime, Sequence[CommunityId]]:
    """Now, and the communities of which somebody is to be told."""
    return work.now, await work.listening(ROLES)


async def note(work: Tellings, communities: Sequence[CommunityId], found: Sequence[Awaited], asked: datetime) -> int:
    """Write down what waits for some communities and is not told yet, and end what does not wait any more."""
    known = await work.known_tellings(communities)
    listeners = await work.listeners(communities, ROLES)
    by_community = {each: [one for one in listeners if one.community == each] for each in communities}
    new = [
        line
        for each in found
        if each.until > work.now
        for listener in by_community.get(each.community, ())
        if (listener.channel, each.community, each.referral_id, each.state, each.round) not in known
        for line in telling.tellings(each, listener, work.now, {"asked": work.new_id(), "reminder": work.new_id()})
    ]
    if new:
        await work.add_tellings(new)
    await work.end_settled(communities, found, asked)
    return len(new)


async def note_question(work: Tellings, community: CommunityId, enquiry: str) -> None:
    """Write down for each channel that a stranger asks its community; not for one that was just told of another."""
    listeners = await work.listeners((community,), ROLES)
    told = await work.told_of_questions(community, work.now - telling.ONE_QUESTION_WITHIN)
    new = [telling.question(enquiry, each, work.now, work.new_id()) for each in listeners if each.channel not in told]
    if new:
        await work.add_tellings(new)


async def looked(work: Tellings, asked: datetime) -> None:
    """All of it was asked for: what was found may be sent."""
    await work.note_looked(asked)


async def claim(work: Tellings, most: int, busy: Sequence[str]) -> Sequence[Claimed]:
    """Take what is due."""
    return await work.claim(most, busy, EACH, ROLES, LEASE, FRESH)


async def mark(work: Tellings, claimed: Claimed, attempt: Attempt) -> None:
    """What came of one try. A channel without a receiver is removed."""
    then = telling.after(attempt, claimed.tries, work.now, claimed.telling.until, claimed.quiet)
    await work.mark(claimed, attempt, then)
    if then.standing == "gone":
        await work.drop_channel(claimed.channel.id)


async def forget(work: Tellings) -> int:
    """Remove what was told long ago, and addresses that nobody has confirmed within a day."""
    await work.forget_tellings(work.now - telling.KEPT)
    await work.forget_unconfirmed(await work.machine_now() - timedelta(days=1))
    return 0
