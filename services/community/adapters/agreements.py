"""Agencies and their agreements in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.agencies.v1 import AgencyId, AgreementTerms
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.community.domain.agreement import Agency, Agreement, Phase


class AgreementRows(UnitOfWork):
    """The part of `services.community.ports.Communities` that is about agencies."""

    async def agency(self, agency: AgencyId) -> Agency | None:
        row = await self.fetchrow("agency", agency)
        return Agency(**row) if row else None

    async def agencies(self) -> Sequence[Agency]:
        return [Agency(**row) for row in await self.fetch("agencies")]

    async def save_agency(self, agency: Agency) -> None:
        await self.execute("save_agency", agency.id, agency.name, agency.since)

    async def agreement(self, agency: AgencyId, community: CommunityId) -> Agreement | None:
        row = await self.fetchrow("agreement", agency, community)
        return _agreement(row) if row else None

    async def save_agreement(self, agreement: Agreement) -> None:
        await self.execute(
            "save_agreement",
            agreement.agency,
            agreement.community,
            agreement.phase.name.lower(),
            agreement.terms.wire(),
            agreement.proposed_by,
            agreement.in_force and agreement.in_force.wire(),
            agreement.since,
        )

    async def agreements(
        self, community: CommunityId | None, agency: AgencyId | None
    ) -> Sequence[tuple[Agreement, str]]:
        rows = await self.fetch("agreements", community, agency)
        return [(_agreement(row), row["agency_name"]) for row in rows]

    async def agreements_after(self, place: tuple[AgencyId, CommunityId], limit: int) -> Sequence[Agreement]:
        return [_agreement(row) for row in await self.fetch("agreements_after", *place, limit)]


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        agency=row["agency"],
        community=row["community"],
        phase=Phase[row["phase"].upper()],
        terms=AgreementTerms.read(row["terms"]),
        proposed_by=row["proposed_by"],
        in_force=AgreementTerms.read(row["in_force"]) if row["in_force"] else None,
        since=row["since"],
    )
