"""What the demonstration asks a node, by queries and read-only checkers, and how it waits: with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime

from contracts.booking.v1 import AskAvailability, AskPools, PoolView
from contracts.crossing.v1 import ListReminders, Plan, PlanOfHandoff
from contracts.described import SERVICES
from contracts.node.v1 import AskStanding, ListAudit, ListParked, MoveClock
from contracts.referral.v1 import AskPartnerCatalogue, HandoffView, ShowHandoff
from deploy.demo.facts import Checks
from services.cli.verbs import reconciling
from services.client.answers import Refused
from services.client.local_api import LocalApi

POLL_SECONDS = 0.05
#: What is on its way on a quiet node arrives within this.
GRACE_SECONDS = 5.0


def holds(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again until it is so; False when it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def move_clock(client: LocalApi, to: datetime) -> None:
    """Set the clock of the whole node; any service may be asked."""
    client.send(MoveClock(to=to), service="referral")


def now(client: LocalApi) -> datetime:
    """What the node's clock shows."""
    return client.send(AskStanding(), service="referral").now


def record(client: LocalApi, community: str, handoff: str | None) -> HandoffView | None:
    """One side's record with its story; None while there is none."""
    if handoff is None:
        return None
    try:
        return client.send(ShowHandoff(referral=handoff), acting=community)
    except Refused as no:
        if no.code != "unknown":
            raise
        return None


def pools(client: LocalApi, community: str, first: date, last: date) -> tuple[PoolView, ...]:
    """The touched pools of a community."""
    return client.send(AskPools(first=first, last=last), acting=community).items


def checks(client: LocalApi) -> Checks:
    """What is parked, what waits, and what the read-only checkers find wrong, over all services."""
    parked, waiting = [], []
    for service in SERVICES:
        items = client.send(ListParked(), service=service).items
        parked += [f"{service}: {item.type}: {item.error}" for item in items]
        standing = client.send(AskStanding(), service=service)
        left = {lane: count for lane, count in standing.unpublished.items() if count}
        left |= {"for a predecessor": standing.waiting} if standing.waiting else {}
        waiting += [f"{service}: {count} {lane}" for lane, count in left.items()]
    wrong = [one.told() for one in reconciling.wrong(client, grace=GRACE_SECONDS)]
    violations = [f"{one['rule']}: {one['subject']} {one['found']}" for one in wrong]
    return Checks(parked=tuple(parked), waiting=tuple(waiting), violations=tuple(violations))


def is_quiet(client: LocalApi) -> bool:
    """Whether every service has published what it had to say and waits for nothing."""
    standings = [client.send(AskStanding(), service=service) for service in SERVICES]
    return not any(one.waiting or any(one.unpublished.values()) for one in standings)


def agree(one: HandoffView | None, other: HandoffView | None) -> bool:
    """Whether each record has heard all that the other sent, and none waits for booking."""
    if one is None or other is None:
        return one is other
    return one.sent == other.seen and other.sent == one.seen and not (one.wish or other.wish)


def knows(client: LocalApi, community: str, partner: str) -> bool:
    """Whether the partner's catalogue has reached the community."""
    return bool(client.send(AskPartnerCatalogue(partner=partner), acting=community).items)


def can_book(client: LocalApi, community: str, day: date) -> bool:
    """Whether booking knows what the community offers."""
    try:
        client.send(AskAvailability(community=community, first=day, last=day), acting=community)
    except Refused as no:
        if no.code != "unknown":
            raise
        return False
    return True


def audited(client: LocalApi, community: str, handoff: str) -> tuple[str, ...]:
    """What a community's audit says was done about a handoff, in order."""
    asked = ListAudit(about=handoff, limit=1000)
    return tuple(one.what for one in client.send(asked, acting=community, service="referral").items)


def plan(client: LocalApi, community: str, handoff: str) -> Plan:
    """What the border asks of a handoff's party, as one side is told."""
    return client.send(PlanOfHandoff(referral=handoff), acting=community)


def reminders(client: LocalApi, community: str, handoff: str) -> tuple[str, ...]:
    """What a community has been reminded of, about one handoff."""
    items = client.send(ListReminders(limit=500), acting=community).items
    return tuple(one.code for one in items if one.referral_id == handoff and one.said)
