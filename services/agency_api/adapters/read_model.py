"""The port `ReadModel`, and what is sold, as operations read it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from contracts.agencies.v1 import AgreementTerms
from contracts.booking.v1 import PoolLevel, RuleLine
from contracts.capacity.hosts import Hosts
from contracts.capacity.notices import Notices
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.capacity.stated import notice
from contracts.community.v1 import Offering
from services.agency_api.domain.supply import Supply
from services.chassis.messaging.unit_of_work import UnitOfWork

#: The columns of a pool, but for its shares.
_LEVEL = ("pool", "day", "capacity", "taken", "version")


class ReadModelRows(UnitOfWork):
    """What community and booking have stated, on PostgreSQL."""

    hosts: ClassVar[Hosts] = Hosts()

    async def keep_agency(self, agency: str, name: str) -> None:
        await self.execute("keep_agency", agency, name)

    async def keep_agreement(self, agency: str, community: str, terms: AgreementTerms | None) -> AgreementTerms | None:
        before = await self.fetchval("keep_agreement", agency, community, terms and terms.wire())
        return AgreementTerms.read(before) if before else None

    async def keep_offering(self, offering: Offering) -> None:
        """The version is a digest of the content, so that it means the same in every process."""
        wire = offering.wire()
        version = hashlib.sha256(json.dumps(wire, sort_keys=True).encode()).hexdigest()
        await self.execute("keep_offering", offering.community.id, version, wire)

    async def keep_levels(self, community: str, levels: Sequence[PoolLevel]) -> None:
        columns = ([getattr(level, name) for level in levels] for name in _LEVEL)
        shares = [{share.agency: share.places for share in level.shares} for level in levels]
        await self.execute("keep_levels", community, *columns, shares)

    async def keep_rules(self, community: str, lines: Sequence[RuleLine]) -> None:
        await self.execute("keep_rules", community, [line.wire() for line in lines])

    async def forget_days(self, before: date) -> int:
        return int(await self.fetchval("forget_days", before))

    async def supplies(self, agency: str, community: str | None) -> list[Supply]:
        known = self.hosts.known(None if community is None else [community])
        versions = [host.version for host in known.values()]
        rows = await self.fetch("supply", agency, community, list(known), versions)
        return await self._supplies(agency, rows, known)

    async def hosts_of(self, agency: str) -> list[Supply]:
        known = self.hosts.known()
        rows = await self.fetch("hosts_of", agency, list(known), [host.version for host in known.values()])
        return await self._supplies(agency, rows, known)

    async def supplies_on(self, agency: str, communities: Sequence[str], first: date, last: date) -> list[Supply]:
        known = self.hosts.known(communities)
        versions = [host.version for host in known.values()]
        rows = await self.fetch("supplies_on", agency, communities, list(known), versions, first, last)
        return [self._supply(agency, row, known, row) for row in rows]

    async def supply(self, agency: str, community: str, first: date, last: date) -> Supply | None:
        known = self.hosts.known([community])
        version = known[community].version if known else ""
        row = await self.fetchrow("standing_offer", agency, community, version, first, last)
        if row is None:
            return None
        return replace(self._supply(agency, row, known, row), number=row["number"], read_at=row["now"])

    async def _supplies(
        self, agency: str, rows: Sequence[Mapping[str, Any]], known: Mapping[str, Host]
    ) -> list[Supply]:
        """Of thousands that are not known here yet each is read for the first time: others are served in between."""
        found = []
        for row in rows:
            found.append(self._supply(agency, row, known))
            if row["community"] not in known:
                await asyncio.sleep(0)
        return found

    def _supply(
        self, agency: str, row: Mapping[str, Any], known: Mapping[str, Any], stated: Mapping[str, Any] | None = None
    ) -> Supply:
        host = self.hosts.host(row, known)
        situation = _stated(host, stated) if stated else Situation(host=host)
        terms = AgreementTerms.read(row["terms"]) if row["terms"] else None
        return Supply(situation=situation, terms=terms, agency=agency)


def _stated(host: Host, row: Mapping[str, Any]) -> Situation:
    levels = {
        PoolDay(pool, date.fromisoformat(day)): Level(capacity, taken, shares)
        for pool, day, capacity, taken, shares in row["pools"] or ()
    }
    return Situation(
        host=host,
        notices=Notices([notice(RuleLine.read(line)) for line in row["rules"] or ()]),
        levels=levels,
        agreements=[(agency, AgreementTerms.read(terms)) for agency, terms in row["keeping"] or ()],
    )
