"""Drafts, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.chassis.ports import EVERYONE, Transaction
from services.portal.domain.drafts import KeptDraft

__all__ = ["EVERYONE", "Drafts"]


class Drafts(Transaction, Protocol):
    """Offers that somebody writes for the acting community. Times are the node's: they are about visits."""

    async def start_draft(self, draft: KeptDraft, account: str, most: int) -> None:
        """Keep a new one, of at most so many."""

    async def keep_draft(self, draft: KeptDraft, account: str) -> bool:
        """What it says now; False when it is not there any more."""

    async def draft(self, id_: str, account: str) -> KeptDraft | None:
        """One of this account's."""

    async def drafts(self, account: str) -> Sequence[KeptDraft]:
        """Those that were not offered yet, newest first."""

    async def draft_offered(self, id_: str, account: str, referral_id: str, at: datetime) -> None:
        """Keep of it only which handoff it became."""

    async def discard_draft(self, id_: str, account: str) -> None:
        """Remove it."""

    async def sweep_drafts(self, at: datetime) -> int:
        """Remove those that were last touched by then; how many."""
