"""The port `Notifications`; the secrets of subscriptions are wrapped by the node."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.community.v1 import Offering
from services.agency_api.adapters.read_model import ReadModelRows
from services.agency_api.domain.notifying import TOGETHER, Claimed, Delivery, Kind, News, Next, Subscription


class NotificationRows(ReadModelRows):
    """Subscriptions, and the outbox of what they are told, on PostgreSQL."""

    async def rewrap(self, limit: int) -> int:
        rows = await self.fetch("wrapped_subscriptions", self.vault.newest, limit)
        for row in rows:
            about = _about(row["id"])
            anew = self.vault.wrap(self.vault.unwrap(row["sealed"], about=about), about=about)
            await self.execute("rewrap_subscription", row["id"], anew)
        return len(rows) or await super().rewrap(limit)

    # subscriptions

    async def add_subscription(self, new: Subscription, most: int) -> bool:
        what = (new.url, new.receiver, list(new.types), self._sealed(new), new.made_at, new.active)
        added = await self.execute("add_subscription", new.id, new.agency, new.community, *what, most)
        return added.endswith(" 1")

    async def subscriptions(
        self, agency: str, community: str | None, only: str | None = None
    ) -> Sequence[Subscription]:
        return [self._subscription(row) for row in await self.fetch("subscriptions", agency, community, only)]

    async def change_subscription(self, new: Subscription) -> None:
        what = (new.url, new.receiver, list(new.types), self._sealed(new), new.active)
        await self.execute("change_subscription", new.id, *what)

    async def drop_subscription(self, subscription: Subscription) -> None:
        await self.execute("drop_subscription", subscription.id)

    def _sealed(self, one: Subscription) -> str:
        whole = {"secret": base64.b64encode(one.secret).decode(), "headers": dict(one.headers)}
        return self.vault.wrap(json.dumps(whole).encode(), about=_about(one.id))

    def _subscription(self, row: Mapping[str, Any]) -> Subscription:
        given = dict(row)
        whole = json.loads(self.vault.unwrap(given.pop("sealed"), about=_about(given["id"])))
        secret = base64.b64decode(whole["secret"])
        return Subscription(**{**given, "types": tuple(given["types"])}, secret=secret, headers=whole["headers"])

    # the outbox

    async def offering(self, community: str) -> Offering | None:
        known = self.hosts.known([community])
        row = await self.fetchrow("stated_offering", community, known[community].version if known else "")
        return row and self.hosts.host(row, known).offering

    async def listeners(self, community: str, kind: Kind) -> Sequence[str]:
        rows = await self.fetch("community_listeners", community, kind, self.now)
        return [row["subscription"] for row in rows]

    async def booking_listeners(self, agency: str, hold_id: str) -> Sequence[tuple[str, str]]:
        return [tuple(row) for row in await self.fetch("booking_listeners", hold_id, agency)]

    async def notify(
        self, subscriptions: Sequence[str], community: str, news: Sequence[News], at: datetime, tried: timedelta
    ) -> None:
        for kind in {one.type for one in news}:
            some = [one for one in news if one.type == kind]
            columns = ([getattr(one, name) for one in some] for name in ("subject", "month", "first", "last"))
            times = (at, TOGETHER[kind], tried)
            await self.execute("notify", list(subscriptions), kind, community, *columns, *times)

    async def claim(
        self, at: datetime, until: datetime, most: int, busy: Sequence[Subscription], each: int, failing: int
    ) -> Sequence[Claimed]:
        receivers, agencies = [one.receiver for one in busy], [one.agency for one in busy]
        doubtful = sum(one.is_failing for one in busy)
        how_many = (each, agencies, doubtful, failing)
        rows = await self.fetch("claim_notifications", at, until, most, receivers, *how_many)
        return [self._claimed(row) for row in rows]

    async def mark(self, claimed: Claimed, then: Next, problem: str) -> bool:
        what = (claimed.delivery.id, claimed.delivery.tries, then.standing, then.due_at, problem)
        return (await self.execute("mark_notification", *what)).endswith(" 1")

    async def note_arriving(self, subscription: str) -> None:
        await self.execute("note_arriving", subscription)

    async def note_failing(self, subscription: str, at: datetime) -> datetime | None:
        since: datetime | None = await self.fetchval("note_failing", subscription, at)
        return since

    async def end_subscription(self, subscription: str, at: datetime, problem: str) -> None:
        await self.execute("end_subscription", subscription, at, problem)

    async def deliveries(self, subscription: str, most: int, only: str | None = None) -> Sequence[Delivery]:
        return [_delivery(row) for row in await self.fetch("deliveries", subscription, only, most)]

    async def tell_again(self, delivery: Delivery, at: datetime, tried: timedelta) -> None:
        await self.execute("tell_again", delivery.id, at, tried)

    async def forget_notifications(self, before: datetime, now: datetime) -> int:
        return int((await self.execute("forget_notifications", before, now)).rpartition(" ")[2])

    def _claimed(self, row: Mapping[str, Any]) -> Claimed:
        names = ("agency", "community", "url", "receiver", "types", "sealed", "is_failing")
        given = {name: row[name] for name in names} | {"id": row["subscription"], "made_at": row["subscribed_at"]}
        return Claimed(delivery=_delivery(row), subscription=self._subscription(given))


def _about(subscription: str) -> str:
    return f"subscription v1|{subscription}"


def _delivery(row: Mapping[str, Any]) -> Delivery:
    news = News(type=row["type"], subject=row["subject"], first=row["first_day"], last=row["last_day"])
    names = ("id", "made_at", "due_at", "until", "tries", "standing", "problem", "tried_at")
    return Delivery(news=news, **{name: row[name] for name in names})
