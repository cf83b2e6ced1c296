"""What the use cases ask of their store: repositories bound to one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from contracts.community.v1 import CommunityProfile, Experience, Kind, Offering
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.community.domain.partnership import Partnership

__all__ = ["EVERYONE", "Communities"]


class Communities(Transaction, Protocol):
    """The communities of this node, what they offer, and their partnerships."""

    async def offering(self, community: CommunityId) -> Offering | None:
        """What a community of this node offers; None when it is not hosted here.

        The row stays locked until the commit: publishing and partnerships of one community happen one after another,
        so that no partner is agreed with between the reading of a catalogue and its sending.
        """

    async def save_offering(self, offering: Offering) -> None:
        """Put this in the place of what the community offered before."""

    async def offerings_after(self, community: CommunityId, limit: int) -> Sequence[Offering]:
        """The next page in order of id; "" for the first."""

    async def agreed_partners(self, communities: Sequence[CommunityId]) -> Mapping[CommunityId, Sequence[CommunityId]]:
        """With whom each of these has an agreed partnership that nobody has suspended."""

    async def partnership(self, community: CommunityId, partner: CommunityId) -> Partnership | None:
        """That community's own record of the partnership."""

    async def save_partnership(self, partnership: Partnership) -> None:
        """Write the record, new or changed."""

    async def partnerships(self, community: CommunityId) -> Sequence[Partnership]:
        """All of one community's records, in order of partner."""

    async def partnerships_after(self, place: tuple[CommunityId, CommunityId], limit: int) -> Sequence[Partnership]:
        """The next page of all records, in order of (community, partner); ("", "") for the first."""

    async def find_communities(self, key: str, limit: int) -> Sequence[CommunityProfile]:
        """Communities whose search text contains the key, in order of id; the empty key finds all."""

    async def find_experiences(
        self, key: str, community: CommunityId | None, kind: Kind | None, limit: int
    ) -> Sequence[Experience]:
        """Experiences whose search text, or whose community's, contains the key, in order of community and offering."""
