"""Sends what agencies are to be told, signed as Standard Webhooks says, none in another's way.

Sending is outside of any transaction: a line is claimed in one, sent, and marked in another. A process that dies in
between leaves a claim that ends, and the line is sent once more, under the same id.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from time import monotonic
from typing import Any

from services.agency_api.domain.notifying import Attempt, Claimed, Delivery, Subscription
from services.agency_api.handlers import notifying
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults, trace
from services.client.posting import Poster, Unreached
from services.client.webhooks import signed

log = logging.getLogger(__name__)
#: So much is sent at once, and after so many seconds nothing more is begun: a process that is to end ends soon.
MOST_AT_ONCE, BEGINNING_SECONDS = 16, 20.0
GONE = 410


async def tell(parts: EdgeParts) -> int:
    """Send what is due, as long as there is some, many at once but few to one receiver and few of one agency."""
    if parts.store is None:
        raise ValueError("the agency API has no tables of its own here")
    return await Teller(parts.store, Poster(parts.settings.private_receivers)).run()


class Teller:
    """Sends, until nothing more is due."""

    def __init__(self, store: Store[Any], poster: Poster) -> None:
        self._store, self._poster = store, poster
        self._sending: dict[asyncio.Task[None], Subscription] = {}

    async def run(self) -> int:
        """How many were tried. Whatever happens, nothing goes on behind its back."""
        done, ends = 0, monotonic() + BEGINNING_SECONDS
        try:
            while True:
                done += await self._begin() if monotonic() < ends else 0
                if not self._sending:
                    return done
                ended, _ = await asyncio.wait(self._sending, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del self._sending[task]
                    task.result()
        finally:
            for task in self._sending:
                task.cancel()

    async def _begin(self) -> int:
        free = MOST_AT_ONCE - len(self._sending)
        if not free:
            return 0
        async with self._store.work(EVERYONE) as work:
            claimed = await notifying.claim(work, free, [*self._sending.values()])
        for one in claimed:
            self._sending[asyncio.create_task(self._told(one))] = one.subscription
        return len(claimed)

    async def _told(self, claimed: Claimed) -> None:
        with trace.span("tell an agency"):
            attempt = await self._attempt(claimed)
        faults.point("after_notify_before_mark")
        async with self._store.work(EVERYONE) as work:
            is_ended = await notifying.mark(work, claimed, attempt)
        about = {"subscription": claimed.subscription.id, "error": attempt.problem}
        if is_ended:
            log.warning("a subscription of an agency is sent nothing more", extra=about)
        elif attempt.result != "sent":
            log.info("an agency was not told", extra=about)

    async def _attempt(self, claimed: Claimed) -> Attempt:
        try:
            return await send(self._poster, claimed)
        except Exception as problem:  # noqa: BLE001 - one that cannot be sent must not keep the others from being sent
            log.error("a notification could not be sent", extra={"error": type(problem).__name__})
            return Attempt(result="later", problem="ours")


async def send(poster: Poster, claimed: Claimed) -> Attempt:
    """Send it once. Whatever else than thanks is answered is tried again, but that nobody is there any more."""
    subscription, delivery = claimed.subscription, claimed.delivery
    body = json.dumps(payload(delivery)).encode()
    ours = signed(subscription.secret, delivery.id, int(time.time()), body) | {"Content-Type": "application/json"}
    try:
        reply = await poster.post(subscription.url, {**subscription.headers, **ours}, body)
    except Unreached as problem:
        return Attempt(result="later", problem=str(problem))
    if 200 <= reply.status < 300:
        return Attempt(result="sent")
    if reply.status == GONE:
        return Attempt(result="gone", problem=reply.problem)
    return Attempt(result="later", problem=reply.problem, after=reply.after)


def payload(delivery: Delivery) -> Mapping[str, Any]:
    """What is told: what has changed, and when; the receiver reads it again."""
    at = delivery.made_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": delivery.news.type, "timestamp": at, "data": dict(delivery.news.data)}
