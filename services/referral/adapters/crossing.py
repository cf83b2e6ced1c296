"""Crossings, their rules and the reminders of parties about to cross, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.community.v1 import Offering
from contracts.crossing.rows import Crossing, Margins, Rule, Sourced
from contracts.crossing.v1 import CrossingBook, ReminderDue, ReminderView
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.referral.domain.crossing.book import Version, versions
from services.referral.domain.crossing.reminders import Reminder
from services.referral.domain.handoff.record import Record

ROWS: Mapping[str, type[Sourced]] = {"crossings": Crossing, "rules": Rule, "margins": Margins}


class CrossingRows(UnitOfWork):
    """What a transaction of referral does with crossings."""

    async def crossings(self) -> CrossingBook:
        """The rows that hold."""
        return _book(await self.fetch("crossing_rows"))

    async def crossing_history(self, id_: str, before: date | None, limit: int) -> CrossingBook:
        """Versions of what has this id, newest first."""
        return _book(await self.fetch("crossing_history", id_, before, limit))

    async def kept_versions(self, given: CrossingBook) -> Sequence[Version]:
        """What a file is compared with."""
        await self.execute("crossings_alone")
        names = [(kind, row.id, row.checked_on) for kind, row in versions(given)]
        columns = map(list, zip(*names, strict=True)) if names else ([], [], [])
        rows = await self.fetch("kept_versions", *columns)
        return [Version(row["kind"], ROWS[row["kind"]].read(row["body"])) for row in rows]

    async def keep_crossing_rows(self, versions: Iterable[Version]) -> None:
        """Keep rows that are not there yet."""
        for kind, row in versions:
            await self.execute("keep_crossing_row", kind, row.id, row.checked_on, row.wire(), self.now)

    async def seen_offering(self, community: CommunityId, viewer: CommunityId) -> Offering | None:
        """What a community offers, if it is ours or has shared it with the viewer."""
        offering = await self.fetchval("seen_offering", community, viewer)
        return Offering.read(offering) if offering else None

    async def own_record(self, referral_id: str) -> Record | None:
        """The acting community's record as it stands, not locked."""
        body = await self.fetchval("own_record", referral_id, self.acting)
        return Record.read(body) if body else None

    async def to_be_planned(self, limit: int) -> Sequence[Record]:
        """Records of parties about to travel that want planning; locked."""
        return [Record.read(row["body"]) for row in await self.fetch("to_be_planned", limit)]

    async def keep_reminders(self, record: Record, reminders: Iterable[Reminder]) -> None:
        """Replace the reminders that are not due yet."""
        about = (record.referral_id, record.community)
        await self.execute("plan_reminders", *about, record.arrival.day)
        await self.execute("drop_reminders", *about)
        for one in reminders:
            await self.execute("add_reminder", *about, one.code, one.what or "", record.arrival.day, one.due)

    async def say_reminders(self, today: date, limit: int) -> Sequence[ReminderDue]:
        """Those whose day has come, marked as said."""
        await self.execute("drop_idle_reminders", today)
        rows = await self.fetch("say_reminders", today, self.now, limit)
        return [ReminderDue(**_named(row)) for row in rows]

    async def reminders(self, said_until: date, limit: int) -> Sequence[ReminderView]:
        """The acting community's, by day, without those that were said for this day or an earlier one."""
        return [ReminderView.read(_named(row)) for row in await self.fetch("reminders", self.acting, said_until, limit)]

    async def forget_reminders(self, arrived_until: date, limit: int) -> int:
        """Delete those of handoffs that are over and were to arrive by this day; returns how many."""
        return int(await self.fetchval("forget_reminders", arrived_until, limit))


def _book(rows: Iterable[Any]) -> CrossingBook:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["kind"], []).append(row["body"])
    return CrossingBook.read(found)


def _named(row: Any) -> dict[str, Any]:
    return {**row, "referral_id": str(row["referral_id"]), "what": row["what"] or None}
