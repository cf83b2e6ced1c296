"""What the services tell of a community for its public page; kept a minute, so that many visitors ask no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from contracts.community.v1 import (
    CommunityProfile,
    Experience,
    FindCommunities,
    FindExperiences,
    ListPartnerships,
    PartnershipView,
)
from contracts.crossing.rows import Crossing
from contracts.crossing.v1 import AskCrossings
from contracts.principal import Member
from contracts.values import CommunityId
from services.chassis.edge.rpc_client import RpcClient
from services.client.answers import Refused
from services.client.bus import BusClient
from services.portal.site.directory import Directory, Known

T = TypeVar("T")
KEPT_SECONDS = 60.0
MOST = 512
#: Communities in one question, and experiences in one answer.
AT_ONCE, LINES = 200, 500
#: Nobody: sees of a community what shows nothing of a person, and may do nothing.
VISITOR = "visitor"


@dataclass(frozen=True)
class Shown:
    """What is shown of one community beside its own words."""

    known: Known
    #: With whom it has agreed.
    partners: Sequence[PartnershipView] = ()
    #: The ways over the border that it has agreed on, or else those that a road to it is known from.
    crossings: Sequence[Crossing] = ()


class PublicBook:
    """One for the portal."""

    def __init__(self, rpc: RpcClient, directory: Directory) -> None:
        self._rpc = rpc
        self._directory = directory
        self._kept: dict[str, tuple[float, object]] = {}
        #: What is being asked now: whoever wants the same waits for the same answer.
        self._asking: dict[str, asyncio.Future[Any]] = {}

    async def of(self, community: CommunityId) -> Shown:
        """What is shown of a community. Raises Refused when nobody answers, and nothing is kept from before."""

        async def asked() -> Shown:
            return await _asked(self._client(community), self._directory)

        return await self._once(community, asked)

    async def profiles(self, communities: Sequence[CommunityId]) -> Sequence[CommunityProfile]:
        """The profiles of several, those that there are: one question for many."""
        return await self._of_some("names", communities, _profiles)

    async def experiences(self, communities: Sequence[CommunityId]) -> Sequence[Experience]:
        """What several offer: one question for many, and one for each long answer."""
        return await self._of_some("offers", communities, _experiences)

    async def _of_some(
        self,
        what: str,
        communities: Sequence[CommunityId],
        ask: Callable[[BusClient, tuple[CommunityId, ...]], Awaitable[Sequence[T]]],
    ) -> Sequence[T]:
        found: list[T] = []
        for first in range(0, len(communities), AT_ONCE):
            some = tuple(communities[first : first + AT_ONCE])
            found += await self._once(f"{what} {' '.join(some)}", partial(ask, self._client(some[0]), some))
        return found

    def _client(self, community: CommunityId) -> BusClient:
        visitor = Member(account=VISITOR, community=community, role="observer")
        return BusClient(self._rpc, "portal", visitor, community)

    async def _once(self, key: str, asked: Callable[[], Awaitable[T]]) -> T:
        """What was asked less than a minute ago; when nobody answers, what was heard last."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]  # type: ignore[return-value] # of one key there is one kind
        try:
            heard = await self._asked_once(key, asked)
        except Refused:
            if kept is None:
                raise
            heard = kept[1]  # type: ignore[assignment] # as above
        self._kept.pop(key, None)
        self._kept[key] = time.monotonic() + KEPT_SECONDS, heard
        while len(self._kept) > MOST:
            self._kept.pop(next(iter(self._kept)))
        return heard

    async def _asked_once(self, key: str, asked: Callable[[], Awaitable[T]]) -> T:
        if (asking := self._asking.get(key)) is None:
            asking = self._asking[key] = asyncio.ensure_future(asked())
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        heard: T = await asyncio.shield(asking)
        return heard


async def _profiles(client: BusClient, some: tuple[CommunityId, ...]) -> Sequence[CommunityProfile]:
    return (await client.send(FindCommunities(ids=some, limit=AT_ONCE))).items


async def _experiences(client: BusClient, some: tuple[CommunityId, ...]) -> Sequence[Experience]:
    found: list[Experience] = []
    while True:
        after = found[-1].id if found else None
        more = (await client.send(FindExperiences(communities=some, after=after, limit=LINES))).items
        found += more
        if len(more) < LINES:
            return found


async def _asked(client: BusClient, directory: Directory) -> Shown:
    known, partnerships, book = await asyncio.gather(
        directory.known(client), client.send(ListPartnerships()), client.send(AskCrossings())
    )
    partners = tuple(each for each in partnerships.items if each.state == "agreed")
    agreed = {crossing for partner in partners for crossing in partner.terms.crossings}
    open_ = [each for each in book.crossings if each.status != "closed" and each.tourist_handoff_allowed]
    near = {each.id for each in open_ if any(road.community == client.acting for road in each.roads)}
    wanted = agreed or near
    return Shown(known, partners, tuple(each for each in open_ if each.id in wanted))
