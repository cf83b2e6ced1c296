"""Channels and the outbox in the portal's tables, and the keys that the node wraps for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from contracts.principal import Role
from contracts.referral.lists import Awaited
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.client.formatting import HERE
from services.portal.domain.telling import Attempt, Channel, Claimed, Listener, Next, QuietHours, Telling
from services.portal.ports.telling import Told

_ABOUT_PUSH_KEY = "push key v1"


class TellingRows(UnitOfWork):
    """`services.portal.ports.Tellings` on PostgreSQL."""

    async def rewrap(self, limit: int) -> int:
        rows = await self.fetch("wrapped_for_telling", self.vault.newest, limit)
        for row in rows:
            about = row["about"]
            anew = self.vault.wrap(self.vault.unwrap(row["wrapped"], about=about), about=about)
            if about == _ABOUT_PUSH_KEY:
                await self.execute("rewrap_push_key", anew)
            else:
                await self.execute("rewrap_webhook", about, anew)
        return len(rows) or await super().rewrap(limit)

    async def push_key(self) -> tuple[bytes, bytes]:
        row = await self.fetchrow("push_key")
        if row is None:
            private, public = _new_push_key()
            await self.execute("add_push_key", public, self.vault.wrap(private, about=_ABOUT_PUSH_KEY))
            row = await self.fetchrow("push_key")
        assert row is not None
        return row["public"], self.vault.unwrap(row["wrapped"], about=_ABOUT_PUSH_KEY)

    # channels

    async def channels(self, account: str) -> Sequence[Channel]:
        return [Channel(**dict(row)) for row in await self.fetch("channels_of", account)]

    async def channel(self, account: str, channel: str) -> Channel | None:
        row = await self.fetchrow("channel_of", account, channel)
        return Channel(**dict(row)) if row else None

    async def add_channel(self, channel: Channel, secret: bytes, at: datetime, most: int) -> str | None:
        if channel.kind == "push":
            await self.execute("drop_from_others", channel.address, channel.account)
        wrapped = self.vault.wrap(secret, about=_about_webhook(channel.id)) if secret else ""
        added: str | None = await self.fetchval(
            "add_channel", channel.id, channel.account, channel.kind, channel.address, channel.receiver, channel.label,
            channel.public, channel.shared, wrapped, channel.confirmed, at, most,
        )  # fmt: skip
        return added

    def secret_of(self, channel: Channel) -> bytes:
        return self.vault.unwrap(channel.secret, about=_about_webhook(channel.id)) if channel.secret else b""

    async def set_code(self, account: str, channel: str, digest: bytes, ends_at: datetime) -> None:
        await self.execute("set_code", account, channel, digest, ends_at)

    async def try_code(self, account: str, channel: str, at: datetime, most: int) -> bytes | None:
        code: bytes | None = await self.fetchval("try_code", account, channel, at, most)
        return code

    async def confirm_channel(self, account: str, channel: str) -> None:
        await self.execute("confirm_channel", account, channel)

    async def remove_channel(self, account: str, channel: str) -> None:
        await self.execute("remove_channel", account, channel)

    async def drop_channel(self, channel: str) -> None:
        await self.execute("drop_channel", channel)

    async def forget_unconfirmed(self, before: datetime) -> None:
        await self.execute("forget_unconfirmed", before)

    async def quiet_hours(self, account: str) -> QuietHours:
        row = await self.fetchrow("quiet_hours", account)
        return _quiet(row["starts"], row["ends"]) if row else QuietHours(zone=HERE)

    async def keep_quiet_hours(self, account: str, starts: time, ends: time) -> None:
        await self.execute("keep_quiet_hours", account, starts, ends)

    # the outbox

    async def listening(self, roles: Sequence[Role]) -> Sequence[CommunityId]:
        return [row["community"] for row in await self.fetch("listening", list(roles))]

    async def listeners(self, communities: Sequence[CommunityId], roles: Sequence[Role]) -> Sequence[Listener]:
        rows = await self.fetch("listeners", list(communities), list(roles))
        return [
            Listener(
                channel=row["channel"], account=row["account"], kind=row["kind"], community=row["community"],
                quiet=_quiet(row["starts"], row["ends"]),
            )
            for row in rows
        ]  # fmt: skip

    async def known_tellings(self, communities: Sequence[CommunityId]) -> set[tuple[str, str, str, str, int]]:
        return {tuple(row) for row in await self.fetch("known_tellings", list(communities), self.now)}

    async def add_tellings(self, tellings: Sequence[Telling]) -> None:
        columns = (
            *("id", "channel", "account", "community", "kind", "what", "referral_id", "state", "round", "side"),
            *("partner", "until", "due_at"),
        )
        await self.execute("add_tellings", *([getattr(t, name) for t in tellings] for name in columns), self.now)

    async def told_of_questions(self, community: CommunityId, since: datetime) -> set[str]:
        return {row["channel"] for row in await self.fetch("told_of_questions", community, since)}

    async def end_settled(self, communities: Sequence[CommunityId], found: Sequence[Awaited], asked: datetime) -> None:
        columns = ("community", "referral_id", "state", "round")
        lines = ([getattr(each, name) for each in found] for name in columns)
        await self.execute("end_settled", list(communities), asked, *lines)

    async def note_looked(self, at: datetime) -> None:
        await self.execute("note_looked", at)

    async def claim(
        self, most: int, busy: Sequence[str], each: int, roles: Sequence[Role], lease: timedelta, fresh: timedelta
    ) -> Sequence[Claimed]:
        await self.execute("end_expired", self.now)
        ends = self.now + lease
        rows = await self.fetch("claim", self.now, ends, most, list(busy), each, list(roles), fresh)
        return [_claimed(row) for row in rows]

    async def mark(self, claimed: Claimed, attempt: Attempt, then: Next) -> None:
        about = (claimed.telling.id, claimed.tries, then.standing, then.due_at, attempt.problem)
        await self.execute("mark", *about)

    async def trials(self, account: str, since: datetime) -> int:
        await self.execute("trials_alone", account)
        return int(await self.fetchval("trials", account, since))

    async def begin_trial(self, channel: Channel, community: CommunityId, what: str, trial: str) -> None:
        about = (channel.account, community, channel.kind, what, self.now)
        await self.execute("begin_trial", trial, channel.id, *about)

    async def end_trial(self, trial: str, attempt: Attempt) -> None:
        standing = "refused" if attempt.result == "later" else attempt.result
        await self.execute("end_trial", trial, standing, attempt.problem)

    async def last_tellings(self, account: str, most: int) -> Sequence[Told]:
        return [Told(**dict(row)) for row in await self.fetch("last_tellings", account, most)]

    async def forget_tellings(self, before: datetime) -> None:
        await self.execute("forget_tellings", before)


def _about_webhook(channel: str) -> str:
    return f"webhook v1|{channel}"


def _quiet(starts: time | None, ends: time | None) -> QuietHours:
    if starts is None or ends is None:
        return QuietHours(zone=HERE)
    return QuietHours(starts=starts, ends=ends, zone=HERE)


def _claimed(row: asyncpg.Record) -> Claimed:
    given: dict[str, Any] = dict(row)
    quiet, tries, language = _quiet(given.pop("starts"), given.pop("ends")), given.pop("tries"), given.pop("language")
    ways = {name: given.pop(name) for name in ("address", "receiver", "label", "public", "shared", "secret")}
    channel = Channel(id=given["channel"], account=given["account"], kind=given["kind"], **ways)
    return Claimed(telling=Telling(**given), channel=channel, language=language, quiet=quiet, tries=tries)


def _new_push_key() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
