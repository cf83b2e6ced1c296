"""What is asked of a transaction about records of handoffs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from contracts.border import v1 as border
from contracts.community.v1 import Offering, PartnershipStated, Terms
from contracts.reconcile.v1 import RecordStanding
from contracts.referral import v1
from contracts.values import CommunityId
from services.chassis.ports import Transaction
from services.referral.domain.handoff.record import Record, Transition


class Handoffs(Transaction, Protocol):
    """The records of this node's communities, and their pictures of partners."""

    async def record(self, referral_id: str, community: CommunityId) -> Record | None:
        """One side's record, locked until the end of the transaction."""

    async def change_of(self, referral_id: str, community: CommunityId) -> Record | None:
        """This side's live record that is to take the place of another, as it stands, not locked."""

    async def find(self, ref: str) -> str | None:
        """The acting community's only referral whose id ends so. Raises Refused when several do."""

    async def keep(self, transition: Transition, due_at: datetime | None) -> None:
        """Save the record with its line of the story."""

    async def view(self, referral_id: str, community: CommunityId) -> v1.HandoffView | None:
        """A community's record with its story."""

    async def list(self, query: v1.ListHandoffs) -> Sequence[v1.HandoffSummary]:
        """The acting community's records, newest first."""

    async def expected(self, first: date, last: date) -> Sequence[v1.Expected]:
        """Parties that are to come to the acting community, by day and hour."""

    async def awaited(self, query: v1.ListAwaited) -> Sequence[v1.Awaited]:
        """What waits for some communities to decide, in the order of the ids."""

    async def due(self, limit: int) -> Sequence[Record]:
        """Records for which something happens by itself now; locked, those locked elsewhere left out."""

    async def terms(self, community: CommunityId, partner: CommunityId, *, alone: bool = False) -> Terms | None:
        """The terms of an agreed partnership, or None; `alone` lets nobody else judge by them until the commit."""

    async def knows(self, community: CommunityId, partner: CommunityId) -> bool:
        """Whether there is or was a partnership, in whatever state."""

    async def open_offers(self, community: CommunityId, partner: CommunityId) -> int:
        """How many unanswered offers of this partner the community has."""

    async def offering(self, community: CommunityId) -> Offering | None:
        """What a community of this node offers."""

    async def keep_offering(self, offering: Offering) -> None:
        """Our own community's standing offer, as the community service states it."""

    async def keep_partnership(self, stated: PartnershipStated) -> None:
        """Where a partnership of one of our communities stands."""

    async def catalogue(self, partner: CommunityId) -> Offering | None:
        """What a partner has shared with the acting community."""

    async def catalogues(self, partner: CommunityId | None, text: str) -> Sequence[v1.PartnerCatalogue]:
        """Everything that partners have shared with the acting community."""

    async def keep_catalogue(
        self, community: CommunityId, partner: CommunityId, shared: border.CatalogueShared
    ) -> None:
        """A partner's catalogue, as shared with that community of ours."""

    async def keep_availability(
        self, community: CommunityId, partner: CommunityId, shared: border.AvailabilityShared
    ) -> None:
        """A partner's availability, as shared with that community of ours."""

    async def availability(self, partner: CommunityId, first: date, last: date) -> v1.PartnerAvailability:
        """The picture the acting community has."""

    async def note_seen(self, referral_id: str, community: CommunityId, seen: int) -> None:
        """The partner has applied our messages up to this number."""

    async def unseen(self, limit: int) -> Sequence[tuple[Record, int, int]]:
        """Records whose partner has long not seen what we sent, with (sent, seen of theirs); marked as asked."""

    async def standing(self, referral_id: str, community: CommunityId, partner: CommunityId) -> tuple[int, int]:
        """(the last number we sent, the last we applied of theirs)."""

    async def send_again(self, referral_id: str, community: CommunityId, partner: CommunityId, seen: int) -> None:
        """Publish what lies above `seen` once more."""

    async def disagreements(self) -> Sequence[str]:
        """Pairs of records on this node that have heard everything of one another and yet differ."""

    async def records_open(self, after: str | None, limit: int) -> Sequence[RecordStanding]:
        """Those that have not ended, in the order of their ids, behind one."""

    async def records_named(self, referral_ids: Sequence[str]) -> Sequence[RecordStanding]:
        """Those of these ids that are there."""
