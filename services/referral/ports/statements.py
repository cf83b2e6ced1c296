"""What is asked of a transaction about monthly statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from contracts.statements.v1 import StatementRef
from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.referral.domain.handoff.record import Record
from services.referral.domain.statements.standing import Confirmed


class Statements(Transaction, Protocol):
    """The visits of the acting community by their last day, and what was confirmed of them."""

    async def knows(self, community: CommunityId, partner: CommunityId) -> bool:
        """Whether there is or was a partnership, in whatever state."""

    async def visits(self, partner: CommunityId | None, first: date, last: date) -> Sequence[Record]:
        """Records whose last day is one of these, of visits that are completed or stand to be."""

    async def statement_months(
        self, partner: CommunityId | None, before: StatementRef | None, limit: int
    ) -> Sequence[StatementRef]:
        """Where there are completed visits or a confirmation, newest first."""

    async def confirmed(self, partner: CommunityId | None, first: str, last: str) -> Sequence[Confirmed]:
        """What was confirmed of these months, by either side."""

    async def keep_confirmed(self, community: CommunityId, confirmed: Confirmed) -> None:
        """In the place of what the same side has confirmed of that month before."""
