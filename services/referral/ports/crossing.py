"""What is asked of a transaction about the border: rows of crossings and rules, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from contracts.community.v1 import Offering
from contracts.crossing.v1 import CrossingBook, ReminderDue, ReminderView
from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.referral.domain.crossing.book import Version
from services.referral.domain.crossing.reminders import Reminder
from services.referral.domain.handoff.record import Record


class Crossings(Transaction, Protocol):
    """The rows of crossings and rules that are kept, and the reminders of parties about to cross."""

    async def crossings(self) -> CrossingBook:
        """The rows that hold."""

    async def crossing_history(self, id_: str, before: date | None, limit: int) -> CrossingBook:
        """At most so many versions of what has this id, checked before a day, newest first."""

    async def kept_versions(self, given: CrossingBook) -> Sequence[Version]:
        """The newest version of each row, and those of the days that a file gives; nobody else keeps any meanwhile."""

    async def keep_crossing_rows(self, versions: Iterable[Version]) -> None:
        """Keep versions that are not there yet."""

    async def seen_offering(self, community: CommunityId, viewer: CommunityId) -> Offering | None:
        """What a community offers, if it is of this node or has shared it with the viewer."""

    async def own_record(self, referral_id: str) -> Record | None:
        """The acting community's record as it stands, not locked."""

    async def to_be_planned(self, limit: int) -> Sequence[Record]:
        """Records of parties about to travel that want planning, first or anew; locked."""

    async def keep_reminders(self, record: Record, reminders: Iterable[Reminder]) -> None:
        """Put these in the place of what has not been said yet."""

    async def say_reminders(self, today: date, limit: int) -> Sequence[ReminderDue]:
        """Those whose day has come and whose handoff still needs them, marked as said."""

    async def reminders(self, said_until: date, limit: int) -> Sequence[ReminderView]:
        """The acting community's, by day, without those that were said for this day or an earlier one."""

    async def forget_reminders(self, arrived_until: date, limit: int) -> int:
        """Those of handoffs that are over and were to arrive by this day go; returns of how many."""
