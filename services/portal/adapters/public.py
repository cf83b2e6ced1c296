"""Public pages and their photos, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.public import Photo, PublicPage


class PublicRows(UnitOfWork):
    """`services.portal.ports.public`."""

    async def public_page(self, community: CommunityId) -> PublicPage:
        texts: dict[str, dict[str, str]] = {}
        for row in await self.fetch("public_texts", community):
            texts.setdefault(row["about"], {})[row["language"]] = row["said"]
        photos = [Photo(**dict(row)) for row in await self.fetch("public_photos", community)]
        return PublicPage(bool(await self.fetchval("public_page", community)), texts, photos)

    async def shown_communities(self) -> Sequence[CommunityId]:
        return [row["community"] for row in await self.fetch("shown_communities")]

    async def shown_texts(self) -> Mapping[CommunityId, Mapping[str, str]]:
        said: dict[str, dict[str, str]] = {}
        for row in await self.fetch("shown_texts"):
            texts = said.setdefault(row["community"], {})
            if row["language"] is not None:
                texts[row["language"]] = row["said"]
        return said

    async def show_page(self, community: CommunityId, shown: bool, at: datetime) -> None:
        await self.execute("show_page", community, shown, at)

    async def say_texts(self, community: CommunityId, about: str, texts: Mapping[str, str]) -> None:
        await self.execute("drop_texts", community, about)
        for language, said in texts.items():
            await self.execute("say_text", community, about, language, said)

    async def lock_photos(self, community: CommunityId) -> None:
        await self.execute("lock_photos", community)

    async def add_photo(self, community: CommunityId, photo: Photo, body: bytes, at: datetime) -> None:
        about = (photo.id, community, photo.about, photo.digest, photo.alt, photo.language, photo.width, photo.height)
        await self.execute("add_photo", *about, body, at)

    async def remove_photo(self, community: CommunityId, photo: str) -> bool:
        return await self.execute("remove_photo", community, photo) == "DELETE 1"

    async def own_photo(self, community: CommunityId, digest: str) -> bytes | None:
        body: bytes | None = await self.fetchval("own_photo", community, digest)
        return body

    async def shown_photo(self, digest: str) -> bytes | None:
        body: bytes | None = await self.fetchval("shown_photo", digest)
        return body
