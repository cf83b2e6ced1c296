"""The portal's tables, bound to one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import asyncpg

from contracts.portal.v1 import MemberView
from contracts.principal import Role
from contracts.values import CommunityId
from services.chassis.storage.sql import Queries
from services.portal.adapters.drafts import DraftRows
from services.portal.adapters.enquiries import EnquiryRows
from services.portal.adapters.members import MemberRows
from services.portal.adapters.operators import OperatorRows
from services.portal.adapters.public import PublicRows
from services.portal.adapters.second import SecondRows
from services.portal.adapters.telling import TellingRows
from services.portal.domain import accounts, tries
from services.portal.domain.accounts import IDLE, LONGEST, Account, Membership, OwnAccount, Session, SignedIn

QUERIES = (
    "queries.sql",
    "drafts.sql",
    "members.sql",
    "operators.sql",
    "second.sql",
    "channels.sql",
    "telling.sql",
    "public.sql",
    "enquiries.sql",
)


class PortalUnitOfWork(EnquiryRows, PublicRows, TellingRows, DraftRows, MemberRows, OperatorRows, SecondRows):
    """`services.portal.ports` on PostgreSQL."""

    service: ClassVar[str] = "portal"
    queries: ClassVar[Queries] = Queries.load(*(Path(__file__).parent / name for name in QUERIES))

    async def machine_now(self) -> datetime:
        moment: datetime = await self.fetchval("machine_now")
        return moment

    async def open_account(self, account: Account, key: str, phone: str | None, at: datetime) -> bool:
        row = (account.id, account.name, key, phone, account.password, account.language, at)
        return await self.execute("open_account", *row) == "INSERT 0 1"

    async def account(self, account: str) -> Account | None:
        row = await self.fetchrow("account", account)
        return _account(row) if row else None

    async def own_account(self, account: str) -> OwnAccount:
        return OwnAccount(**dict(await self.fetchrow("own_account", account) or {}))

    async def rename(self, account: str, name: str, key: str, phone: str | None) -> bool:
        return await self.fetchval("rename", account, name, key, phone) is not None

    async def change_password(self, account: str, password: str) -> None:
        await self.execute("change_password", account, password)

    async def account_named(self, key: str, phone: str | None) -> Account | None:
        row = await self.fetchrow("account_named", key, phone)
        return _account(row) if row else None

    async def join(self, account: str, community: CommunityId, role: Role, at: datetime) -> None:
        await self.execute("join", account, community, role, at)

    async def memberships(self, account: str) -> Sequence[Membership]:
        return [Membership(**dict(row)) for row in await self.fetch("memberships", account)]

    async def members(self, community: CommunityId) -> Sequence[MemberView]:
        return [MemberView(**dict(row)) for row in await self.fetch("members", community)]

    async def tries_locked(self, about: bytes, at: datetime) -> Sequence[datetime]:
        await self.execute("lock_tries", about)
        return [row["at"] for row in await self.fetch("tries", about, at - tries.DAY)]

    async def add_try(self, about: bytes, at: datetime) -> None:
        await self.execute("add_try", about, at)

    async def forget_tries(self, about: bytes) -> None:
        await self.execute("forget_tries", about)

    async def forget_try(self, about: bytes, at: datetime) -> None:
        await self.execute("forget_try", about, at)

    async def start_session(self, session: Session, digest: bytes, device: str, at: datetime) -> None:
        about = (session.id, digest, session.account, session.community, session.forms, device, at, session.ends_at)
        await self.execute("start_session", *about)

    async def session_of(self, digest: bytes) -> Session | None:
        row = await self.fetchrow("session_of", digest, IDLE, LONGEST, accounts.BEGINS)
        return Session(**dict(row)) if row else None

    async def end_session(self, session: str) -> None:
        await self.execute("end_session", session)

    async def sessions_of(self, account: str, at: datetime) -> Sequence[SignedIn]:
        return [SignedIn(**dict(row)) for row in await self.fetch("sessions_of", account, at)]

    async def end_session_of(self, session: str, account: str) -> bool:
        return await self.execute("end_session_of", session, account) == "DELETE 1"

    async def end_sessions(self, account: str, but: str | None = None) -> None:
        await self.execute("end_sessions", account, but)

    async def speak(self, account: str, language: str) -> None:
        await self.execute("speak", account, language)

    async def sweep(self, at: datetime) -> int:
        gone: int = await self.fetchval("sweep", at, at - tries.DAY)
        return gone


def _account(row: asyncpg.Record) -> Account:
    return Account(**dict(row))
