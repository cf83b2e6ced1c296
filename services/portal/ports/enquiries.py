"""Questions of strangers, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.portal.domain.enquiries import Asker, Enquiry


class Enquiries(Transaction, Protocol):
    """What strangers ask communities."""

    async def lock_enquiries(self, community: CommunityId) -> None:
        """Nobody else asks this community until this transaction ends."""

    async def enquiry_tries(self, about: bytes, since: datetime) -> Sequence[datetime]:
        """When somebody asked, since then."""

    async def add_enquiry_try(self, about: bytes, at: datetime) -> None:
        """Note one more."""

    async def add_enquiry(self, community: CommunityId, enquiry: Enquiry, asker: Asker) -> None:
        """Keep it, wrapped; the same one is kept once."""

    async def enquiries(self, community: CommunityId) -> Sequence[Enquiry]:
        """What waits for an answer, without what is personal."""

    async def count_enquiries(self, community: CommunityId) -> int:
        """How many wait for an answer."""

    async def enquiry(self, community: CommunityId, id_: str) -> tuple[Enquiry, Asker] | None:
        """One of them, with who asks and what."""

    async def erase_enquiry(self, community: CommunityId, id_: str) -> bool:
        """Delete it; False when there was none."""

    async def sweep_enquiries(self, until: datetime, tries_until: datetime) -> Mapping[CommunityId, int]:
        """Delete those asked until then; how many of which community."""
