"""What is asked of a transaction about agencies that hand over for communities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.agencies.v1 import AgencyId, AgreementStated
from contracts.referral import v1
from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.referral.domain.handoff.handing_over import Authority
from services.referral.domain.handoff.record import Record


class Agencies(Transaction, Protocol):
    """Under what agencies hand over, and what they have handed over."""

    async def keep_agreement(self, stated: AgreementStated) -> None:
        """Where an agreement of one of our communities stands."""

    async def authority(self, agency: AgencyId, community: CommunityId, *, alone: bool = False) -> Authority | None:
        """The terms in force, or None; `alone` lets nobody else judge by them until the commit."""

    async def authorities(self, agency: AgencyId) -> Mapping[CommunityId, Authority]:
        """All terms in force of an agency, of the acting community or for the node, by community."""

    async def handed_over(self, agency: AgencyId, ref: str) -> Record | None:
        """What it has handed over under an id of its own, as it stands, not locked."""

    async def open_handed_over(self, agency: AgencyId) -> int:
        """How many of its handoffs for the acting community have not ended."""

    async def offered_since(self, agency: AgencyId, nth: int, since: datetime) -> datetime | None:
        """When it offered the nth newest handoff for the acting community; None when fewer were offered since then."""

    async def list_handed_over(
        self, agency: AgencyId, query: v1.ListHandoffs
    ) -> Sequence[tuple[Record, v1.HandoffSummary]]:
        """Its handoffs, of the acting community or for the node, newest first."""
