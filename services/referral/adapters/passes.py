"""The receiver's passes on PostgreSQL, and the tries of codes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.passes import codec
from contracts.passes.codec import Days, Issued, Pass
from contracts.passes.showing import REMEMBERED
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.trust import passes
from services.referral.domain.handoff.record import Record
from services.referral.domain.passes import issuing
from services.referral.domain.passes.presenting import Kept

#: With ten thousand open handoffs one draw in a hundred thousand meets a taken code.
DRAWS = 8


class PassRows(UnitOfWork):
    """What a transaction of referral does with passes."""

    async def issue_pass(self, record: Record) -> Issued:
        """The record's pass and code, made and kept the first time. Raises LookupError when there is no key to sign."""
        kept = await self.pass_of(record.referral_id, record.community)
        if kept is not None:
            return Issued(kept.short_code, kept.pass_token)
        draft, token = await passes.signed(issuing.claims_of(record), record.community, self.sign)
        for _ in range(DRAWS):
            code = codec.short_code(self.draw())
            about = (record.referral_id, record.community, code, token, *draft.claims.days, self.now)
            if (await self.execute("issue_pass", *about)).endswith(" 1"):
                self.audit(record.community, "pass_issued", record.referral_id)
                return Issued(code, token)
        raise RuntimeError("no short code is free: too many handoffs of this community are open")

    def draw(self) -> int:
        """A number for a code that nobody can foresee."""
        return secrets.randbits(30)

    async def pass_of(self, referral_id: str, community: str) -> Kept | None:
        """The pass that this community has issued for a handoff."""
        return _kept(await self.fetchrow("pass_of", referral_id, community))

    async def pass_of_code(self, short_code: str) -> Kept | None:
        """The acting community's pass that has this code, or had it until not long ago."""
        return _kept(await self.fetchrow("pass_of_code", self.acting, short_code, self.now - REMEMBERED))

    async def signed_by_us(self, shown: Pass) -> bool:
        """Whether a key of the acting community that still counts has signed it."""
        key = await self.public_key(self.acting, shown.keyid)
        return key is not None and shown.signed_by(key, passes.verified)

    async def use_pass(self, referral_id: str, at: datetime) -> None:
        """The acting community's pass was shown and is good."""
        await self.execute("use_pass", referral_id, self.acting, at)

    async def release_code(self, record: Record) -> None:
        """The handoff is over: its code may be used again."""
        await self.execute("release_code", record.referral_id, record.community, self.now)

    async def wrong_codes(self) -> Sequence[datetime]:
        """When wrong codes were last tried at the acting community; nobody else tries one before the commit."""
        return list(await self.fetchval("wrong_codes", self.acting))

    async def keep_wrong_codes(self, tried: Sequence[datetime]) -> None:
        """When wrong codes were last tried, oldest first."""
        await self.execute("keep_wrong_codes", self.acting, list(tried))


def _kept(row: Any | None) -> Kept | None:
    if row is None:
        return None
    return Kept(
        referral_id=str(row["referral_id"]),
        short_code=row["short_code"],
        pass_token=row["pass_token"],
        days=Days(row["opens"], row["closes"]),
        issued_at=row["issued_at"],
        used_at=row["used_at"],
    )
