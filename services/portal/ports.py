"""What the use cases ask of their store: the portal's tables, bound to one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contracts.portal.v1 import MemberView
from contracts.principal import Role
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.portal.domain.accounts import Account, Membership, Session
from services.portal.domain.drafts import KeptDraft

__all__ = ["EVERYONE", "Accounts", "Drafts"]


class Accounts(Transaction, Protocol):
    """Accounts, what they do for which community, and their sessions. Times are the machine's, not the node's."""

    @property
    def acting(self) -> str:
        """The community on whose behalf, or everyone."""

    async def machine_now(self) -> datetime:
        """Sessions and tries count by this: a trial that moves the node's clock signs nobody out."""

    async def open_account(self, account: Account, key: str, phone: str | None, at: datetime) -> bool:
        """Add it; False when somebody else signs in with that name or number."""

    async def account_named(self, key: str, phone: str | None) -> Account | None:
        """Who signs in with this name or number."""

    async def join(self, account: str, community: CommunityId, role: Role, at: datetime) -> None:
        """Make it a member, or a member in another role."""

    async def memberships(self, account: str) -> Sequence[Membership]:
        """For which communities it acts, longest first."""

    async def members(self, community: CommunityId) -> Sequence[MemberView]:
        """Who acts for it."""

    async def add_try(self, about: bytes, at: datetime) -> Sequence[datetime]:
        """Note one more try, and return those before it."""

    async def forget_tries(self, about: bytes) -> None:
        """Whoever succeeded starts anew."""

    async def start_session(self, session: Session, digest: bytes, device: str, at: datetime) -> None:
        """Keep a session by the digest of what the phone holds."""

    async def session_of(self, digest: bytes) -> Session | None:
        """The live session of a phone, with the role that its account has now; notes that it was used."""

    async def end_session(self, session: str) -> None:
        """Sign a phone out."""

    async def speak(self, account: str, language: str) -> None:
        """Keep the language that somebody reads."""

    async def sweep(self, at: datetime) -> int:
        """Remove sessions that are over and tries that no longer count; how many."""


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
