"""What is asked of a transaction about passes and their codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contracts.passes.codec import Issued, Pass
from contracts.values import CommunityId
from services.referral.domain.handoff.record import Record
from services.referral.domain.passes.presenting import Kept


class PassBook(Protocol):
    """The passes that this node's communities have issued as receivers, and the tries of their codes."""

    async def issue_pass(self, record: Record) -> Issued:
        """The record's pass and code, made the first time it is asked for. Raises LookupError without a key to sign."""

    async def pass_of(self, referral_id: str, community: CommunityId) -> Kept | None:
        """The pass that this community has issued for a handoff."""

    async def pass_of_code(self, short_code: str) -> Kept | None:
        """The acting community's pass that has this code, or had it until not long ago."""

    async def signed_by_us(self, shown: Pass) -> bool:
        """Whether a key of the acting community that still counts has signed it."""

    async def use_pass(self, referral_id: str, at: datetime) -> None:
        """The acting community's pass was shown and is good; the first time counts."""

    async def wrong_codes(self) -> Sequence[datetime]:
        """When wrong codes were last tried at the acting community; nobody else tries one before the commit."""

    async def keep_wrong_codes(self, tried: Sequence[datetime]) -> None:
        """When wrong codes were last tried, oldest first."""

    async def release_code(self, record: Record) -> None:
        """The short code of a record that is over is free for another."""
