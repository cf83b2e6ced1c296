"""The keys of communities and of their partners, in the node's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.community.v1 import KeyView
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.trust import signing
from services.chassis.trust.keyring import about_signing_key
from services.community.domain.keys import PartnerKey
from services.community.domain.partnership import pair


class KeyRows(UnitOfWork):
    """The part of `services.community.ports.Communities` that is about keys."""

    async def rewrap(self, limit: int) -> int:
        rows = await self.fetch("wrapped_keys", self.vault.newest, limit)
        for row in rows:
            secret = self.vault.unwrap(row["wrapped"], about=row["about"])
            await self.execute("rewrap_key", row["about"], self.vault.wrap(secret, about=row["about"]))
        return len(rows)

    async def own_keys(self, community: CommunityId) -> Sequence[KeyView]:
        return [_view(row) for row in await self.fetch("own_keys", community)]

    async def add_key(self, community: CommunityId, used_from: datetime) -> KeyView:
        private, public = signing.new_signing_key()
        keyid = signing.keyid_of(public)
        wrapped = self.vault.wrap(private, about=about_signing_key(community, keyid))
        await self.execute("add_key", community, keyid, public, wrapped, used_from)
        return _view({"community": community, "keyid": keyid, "public_key": public, "used_from": used_from})

    async def end_key(self, community: CommunityId, keyid: str, at: datetime) -> None:
        await self.execute("end_key", community, keyid, at)

    async def partner_keys(self, community: CommunityId) -> Sequence[PartnerKey]:
        rows = await self.fetch("partner_keys", community)
        return [PartnerKey(_view(row), row["pinned"], row["root"], row["successor"]) for row in rows]

    async def heard_of_key(self, community: CommunityId, partner: CommunityId) -> None:
        assert self.signer is not None
        about = (self.signer.keyid, self.signer.public_key, self.signer.root)
        await self.execute("heard_of_key", community, partner, *about, self.now)
        await self.execute("forget_keys", community, partner, [self.signer.keyid])

    async def pin_key(self, community: CommunityId, partner: CommunityId, root: str) -> None:
        if any(key.pinned for key in await self.known_keys(community, partner)):
            return
        await self.execute("pin_key", community, partner, root)
        stream = f"{partner}>{community}|{pair(community, partner)}"
        await self.move_stream(signing.stream_of_key(stream, root), stream)

    async def replace_partner_key(
        self, community: CommunityId, partner: CommunityId, public_key: str, used_from: datetime
    ) -> KeyView:
        assert self.signer is not None
        keyid, replaced = signing.keyid_of(public_key), self.signer.keyid
        await self.execute("replace_partner_key", community, partner, replaced, keyid, public_key, used_from)
        await self.execute("forget_keys", community, partner, [replaced, keyid])
        return _view({"community": partner, "keyid": keyid, "public_key": public_key, "used_from": used_from})

    async def end_partner_key(self, community: CommunityId, partner: CommunityId, at: datetime) -> None:
        assert self.signer is not None
        await self.execute("end_partner_key", community, partner, self.signer.keyid, at)

    async def end_other_keys(self, community: CommunityId, partner: CommunityId, keyid: str, at: datetime) -> None:
        assert self.signer is not None
        await self.execute("end_other_keys", community, partner, self.signer.root, keyid, at)


def _view(row: Mapping[str, Any]) -> KeyView:
    return KeyView(
        community=row["community"],
        keyid=row["keyid"],
        public_key=row["public_key"],
        fingerprint=signing.fingerprint(row["public_key"]),
        used_from=row["used_from"],
        used_until=row.get("used_until"),
    )
