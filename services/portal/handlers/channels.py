"""A person's own channels: added, confirmed by a code that is sent there, tried, and removed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import time, timedelta

from services.portal.domain.telling import Attempt, Channel
from services.portal.ports.telling import Tellings

#: So many channels.
MOST_CHANNELS = 8
#: So many messages that somebody has sent to themselves within this time.
MOST_TRIALS, WITHIN = 10, timedelta(minutes=15)
#: A code counts so long, and for so many tries.
CODE_COUNTS, CODE_TRIES = timedelta(minutes=30), 5


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Something that somebody wants sent to a channel of their own; without an id they have to wait."""

    channel: Channel
    id: str = ""


async def add(work: Tellings, channel: Channel, secret: bytes = b"") -> bool:
    """Add it; False when it is there already, or when there are as many as there may be."""
    if await work.channel(channel.account, channel.id):
        return False
    now = await work.machine_now()
    added = await work.add_channel(channel, secret, now, MOST_CHANNELS)
    return added is not None


async def begin(work: Tellings, account: str, channel: str, community: str, what: str, code: str = "") -> Trial | None:
    """Somebody wants something sent to a channel now, a code if there is one; None when it is not theirs.

    It is counted, and the code kept, before it is sent: many at once are no way around the limit.
    """
    found = await work.channel(account, channel)
    if found is None:
        return None
    if await work.trials(account, work.now - WITHIN) >= MOST_TRIALS:
        return Trial(channel=found)
    trial = Trial(channel=found, id=work.new_id())
    await work.begin_trial(found, community, what, trial.id)
    if code:
        await keep_code(work, found, code)
    return trial


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


async def end(work: Tellings, trial: Trial, attempt: Attempt) -> None:
    """Write down what came of it; a channel without a receiver is removed."""
    await work.end_trial(trial.id, attempt)
    if attempt.result == "gone":
        await work.remove_channel(trial.channel.account, trial.channel.id)


async def choose_quiet(work: Tellings, account: str, starts: time, ends: time) -> None:
    """When the person wants peace; none when it begins as it ends."""
    await work.keep_quiet_hours(account, starts, ends)


def _digest(channel: str, code: str) -> bytes:
    return hashlib.sha256(f"{channel}:{code}".encode()).digest()
