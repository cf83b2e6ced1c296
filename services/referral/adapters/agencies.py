"""What agencies hand over for communities, on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from contracts.agencies.v1 import AgencyId, AgreementStated, AgreementTerms
from contracts.referral import v1
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.ports import EVERYONE
from services.referral.adapters.handoff import is_whole
from services.referral.domain.handoff import viewing
from services.referral.domain.handoff.handing_over import Authority
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ENDED

#: Ids are by the machine's clock, which may be a little before or behind another machine's; bits after the moment.
_SLACK, _AFTER_THE_MOMENT = timedelta(hours=1), 80


class AgencyRows(UnitOfWork):
    """Under what agencies hand over, and what they have handed over."""

    async def keep_agreement(self, stated: AgreementStated) -> None:
        """As the community service states it."""
        terms = stated.terms.wire() if stated.terms else None
        await self.execute("keep_agreement", stated.agency, stated.community, stated.state, terms, stated.since)

    async def authority(self, agency: AgencyId, community: CommunityId, *, alone: bool = False) -> Authority | None:
        """The terms in force; `alone` lets nobody else judge by them until the commit."""
        row = await self.fetchrow("authority_alone" if alone else "authorities", agency, community)
        return _authority(row) if row else None

    async def authorities(self, agency: AgencyId) -> Mapping[CommunityId, Authority]:
        """All terms in force of an agency, of the acting community or for the node, by community."""
        return {row["community"]: _authority(row) for row in await self.fetch("authorities", agency, self._of_whom)}

    async def handed_over(self, agency: AgencyId, ref: str) -> Record | None:
        """What it has handed over under an id of its own."""
        body = await self.fetchval("handed_over", agency, ref) if is_whole(ref) else None
        return Record.read(body) if body else None

    async def open_handed_over(self, agency: AgencyId) -> int:
        """How many of its handoffs for the acting community have not ended."""
        return int(await self.fetchval("open_handed_over", agency, self.acting, [*ENDED]))

    async def offered_since(self, agency: AgencyId, nth: int, since: datetime) -> datetime | None:
        """When it offered the nth newest handoff for the acting community; None when fewer were offered since then."""
        oldest = _made_before(self.new_id(), self.now - since + _SLACK)
        at: datetime | None = await self.fetchval("offered_since", agency, self.acting, oldest, since, nth - 1)
        return at

    async def list_handed_over(
        self, agency: AgencyId, query: v1.ListHandoffs
    ) -> Sequence[tuple[Record, v1.HandoffSummary]]:
        """Its handoffs, of the acting community or for the node."""
        days = query.first or date.min, query.last or date.max, bool(query.first or query.last)
        wanted = self._of_whom, query.before, query.open_only, query.limit, [*ENDED]
        records = [Record.read(row["body"]) for row in await self.fetch("list_handed_over", agency, *wanted, *days)]
        return [(record, viewing.summary(record, None, self.now)) for record in records]

    @property
    def _of_whom(self) -> CommunityId | None:
        return None if self.acting == EVERYONE else self.acting


def _made_before(id_: str, by: timedelta) -> uuid.UUID:
    """The lowest id that could have been made so long before this one: they begin with the milliseconds."""
    moment = (uuid.UUID(id_).int >> _AFTER_THE_MOMENT) - by // timedelta(milliseconds=1)
    return uuid.UUID(int=max(moment, 0) << _AFTER_THE_MOMENT)


def _authority(row: Any) -> Authority:
    return Authority(AgreementTerms.read(row["terms"]), row["zone"])
