"""Booking's store on PostgreSQL. The statements are in queries.sql."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from contracts.agencies.v1 import AgreementStated, AgreementTerms
from contracts.booking import v1
from contracts.capacity.hosts import Hosts
from contracts.capacity.notices import Notice
from contracts.capacity.pools import PoolDay, Situation
from contracts.community.v1 import Offering
from services.booking.adapters import rows
from services.booking.adapters.capacity import CapacityRows
from services.booking.adapters.holds import HoldRows
from services.booking.adapters.reconciliation import StandingRows
from services.booking.adapters.vouchers import VoucherRows
from services.booking.domain.hold import Hold
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.storage.sql import Queries


class RuleRows(UnitOfWork):
    """The port `Rules`."""

    hosts: ClassVar[Hosts] = Hosts()

    async def share_rules(self, community: str) -> None:
        await self.execute("share_rules", [community])

    async def share_rules_with(self, community: str, agency: str, *, alone: bool = False) -> AgreementTerms | None:
        row = await self.fetchrow("share_rules_with", community, agency, alone)
        return AgreementTerms.read(row["terms"]) if row and row["terms"] else None

    async def keep_agreement(self, stated: AgreementStated) -> None:
        terms = stated.terms and stated.terms.wire()
        await self.execute("keep_agreement", stated.agency, stated.community, stated.state, terms, stated.since)

    async def change_rules(self, community: str) -> None:
        await self.execute("change_rules", community)

    async def situations(self, communities: Sequence[str], first: date, last: date) -> dict[str, Situation]:
        names = list(communities)
        known = self.hosts.known(names)
        versions = [host.version for host in known.values()]
        found = await self.fetch("situations", names, versions, first, last)
        return {row["community"]: rows.situation(self.hosts.host(row, known), row) for row in found}

    async def store_host(self, offering: Offering) -> bool:
        """The version is a digest of the content, so that it means the same in every process."""
        wire = offering.wire()
        version = hashlib.sha256(json.dumps(wire, sort_keys=True).encode()).hexdigest()
        return bool(await self.fetchval("store_host", offering.community.id, version, wire))

    async def history(self, first: date, last: date) -> list[Notice]:
        return [rows.notice(row) for row in await self.fetch("history", first, last)]

    async def write_lines(self, community: str, lines: Sequence[Notice]) -> list[v1.RuleLine]:
        written = await self.fetch("write_exceptions", community, self.now, [rows.line(said) for said in lines])
        return [rows.said(row) for row in written]


class PoolRows(UnitOfWork):
    """The port `Pools`."""

    async def lock_pools(self, community: str, first: date, last: date) -> None:
        await self.execute("lock_pools", community, first, last)

    async def resize(self, community: str, capacities: Mapping[PoolDay, int]) -> list[v1.PoolLevel]:
        pools, dates = [at.pool for at in capacities], [at.day for at in capacities]
        resized = await self.fetch("resize", community, pools, dates, list(capacities.values()))
        return [rows.level(row) for row in resized]

    async def holds_in(self, community: str, pools: Sequence[PoolDay]) -> dict[PoolDay, list[str]]:
        found: dict[PoolDay, list[str]] = defaultdict(list)
        for row in await self.fetch("holds_in", community, [at.pool for at in pools], [at.day for at in pools]):
            found[PoolDay(row["pool"], row["day"])].append(row["hold_id"])
        return found

    async def live_items(self, community: str, first: date, last: date) -> list[Hold]:
        found = await self.fetch("live_items", community, first, last)
        return [rows.live(row, community) for row in found]


class SharingRows(UnitOfWork):
    """The port `Sharing`."""

    async def state_partnership(self, community: str, partner: str, state: str) -> None:
        await self.execute("state_partnership", community, partner, state)

    async def mark(self, community: str) -> None:
        await self.execute("mark", [community])

    async def mark_all(self) -> int:
        return int(await self.fetchval("mark_all"))

    async def mark_new_day(self, today: date) -> int:
        return int(await self.fetchval("mark_new_day", today))

    async def changed_communities(self, most: int) -> dict[str, list[str]]:
        if not await self.fetchval("sole_sharer"):
            return {}
        return {row["community"]: row["partners"] for row in await self.fetch("changed_communities", most)}

    async def give_turn(self) -> None:
        await asyncio.sleep(0)


class ViewRows(UnitOfWork):
    """The port `Views`."""

    async def pool_views(self, first: date, last: date) -> list[v1.PoolView]:
        return [v1.PoolView(**row) for row in await self.fetch("pool_views", first, last)]

    async def booking_summaries(
        self, first: date, last: date, limit: int, states: Sequence[v1.HoldState]
    ) -> list[v1.BookingSummary]:
        found = await self.fetch("booking_summaries", self.acting, first, last, limit, list(states))
        return [v1.BookingSummary.read(dict(row)) for row in found]

    async def live_summaries(
        self, first: date, last: date, limit: int, states: Sequence[v1.HoldState]
    ) -> list[v1.BookingSummary]:
        found = await self.fetch("live_summaries", self.acting, first, last, limit, list(states))
        return [v1.BookingSummary.read(dict(row)) for row in found]

    async def summaries_of(self, hold_ids: Sequence[str]) -> list[v1.BookingSummary]:
        return [v1.BookingSummary.read(dict(row)) for row in await self.fetch("summaries_of", list(hold_ids))]

    async def violations(self, now: datetime) -> list[v1.Violation]:
        return [v1.Violation(**row) for row in await self.fetch("violations", now)]


class BookingUnitOfWork(RuleRows, HoldRows, PoolRows, SharingRows, ViewRows, CapacityRows, StandingRows, VoucherRows):
    """The transaction of a booking use case on PostgreSQL."""

    service = "booking"
    queries = Queries.load(
        *(Path(__file__).parent / f"{name}.sql" for name in ("queries", "capacity", "reconciliation", "vouchers"))
    )
