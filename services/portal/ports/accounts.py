"""Accounts, sessions, members and second steps, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.portal.v1 import InvitationView, MemberView, OperatorView, RecoveryView
from contracts.principal import Role
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.portal.domain.accounts import Account, Membership, OperatorAccount, OwnAccount, Session, SignedIn
from services.portal.domain.members import Invitation, Recovered

__all__ = ["EVERYONE", "Accounts", "AllOfIt", "Members", "Operators", "SecondSteps"]


class Accounts(Transaction, Protocol):
    """Accounts, what they do for which community, and their sessions. Times are the machine's, not the node's."""

    async def machine_now(self) -> datetime:
        """Sessions and tries count by this: a trial that moves the node's clock signs nobody out."""

    async def open_account(self, account: Account, key: str, phone: str | None, at: datetime) -> bool:
        """Add it; False when somebody else signs in with that name or number."""

    async def account_named(self, key: str, phone: str | None) -> Account | None:
        """Who signs in with this name or number."""

    async def account(self, account: str) -> Account | None:
        """One of them."""

    async def own_account(self, account: str) -> OwnAccount:
        """What somebody sees of their own."""

    async def rename(self, account: str, name: str, key: str, phone: str | None) -> bool:
        """Another name or number; False when somebody else signs in with it."""

    async def change_password(self, account: str, password: str) -> None:
        """Another password, by its hash."""

    async def join(self, account: str, community: CommunityId, role: Role, at: datetime) -> None:
        """Make it a member, or a member in another role."""

    async def memberships(self, account: str) -> Sequence[Membership]:
        """For which communities it acts, longest first."""

    async def operator(self, account: str) -> OperatorAccount | None:
        """What it is as an operator of the system, if it is one."""

    async def members(self, community: CommunityId) -> Sequence[MemberView]:
        """Who acts for it."""

    async def tries_locked(self, about: bytes, at: datetime) -> Sequence[datetime]:
        """Tries of the last day; until this transaction ends nobody else counts any about the same."""

    async def add_try(self, about: bytes, at: datetime) -> None:
        """Note one more."""

    async def forget_tries(self, about: bytes) -> None:
        """Whoever succeeded starts anew."""

    async def forget_try(self, about: bytes, at: datetime) -> None:
        """Take one try back."""

    async def start_session(self, session: Session, digest: bytes, device: str, at: datetime) -> None:
        """Keep a session by the digest of what the phone holds."""

    async def session_of(self, digest: bytes) -> Session | None:
        """The live session of a phone, with the role that its account has now; notes that it was used."""

    async def sessions_of(self, account: str, at: datetime) -> Sequence[SignedIn]:
        """Where an account is signed in, the last used first."""

    async def end_session(self, session: str) -> None:
        """Sign a phone out."""

    async def end_session_of(self, session: str, account: str) -> bool:
        """Sign a phone of this account out; False when it is not there, or another account's, whose stays."""

    async def end_sessions(self, account: str, but: str | None = None) -> None:
        """Sign an account out everywhere, except on one phone."""

    async def speak(self, account: str, language: str) -> None:
        """Keep the language that somebody reads."""

    async def sweep(self, at: datetime) -> int:
        """Remove sessions that are over and tries that no longer count; how many."""


class Members(Accounts, Protocol):
    """Who acts for a community, who is invited, and who needs help to sign in again."""

    async def roles_locked(self, community: CommunityId) -> Mapping[str, Role]:
        """Account → role of everybody; nobody else changes them until this transaction ends."""

    async def change_role(self, account: str, community: CommunityId, role: Role) -> None:
        """Give a member another role."""

    async def end_membership(self, account: str, community: CommunityId) -> None:
        """End it, and the sessions for this community with it."""

    async def acts_elsewhere(self, account: str, community: CommunityId) -> bool:
        """Whether an account acts for another community as well."""

    async def add_invitation(self, invitation: Invitation, digest: bytes, by: str, ends_at: datetime) -> None:
        """Keep it by the digest of its code."""

    async def invitations(self, community: CommunityId, at: datetime) -> Sequence[InvitationView]:
        """Those that may still be used."""

    async def withdraw_invitation(self, id_: str, community: CommunityId) -> bool:
        """Nobody may use it any more; False when there was none."""

    async def invitation_of(self, digest: bytes, at: datetime) -> Invitation | None:
        """What a code invites to."""

    async def use_invitation(self, digest: bytes, at: datetime) -> Invitation | None:
        """Take it, once."""

    async def add_recovery(self, view: RecoveryView, by: str, digest: bytes | None) -> None:
        """Keep that help was asked for; with a digest it is confirmed as well."""

    async def recoveries(self, community: CommunityId, at: datetime) -> Sequence[RecoveryView]:
        """Those that are open."""

    async def recovery_locked(self, id_: str, community: CommunityId, at: datetime) -> RecoveryView | None:
        """One of them."""

    async def confirm_recovery(self, id_: str, by: str, digest: bytes) -> None:
        """From now on it has a code."""

    async def stop_recoveries(self, account: str) -> None:
        """Whoever can sign in needs no help."""

    async def recoveries_of_account(self, account: str, at: datetime) -> int:
        """How many are open for one account."""

    async def use_recovery(self, digest: bytes, at: datetime) -> Recovered | None:
        """Take its code, once."""

    async def has_recovery(self, digest: bytes, at: datetime) -> bool:
        """Whether there is one to take by this code."""

    async def withdraw_all_of(self, account: str, community: CommunityId) -> None:
        """Invitations of theirs that nobody has used, and help that they have asked for or confirmed, end."""

    async def sweep_members(self, at: datetime) -> int:
        """Remove what is over; how many."""


class Operators(Accounts, Protocol):
    """Who looks after the system."""

    async def add_operator(self, account: str, at: datetime) -> None:
        """From now on an account is one."""

    async def operators(self) -> Sequence[OperatorView]:
        """All of them, by name."""

    async def close_operator(self, account: str) -> bool:
        """The account is gone, with its sessions; False when it is no operator's."""


class SecondSteps(Accounts, Protocol):
    """What is asked for after the password, and the phones that are known."""

    async def want_second_step(self, account: str, secret: bytes) -> None:
        """Keep a secret that its owner has still to show."""

    async def second_step(self, account: str) -> tuple[bytes | None, bytes | None, int]:
        """The secret, one that is wanted, and the last step that was taken; locked."""

    async def set_second_step(self, account: str, step: int) -> None:
        """The wanted one counts from now on."""

    async def drop_second_step(self, account: str) -> None:
        """A password is enough again."""

    async def take_step(self, account: str, step: int) -> None:
        """Only later ones count from here on."""

    async def keep_spare_codes(self, account: str, digests: Sequence[bytes]) -> None:
        """These and no others."""

    async def use_spare_code(self, account: str, digest: bytes) -> bool:
        """Take one, once."""

    async def spare_codes(self, account: str) -> int:
        """How many are left."""

    async def begin_second_step(self, account: str, digest: bytes, ends_at: datetime) -> None:
        """The password was right on this phone."""

    async def account_at_second_step(self, digest: bytes, at: datetime) -> Account | None:
        """Whose password was right on this phone a moment ago."""

    async def end_second_step(self, digest: bytes) -> None:
        """It was taken."""

    async def know_phone(self, account: str, digest: bytes, at: datetime) -> None:
        """An account has signed in on this phone."""

    async def is_known_phone(self, account: str, digest: bytes) -> bool:
        """Whether it has before."""

    async def forget_phones(self, account: str) -> None:
        """None is known any more."""

    async def sweep_steps(self, at: datetime, phones_since: datetime) -> int:
        """Remove what is over; how many."""


class AllOfIt(Members, SecondSteps, Protocol):
    """For use cases that need both."""
