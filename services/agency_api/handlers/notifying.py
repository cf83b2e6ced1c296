"""Agencies are told what changes: written down with the fact, taken, sent by whoever took it, and marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from contracts.agencies.v1 import AgreementTerms
from contracts.booking.v1 import CapacityChanged
from contracts.community.v1 import Offering
from services.agency_api.domain import notifying
from services.agency_api.domain.notifying import (
    MOST_SUBSCRIPTIONS,
    TRIED,
    Attempt,
    Claimed,
    Delivery,
    News,
    Subscription,
)
from services.agency_api.ports import Notifications

#: A claim of a process that has died ends after this; sending takes less.
LEASE = timedelta(seconds=60)
#: Of one receiver, and of one agency, so many at once: one that is slow or dead holds up nobody else.
EACH = 4
#: And so many of receivers that have failed the last time, whosever they are: several agencies hold up nobody either.
FAILING = 8


# facts


async def booking_changed(work: Notifications, agency: str, community: str, hold_id: str) -> None:
    """An agency's hold stands otherwise."""
    found = await work.booking_listeners(agency, hold_id)
    if not found:
        return
    now = await work.machine_now()
    for uuid in sorted({uuid for _, uuid in found}):
        news = News(type="BOOKING_UPDATE", subject=uuid)
        listeners = [subscription for subscription, of in found if of == uuid]
        await work.notify(listeners, community, [news], now, TRIED)


async def offering_changed(work: Notifications, before: Offering | None, offering: Offering) -> None:
    """A community offers something else; call it once the offering is kept."""
    news = notifying.changed_products(before, offering)
    await _community_changed(work, offering.community.id, news)


async def capacity_changed(work: Notifications, message: CapacityChanged) -> None:
    """Places were taken or given back, or there are other rules."""
    if not await work.listeners(message.community, "AVAILABILITY_UPDATE"):
        return
    offering = await work.offering(message.community)
    if offering is not None:
        news = notifying.changed_days(offering, message.levels, message.lines)
        await _community_changed(work, message.community, news)


async def allotments_changed(
    work: Notifications, community: str, before: AgreementTerms | None, now: AgreementTerms | None
) -> None:
    """An agreement keeps other places than before; call it once it is kept."""
    news = notifying.changed_allotments(before, now, work.now.date())
    await _community_changed(work, community, news)


async def _community_changed(work: Notifications, community: str, news: Sequence[News]) -> None:
    if news:
        listeners = await work.listeners(community, news[0].type)
        if listeners:
            await work.notify(listeners, community, news, await work.machine_now(), TRIED)


# sending


async def claim(work: Notifications, most: int, busy: Sequence[Subscription]) -> Sequence[Claimed]:
    """Take what is due, beside what this process is sending: one line of `busy` for each."""
    now = await work.machine_now()
    return await work.claim(now, now + LEASE, most, busy, EACH, FAILING)


async def mark(work: Notifications, claimed: Claimed, attempt: Attempt) -> bool:
    """What came of one try; whether the subscription is sent nothing more from now on."""
    now, subscription = await work.machine_now(), claimed.subscription.id
    then = notifying.after(attempt, claimed.delivery, now)
    if not await work.mark(claimed, then, attempt.problem):
        return False  # another process has taken it since
    if attempt.result == "sent":
        await work.note_arriving(subscription)
        return False
    since = await work.note_failing(subscription, now)
    if not notifying.is_to_end(attempt, then, since, now):
        return False
    await work.end_subscription(subscription, now, "gone" if attempt.result == "gone" else "failed_for_three_days")
    return True


async def forget(work: Notifications) -> int:
    """Remove what was told long ago. Returns how much."""
    now = await work.machine_now()
    return await work.forget_notifications(now - notifying.KEPT, now)


# what an agency does with its own


async def subscribe(work: Notifications, new: Subscription) -> bool:
    """Add it; False when the agency has as many as it may."""
    await work.has_agency(new.agency)  # one after the other: they are counted
    return await work.add_subscription(replace(new, made_at=await work.machine_now()), MOST_SUBSCRIPTIONS)


async def tell_again(work: Notifications, delivery: Delivery) -> None:
    """Tell it again, under the same id."""
    await work.tell_again(delivery, await work.machine_now(), TRIED)
