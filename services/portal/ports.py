"""What the use cases ask of their store: the portal's tables, bound to one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.portal.v1 import MemberView
from contracts.principal import Role
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.portal.domain.accounts import Account, Membership, Session
from services.portal.domain.drafts import KeptDraft
from services.portal.domain.enquiries import Asker, Enquiry
from services.portal.domain.public import Photo, PublicPage

__all__ = ["EVERYONE", "Accounts", "Drafts", "Enquiries", "PublicPages"]


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


class PublicPages(Transaction, Protocol):
    """What communities show to everybody."""

    async def public_page(self, community: CommunityId) -> PublicPage:
        """What it has written, and whether it is shown."""

    async def shown_communities(self) -> Sequence[CommunityId]:
        """Those whose page is shown."""

    async def show_page(self, community: CommunityId, shown: bool, at: datetime) -> None:
        """Switch it on or off."""

    async def say_texts(self, community: CommunityId, about: str, texts: Mapping[str, str]) -> None:
        """What is said about it by language, in place of what was said before."""

    async def lock_photos(self, community: CommunityId) -> None:
        """Nobody else adds a photo until this transaction ends."""

    async def add_photo(self, community: CommunityId, photo: Photo, body: bytes, at: datetime) -> None:
        """Keep it; the same one about the same is kept once."""

    async def remove_photo(self, community: CommunityId, photo: str) -> bool:
        """Delete it; False when there was none."""

    async def own_photo(self, community: CommunityId, digest: str) -> bytes | None:
        """Its bytes."""

    async def shown_photo(self, digest: str) -> bytes | None:
        """Its bytes, as long as a page that is shown has it."""


class Enquiries(Transaction, Protocol):
    """What strangers ask communities."""

    async def lock_enquiries(self, community: CommunityId) -> None:
        """Nobody else asks this community until this transaction ends."""

    async def add_enquiry_try(self, about: bytes, at: datetime, since: datetime) -> Sequence[datetime]:
        """Note one more, and return those before it since then."""

    async def add_enquiry(self, community: CommunityId, enquiry: Enquiry, asker: Asker) -> None:
        """Keep it, wrapped; the same one is kept once."""

    async def enquiries(self, community: CommunityId) -> Sequence[Enquiry]:
        """What waits for an answer, without what is personal."""

    async def enquiry(self, community: CommunityId, id_: str) -> tuple[Enquiry, Asker] | None:
        """One of them, with who asks and what."""

    async def erase_enquiry(self, community: CommunityId, id_: str) -> bool:
        """Delete it; False when there was none."""

    async def sweep_enquiries(self, until: datetime, tries_until: datetime) -> Mapping[CommunityId, int]:
        """Delete those asked until then; how many of which community."""
