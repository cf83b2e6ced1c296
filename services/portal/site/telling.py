"""Tells people what waits for them: looks for it, and sends what is due, none in another's way.

Sending is outside of any transaction: a line is claimed in one, sent, and marked in another. A process that dies in
between leaves a claim that ends, and the line is sent once more, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from time import monotonic

from contracts.principal import Operator
from contracts.referral.v1 import Awaited, ListAwaited
from contracts.values import CommunityId
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime import faults, trace
from services.chassis.runtime.settings import Settings
from services.client.answers import Refused
from services.client.bus import BusClient
from services.client.phrases.catalogue import Phrases
from services.client.posting import Poster
from services.portal.adapters.calling import Webhook
from services.portal.adapters.mailing import Mail
from services.portal.adapters.pushing import Push
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.telling import Attempt, Channel, Claimed, Kind, Notice
from services.portal.handlers import telling
from services.portal.ports.telling import Way
from services.portal.site import notices
from services.portal.site.directory import Directory

log = logging.getLogger(__name__)
Rows = Store[PortalUnitOfWork]
#: As whom the portal asks what waits.
ITSELF = Operator(account="portal")
#: Communities in one question, and lines of one answer.
AT_ONCE, LINES = 200, 500
#: So much is sent at once, and after so many seconds nothing more is begun: a process that is to end ends soon.
MOST_AT_ONCE, BEGINNING_SECONDS = 16, 20.0


async def look(parts: EdgeParts) -> int:
    """Find what waits for people who want to be told, and write it down for each of their channels."""
    store = _rows(parts)
    async with store.work(EVERYONE) as work:
        asked, communities = await telling.listening(work)
    told = 0
    try:
        for first in range(0, len(communities), AT_ONCE):
            some = tuple(communities[first : first + AT_ONCE])
            found = await _awaited(BusClient(parts.rpc, "portal", ITSELF), some)
            async with store.work(EVERYONE) as work:
                told += await telling.note(work, some, found, asked)
    except Refused as refused:
        log.warning("what waits could not be asked for", extra={"error": str(refused.code)})
        return told
    if communities:
        async with store.work(EVERYONE) as work:
            await telling.looked(work, asked)
    return told


async def _awaited(client: BusClient, communities: tuple[CommunityId, ...]) -> Sequence[Awaited]:
    found: list[Awaited] = []
    while True:
        after = found[-1].referral_id if found else None
        more = (await client.send(ListAwaited(communities=communities, after=after, limit=LINES))).items
        found += more
        if len(more) < LINES:
            return found


async def tell(parts: EdgeParts) -> int:
    """Send what is due, as long as there is some, many at once but few to one receiver."""
    return await Teller(_rows(parts), parts).run()


class Teller:
    """Sends, until nothing more is due."""

    def __init__(self, store: Rows, parts: EdgeParts) -> None:
        self._store, self._parts = store, parts
        self._sending: dict[asyncio.Task[None], str] = {}
        self._ways: Mapping[Kind, Way] | None = None
        self._directory = Directory()

    async def run(self) -> int:
        """How many were tried. Whatever happens, nothing goes on behind its back."""
        done, ends = 0, monotonic() + BEGINNING_SECONDS
        try:
            while True:
                done += await self._begin() if monotonic() < ends else 0
                if not self._sending:
                    return done
                ended, _ = await asyncio.wait(self._sending, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del self._sending[task]
                    task.result()
        finally:
            for task in self._sending:
                task.cancel()

    async def _begin(self) -> int:
        busy = [receiver for receiver, count in Counter(self._sending.values()).items() if count >= telling.EACH]
        free = MOST_AT_ONCE - len(self._sending)
        if not free:
            return 0
        async with self._store.work(EVERYONE) as work:
            claimed = await telling.claim(work, free, busy)
        for one in claimed:
            self._sending[asyncio.create_task(self._told(one))] = one.channel.receiver
        return len(claimed)

    async def _told(self, claimed: Claimed) -> None:
        with trace.span(f"tell by {claimed.channel.kind}"):
            attempt = await self._attempt(claimed)
        faults.point("after_tell_before_mark")
        async with self._store.work(EVERYONE) as work:
            await telling.mark(work, claimed, attempt)
        if attempt.result != "sent":
            about = {"outcome": attempt.result, "error": attempt.problem}
            log.info("somebody was not told by %s", claimed.channel.kind, extra=about)

    async def _attempt(self, claimed: Claimed) -> Attempt:
        phrases, community = Phrases.of(claimed.language), claimed.telling.community
        try:
            known = await self._directory.known(BusClient(self._parts.rpc, "portal", ITSELF, community))
        except Refused:
            return Attempt(result="later", problem="node_busy")
        async with self._store.work(EVERYONE, readonly=True) as work:
            now = work.now
        notice = notices.of_telling(claimed, phrases, known, now, site_of(self._parts.settings))
        if self._ways is None:
            self._ways = await ways(self._store, self._parts.settings)
        return await send(self._store, self._ways, claimed.channel, notice)


async def ways(store: Rows, settings: Settings) -> Mapping[Kind, Way]:
    """How this node reaches people; without a mail server nobody by e-mail."""
    poster = Poster(settings.private_receivers)
    async with store.work(EVERYONE) as work:
        key = await work.push_key()
    found: dict[Kind, Way] = {"push": Push(poster, key, contact(settings)), "webhook": Webhook(poster)}
    if settings.mail is not None:
        found["email"] = Mail(settings.mail)
    return found


async def send(store: Rows, by: Mapping[Kind, Way], channel: Channel, notice: Notice) -> Attempt:
    """Send a notice to a channel, once."""
    way = by.get(channel.kind)
    if way is None:
        return Attempt(result="later", problem="no_mail_server")
    async with store.work(EVERYONE, readonly=True) as work:
        secret = work.secret_of(channel)
    try:
        return await way.send(channel, secret, notice)
    except Exception as problem:  # noqa: BLE001 - one that cannot be sent must not keep the others from being sent
        log.error("a notice could not be sent by %s", channel.kind, extra={"error": type(problem).__name__})
        return Attempt(result="later", problem="ours")


def site_of(settings: Settings) -> str:
    """The portal's address, without an end; empty when nobody has said it."""
    return settings.edge_urls.get("portal", "")


def contact(settings: Settings) -> str:
    """Whom a push service may ask about this node."""
    site = site_of(settings)
    if site.startswith("https:"):
        return site
    return f"mailto:{settings.mail.sender}" if settings.mail else "mailto:nobody@example.org"


def _rows(parts: EdgeParts) -> Rows:
    if parts.store is None:
        raise ValueError("the portal has no tables of its own here")
    return parts.store
