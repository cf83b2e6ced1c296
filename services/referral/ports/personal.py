"""What is asked of a transaction about what is held of lead travellers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from contracts.personal.v1 import (
    Affected,
    ConsentReceipt,
    Erasure,
    ListAffected,
    ListErasures,
    PersonalField,
    Reminded,
    Sealed,
)
from contracts.values import CommunityId
from services.referral.domain.handoff.record import Record, Transition


class PersonalRoom(Protocol):
    """What this node's communities hold of lead travellers, and what has become of it."""

    async def one_time_key(self, referral_id: str, community: CommunityId) -> str:
        """What the next personal part of this side is to be sealed to; the same until a part was opened with it."""

    async def keep_part(self, record: Record, sealed: Sealed) -> None:
        """Open and keep what the record's consent names. Raises ValueError, which quotes nothing, if more is in it."""

    async def part_for(self, record: Record) -> Sealed:
        """What this side holds, sealed to the partner's one-time key. Raises ValueError when it cannot be."""

    async def part_to_read(
        self, referral_id: str, community: CommunityId, reply_key: str
    ) -> tuple[tuple[PersonalField, ...], Sealed] | None:
        """The fields this side holds, and them sealed to a reader's key; None when it holds nothing.

        Raises CannotOpen when it does not open, and ValueError when the reader's key is none.
        """

    async def keep_erased(self, transitions: Sequence[Transition]) -> None:
        """Save records whose personal part goes and nothing else changes, with their stories."""

    async def destroy(self, transitions: Sequence[Transition]) -> None:
        """Destroy what these transitions erase, also in messages that are kept, and write it into the ledger."""

    async def outlived(self, today: date, limit: int) -> Sequence[Record]:
        """Records whose personal part is due to go; locked, those locked elsewhere left out."""

    async def tidy(self, receipt_days: int, limit: int) -> int:
        """Drop receipts so many days after what they allowed was gone, and keys nothing will be sealed to."""

    async def receipts_of(self, referral_id: str, community: CommunityId) -> Sequence[ConsentReceipt]:
        """The receipts of one handoff on one side, the earlier ones too, oldest first."""

    async def reminded_of(self, referral_id: str, community: CommunityId) -> Sequence[Reminded]:
        """What one side is reminded of about one handoff, by day."""

    async def erasures_of(self, referral_id: str, community: CommunityId) -> Sequence[Erasure]:
        """What was erased of one handoff on one side, oldest first."""

    async def erasures(self, query: ListErasures) -> Sequence[Erasure]:
        """The ledger of this node, oldest first."""

    async def brought_back(self, erased: Sequence[Erasure]) -> Sequence[Record]:
        """Records whose part is held although it was erased after it came: a backup was restored. Locked."""

    async def gone_before(self, record: Record, receipt: ConsentReceipt) -> bool:
        """Whether what this receipt allows had been here and was erased: a backup was restored."""

    async def keep_receipt(self, record: Record, receipt: ConsentReceipt) -> None:
        """Keep the receipt alone, of a part that is not kept again."""

    async def restore_ledger(self, erased: Sequence[Erasure]) -> None:
        """Lines that the database had lost stand in it again, and keys that they outlived are gone again."""

    async def affected(self, query: ListAffected) -> Sequence[Affected]:
        """Whose part was held at any time between two moments; a community sees its own, newest first."""
