"""Communities and their partnerships in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.community.v1 import CommunityProfile, Experience, Kind, Offering, Terms
from contracts.values import CommunityId, ExperienceId, Names, search_key
from services.chassis.storage.sql import Queries
from services.community.adapters.agreements import AgreementRows
from services.community.adapters.keys import KeyRows
from services.community.domain.partnership import Partnership, Stance


class CommunityUnitOfWork(KeyRows, AgreementRows):
    """The repositories of `services.community.ports.Communities`, in one transaction."""

    service = "community"
    queries = Queries.load(*(Path(__file__).parent / name for name in ("queries.sql", "agreements.sql")))

    async def offering(self, community: CommunityId) -> Offering | None:
        await self.execute("lock_community", community)
        row = await self.fetchrow("offering", community)
        return _offering(row) if row else None

    async def save_offering(self, offering: Offering) -> None:
        profile, listed = offering.community, offering.experiences
        search = _search(profile.id, profile.names, profile.aliases)
        await self.execute("save_community", profile.id, search, profile.wire(), self.now)
        await self.execute("drop_experiences", profile.id)
        await self.execute(
            "save_experiences",
            profile.id,
            [e.id for e in listed],
            [e.kind for e in listed],
            [_search(e.id, e.names) for e in listed],
            [e.wire() for e in listed],
        )

    async def offerings_after(self, community: CommunityId, limit: int) -> Sequence[Offering]:
        return [_offering(row) for row in await self.fetch("offerings_after", community, limit)]

    async def agreed_partners(self, communities: Sequence[CommunityId]) -> Mapping[CommunityId, Sequence[CommunityId]]:
        rows = await self.fetch("agreed_partners", list(communities))
        return {row["community"]: row["partners"] for row in rows}

    async def partnership(self, community: CommunityId, partner: CommunityId) -> Partnership | None:
        row = await self.fetchrow("partnership", community, partner)
        return _partnership(row) if row else None

    async def strangers_waiting(self, community: CommunityId, partner: CommunityId) -> int:
        return int(await self.fetchval("strangers_waiting", community, partner))

    async def save_partnership(self, partnership: Partnership) -> None:
        await self.execute(
            "save_partnership",
            partnership.community,
            partnership.partner,
            partnership.id,
            partnership.state,
            _stance_row(partnership.ours),
            _stance_row(partnership.theirs),
            partnership.behind,
            partnership.terms.wire(),
            partnership.since,
            partnership.partner_key,
        )

    async def partnerships(self, community: CommunityId) -> Sequence[Partnership]:
        return [_partnership(row) for row in await self.fetch("partnerships", community)]

    async def partnerships_after(self, place: tuple[CommunityId, CommunityId], limit: int) -> Sequence[Partnership]:
        return [_partnership(row) for row in await self.fetch("partnerships_after", *place, limit)]

    async def find_communities(
        self, key: str, ids: Sequence[CommunityId] | None, limit: int
    ) -> Sequence[CommunityProfile]:
        rows = await self.fetch("find_communities", key, limit, ids)
        return [CommunityProfile.read(row["profile"]) for row in rows]

    async def find_experiences(
        self,
        key: str,
        communities: Sequence[CommunityId] | None,
        kind: Kind | None,
        after: ExperienceId | None,
        limit: int,
    ) -> Sequence[Experience]:
        rows = await self.fetch("find_experiences", key, communities, kind, limit, after)
        return [Experience.read(row["body"]) for row in rows]


def _search(name: str, names: Names, aliases: Sequence[str] = ()) -> str:
    """One search key per line: a key holds no line break, so no match spans two names."""
    return "\n".join(search_key(text) for text in (name, names.th, names.lo, names.en, *aliases) if text)


def _offering(row: Mapping[str, Any]) -> Offering:
    return Offering.read({"community": row["profile"], "experiences": row["experiences"]})


def _stance_row(stance: Stance) -> dict[str, Any]:
    terms = stance.terms.wire() if stance.terms else None
    return {"word": stance.word, "terms": terms, "suspended": stance.suspended}


def _stance(row: Mapping[str, Any]) -> Stance:
    terms = Terms.read(row["terms"]) if row["terms"] else None
    return Stance(word=row["word"], terms=terms, suspended=row["suspended"])


def _partnership(row: Mapping[str, Any]) -> Partnership:
    return Partnership(
        id=str(row["id"]),
        community=row["community"],
        partner=row["partner"],
        ours=_stance(row["ours"]),
        theirs=_stance(row["theirs"]),
        behind=row["behind"],
        terms=Terms.read(row["terms"]),
        since=row["since"],
        partner_key=row["partner_key"],
    )
