"""The port `Vouchers`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.passes.codec import Claims, Pass
from contracts.values import CommunityId, Item, Party
from services.booking.domain.hold import Hold
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.trust import passes

log = logging.getLogger(__name__)


class VoucherRows(UnitOfWork):
    """Passes and references of agencies' bookings on PostgreSQL."""

    async def sign_pass(self, claims: Claims, community: CommunityId) -> str | None:
        try:
            return (await passes.signed(claims, community, self.sign))[1]
        except (LookupError, ValueError) as problem:
            log.error("a booking has no pass: its community cannot sign", extra={"error": type(problem).__name__})
            return None

    async def keep_voucher(self, hold: Hold) -> None:
        token = hold.voucher and hold.voucher.pass_token
        await self.execute("keep_voucher", hold.hold_id, hold.community, hold.reference, token, self.now)

    async def holds_called(self, reference: str, since: datetime) -> Sequence[Hold]:
        found = await self.fetch("holds_called", self.acting, reference, since)
        return [_called(row) for row in found]

    async def signed_by_us(self, shown: Pass) -> bool:
        key = await self.public_key(self.acting, shown.keyid)
        return key is not None and shown.signed_by(key, passes.verified)

    async def use_voucher(self, hold: Hold, at: datetime) -> None:
        await self.execute("use_voucher", hold.hold_id, hold.community, hold.reference, at)

    async def wrong_codes(self) -> Sequence[datetime]:
        return list(await self.fetchval("wrong_codes", self.acting))

    async def keep_wrong_codes(self, tried: Sequence[datetime]) -> None:
        await self.execute("keep_wrong_codes", self.acting, list(tried))


def _called(row: Mapping[str, Any]) -> Hold:
    same = ("hold_id", "community", "state", "agency", "confirmed_at", "redeemed_at")
    items = tuple(Item.read(item) for item in row["items"])
    return Hold(**{name: row[name] for name in same}, party=Party.read(row["party"]), items=items)
