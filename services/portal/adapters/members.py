"""Members, invitations and help to sign in again, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.portal.v1 import InvitationView, RecoveryView
from contracts.principal import Role
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.members import Invitation, Recovered


class MemberRows(UnitOfWork):
    """`services.portal.ports.Members`."""

    async def roles_locked(self, community: CommunityId) -> Mapping[str, Role]:
        return {row["account"]: row["role"] for row in await self.fetch("membership_locked", community)}

    async def change_role(self, account: str, community: CommunityId, role: Role) -> None:
        await self.execute("change_role", account, community, role)

    async def end_membership(self, account: str, community: CommunityId) -> None:
        await self.execute("end_membership", account, community)

    async def acts_elsewhere(self, account: str, community: CommunityId) -> bool:
        return bool(await self.fetchval("acts_elsewhere", account, community))

    async def add_invitation(self, invitation: Invitation, digest: bytes, by: str, ends_at: datetime) -> None:
        about = (invitation.id, invitation.community, invitation.role, digest, by, ends_at)
        await self.execute("add_invitation", *about)

    async def invitations(self, community: CommunityId, at: datetime) -> Sequence[InvitationView]:
        return [InvitationView(**dict(row)) for row in await self.fetch("invitations", community, at)]

    async def withdraw_invitation(self, id_: str, community: CommunityId) -> bool:
        return await self.execute("withdraw_invitation", id_, community) == "DELETE 1"

    async def invitation_of(self, digest: bytes, at: datetime) -> Invitation | None:
        row = await self.fetchrow("invitation_of", digest, at)
        return Invitation(**dict(row)) if row else None

    async def use_invitation(self, digest: bytes, at: datetime) -> Invitation | None:
        row = await self.fetchrow("use_invitation", digest, at)
        return Invitation(**dict(row)) if row else None

    async def add_recovery(self, view: RecoveryView, by: str, digest: bytes | None) -> None:
        confirmed_by = by if digest else None
        row = (view.id, view.account, self.acting, by, confirmed_by, digest, view.ends_at)
        await self.execute("add_recovery", *row)

    async def recoveries(self, community: CommunityId, at: datetime) -> Sequence[RecoveryView]:
        return [RecoveryView(**dict(row)) for row in await self.fetch("recoveries", community, at)]

    async def recovery_locked(self, id_: str, community: CommunityId, at: datetime) -> RecoveryView | None:
        row = await self.fetchrow("recovery_locked", id_, community, at)
        return RecoveryView(**dict(row)) if row else None

    async def confirm_recovery(self, id_: str, by: str, digest: bytes) -> None:
        await self.execute("confirm_recovery", id_, by, digest)

    async def stop_recoveries(self, account: str) -> None:
        await self.execute("stop_recoveries", account)

    async def recoveries_of_account(self, account: str, at: datetime) -> int:
        count: int = await self.fetchval("recoveries_of_account", account, at)
        return count

    async def use_recovery(self, digest: bytes, at: datetime) -> Recovered | None:
        row = await self.fetchrow("use_recovery", digest, at)
        return Recovered(**dict(row)) if row else None

    async def sweep_members(self, at: datetime) -> int:
        gone: int = await self.fetchval("sweep_members", at)
        return gone
