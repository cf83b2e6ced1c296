"""The second step of an account, its spare codes and the phones that are known, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.accounts import Account


class SecondRows(UnitOfWork):
    """`services.portal.ports.SecondSteps`. Secrets are wrapped by the node's keys."""

    async def rewrap(self, limit: int) -> int:
        rows = await self.fetch("wrapped_secrets", self.vault.newest, limit)
        for row in rows:
            fresh = [self._wrapped_anew(row["id"], row[column]) for column in ("totp", "totp_wanted")]
            await self.execute("rewrap_secrets", row["id"], *fresh)
        return len(rows)

    async def want_second_step(self, account: str, secret: bytes) -> None:
        await self.execute("want_second_step", account, self.vault.wrap(secret, about=_about(account)))

    async def second_step(self, account: str) -> tuple[bytes | None, bytes | None, int]:
        row = await self.fetchrow("second_step", account)
        if row is None:
            return None, None, 0
        return self._opened(account, row["totp"]), self._opened(account, row["totp_wanted"]), row["totp_step"]

    async def set_second_step(self, account: str, step: int) -> None:
        await self.execute("set_second_step", account, step)

    async def drop_second_step(self, account: str) -> None:
        await self.execute("drop_second_step", account)

    async def take_step(self, account: str, step: int) -> None:
        await self.execute("take_step", account, step)

    async def keep_spare_codes(self, account: str, digests: Sequence[bytes]) -> None:
        await self.execute("keep_spare_codes", account, list(digests))

    async def use_spare_code(self, account: str, digest: bytes) -> bool:
        return await self.fetchval("use_spare_code", account, digest) is not None

    async def spare_codes(self, account: str) -> int:
        count: int = await self.fetchval("spare_codes", account)
        return count

    async def begin_second_step(self, account: str, digest: bytes, ends_at: datetime) -> None:
        await self.execute("begin_second_step", digest, account, ends_at)

    async def account_at_second_step(self, digest: bytes, at: datetime) -> Account | None:
        row = await self.fetchrow("account_at_second_step", digest, at)
        return Account(**dict(row)) if row else None

    async def end_second_step(self, digest: bytes) -> None:
        await self.execute("end_second_step", digest)

    async def know_phone(self, account: str, digest: bytes, at: datetime) -> None:
        await self.execute("know_phone", digest, account, at)

    async def is_known_phone(self, account: str, digest: bytes) -> bool:
        return bool(await self.fetchval("is_known_phone", digest, account))

    async def forget_phones(self, account: str) -> None:
        await self.execute("forget_phones", account)

    async def sweep_steps(self, at: datetime, phones_since: datetime) -> int:
        gone: int = await self.fetchval("sweep_steps", at, phones_since)
        return gone

    def _opened(self, account: str, wrapped: str | None) -> bytes | None:
        return self.vault.unwrap(wrapped, about=_about(account)) if wrapped else None

    def _wrapped_anew(self, account: str, wrapped: str | None) -> str | None:
        secret = self._opened(account, wrapped)
        return self.vault.wrap(secret, about=_about(account)) if secret else None


def _about(account: str) -> str:
    return f"totp {account}"
