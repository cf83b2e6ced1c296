"""Public pages and photos, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.portal.domain.public import Photo, PublicPage


class PublicPages(Transaction, Protocol):
    """What communities show to everybody."""

    async def public_page(self, community: CommunityId) -> PublicPage:
        """What it has written, and whether it is shown."""

    async def shown_communities(self) -> Sequence[CommunityId]:
        """Those whose page is shown."""

    async def shown_texts(self) -> Mapping[CommunityId, Mapping[str, str]]:
        """Those whose page is shown, with what each says of itself by language."""

    async def show_page(self, community: CommunityId, shown: bool, at: datetime) -> None:
        """Switch it on or off."""

    async def say_texts(self, community: CommunityId, about: str, texts: Mapping[str, str]) -> None:
        """What is said about it by language, in place of what was said before."""

    async def lock_photos(self, community: CommunityId) -> None:
        """Nobody else adds a photo until this transaction ends."""

    async def add_photo(self, community: CommunityId, photo: Photo, body: bytes, at: datetime) -> None:
        """Keep it; the same one about the same is kept once."""

    async def remove_photo(self, community: CommunityId, photo: str) -> bool:
        """Delete it; False when there was none."""

    async def own_photo(self, community: CommunityId, digest: str) -> bytes | None:
        """Its bytes."""

    async def shown_photo(self, digest: str) -> bytes | None:
        """Its bytes, as long as a page that is shown has it."""
