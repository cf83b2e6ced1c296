"""What strangers ask, in PostgreSQL, wrapped by the node's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.enquiries import Asker, Enquiry


class EnquiryRows(UnitOfWork):
    """`services.portal.ports.enquiries`."""

    async def rewrap(self, limit: int) -> int:
        """What other tables of the portal have wrapped, and these."""
        done = await super().rewrap(limit)
        rows = await self.fetch("wrapped_enquiries", self.vault.newest, limit)
        for row in rows:
            about = _about(row["community"], row["id"])
            secret = self.vault.unwrap(row["wrapped"], about=about)
            await self.execute("rewrap_enquiry", row["id"], self.vault.wrap(secret, about=about))
        return done + len(rows)

    async def lock_enquiries(self, community: CommunityId) -> None:
        await self.execute("lock_enquiries", community)

    async def enquiry_tries(self, about: bytes, since: datetime) -> Sequence[datetime]:
        return [row["at"] for row in await self.fetch("enquiry_tries", about, since)]

    async def add_enquiry_try(self, about: bytes, at: datetime) -> None:
        await self.execute("add_enquiry_try", about, at)

    async def add_enquiry(self, community: CommunityId, enquiry: Enquiry, asker: Asker) -> None:
        wrapped = self.vault.wrap(asker.model_dump_json().encode(), about=_about(community, enquiry.id))
        row = (enquiry.id, community, enquiry.about, enquiry.language, wrapped, enquiry.asked_at)
        await self.execute("add_enquiry", *row)

    async def enquiries(self, community: CommunityId) -> Sequence[Enquiry]:
        return [Enquiry(**dict(row)) for row in await self.fetch("enquiries", community)]

    async def count_enquiries(self, community: CommunityId) -> int:
        count: int = await self.fetchval("count_enquiries", community)
        return count

    async def enquiry(self, community: CommunityId, id_: str) -> tuple[Enquiry, Asker] | None:
        row = await self.fetchrow("enquiry", community, id_)
        if row is None:
            return None
        known = dict(row)
        secret = self.vault.unwrap(known.pop("wrapped"), about=_about(community, id_))
        return Enquiry(**known), Asker.model_validate_json(secret)

    async def erase_enquiry(self, community: CommunityId, id_: str) -> bool:
        return await self.execute("erase_enquiry", community, id_) == "DELETE 1"

    async def sweep_enquiries(self, until: datetime, tries_until: datetime) -> Mapping[CommunityId, int]:
        rows = await self.fetch("sweep_enquiries", until, tries_until)
        return {row["community"]: row["count"] for row in rows}


def _about(community: CommunityId, id_: str) -> str:
    return f"enquiry {community} {id_}"
