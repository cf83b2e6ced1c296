"""Channels and the outbox of what people are told, as use cases ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from contracts.principal import Role
from contracts.referral.lists import Awaited
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.portal.domain.telling import (
    Attempt,
    Channel,
    Claimed,
    Kind,
    Listener,
    Next,
    Notice,
    QuietHours,
    Standing,
    Telling,
)

__all__ = ["EVERYONE", "Tellings", "Told", "Way"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of what somebody was told."""

    kind: Kind
    what: str
    community: CommunityId
    referral_id: str | None
    partner: CommunityId
    standing: Standing
    #: A code: what went wrong at the last try.
    problem: str
    tries: int
    #: When it was tried last, and when it will be again if it waits.
    at: datetime
    due_at: datetime


class Way(Protocol):
    """One kind of channel: sends to it. It never raises for what the other side does, and ends in time."""

    async def send(self, channel: Channel, secret: bytes, notice: Notice) -> Attempt:
        """Send it once. `secret` is the channel's own, of a webhook."""


class Tellings(Transaction, Protocol):
    """Channels, and the outbox of what is told. Times are the node's, but for codes, which are the machine's."""

    async def machine_now(self) -> datetime:
        """Codes count by this."""

    async def push_key(self) -> tuple[bytes, bytes]:
        """The node's public and private key for push services, made when it is first asked for."""

    async def channels(self, account: str) -> Sequence[Channel]:
        """All of an account."""

    async def channel(self, account: str, channel: str) -> Channel | None:
        """One of an account."""

    async def add_channel(self, channel: Channel, secret: bytes, at: datetime, most: int) -> str | None:
        """Add it, and say its id; None when the account has it already, or has as many as it may."""

    def secret_of(self, channel: Channel) -> bytes:
        """What signs the messages of a webhook; empty for others."""

    async def set_code(self, account: str, channel: str, digest: bytes, ends_at: datetime) -> None:
        """A code was sent there."""

    async def try_code(self, account: str, channel: str, at: datetime, most: int) -> bytes | None:
        """Count one more try; the code's digest while it counts."""

    async def confirm_channel(self, account: str, channel: str) -> None:
        """From now on its owner is told there."""

    async def remove_channel(self, account: str, channel: str) -> None:
        """Its owner wants it no more."""

    async def drop_channel(self, channel: str) -> None:
        """It has no receiver any more."""

    async def forget_unconfirmed(self, before: datetime) -> None:
        """Remove addresses that nobody has confirmed."""

    async def quiet_hours(self, account: str) -> QuietHours:
        """When somebody wants peace."""

    async def keep_quiet_hours(self, account: str, starts: time, ends: time) -> None:
        """As they chose."""

    async def listening(self, roles: Sequence[Role]) -> Sequence[CommunityId]:
        """Communities of which somebody in such a role has a channel."""

    async def listeners(self, communities: Sequence[CommunityId], roles: Sequence[Role]) -> Sequence[Listener]:
        """The channels of people in these roles."""

    async def known_tellings(self, communities: Sequence[CommunityId]) -> set[tuple[str, str, str, str, int]]:
        """Channel, community, handoff, state and round of all that was told, or will be."""

    async def add_tellings(self, tellings: Sequence[Telling]) -> None:
        """New lines of the outbox; what is there already stays as it is."""

    async def told_of_questions(self, community: CommunityId, since: datetime) -> set[str]:
        """Channels that were told since then of a question that still waits, or will be."""

    async def end_settled(self, communities: Sequence[CommunityId], found: Sequence[Awaited], asked: datetime) -> None:
        """End the lines about what does not wait any more, as far as was known when it was `asked`."""

    async def note_looked(self, at: datetime) -> None:
        """What waits was asked for, completely."""

    async def claim(
        self, most: int, busy: Sequence[str], each: int, roles: Sequence[Role], lease: timedelta, fresh: timedelta
    ) -> Sequence[Claimed]:
        """Take what is due, at most `each` of one receiver and none of the `busy` ones, for the time of the lease.

        Nothing when it was not asked for as lately as `fresh`.
        """

    async def mark(self, claimed: Claimed, attempt: Attempt, then: Next) -> None:
        """What came of it, unless another process has claimed it since."""

    async def trials(self, account: str, since: datetime) -> int:
        """How often somebody has sent something to themselves since then; until the commit nobody else counts."""

    async def begin_trial(self, channel: Channel, community: CommunityId, what: str, trial: str) -> None:
        """Somebody is about to be sent something that they asked for."""

    async def end_trial(self, trial: str, attempt: Attempt) -> None:
        """What came of it."""

    async def last_tellings(self, account: str, most: int) -> Sequence[Told]:
        """What somebody was told, newest first."""

    async def forget_tellings(self, before: datetime) -> None:
        """Remove lines of long ago."""
