"""A person's own channels: added, confirmed by a code that is sent there, tried, and removed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import time, timedelta

from services.portal.domain import accounts
from services.portal.domain.telling import Attempt, Channel
from services.portal.ports import Tellings

#: So many channels, and so many messages that somebody has sent to themselves within a quarter of an hour.
MOST_CHANNELS, MOST_SENT = 8, 10
#: A code counts so long, and for so many tries.
CODE_COUNTS, CODE_TRIES = timedelta(minutes=30), 5


@dataclass(frozen=True, kw_only=True)
class Sendable:
    """A channel of the person's own, ready to be sent to; or how long they have to wait."""

    channel: Channel
    secret: bytes
    wait: timedelta


async def add(work: Tellings, channel: Channel, secret: bytes = b"") -> bool:
    """Add it; False when it is there already, or when there are as many as there may be."""
    if await work.channel(channel.account, channel.id):
        return False
    now = await work.machine_now()
    added = await work.add_channel(channel, secret, now, MOST_CHANNELS)
    return added is not None


async def sendable(work: Tellings, account: str, channel: str) -> Sendable | None:
    """A channel to which its owner wants something sent now; None when it is not theirs."""
    found = await work.channel(account, channel)
    if found is None:
        return None
    now = await work.machine_now()
    before = await work.add_try(hashlib.sha256(f"channel:{account}".encode()).digest(), now)
    wait = max(accounts.wait(before, MOST_SENT, now), timedelta())
    return Sendable(channel=found, secret=work.secret_of(found), wait=wait)


async def keep_code(work: Tellings, channel: Channel, code: str) -> None:
    """Before it is sent: it may be typed in at once."""
    digest, now = _digest(channel.id, code), await work.machine_now()
    await work.set_code(channel.account, channel.id, digest, now + CODE_COUNTS)


async def confirm(work: Tellings, account: str, channel: str, code: str) -> bool:
    """Whether it is the code that was sent there: then its owner is told there."""
    kept = await work.try_code(account, channel, await work.machine_now(), CODE_TRIES)
    if kept is None or not hmac.compare_digest(kept, _digest(channel, code)):
        return False
    await work.confirm_channel(account, channel)
    return True


async def note(work: Tellings, channel: Channel, community: str, what: str, attempt: Attempt) -> None:
    """Write down what came of it; a channel without a receiver is removed."""
    await work.note_tried(channel, community, what, attempt, work.new_id())
    if attempt.result == "gone":
        await work.remove_channel(channel.account, channel.id)


async def choose_quiet(work: Tellings, account: str, starts: time, ends: time) -> None:
    """When the person wants peace; none when it begins as it ends."""
    await work.keep_quiet_hours(account, starts, ends)


def _digest(channel: str, code: str) -> bytes:
    return hashlib.sha256(f"{channel}:{code}".encode()).digest()
