"""Visits by their last day, and what was confirmed of a month, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.statements.v1 import StatementRef, StatementTotal
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.referral.domain.handoff.record import Record
from services.referral.domain.statements.standing import Confirmed


class StatementRows(UnitOfWork):
    """What a transaction of referral does with monthly statements."""

    async def visits(self, partner: CommunityId | None, first: date, last: date) -> Sequence[Record]:
        """Records whose last day is one of these."""
        return [Record.read(row["body"]) for row in await self.fetch("visits", self.acting, partner, first, last)]

    async def statement_months(
        self, partner: CommunityId | None, before: StatementRef | None, limit: int
    ) -> Sequence[StatementRef]:
        """Where there is something to show, newest first."""
        behind = (before.month, before.partner) if before else (None, None)
        rows = await self.fetch("statement_months", self.acting, partner, *behind, limit)
        return [StatementRef(partner=row["partner"], month=row["month"]) for row in rows]

    async def confirmed(self, partner: CommunityId | None, first: str, last: str) -> Sequence[Confirmed]:
        """What was confirmed of these months."""
        return [
            Confirmed(
                whose=row["whose"],
                partner=row["partner"],
                month=row["month"],
                digest=row["digest"],
                totals=tuple(StatementTotal.read(total) for total in row["totals"]),
                at=row["confirmed_at"],
            )
            for row in await self.fetch("confirmed", self.acting, partner, first, last)
        ]

    async def keep_confirmed(self, community: CommunityId, confirmed: Confirmed) -> None:
        """In the place of what the same side has confirmed before."""
        totals = [total.wire() for total in confirmed.totals]
        kept = (community, confirmed.partner, confirmed.month, confirmed.digest, totals, confirmed.at)
        if confirmed.whose == "ours":
            await self.execute("keep_our_confirmed", *kept)
        else:
            await self.execute("keep_their_confirmed", *kept)
